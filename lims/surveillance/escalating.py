"""Escalation: a signal that nobody took up in time is told to everybody who is in charge."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import happenings
from lims.foundation.actors import Actor
from lims.surveillance import queries, rules
from lims.surveillance.acts import SignalEscalated
from lims.surveillance.records import Signal
from lims.surveillance.report_records import SignalEscalation
from lims.surveillance.rules import SignalState, Target

CLOCK = Actor(member_id=None, account="clock", language="en")
"""Who escalates: the clock, which may do nothing else."""
MOST = 500
"""At most so many signals in one look; the next look takes the rest."""


def escalate_late_signals(
    session: Session, now: datetime, targets: Mapping[str, Target] = rules.TARGETS
) -> list[SignalEscalated]:
    """Announce each open signal past its time, once for each step and level; repeat as you like."""
    late = select(Signal).where(Signal.state == SignalState.OPEN, queries.is_late(now, targets))
    found = session.scalars(
        late.order_by(Signal.opened_at).limit(MOST).with_for_update(skip_locked=True)
    ).all()
    told = _told(session, [one.id for one in found])
    announced = []
    for signal in found:
        for step in rules.late_steps(signal, now, targets):
            if (signal.id, step, signal.level) not in told:
                announced.append(_escalate(session, signal, step, now))
    return announced


def _told(session: Session, signal_ids: list[uuid.UUID]) -> set[tuple[uuid.UUID, str, str]]:
    columns = (SignalEscalation.signal_id, SignalEscalation.step, SignalEscalation.level)
    rows = session.execute(select(*columns).where(SignalEscalation.signal_id.in_(signal_ids)))
    return {(row[0], row[1], row[2]) for row in rows}


def _escalate(session: Session, signal: Signal, step: str, now: datetime) -> SignalEscalated:
    session.add(
        SignalEscalation(
            id=uuid.uuid4(), signal_id=signal.id, step=step, level=signal.level, at=now
        )
    )
    session.flush()
    subjects = [("signal", signal.id)]
    journal.record(session, CLOCK, "escalate signal", subjects, step=step, level=signal.level)
    happening = SignalEscalated(signal.id, step)
    happenings.announce(session, CLOCK, happening)
    return happening
