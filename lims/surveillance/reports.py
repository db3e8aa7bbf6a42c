"""Reports by people: kept with what they describe, looked through for persons, then a signal."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, refuse_field
from lims.foundation.numbers import next_number
from lims.foundation.words import Message, _
from lims.intake import rules as intake
from lims.intake import screening
from lims.intake.records import Sample
from lims.library.queries import refuse_unknown_term
from lims.network.rules import Permission
from lims.surveillance import queries, reporting, rules
from lims.surveillance.acts import ReportEffect, SignalRaised
from lims.surveillance.records import Signal
from lims.surveillance.report_records import HumanReport
from lims.surveillance.rules import SignalSource, SignalState

NOTES = frozenset({"words"})
"""The texts in which personal names are looked for too."""


def report_effect(session: Session, actor: Actor, command: ReportEffect) -> Signal:
    """Report an effect or a worrying product by hand; the level is the reporter's proposal.

    Sending the same report twice keeps one; what sounds like a report of minutes ago asks whether
    it is another case. Raises Invalid, NotPermitted for an event that the reporter may not open.
    """
    actor.must(Permission.REPORT_EFFECT)
    known = session.get(Signal, command.id) if command.id else None
    if known is not None:
        return known
    if command.opens_event:
        actor.must(Permission.TRIAGE)
    _refuse_report(session, command)
    sample = queries.sample_for_report(session, command.sample_code)
    product_id = queries.product_for_report(session, command.product_number)
    if product_id is None and sample is not None:
        product_id = queries.product_id_of(session, sample.id)
    signal = _signal(command, sample, product_id)
    signal.number = next_number(session, Signal.number, "S-")
    session.add(signal)
    session.flush()
    session.add(_kept(command, signal, actor))
    about: list[tuple[str, uuid.UUID | str]] = [("signal", signal.id)]
    named = (("sample", signal.sample_id), ("product", signal.product_id))
    about += [(kind, one) for kind, one in named if one is not None]
    facts = {"level": signal.level, "told_by": command.told_by}
    journal.record(session, actor, "report effect", about, **facts)
    title = reporting.title(command.words) if command.opens_event else ""
    happenings.announce(session, actor, SignalRaised(signal.id, title))
    return signal


def _signal(command: ReportEffect, sample: Sample | None, product_id: uuid.UUID | None) -> Signal:
    told: dict[str, Any] = {
        name: getattr(command, name)
        for name in ("words", "level", "told_by", "form", "colour", "logo", "area", "week")
    }
    told |= {"sample": command.sample_code, "effects": sorted(command.effects)}
    near = sample.site.area if sample is not None else ""
    return Signal(
        id=command.id or uuid.uuid4(),
        source=SignalSource.HUMAN_REPORT,
        level=command.level,
        state=SignalState.OPEN,
        sample_id=sample.id if sample else None,
        product_id=product_id,
        reason=_told(_("Reported: %(words)s", words=command.words)),
        data_hash=rules.data_hash(told),
        opened_at=clock.now(),
        area=command.area.strip() or near,
    )


def _told(message: Message) -> dict[str, Any]:
    return {"id": message.msgid, "params": dict(message.params)}


def _kept(command: ReportEffect, signal: Signal, actor: Actor) -> HumanReport:
    return HumanReport(
        id=uuid.uuid4(),
        signal_id=signal.id,
        told_by=command.told_by,
        words=command.words,
        form=command.form,
        colour=command.colour,
        logo=command.logo.strip(),
        effects=sorted(set(command.effects)),
        area=command.area.strip(),
        week=command.week,
        level=command.level,
        by=actor.account,
        at=clock.now(),
    )


def _refuse_report(session: Session, command: ReportEffect) -> None:
    problems = reporting.problems(command)
    problems += [
        Problem("week", wrong.message) for wrong in intake.wrong_week(command.week, clock.now())
    ]
    if not problems and not command.not_a_person:
        texts = {name: getattr(command, name) for name in reporting.LONGEST}
        warned = screening.warnings(texts, NOTES)
        problems += [Problem(name, words) for name, words in warned.items()]
    if problems:
        raise Invalid(problems)
    for name, listed in (("form", "dosage_form"), ("colour", "colour")):
        refuse_unknown_term(session, listed, getattr(command, name), name)
    for code in command.effects:
        refuse_unknown_term(session, "effect", code, "effects")
    same = None if command.is_another else _told_just_now(session, command)
    if same is not None:
        words = _("This was reported %(n)s min ago as %(number)s. Tick if it is another case.")
        minutes = round((clock.now() - same.at).total_seconds() / 60)
        values = {"n": minutes, "number": same.signal.number}
        raise refuse_field("is_another", Message(words.msgid, values))


def _told_just_now(session: Session, command: ReportEffect) -> HumanReport | None:
    """Return a report of the last minutes with the same words, or the same whole look."""
    since = clock.now() - reporting.SAME_REPORT
    query = select(HumanReport).where(HumanReport.at >= since)
    mine = reporting.same_words(command.words)
    look = _look(command.form, command.colour, command.logo)
    for one in session.scalars(query.order_by(HumanReport.at.desc()).limit(200)):
        is_same_look = all(look) and look == _look(one.form, one.colour, one.logo)
        if reporting.same_words(one.words) == mine or is_same_look:
            return one
    return None


def _look(form: str, colour: str, logo: str) -> tuple[str, str, str]:
    return form, colour, reporting.same_words(logo)
