"""What makes samples look alike, and what their contents say together.

Looks are compared, never contents: two tablets of one look can hold different things, and the
spread of one series tells nothing certain about the next tablet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from math import sqrt

from lims.foundation.words import Message, _
from lims.intake.logo_words import fold_logo

PROPOSED = "proposed"
CONFIRMED = "confirmed"
NEAR_COLOUR = 30.0
"""CIE76 distance beyond which two colours of the list are told apart by anyone."""
_HEX = re.compile(r"#([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Look:
    """What one sees."""

    form: str = ""
    colour: str = ""
    logo: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Likeness:
    """How much a product looks like what was described, from 0 to 1, and why."""

    score: float
    reasons: tuple[Message, ...]


def has_same_look(one: Look, other: Look) -> bool:
    """Tell whether two looks are the same in form, colour and logo; a logo is needed."""
    logo = fold_logo(one.logo)
    same_logo = bool(logo) and logo == fold_logo(other.logo)
    return same_logo and (one.form, one.colour) == (other.form, other.colour)


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


@lru_cache(maxsize=256)
def lab(hexadecimal: str) -> tuple[float, float, float] | None:
    """Return the CIELAB (D65) of an sRGB colour such as #F5D90A, IEC 61966-2-1; None if unread."""
    match = _HEX.fullmatch(hexadecimal.strip())
    if match is None:
        return None
    red, green, blue = (_linear(int(part, 16) / 255) for part in match.groups())
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (_cube(part) for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _cube(part: float) -> float:
    return float(part ** (1 / 3)) if part > (6 / 29) ** 3 else part * (29 / 6) ** 2 / 3 + 4 / 29


def colour_distance(one: str, other: str) -> float | None:
    """Return the CIE76 distance of two colours given as hex, or None."""
    first, second = lab(one), lab(other)
    if first is None or second is None:
        return None
    return sqrt(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)))


def likeness(wanted: Look, product: Look, hexes: dict[str, str]) -> Likeness | None:
    """Return how a product fits what is seen; None when the form is another or nothing fits."""
    if wanted.form and product.form != wanted.form:
        return None
    parts: list[tuple[float, float, Message]] = []
    if wanted.colour:
        parts.append((3.0, *_colour_fit(wanted.colour, product.colour, hexes)))
    if wanted.logo:
        parts.append((4.0, *_logo_fit(wanted.logo, product.logo)))
    if wanted.shape:
        share = likeness_of_words(fold_logo(wanted.shape), fold_logo(product.shape))
        parts.append((1.0, share, _("Same shape") if share == 1 else _("Another shape")))
    if not parts:
        return Likeness(1.0, (_("Same form"),)) if wanted.form else None
    score = sum(weight * fit for weight, fit, _words in parts) / sum(one[0] for one in parts)
    return Likeness(score, tuple(one[2] for one in parts)) if score > 0.2 else None


def _colour_fit(wanted: str, there: str, hexes: dict[str, str]) -> tuple[float, Message]:
    if wanted == there:
        return 1.0, _("Same colour")
    distance = colour_distance(hexes.get(wanted, ""), hexes.get(there, ""))
    if distance is None or distance > NEAR_COLOUR:
        return 0.0, _("Another colour")
    return 1.0 - distance / (2 * NEAR_COLOUR), _("Near colour")


def _logo_fit(wanted: str, there: str) -> tuple[float, Message]:
    share = likeness_of_words(fold_logo(wanted), fold_logo(there))
    if share == 1:
        return 1.0, _("Same logo")
    return share, _("Similar logo") if share > 0.3 else _("Another logo")


def median(values: Sequence[Decimal]) -> Decimal:
    """Return the middle value; of an even number of values the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
