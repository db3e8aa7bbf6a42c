"""The visitor's words: a finding told in plain language (B1), composed from its facts alone.

Nothing is added that the facts do not hold, and what was not found is told with what was looked
for: "not detected" never means "not in it". The chemist edits the text afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lims.findings.amounts import expressed, plain, unit_words
from lims.findings.conclusions import SOMETHING_ELSE, Row
from lims.findings.rules import Condition, Level, Outcome, Verdict
from lims.findings.statements import Names, speak
from lims.foundation.words import Message, _
from lims.identification.certainty import words_of

MOST_NAMED = 6
"""A longer list is shortened: the whole list stands in the scope."""


@dataclass(frozen=True)
class Seen:
    """One detection, as it is told."""

    names: Names
    kind: str
    role: str
    abundance: str
    late_onset: bool = False
    value: Decimal | None = None
    unit: str = ""
    expressed_as: str = ""
    uncertainty: Decimal | None = None
    loq: Decimal | None = None


@dataclass(frozen=True)
class Facts:
    """All that a text is composed from."""

    form: str
    sold_as: Names | None
    match: str
    level: str
    confidence: str
    seen: tuple[Seen, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    rows: tuple[Row, ...] = ()
    scope: tuple[tuple[str, tuple[Names, ...], Decimal | None, str], ...] = ()


_THIS: dict[str, Message] = {
    "tablet": _("This tablet"),
    "powder": _("This powder"),
    "crystal": _("This crystal"),
    "capsule": _("This capsule"),
    "blotter": _("This blotter"),
    "liquid": _("This liquid"),
}
_LEVELS: dict[str, Message] = {
    Level.NEUTRAL: _("We found nothing that calls for a special warning. No drug is without risk."),
    Level.INFORMATION: _("Please note: there is something in it that you should know about."),
    Level.CAUTION: _("Caution. Read what is above before you decide."),
    Level.WARNING: _("Warning. This can be dangerous. We advise you not to take it."),
    Level.RED: _("Red alert. This can kill. Do not take it."),
}
_CERTAINTY: dict[str, Message] = {
    "presumptive": _("How sure? This is a first indication. It is not a proof."),
    "identified": _("How sure? One precise method recognised it. A second one did not check it."),
    "confirmed": _("How sure? Two different methods agree."),
}


def compose(facts: Facts, language: str) -> str:
    """Return the text of a finding in one language: short paragraphs, an empty line between."""
    parts = (
        [_headline(facts)],
        [sentence for seen in facts.seen for sentence in _amounts(seen, facts.form)],
        _dose(facts),
        [_LEVELS[facts.level]],
        _late(facts),
        _not_found(facts),
        [_CERTAINTY[facts.confidence]] if facts.confidence in _CERTAINTY else [],
    )
    told = (" ".join(speak(sentence, language) for sentence in part) for part in parts if part)
    return "\n\n".join(told)


def _headline(facts: Facts) -> Message:
    this = _THIS.get(facts.form, _("This sample"))
    main = [one.names for one in facts.seen if one.role == "active-expected"]
    others = [one.names for one in facts.seen if one.role in SOMETHING_ELSE]
    everything = [one.names for one in facts.seen]
    if facts.match == "no-active" or not everything:
        return _("We found no active substance in it.")
    if facts.match == "inconclusive":
        names = _listed(everything)
        return _("We cannot say for sure what is in it. We found: %(names)s.", names=names)
    if facts.match == "other-instead" and facts.sold_as is not None:
        values = {"this": this, "sold": facts.sold_as, "names": _listed(everything)}
        return _("%(this)s is not what you expected (%(sold)s). It contains: %(names)s.", **values)
    if facts.match == "expected-plus-other" and main:
        values = {"this": this, "main": _listed(main), "others": _listed(others or everything)}
        return _("%(this)s contains %(main)s, and also something else: %(others)s.", **values)
    if facts.match == "as-expected" and main:
        return _("%(this)s contains %(names)s, as you expected.", this=this, names=_listed(main))
    return _("%(this)s contains: %(names)s.", this=this, names=_listed(everything))


def _listed(names: Sequence[Names]) -> Message | Names:
    """Return names with "and" before the last."""
    if len(names) == 1:
        return names[0]
    return _("%(names)s and %(last)s", names=list(names[:-1]), last=names[-1])


def _amounts(seen: Seen, form: str) -> Iterable[Message]:
    values: dict[str, Any] = {"name": seen.names, "unit": unit_words(seen.unit, form)}
    if seen.kind == "measured" and seen.value is not None:
        values |= {"value": plain(seen.value), "as": expressed(seen.expressed_as or None)}
        yield _("%(name)s: about %(value)s %(unit)s (%(as)s).", **values)
        if seen.uncertainty:
            spread = plain(seen.uncertainty)
            yield _(
                "It can be %(spread)s more or less.", spread=_("%(n)s %(unit)s", n=spread, **values)
            )
    elif seen.kind == "below-loq" and seen.loq is not None:
        yield _("%(name)s: very little, less than %(n)s %(unit)s.", n=plain(seen.loq), **values)
    elif seen.abundance == "trace":
        yield _("%(name)s: a trace only. The amount was not measured.", **values)
    elif seen.role != "diluent":
        yield _("%(name)s: we did not measure how much is in it.", **values)


def _dose(facts: Facts) -> list[Message]:
    """Tell a high dose: the highest limit in force that is passed or cannot be excluded."""
    told: dict[str, Message] = {}
    for outcome in facts.outcomes:
        is_content = outcome.rule.condition == Condition.CONTENT and outcome.what is not None
        if not is_content or not outcome.raises or outcome.what is None:
            continue
        if outcome.verdict == Verdict.ABOVE:
            told[outcome.what.key] = _("%(name)s: this is a high dose.", name=outcome.what.names)
        else:
            may_be = _("%(name)s: this may be a high dose.", name=outcome.what.names)
            told.setdefault(outcome.what.key, may_be)
    return list(told.values())


def _late(facts: Facts) -> list[Message]:
    return [
        _(
            "%(name)s works later than you think. You may feel nothing at first. "
            "Do not take more: the effect still comes, and can be too strong.",
            name=one.names,
        )
        for one in facts.seen
        if one.late_onset
    ]


def _not_found(facts: Facts) -> list[Message]:
    """Tell what was looked for and not found, method by method, and that the rest is not known."""
    told = []
    for technique, names, lod, unit in facts.scope:
        shown: Any = list(names)
        if len(names) > MOST_NAMED:
            more = len(names) - MOST_NAMED
            shown = _("%(names)s and others (%(n)s)", names=list(names[:MOST_NAMED]), n=more)
        values: dict[str, Any] = {"technique": words_of(technique), "names": shown}
        if lod is None:
            told.append(
                _(
                    "Looked for with %(technique)s and not found: %(names)s. "
                    "A small amount can still be there.",
                    **values,
                )
            )
        else:
            values |= {"n": plain(lod), "unit": unit_words(unit)}
            told.append(
                _(
                    "Looked for with %(technique)s and not found above %(n)s %(unit)s: %(names)s.",
                    **values,
                )
            )
    clashing = [row.what.names for row in facts.rows if row.clash]
    if clashing:
        told.append(_("The methods do not agree on: %(names)s.", names=clashing))
    told.append(_("What we did not look for can still be in it."))
    return told
