"""Ticking the steps of verification: by name, with the record that shows it, kept one by one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import checking, queries, rules, verification
from lims.alerts.event_records import EventCheck
from lims.alerts.rules import EventState
from lims.analysis.records import Run
from lims.foundation import clock, codes
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.network.rules import Permission


@dataclass(frozen=True)
class TickStep:
    """One step of the verification, how far it is, and the run or sample that shows it."""

    event_id: uuid.UUID
    step: str
    answer: str
    record: str = ""
    words: str = ""
    id: uuid.UUID | None = None


def tick_step(session: Session, actor: Actor, command: TickStep) -> EventCheck:
    """Tick a step of verification under one's name; what was ticked before stays readable.

    The same `id` twice keeps one. Raises Invalid, or Refused for an event that is decided.
    """
    actor.must(queries.either(actor, Permission.TRIAGE, Permission.APPROVE_ALERT))
    known = session.get(EventCheck, command.id) if command.id else None
    if known is not None:
        return known
    event = verification.event_to_change(session, command.event_id)
    rules.refuse_event_move(event.state, EventState.CONFIRMED)
    wrong = checking.problems(command.step, command.answer, command.record, command.words)
    if wrong:
        raise Invalid(wrong)
    run, sample = _record(session, command.record)
    made = EventCheck(
        id=command.id or uuid.uuid4(),
        event_id=event.id,
        step=command.step,
        answer=command.answer,
        run_id=run.id if run else None,
        sample_id=sample.id if sample else None,
        words=command.words.strip(),
        by=actor.account,
        at=clock.now(),
    )
    session.add(made)
    session.flush()
    about: list[tuple[str, uuid.UUID | str]] = [("event", event.id)]
    about += [("run", run.id)] if run else []
    about += [("sample", sample.id)] if sample else []
    facts = {"step": command.step, "answer": command.answer}
    journal.record(session, actor, "tick verification step", about, **facts)
    return made


def _record(session: Session, text: str) -> tuple[Run | None, Sample | None]:
    """Return the run of a number, or the sample of a code; raises Invalid for neither."""
    wanted = text.strip()
    if not wanted:
        return None, None
    run = session.scalar(select(Run).where(Run.number == wanted.upper()))
    if run is not None:
        return run, None
    try:
        code = codes.read_code(wanted)
    except Invalid:
        code = ""
    sample = session.scalar(select(Sample).where(Sample.code == code)) if code else None
    if sample is None:
        words = _("There is no run with this number and no sample with this code.")
        raise refuse_field("record", words)
    return None, sample
