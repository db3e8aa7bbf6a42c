"""What an answer must state before it may stand: kind, figures, unit, salt, scope.

An amount without a unit or without what it is expressed as is no answer; "not detected" needs that
somebody looked for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lims.analysis.states import ABUNDANCES, AnswerKind
from lims.foundation.errors import Problem
from lims.foundation.measures import BASE
from lims.foundation.words import Message, _

UNITS = ("mg/unit", "µg/unit", "mg/g", "%", "mg/ml", "mg")
MOST = Decimal(10**9)
_FIGURES = ("value", "uncertainty", "lod", "loq", "basis_mg")


@dataclass(frozen=True)
class Figures:
    """What was typed of one substance in one sample; amounts share one unit."""

    kind: str
    value: Decimal | None = None
    unit: str = ""
    expressed_as: str = ""
    uncertainty: Decimal | None = None
    lod: Decimal | None = None
    loq: Decimal | None = None
    replicates: int | None = 1
    basis_mg: Decimal | None = None
    abundance: str = ""


def figure_problems(given: Figures, salts: Sequence[str], *, in_scope: bool) -> list[Problem]:
    """Return what is wrong with an answer, each with its field; nothing when it may stand."""
    if given.kind not in set(AnswerKind):
        return [Problem("kind", _("Choose one of the list."))]
    wrong = [
        Problem(name, _("An amount is a number, zero or more."))
        for name in _FIGURES
        if not _is_amount(getattr(given, name))
    ]
    if wrong:
        return wrong
    if given.abundance and given.abundance not in ABUNDANCES:
        wrong.append(Problem("abundance", _("Choose one of the list.")))
    if given.replicates is not None and not 1 <= given.replicates <= 100:
        wrong.append(Problem("replicates", _("Replicates are from 1 to 100.")))
    wrong += _unit_problems(given)
    wrong += _kind_problems(given, in_scope)
    if given.expressed_as and not is_known_form(given.expressed_as, salts):
        wrong.append(Problem("expressed_as", wrong_salt(given.expressed_as, salts)))
    return wrong


def _is_amount(value: Decimal | None) -> bool:
    return value is None or (value.is_finite() and 0 <= value <= MOST)


def is_known_form(expressed_as: str, salts: Collection[str]) -> bool:
    """Tell whether a substance occurs in this form: as base, or as one of its listed salts."""
    listed = {salt.casefold() for salt in salts}
    return expressed_as.casefold() == BASE or expressed_as.casefold() in listed


def wrong_salt(expressed_as: str, salts: Sequence[str]) -> Message:
    """Say that the library knows no such salt of this substance, and which it knows."""
    forms = [BASE, *(salt for salt in salts if salt != BASE)]
    return _(
        "The library knows no “%(form)s” of this substance. It knows: %(forms)s.",
        form=expressed_as,
        forms=forms,
    )


def _unit_problems(given: Figures) -> list[Problem]:
    amounts = (given.value, given.uncertainty, given.lod, given.loq)
    if given.unit and given.unit not in UNITS:
        return [Problem("unit", _("Choose one of the list."))]
    if any(amount is not None for amount in amounts) and not given.unit:
        return [Problem("unit", _("An amount needs its unit."))]
    if given.unit == "%" and given.value is not None and given.value > 100:
        return [Problem("value", _("At most %(n)s, please.", n=100))]
    return []


def _kind_problems(given: Figures, in_scope: bool) -> list[Problem]:
    if given.kind == AnswerKind.MEASURED:
        return _measured_problems(given)
    wrong = []
    if given.value is not None:
        wrong.append(Problem("value", _("Only a measured answer has a value.")))
    if given.kind == AnswerKind.BELOW_LOQ and given.loq is None:
        wrong.append(Problem("loq", _("State the limit of quantification.")))
    if given.kind == AnswerKind.NOT_DETECTED and not in_scope and given.lod is None:
        words = _("This protocol does not look for it. State the limit of detection reached.")
        wrong.append(Problem("lod", words))
    return wrong


def _measured_problems(given: Figures) -> list[Problem]:
    wrong = []
    if given.value is None:
        wrong.append(Problem("value", _("A measured answer needs its value.")))
    if not given.expressed_as:
        words = _("State whether the amount is expressed as base or as a salt.")
        wrong.append(Problem("expressed_as", words))
    if given.loq is not None and given.value is not None and given.value < given.loq:
        words = _("The value lies below the limit of quantification: answer “below LOQ”.")
        wrong.append(Problem("value", words))
    if given.lod is not None and given.loq is not None and given.loq < given.lod:
        words = _("The limit of quantification cannot lie below the limit of detection.")
        wrong.append(Problem("loq", words))
    return wrong


@dataclass(frozen=True)
class LookedFor:
    """An entry of a protocol's scope: what was looked for, and down to how much."""

    key: str
    is_group: bool
    lod: Decimal | None
    unit: str
    #: language → why no limit is stated
    reason: Mapping[str, str]


def scope_of(document: Mapping[str, Any]) -> list[LookedFor]:
    """Return what a protocol document looks for: substances, then groups."""
    scope = document.get("scope") or {}
    found = []
    for part in ("substances", "groups"):
        for entry in scope.get(part) or ():
            lod = entry.get("lod") or {}
            amount = Decimal(str(lod["value"])) if lod.get("value") is not None else None
            reason = {code: str(words) for code, words in (entry.get("reason") or {}).items()}
            unit = str(lod.get("unit") or "")
            found.append(LookedFor(str(entry["id"]), part == "groups", amount, unit, reason))
    return found
