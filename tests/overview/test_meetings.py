from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.journal.records import JournalDetail
from lims.overview import (
    meetings,
    report_lists,
)
from lims.overview.report_records import FocalMeeting
from tests.makers import Network
from tests.overview.counted_network import NOW, Counted, counted_network
from tests.overview.reporting import AFTER, acts


@pytest.fixture
def made(session: Session, network: Network) -> Iterator[Counted]:
    """Give the network that was counted by hand, after the half-year is over."""
    with clock.stopped_at(NOW):
        found = counted_network(session, network)
    with clock.stopped_at(AFTER):
        yield found


def met(made: Counted, **more: Any) -> FocalMeeting:
    given = {"day": date(2026, 7, 1), "partner": "health", "topic": "alerts", **more}
    return meetings.note_meeting(
        made.session, made.network.coordinator, meetings.NoteMeeting(**given)
    )


def test_a_correction_of_a_meeting_keeps_what_stood_there(made: Counted) -> None:
    one = met(made)
    command = meetings.CorrectMeeting(one.id, date(2026, 7, 2), "other", "network")
    meetings.correct_meeting(made.session, made.network.coordinator, command)
    assert (one.day, one.partner) == (date(2026, 7, 2), "other")
    last = made.session.scalars(select(JournalDetail).order_by(JournalDetail.seq.desc())).first()
    assert last is not None
    assert (last.body["day_before"], last.body["partner_before"]) == ("2026-07-01", "health")


def test_a_withdrawn_meeting_stays_and_counts_no_more(made: Counted) -> None:
    one = met(made)
    coordinator = made.network.coordinator
    meetings.withdraw_meeting(made.session, coordinator, meetings.WithdrawMeeting(one.id))
    assert one.withdrawn_at == AFTER
    with pytest.raises(Refused):
        meetings.withdraw_meeting(made.session, coordinator, meetings.WithdrawMeeting(one.id))
    assert acts(made.session)[-2:] == ["note meeting", "withdraw meeting"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", date(2026, 7, 7)),
        ("day", date(2019, 1, 1)),
        ("partner", "Jan"),
        ("topic", ""),
    ],
)
def test_a_meeting_that_cannot_be_is_refused(made: Counted, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as wrong:
        met(made, **{field: value})
    assert [one.field for one in wrong.value.problems] == [field]


def test_the_same_meeting_sent_twice_is_one(made: Counted) -> None:
    one = met(made)
    assert met(made, id=one.id) is one


def test_only_the_coordination_writes_meetings(made: Counted) -> None:
    command = meetings.NoteMeeting(date(2026, 7, 1), "health", "alerts")
    for actor in (made.network.local_coordinator, made.network.auditor, made.network.worker):
        with pytest.raises(NotPermitted):
            meetings.note_meeting(made.session, actor, command)


def test_what_is_not_there_is_not_found(made: Counted) -> None:
    with pytest.raises(NotFound):
        report_lists.public_file(made.session, "report-2026-1-1-fr.pdf")
