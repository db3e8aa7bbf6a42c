from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.counselling import tickets
from lims.counselling.rules import Standing
from lims.foundation import clock
from lims.intake.records import Ticket
from tests.counselling.made import hand_in, handed_and_released
from tests.makers import Network


def open_it(session: Session, ticket: str) -> tickets.Shown | None:
    return tickets.open_result(session, ticket, "en", 30)


def test_a_ticket_opens_its_own_visit_only(session: Session, network: Network) -> None:
    handed, other = (handed_and_released(session, network) for _n in range(2))
    shown = open_it(session, handed.ticket)
    assert shown is not None
    assert [one.sample_id for one in shown.results] == [handed.sample.id]
    assert open_it(session, other.ticket.lower()) is not None


def test_a_ticket_opens_nothing_before_the_result_after_its_days_or_when_destroyed(
    session: Session, network: Network
) -> None:
    waiting = hand_in(session, network, "to verify")
    assert open_it(session, waiting.ticket) is None
    ready = handed_and_released(session, network)
    assert open_it(session, ready.ticket) is not None
    with clock.stopped_at(clock.now() + timedelta(days=31)):
        assert open_it(session, ready.ticket) is None
    session.scalars(
        select(Ticket).where(Ticket.visit_id == ready.visit.id)
    ).one().destroyed_at = clock.now()
    session.commit()
    assert open_it(session, ready.ticket) is None


def test_not_analysed_is_told_on_a_ticket(session: Session, network: Network) -> None:
    handed = hand_in(session, network, "not analysed", not_analysed_reason="capacity")
    shown = open_it(session, handed.ticket)
    assert shown is not None and shown.results[0].standing is Standing.NOT_ANALYSED


def test_a_place_that_tells_in_a_talk_shows_only_that_it_is_ready(
    session: Session, network: Network
) -> None:
    network.counter.ticket_policy = "come and talk"
    handed = handed_and_released(session, network)
    shown = open_it(session, handed.ticket)
    assert shown is not None and shown.only_come and shown.results == ()


@examples(max_examples=25)
@given(text=st.text(max_size=60))
def test_no_nonsense_opens_a_ticket(session: Session, network: Network, text: str) -> None:
    assert open_it(session, text) is None
