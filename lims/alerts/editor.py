"""What the pages of alerts show beside the messages: choices, what is typed, what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lims.alerts import queries, rules
from lims.alerts.audiences import AUDIENCE_FACTS, FACT_WORDS, Audience
from lims.alerts.composing import ADVICE, CONFIDENCE, DANGERS, REGIONS
from lims.alerts.facts import AS_GIVEN
from lims.alerts.readability import GRADES, Reading, reading
from lims.alerts.records import AlertMessage, AlertVersion, Event
from lims.findings import queries as findings
from lims.foundation import clock
from lims.foundation.words import LANGUAGES, Message, say
from lims.library import queries as library
from lims.surveillance.records import Signal

Typed = dict[str, Any]
FIRST_ADVICE = ("not-take", "not-alone", "no-mix", "call")
DIFFERENT = ("other-instead", "expected-plus-other")


def choices(session: Session, language: str) -> dict[str, list[tuple[str, str]]]:
    """Return the lists that the editor offers, in the reader's language."""

    def terms(list_name: str) -> list[tuple[str, str]]:
        return [(one.code, one.label(language)) for one in library.terms(session, list_name)]

    return {
        "forms": terms("dosage_form"),
        "colours": terms("colour"),
        "effects": terms("effect"),
        "dangers": [(code, say(words, language)) for code, words in DANGERS.items()],
        "advice": [(code, say(one.words, language)) for code, one in ADVICE.items()],
        "regions": [(code, say(words, language)) for code, words in REGIONS.items()],
        "confidence": [(code, say(words, language)) for code, words in CONFIDENCE.items()],
    }


def typed_of(version: AlertVersion) -> Typed:
    """Return a version's facts as they stand in the form."""
    kept = version.facts
    facts: Typed = {name: kept.get(name) for name in AS_GIVEN}
    for name in ("substance", "sold_as", "form", "colour"):
        facts[name] = (kept.get(name) or {}).get("code", "")
    for name in ("length_mm", "thickness_mm", "unit_mass_mg", "dangers", "advice"):
        facts[name] = kept.get(name)
    for name in ("signs", "effects"):
        facts[name] = [label["code"] for label in kept.get(name) or ()]
    return {
        "level": version.level,
        "review_on": version.review_on.isoformat(),
        "row_version": version.row_version,
        "facts": facts,
    }


def proposed(session: Session, event: Event, signals: Sequence[Signal]) -> Typed:
    """Return what the form of a new alert begins with: what the network knows of the event.

    The look of a single sample is proposed only when the event has no product.
    """
    today = clock.today()
    substance = event.substance
    facts: Typed = {
        "substance": substance.key if substance else "",
        "unidentified": substance is None,
        "late_onset": bool(substance and substance.late_onset),
        "advice": [*FIRST_ADVICE, *(["no-more"] if substance and substance.late_onset else [])],
        "dangers": ["late"] if substance and substance.late_onset else [],
        "region": "BE",
        "week": week_of(today),
    }
    _add_look(facts, event, signals)
    _add_finding(session, facts, signals)
    review_on = rules.default_review(today).isoformat()
    return {"level": event.level, "review_on": review_on, "facts": facts}


def _add_look(facts: Typed, event: Event, signals: Sequence[Signal]) -> None:
    sample = next((one.sample for one in signals if one.sample is not None), None)
    seen = event.product or sample
    if seen is None:
        return
    for name in ("form", "colour", "logo", "shape"):
        facts[name] = getattr(seen, name)
    facts["length_mm"] = "" if seen.length_mm is None else format(seen.length_mm, "f")
    if sample is not None and sample.sold_as_substance is not None:
        facts["sold_as"] = sample.sold_as_substance.key


def _add_finding(session: Session, facts: Typed, signals: Sequence[Signal]) -> None:
    samples = list(dict.fromkeys(one.sample_id for one in signals if one.sample_id is not None))
    facts["samples"] = len(samples) or ""
    finding = findings.released_finding(session, samples[0]) if samples else None
    if finding is None:
        return
    facts["confidence"] = finding.confidence
    if finding.match in DIFFERENT:
        facts["dangers"] = ["other", *facts["dangers"]]


def week_of(day: date) -> str:
    """Return the ISO week of a day, such as 2026-W45."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


@dataclass(frozen=True)
class Spoken:
    """The message of an audience in one language, beside what it asks of its reader."""

    message: AlertMessage
    is_edited: bool
    reading: Reading
    grade: Message | None


def spoken(version: AlertVersion, audience: Audience) -> list[Spoken]:
    """Return an audience's messages in the order of the languages; none where it had none yet."""
    mine = [one for one in version.messages if one.audience == audience]
    return [
        _spoken(version, one) for one in sorted(mine, key=lambda one: LANGUAGES.index(one.language))
    ]


def _spoken(version: AlertVersion, message: AlertMessage) -> Spoken:
    found = reading(f"{message.headline}\n{message.body}")
    grade = None if found.grade is None else GRADES[found.grade]
    return Spoken(message, queries.is_edited(version, message), found, grade)


def goes_out(audience: Audience) -> tuple[list[Message], list[Message]]:
    """Return the facts that an audience is told, and those held back from it."""
    told = AUDIENCE_FACTS[audience]
    return (
        [words for name, words in FACT_WORDS.items() if name in told],
        [words for name, words in FACT_WORDS.items() if name not in told],
    )
