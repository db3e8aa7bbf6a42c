"""Which matters are under work already, so that nobody is told the same thing twice.

A matter is held off while a signal on it is open, while an event on it is under verification, and
for four weeks after it was raised: the window that is judged still holds the same samples.
Events stand above signals; `wiring` says who knows of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.surveillance.noticed import Matter
from lims.surveillance.observed import SignalEvidence
from lims.surveillance.records import Signal
from lims.surveillance.rules import SignalState

HOLD_OFF = timedelta(days=28)

Pending = Callable[[Session], set[Matter]]


def _nobody(_session: Session) -> set[Matter]:
    return set()


_pending: list[Pending] = [_nobody]


def connect(pending: Pending) -> None:
    """Make known who tells what is under verification; called by `wiring`."""
    _pending[:] = [pending]


def under_verification(session: Session) -> set[Matter]:
    """Return the products and substances of the events that are under verification."""
    return _pending[0](session)


def under_work(session: Session) -> set[str]:
    """Return the matters on which a signal is open or was raised within four weeks."""
    recent = Signal.opened_at > clock.now() - HOLD_OFF
    query = (
        select(SignalEvidence.matter)
        .join(Signal, Signal.id == SignalEvidence.signal_id)
        .where(or_(Signal.state == SignalState.OPEN, recent))
        .distinct()
    )
    return set(session.scalars(query))
