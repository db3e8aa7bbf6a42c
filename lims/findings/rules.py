"""Which danger rules a sample meets, and the states of a finding.

The rules are data: what they look at, from which limit, in which form, expected as what. Here is
only how one is held against what was found. A content whose uncertainty or salt does not settle
it "cannot be excluded", and that raises the level as if it were met.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum

from lims.findings.amounts import amount, limit_words
from lims.findings.statements import Names
from lims.foundation.errors import Invalid, Refused
from lims.foundation.measures import BASE, Comparison, Quantity, compare, converted
from lims.foundation.words import Message, _


class FindingState(StrEnum):
    """What becomes of a finding."""

    DRAFT = "draft"
    TO_VERIFY = "to verify"
    RELEASED = "released"
    SUPERSEDED = "superseded"


MOVES: dict[FindingState, frozenset[FindingState]] = {
    FindingState.DRAFT: frozenset({FindingState.TO_VERIFY}),
    FindingState.TO_VERIFY: frozenset({FindingState.DRAFT, FindingState.RELEASED}),
    FindingState.RELEASED: frozenset({FindingState.SUPERSEDED}),
    FindingState.SUPERSEDED: frozenset(),
}


def refuse_move(present: str, wanted: FindingState) -> None:
    """Refuse a move that the table does not hold; raises Refused."""
    if wanted not in MOVES[FindingState(present)]:
        raise Refused(_("This finding has moved on in the meantime. Here is its present state."))


class Level(StrEnum):
    """Danger, lowest first. Red is for people who decide on an alert; no rule gives it."""

    NEUTRAL = "neutral"
    INFORMATION = "information"
    CAUTION = "caution"
    WARNING = "warning"
    RED = "red"


def rank(level: str) -> int:
    """Return the place of a level, 0 for neutral."""
    return tuple(Level).index(Level(level))


def highest(levels: Iterable[str]) -> Level:
    """Return the highest of some levels; neutral when there is none."""
    return max((Level(level) for level in levels), key=rank, default=Level.NEUTRAL)


class Condition(StrEnum):
    """What a rule asks. A human condition is listed for the person, never computed."""

    CONTENT = "content"
    ANY_DETECTION = "any-detection"
    UNEXPECTED = "unexpected"
    HUMAN = "human"


class Verdict(StrEnum):
    """What became of a rule."""

    MET = "met"
    ABOVE = "above"
    CANNOT_BE_EXCLUDED = "cannot-be-excluded"
    BELOW = "below"
    NOT_MEASURED = "not-measured"
    ASK = "ask"
    DECIDED = "decided"


RAISING = frozenset({Verdict.MET, Verdict.ABOVE, Verdict.CANNOT_BE_EXCLUDED, Verdict.DECIDED})
POSITIVE = frozenset({"measured", "found", "below-loq"})


@dataclass(frozen=True)
class Rule:
    """One version of a danger rule, as data. `in_force` False: context, shown and never counted."""

    key: str
    version: int
    target_type: str
    target: str
    condition: str
    level: str
    condition_words: str = ""
    operator: str = ""
    limit_value: Decimal | None = None
    unit: str = ""
    expressed_as: str = ""
    dosage_form: str = ""
    expected_as: str = ""
    in_force: bool = True


@dataclass(frozen=True)
class Known:
    """What the library says of a substance. A group or an unknown has a name only."""

    key: str
    names: Names
    chemical_class: str = ""
    role: str = ""
    groups: tuple[str, ...] = ()
    late_onset: bool = False
    salt_factor: Decimal | None = None


@dataclass(frozen=True)
class Found:
    """Something found, with its amount. `loq` bounds what is below the limit of quantification."""

    what: Known
    kind: str = "found"
    quantity: Quantity | None = None
    loq: Decimal | None = None


@dataclass(frozen=True)
class Expected:
    """What it was sold as. Stated without a key: in words that the library lacks."""

    key: str | None = None
    stated: bool = False
    late_onset: bool = False
    form: str = ""
    unit_mass_mg: Decimal | None = None


@dataclass(frozen=True)
class Outcome:
    """A rule held against something found; kept with the finding."""

    rule: Rule
    verdict: Verdict
    words: Message
    what: Known | None = None
    inputs: dict[str, str] = field(default_factory=dict)

    @property
    def raises(self) -> bool:
        return self.rule.in_force and self.verdict in RAISING


def weigh(
    rules: Sequence[Rule],
    found: Sequence[Found],
    expected: Expected,
    decided: Sequence[str] = (),
) -> tuple[Level, list[Outcome]]:
    """Return the danger level and every rule that had something to say, highest level first.

    `decided` are keys of human rules that a person says are met.
    """
    present = [one for one in found if one.kind in POSITIVE]
    outcomes: list[Outcome] = []
    for rule in rules:
        aimed = [one for one in present if is_aimed_at(rule, one.what)]
        if rule.condition == Condition.HUMAN:
            outcomes += _for_the_person(rule, bool(aimed), rule.key in decided)
            continue
        judged = (_judged(rule, one, expected) for one in aimed)
        outcomes += [outcome for outcome in judged if outcome is not None]
    outcomes.sort(key=lambda one: (not one.raises, -rank(one.rule.level), one.rule.key))
    return highest(one.rule.level for one in outcomes if one.raises), outcomes


def is_aimed_at(rule: Rule, what: Known) -> bool:
    """Tell whether a rule looks at a substance, or at a group that a strip names."""
    wanted = rule.target.split("|")
    return {
        "substance": what.key in wanted,
        "class": what.chemical_class in wanted or _names_class(what, wanted),
        "structural group": bool({*what.groups} & {*wanted}) or _is_group(what, wanted),
        "role": what.role in wanted,
        "flag": "late_onset" in wanted and what.late_onset,
        "any": True,
    }.get(rule.target_type, False)


def _names_class(what: Known, wanted: Sequence[str]) -> bool:
    """Tell whether a strip's group (nitazene) is the last word of a class (opioid-nitazene)."""
    return not what.chemical_class and _single(what.key) in {w.rpartition("-")[2] for w in wanted}


def _is_group(what: Known, wanted: Sequence[str]) -> bool:
    return not what.chemical_class and _single(what.key) in {_single(group) for group in wanted}


def _single(word: str) -> str:
    return word.lower().removeprefix("group:").removesuffix("s")


def _for_the_person(rule: Rule, is_relevant: bool, is_decided: bool) -> list[Outcome]:
    if rule.in_force and is_decided:
        return [Outcome(rule, Verdict.DECIDED, _("A person decided that this is met."))]
    if not rule.in_force or not is_relevant:
        return []
    return [Outcome(rule, Verdict.ASK, _("For a person to decide; not computed."))]


def _judged(rule: Rule, found: Found, expected: Expected) -> Outcome | None:
    doubts = (_doubts_form(rule, expected), _doubts_expectation(rule, found, expected))
    if None in doubts:
        return None
    inputs = {"sold as": expected.key or ("?" if expected.stated else ""), "form": expected.form}
    if rule.condition == Condition.CONTENT:
        verdict, words = _content(rule, found, expected, inputs)
    elif rule.condition == Condition.UNEXPECTED:
        verdict = Verdict.MET
        words = _("%(name)s: found, and not what it was sold as.", name=found.what.names)
    else:
        verdict, words = Verdict.MET, _("%(name)s: found.", name=found.what.names)
    if any(doubts) and verdict in (Verdict.MET, Verdict.ABOVE):
        verdict = Verdict.CANNOT_BE_EXCLUDED
        words = _("%(name)s: cannot be excluded, counted as met.", name=found.what.names)
    return Outcome(rule, verdict, words, found.what, inputs)


def _doubts_form(rule: Rule, expected: Expected) -> bool | None:
    """Tell whether the form leaves a doubt; None: the rule is about another form."""
    if not rule.dosage_form or expected.form == rule.dosage_form:
        return False
    return True if expected.form in ("", "unknown") else None


def _doubts_expectation(rule: Rule, found: Found, expected: Expected) -> bool | None:
    """Tell whether the expectation leaves a doubt; None when the rule does not apply to it."""
    in_words_only = expected.stated and expected.key is None
    if rule.expected_as:
        return False if expected.key == rule.expected_as else True if in_words_only else None
    if rule.condition != Condition.UNEXPECTED:
        return False
    if not expected.stated or expected.key == found.what.key:
        return None
    return in_words_only or (rule.target_type == "flag" and expected.late_onset)


def _content(
    rule: Rule, found: Found, expected: Expected, inputs: dict[str, str]
) -> tuple[Verdict, Message]:
    quantity, is_bound = _amount_found(found)
    if quantity is None or rule.limit_value is None:
        return Verdict.NOT_MEASURED, _("%(name)s: amount not measured.", name=found.what.names)
    limit = Quantity(rule.limit_value, rule.unit, rule.expressed_as or None)
    forms = {quantity.expressed_as, limit.expressed_as}
    factor = found.what.salt_factor if forms <= {None, BASE, "HCl"} else None
    try:
        per_unit = _per_unit(quantity, limit, expected)
        side = compare(per_unit, rule.operator, limit, factor)
    except Invalid:
        words = _("%(name)s: the amount per unit is not known.", name=found.what.names)
        return Verdict.NOT_MEASURED, words
    if is_bound and side is not Comparison.BELOW:
        side = Comparison.CANNOT_BE_EXCLUDED
    inputs |= {"limit": str(limit.value), **{k: str(v) for k, v in asdict(per_unit).items()}}
    values = {"name": found.what.names, "found": amount(per_unit, expected.form)}
    values["limit"] = limit_words(limit, expected.form)
    return Verdict(side.value), Message(_SIDES[side].msgid, values)


_SIDES = {
    Comparison.ABOVE: _("%(name)s: %(found)s is above the limit of %(limit)s."),
    Comparison.BELOW: _("%(name)s: %(found)s is below the limit of %(limit)s."),
    Comparison.CANNOT_BE_EXCLUDED: _(
        "%(name)s: %(found)s. More than the limit of %(limit)s cannot be excluded; "
        "counted as above."
    ),
}


def _amount_found(found: Found) -> tuple[Quantity | None, bool]:
    """Return the amount, or the most it can be when it is below quantification."""
    if found.kind == "below-loq" and found.loq is not None and found.quantity is not None:
        return Quantity(found.loq, found.quantity.unit, found.quantity.expressed_as), True
    return (found.quantity, False) if found.kind == "measured" else (None, False)


def _per_unit(quantity: Quantity, limit: Quantity, expected: Expected) -> Quantity:
    """Return a share of the mass as an amount per unit, when one unit was weighed."""
    if not limit.unit.endswith("/unit") or expected.unit_mass_mg is None:
        return quantity
    if quantity.unit not in ("%", "mg/g"):
        return quantity
    share = converted(quantity, "mg/g").scaled(expected.unit_mass_mg / 1000)
    return Quantity(share.value, "mg/unit", share.expressed_as, share.uncertainty)
