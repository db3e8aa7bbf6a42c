"""The worker's look at the clocks: what nobody took up in time is escalated, once."""

from __future__ import annotations

from sqlalchemy import Engine

from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.settings import read_settings
from lims.surveillance.escalating import escalate_late_signals
from lims.surveillance.schemas import targets_of


def look_for_late(engine: Engine) -> None:
    """Escalate the signals past their time, in a unit of work of its own."""
    targets = targets_of(read_settings())
    with open_session(engine) as session:
        escalate_late_signals(session, clock.now(), targets)
        session.commit()
