"""The word for how sure an identification is, in one place, with its reason and what would lift it.

Presumptive, identified, confirmed. The categories of techniques are those of SWGDRUG
(Recommendations, part III B: A structural, B selective by separation, C presumptive tests); two
uncorrelated techniques as UNODC ST/NAR/10 asks. Stricter here: category C never confirms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lims.foundation.words import Message, _


class Word(StrEnum):
    """How sure, least first."""

    PRESUMPTIVE = "presumptive"
    IDENTIFIED = "identified"
    CONFIRMED = "confirmed"


WORDS: Mapping[Word, Message] = {
    Word.PRESUMPTIVE: _("Presumptive"),
    Word.IDENTIFIED: _("Identified"),
    Word.CONFIRMED: _("Confirmed"),
}
CATEGORIES: Mapping[str, str] = {
    "gcms": "A",
    "lcms": "A",
    "ftir": "A",
    "raman": "A",
    "tlc": "B",
    "hplc_uv": "B",
    "uv": "B",
    "reagent": "C",
    "strip": "C",
}
"""Technique → SWGDRUG category; a technique that is not here says nothing of substances."""
STRUCTURAL = frozenset(key for key, category in CATEGORIES.items() if category == "A")
FAMILIES = {"lcms": "liquid chromatography", "hplc_uv": "liquid chromatography"}
"""Techniques of one family are correlated: they separate in the same way."""
TECHNIQUES: Mapping[str, Message] = {
    "tlc": _("thin-layer chromatography"),
    "reagent": _("colour reagents"),
    "strip": _("test strip"),
    "ftir": _("infrared (FTIR)"),
    "raman": _("Raman"),
    "gcms": _("GC-MS"),
    "lcms": _("LC-MS"),
    "hplc_uv": _("HPLC-UV"),
    "uv": _("UV spectroscopy"),
}


@dataclass(frozen=True)
class Certainty:
    """A word and all that is said of it."""

    word: Word
    reason: Message
    categories: Message
    #: what would make it a higher word; None at the highest
    lift: Message | None

    @property
    def whole(self) -> Message:
        """Everything as one message, to be kept with a finding."""
        said = {"reason": self.reason, "categories": self.categories}
        if self.lift is None:
            return Message("%(reason)s %(categories)s", said)
        return Message("%(reason)s %(categories)s %(lift)s", {**said, "lift": self.lift})


def words_of(technique: str) -> Message | str:
    """Return the words of a technique."""
    return TECHNIQUES.get(technique, technique)


def family_of(technique: str) -> str:
    """Return what a technique is correlated with: its family, else itself."""
    return FAMILIES.get(technique, technique)


def certainty(name: Any, techniques: Iterable[str]) -> Certainty:
    """Return how sure it is that a substance is there, from the techniques that found it.

    Confirmed needs two uncorrelated techniques, one of them structural. `name` is said as it is.
    """
    found = [one for one in dict.fromkeys(techniques) if one in CATEGORIES]
    values = {"name": name, "techniques": [words_of(one) for one in found]}
    telling = {family_of(one) for one in found if CATEGORIES[one] != "C"}
    if not STRUCTURAL & set(found):
        reason = Message(_PRESUMPTIVE.msgid, values)
        lift = _LIFT_TO_CONFIRMED if telling else _LIFT_TO_IDENTIFIED
        return Certainty(Word.PRESUMPTIVE, reason, _categories(found), lift)
    if len(telling) > 1:
        reason = Message(_CONFIRMED.msgid, values)
        return Certainty(Word.CONFIRMED, reason, _categories(found), None)
    others = [words_of(one) for one in CATEGORIES if _would_confirm(one, telling)]
    lift = Message(_LIFT_BY_SECOND.msgid, {"techniques": others})
    return Certainty(Word.IDENTIFIED, Message(_IDENTIFIED.msgid, values), _categories(found), lift)


def _would_confirm(technique: str, telling: set[str]) -> bool:
    return CATEGORIES[technique] != "C" and family_of(technique) not in telling


_CONFIRMED = _("%(name)s: two uncorrelated techniques, one structural: %(techniques)s.")
_IDENTIFIED = _("%(name)s: one structural technique, no second one: %(techniques)s.")
_PRESUMPTIVE = _("%(name)s: no structural technique: %(techniques)s.")
_LIFT_TO_CONFIRMED = _(
    "A structural technique (infrared, Raman, GC-MS, LC-MS) that finds it too would make it "
    "confirmed."
)
_LIFT_TO_IDENTIFIED = _(
    "A structural technique (infrared, Raman, GC-MS, LC-MS) that finds it would make it identified."
)
_LIFT_BY_SECOND = _(
    "A second, uncorrelated technique that finds it would make it confirmed: one of %(techniques)s."
)


def _categories(found: Sequence[str]) -> Message:
    """Say the SWGDRUG categories of the techniques."""
    if not found:
        return _("No technique has found it.")
    said = [_said_category(one) for one in found]
    return _("SWGDRUG categories: %(categories)s.", categories=said)


def _said_category(technique: str) -> Message:
    category = CATEGORIES[technique]
    return _("%(technique)s %(category)s", technique=words_of(technique), category=category)


def least(found: Sequence[Certainty]) -> Certainty:
    """Return the least certain of several; the first of equals."""
    return min(found, key=lambda one: list(Word).index(one.word))
