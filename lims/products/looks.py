"""What one sees of a product, and how well a product fits it: a share, and why.

Looks are compared, never contents. What a product does not state (no width was measured) speaks
neither for nor against it: it counts for half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher

from lims.foundation.words import Message, _
from lims.intake.logo_words import fold_logo
from lims.products.colours import NEAR_COLOUR, colour_distance, colour_fit, colour_words

LEAST_SCORE = 0.2
"""What fits less is not listed."""
SIMILAR = 0.3
"""Words that are less alike than this are other words."""
NOT_STATED = 0.5
COLOUR, LOGO, BACK, SHAPE, LINE = 3.0, 4.0, 2.0, 1.0, 1.0
MEASURES: Mapping[str, float] = {
    "length_mm": 1.5,
    "width_mm": 1.0,
    "thickness_mm": 1.0,
    "unit_mass_mg": 1.0,
}
"""The measures that can be compared, each with its weight beside colour 3 and logo 4."""
MEASURE_WORDS: Mapping[str, Message] = {
    "length_mm": _("length"),
    "width_mm": _("width"),
    "thickness_mm": _("thickness"),
    "unit_mass_mg": _("mass"),
}


@dataclass(frozen=True)
class Look:
    """What one sees; empty and None say nothing. `hex` is a colour measured on a photo (sRGB)."""

    form: str = ""
    colour: str = ""
    logo: str = ""
    shape: str = ""
    logo_back: str = ""
    hex: str = ""
    score_line: bool | None = None
    length_mm: Decimal | None = None
    width_mm: Decimal | None = None
    thickness_mm: Decimal | None = None
    unit_mass_mg: Decimal | None = None

    def says_more_than_form(self) -> bool:
        """Tell whether there is something to rank by."""
        words = (self.colour, self.hex, self.shape, fold_logo(self.logo), fold_logo(self.logo_back))
        measured = (getattr(self, name) for name in MEASURES)
        return any(words) or any(one is not None for one in (self.score_line, *measured))


@dataclass(frozen=True)
class Tolerance:
    """How far off still fits: CIEDE2000, millimetres, and per cent of the mass."""

    colour: float = NEAR_COLOUR
    mm: Decimal = Decimal("0.5")
    percent: Decimal = Decimal(10)

    def of(self, name: str, wanted: Decimal) -> Decimal:
        """Return how far a measure may be off, in its own unit; never nothing at all."""
        within = self.mm if name.endswith("_mm") else wanted * self.percent / 100
        return max(within, Decimal("0.000001"))


@dataclass(frozen=True)
class Likeness:
    """How much a product looks like what was described, from 0 to 1, and why."""

    score: float
    reasons: tuple[Message, ...]


@dataclass(frozen=True)
class Meant:
    """What the words and colour of a look stand for, found once for a whole search.

    `front` and `back` hold folded words with how alike they are to the logo asked for (words of
    the same mark are 1); `shapes` the same for shapes; `colours` the distance of each colour.
    """

    front: Mapping[str, float] = field(default_factory=dict)
    back: Mapping[str, float] = field(default_factory=dict)
    shapes: Mapping[str, float] = field(default_factory=dict)
    colours: Mapping[str, float | None] = field(default_factory=dict)


def trigrams(text: str) -> set[str]:
    """Return the overlapping threes of letters of a folded text, its edges marked."""
    marked = f"  {text} "
    return {marked[place : place + 3] for place in range(len(marked) - 2)} if text else set()


def likeness_of_words(one: str, other: str) -> float:
    """Return how alike two folded texts are, 0 to 1: by trigrams (Jaccard), or letter by letter.

    Trigrams forgive longer words; matching letters forgive two that were swapped, at a discount.
    """
    if not one or not other or one == other:
        return float(bool(one) and one == other)
    mine, theirs = trigrams(one), trigrams(other)
    first, second = sorted((one, other))
    letters = SequenceMatcher(None, first, second, autojunk=False).ratio()
    return max(len(mine & theirs) / len(mine | theirs), 0.8 * letters)


def colours_from(wanted: Look, hexes: Mapping[str, str]) -> dict[str, float | None]:
    """Return the distance of every colour of the list from the one asked for."""
    asked = wanted.hex or hexes.get(wanted.colour, "")
    found = {code: colour_distance(asked, value) for code, value in hexes.items()}
    if wanted.colour and not wanted.hex:
        found[wanted.colour] = 0.0
    return found


def likeness(
    wanted: Look, product: Look, meant: Meant, within: Tolerance | None = None
) -> Likeness | None:
    """Return how a product fits what is seen; None when the form is another or little fits."""
    if wanted.form and product.form != wanted.form:
        return None
    parts = list(_parts(wanted, product, meant, within or Tolerance()))
    if not parts:
        return Likeness(1.0, (_("same form"),)) if wanted.form else None
    score = sum(weight * fit for weight, fit, _words in parts) / sum(one[0] for one in parts)
    return Likeness(score, tuple(one[2] for one in parts)) if score > LEAST_SCORE else None


def _parts(
    wanted: Look, product: Look, meant: Meant, within: Tolerance
) -> list[tuple[float, float, Message]]:
    """Return every comparison that was asked for: its weight, how it fits, in words."""
    parts: list[tuple[float, float, Message]] = []
    if wanted.colour or wanted.hex:
        parts.append((COLOUR, *_colour(wanted, product, meant, within)))
    if fold_logo(wanted.logo) or fold_logo(wanted.logo_back):
        parts.append(_logos(wanted, product, meant))
    if wanted.shape:
        parts.append((SHAPE, *_shape(product, meant)))
    if wanted.score_line is not None:
        parts.append((LINE, *_line(wanted.score_line, product.score_line)))
    for name, weight in MEASURES.items():
        if (asked := getattr(wanted, name)) is not None:
            parts.append((weight, *_measure(name, asked, getattr(product, name), within)))
    return parts


def _colour(wanted: Look, product: Look, meant: Meant, within: Tolerance) -> tuple[float, Message]:
    if not product.colour:
        return NOT_STATED, _("colour not stated")
    distance = meant.colours.get(product.colour)
    same = product.colour == wanted.colour and not wanted.hex
    words = colour_words(distance, within.colour, same=same)
    return colour_fit(distance, within.colour), words


def _logos(wanted: Look, product: Look, meant: Meant) -> tuple[float, float, Message]:
    """Compare the marks; which side is called the front is chance, so the better way counts."""
    front, back = fold_logo(product.logo), fold_logo(product.logo_back)
    if not fold_logo(wanted.logo_back) or not fold_logo(wanted.logo):
        asked = meant.front if fold_logo(wanted.logo) else meant.back
        share = max(asked.get(front, 0.0), asked.get(back, 0.0))
        return LOGO, share, _logo_words(share)
    straight = LOGO * meant.front.get(front, 0.0) + BACK * _back(meant.back, back)
    turned = LOGO * meant.front.get(back, 0.0) + BACK * meant.back.get(front, 0.0)
    share = max(straight, turned) / (LOGO + BACK)
    return LOGO + BACK, share, _logo_words(share)


def _back(asked: Mapping[str, float], back: str) -> float:
    return asked.get(back, 0.0) if back else NOT_STATED


def _logo_words(share: float) -> Message:
    if share == 1:
        return _("same logo")
    return _("similar logo") if share > SIMILAR else _("another logo")


def _shape(product: Look, meant: Meant) -> tuple[float, Message]:
    if not product.shape:
        return NOT_STATED, _("shape not stated")
    share = meant.shapes.get(product.shape, 0.0)
    if share == 1:
        return 1.0, _("same shape")
    return share, _("similar shape") if share > SIMILAR else _("another shape")


def _line(asked: bool, there: bool | None) -> tuple[float, Message]:
    if there is None:
        return NOT_STATED, _("score line not stated")
    same = asked == there
    return float(same), _("score line as asked") if same else _("score line otherwise")


def _measure(
    name: str, asked: Decimal, there: Decimal | None, within: Tolerance
) -> tuple[float, Message]:
    what = MEASURE_WORDS[name]
    if there is None:
        return NOT_STATED, _("%(what)s not measured", what=what)
    off, limit = abs(there - asked), within.of(name, asked)
    unit = "mm" if name.endswith("_mm") else "mg"
    if off > limit:
        return 0.0, _("%(what)s off by %(off)s %(unit)s", what=what, off=off, unit=unit)
    fit = 1.0 - float(off) / (2 * float(limit))
    return fit, _("%(what)s within %(off)s %(unit)s", what=what, off=off, unit=unit)
