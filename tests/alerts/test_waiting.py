from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.alerts import notices
from lims.foundation import clock
from lims.foundation.settings import Settings
from lims.network.queries import OPERATOR
from tests.alerts.alerting import decide, make_draft, make_event, make_signal, submit
from tests.alerts.mailing import Heard, make_group, make_recipient, postman
from tests.makers import Network

pytestmark = pytest.mark.usefixtures("connected")


@pytest.fixture
def desk(session: Session, network: Network) -> None:
    """Give the coordination a mailbox of its own."""
    own = make_recipient(session, network, audience="rdr-network")
    make_group(session, network, own, purpose="coordination", standing_level="")


def waiting(session: Session, hours: float) -> int:
    session.flush()
    with clock.stopped_at(clock.now() + timedelta(hours=hours)):
        found = notices.escalate_waiting(session, OPERATOR, notices.EscalateWaiting())
        session.flush()
    return found


def test_a_red_alert_that_nobody_approves_is_told_to_the_coordination_once(
    session: Session, network: Network, settings: Settings, engine: Any, desk: None
) -> None:
    version = submit(session, network, make_draft(session, network))
    assert waiting(session, 0.9) == 0
    assert waiting(session, 1.1) == 1 and waiting(session, 1.2) == 0
    session.commit()
    heard = Heard()
    with clock.stopped_at(clock.now() + timedelta(hours=2)):
        postman(engine, settings, heard).deliver_all()
    [letter] = heard.letters
    assert "waits for the second person" in letter.subject
    assert f"/alerts/{version.id}" in letter.body


def test_what_is_not_red_or_still_written_is_not_escalated(
    session: Session, network: Network, desk: None
) -> None:
    submit(session, network, make_draft(session, network, level="warning"))
    make_draft(session, network)
    assert waiting(session, 5) == 0


def test_a_red_event_that_nobody_decides_is_told_once(
    session: Session, network: Network, desk: None
) -> None:
    event = make_event(session, network, make_signal(session, network, "red"))
    make_event(session, network, make_signal(session, network, "warning"))
    assert waiting(session, 23.9) == 0
    assert waiting(session, 24.1) == 1 and waiting(session, 30) == 0
    decide(session, network, event)
    assert waiting(session, 90) == 0


def test_without_a_mailbox_of_the_coordination_nothing_is_written(
    session: Session, network: Network
) -> None:
    submit(session, network, make_draft(session, network))
    assert waiting(session, 9) == 0
