from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.intake import closing, closures, corrections
from lims.intake.closing import CloseIntake, ReopenIntake
from lims.intake.corrections import MarkNotAnalysed
from lims.intake.rules import day_in_belgium
from lims.overview import capacities, left_out, queues, stating
from lims.overview.queues import Queue
from lims.overview.stating import CloseDays, StateCapacity, TakeBack
from lims.overview.waiting import FEWEST
from tests.makers import Network
from tests.overview.makers import release
from tests.overview.points_and_queues import NOBODY, described, lists, results, stated, waiting
from tests.overview.test_queries import counted

WHY = {"fr": "Synthétique.", "nl": "Synthetisch.", "en": "Synthetic."}


def queue(session: Session, network: Network, name: str = "Counter") -> Queue:
    return {one.name: one for one in queues.queues(session, network.coordinator)}[name]


def day(ahead: int) -> Any:
    return day_in_belgium(clock.now()) + timedelta(days=ahead)


# ------------------------------------------------------------------------------------ the queues


def test_a_queue_counts_what_waits_by_state_and_the_age_of_the_oldest(
    session: Session, network: Network
) -> None:
    for ago, state in ((9, "received"), (6, "in analysis"), (3, "to verify"), (1, "registered")):
        with clock.stopped_at(clock.now() - timedelta(days=ago)):
            waiting(session, network).state = state
    with clock.stopped_at(clock.now() - timedelta(days=2)):
        told = waiting(session, network)
    release(session, network, told, 0.5, "neutral")
    found = queue(session, network)
    assert (found.waiting, found.in_analysis, found.to_verify) == (2, 1, 1)
    assert found.oldest_days == 9
    assert sum(week.came for week in found.weeks) == 5
    assert sum(week.left for week in found.weeks) == 1
    at_laboratory = queue(session, network, "Laboratory one")
    assert (at_laboratory.kind, at_laboratory.waiting) == ("laboratory", 2)


def test_a_sample_that_is_not_analysed_leaves_the_queue_when_that_is_said(
    session: Session, network: Network
) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=20)):
        sample = waiting(session, network)
    corrections.mark_not_analysed(session, network.worker, MarkNotAnalysed(sample.id, "capacity"))
    found = queue(session, network)
    assert found.waiting == 0
    assert [week.left for week in found.weeks][-1] == 1


def test_how_long_it_takes_is_not_known_before_enough_results(
    session: Session, network: Network
) -> None:
    results(session, network, FEWEST - 1, 3.0)
    assert queue(session, network).estimate is None
    results(session, network, 1, 3.0)
    found = queue(session, network).estimate
    assert found is not None and found.n == FEWEST
    assert found.half == pytest.approx(3.0, abs=0.01) and not found.by_queue


def test_a_stated_capacity_lets_the_queue_of_now_be_reckoned_with(
    session: Session, network: Network
) -> None:
    described(session, network)
    results(session, network, FEWEST, 3.0)
    stated(session, network, 7)
    for _each in range(10):
        waiting(session, network)
    found = queue(session, network).estimate
    assert found is not None and found.by_queue and found.queue == 10
    assert found.half > 6.0


def test_everybody_sees_the_queues_of_their_own_places(session: Session, network: Network) -> None:
    def names(account: str) -> list[str]:
        return [one.name for one in queues.queues(session, network.actors[account])]

    assert names("worker") == ["Counter"]
    assert names("head") == ["Laboratory one"]
    assert names("coordinator") == ["Counter", "Festival", "Laboratory one", "Laboratory two"]
    with pytest.raises(NotPermitted):
        names("counsellor")
    assert queues.strip(session, network.worker) is not None
    assert queues.strip(session, network.coordinator) is None


def test_queues_ask_the_database_as_often_for_many_samples_as_for_few(
    session: Session, network: Network
) -> None:
    def ask() -> int:
        session.commit()
        session.expire_all()
        with counted(session) as seen:
            queues.queues(session, network.coordinator)
            left_out.left_out(session, network.coordinator)
        return len(seen)

    results(session, network, 2, 3.0)
    few = ask()
    results(session, network, 12, 3.0)
    assert ask() == few


# ------------------------------------------------------------------------------ stated capacity


def test_the_newest_word_on_a_technique_holds_on_the_days_it_was_said_for(
    session: Session, network: Network
) -> None:
    stated(session, network, 7, valid_from=day(-30))
    stated(session, network, 14, valid_from=day(-3), valid_until=day(3))
    ahead = stated(session, network, 70, valid_from=day(9))
    per_day = capacities.per_day(session)[network.laboratory.id]
    assert per_day == pytest.approx(2.0)
    (now,) = capacities.stated(session)
    assert now.samples == 14
    (later,) = capacities.stated(session, day(10))
    assert later.id == ahead.id
    stating.take_back_capacity(session, network.head, TakeBack(now.id))
    assert capacities.per_day(session)[network.laboratory.id] == pytest.approx(1.0)
    with pytest.raises(Refused):
        stating.take_back_capacity(session, network.head, TakeBack(now.id))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"samples": 0}, "samples"),
        ({"samples": 99_999}, "samples"),
        ({"per": "month"}, "per"),
        ({"days": 8}, "days"),
        ({"technique": "guessing"}, "technique"),
        ({"valid_from": day(3), "valid_until": day(1)}, "valid_until"),
    ],
    ids=["none", "many", "per", "days", "technique", "backwards"],
)
def test_a_capacity_that_cannot_be_is_refused(
    session: Session, network: Network, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        stated(session, network, **({"samples": 5} | more))
    assert [one.field for one in refusal.value.problems] == [field]


def test_only_the_head_of_a_laboratory_speaks_for_it(session: Session, network: Network) -> None:
    lists(session)
    own = StateCapacity(network.laboratory.id, 4, "week", 5)
    theirs = StateCapacity(network.second_laboratory.id, 4, "week", 5)
    for who, command in ((network.chemist, own), (network.head, theirs)):
        with pytest.raises(NotPermitted):
            stating.state_capacity(session, who, command)
    closure = CloseIntake(network.laboratory.id, day(3))
    for who in (network.chemist, network.worker, network.coordinator):
        with pytest.raises(NotPermitted):
            closing.close_intake(session, who, closure)
        with pytest.raises(NotPermitted):
            stating.close_days(session, who, CloseDays(network.laboratory.id, day(1)))


def test_closed_days_are_told_and_taken_back(session: Session, network: Network) -> None:
    command = CloseDays(network.laboratory.id, day(1), day(2))
    made = stating.close_days(session, network.head, command)
    assert capacities.closed_days(session) == {network.laboratory.id: frozenset({1, 2})}
    stating.take_back_days(session, network.head, TakeBack(made.id))
    assert capacities.closed_days(session) == {}
    with pytest.raises(NotFound):
        stating.take_back_days(session, network.head, TakeBack(NOBODY))
    with pytest.raises(Invalid):
        backwards = CloseDays(network.laboratory.id, day(3), day(1))
        stating.close_days(session, network.head, backwards)


# ------------------------------------------------------------------------------- closed intake


def test_what_a_laboratory_does_not_take_is_said_at_the_points_that_send_there(
    session: Session, network: Network
) -> None:
    described(session, network)
    command = CloseIntake(network.laboratory.id, day(5), form="tablet", words=WHY)
    made = closing.close_intake(session, network.head, command)
    (told,) = closures.at_point(session, network.counter.id)
    assert (told.form, told.everywhere, told.words["nl"]) == ("tablet", True, "Synthetisch.")
    both = (network.laboratory.id, network.second_laboratory.id)
    assert [one.everywhere for one in closures.in_force(session, both)] == [False]
    assert closures.in_force(session, (network.second_laboratory.id,)) == []
    assert closures.in_force(session, day=day(6)) == []
    closing.reopen_intake(session, network.head, ReopenIntake(made.id))
    assert closures.at_point(session, network.counter.id) == []
    with pytest.raises(Refused):
        closing.reopen_intake(session, network.head, ReopenIntake(made.id))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"until": day(-1)}, "until"),
        ({"until": day(900)}, "until"),
        ({"form": "elephant"}, "form"),
        ({"technique": "guessing"}, "technique"),
        ({"words": {"fr": "Synthétique.", "nl": "", "en": "Synthetic."}}, "words.nl"),
        ({"words": WHY | {"en": "call 0470 12 34 56"}}, "words.en"),
    ],
    ids=["past", "endless", "form", "technique", "one-language", "a-person"],
)
def test_a_closure_that_cannot_be_is_refused(
    session: Session, network: Network, facts: dict[str, Any], field: str
) -> None:
    lists(session)
    given = {"until": day(3)} | facts
    with pytest.raises(Invalid) as refusal:
        closing.close_intake(session, network.head, CloseIntake(network.laboratory.id, **given))
    assert [one.field for one in refusal.value.problems] == [field]


# --------------------------------------------------------------------- not analysed, because ...


def test_not_analysed_is_counted_by_reason_with_what_was_handed_in(
    session: Session, network: Network
) -> None:
    samples = [waiting(session, network) for _each in range(5)]
    for sample, reason in zip(samples, ("capacity", "capacity", "too-little"), strict=False):
        command = MarkNotAnalysed(sample.id, reason)
        corrections.mark_not_analysed(session, network.worker, command)
    withdrawn = corrections.WithdrawSample(samples[3].id, "changed their mind")
    corrections.withdraw_sample(session, network.worker, withdrawn)
    rows = {(row.kind, row.place): row for row in left_out.left_out(session, network.coordinator)}
    whole = rows["all", ""]
    assert (whole.handed_in, whole.not_analysed) == (4, 3)
    assert dict(whole.reasons) == {"capacity": 2, "too-little": 1}
    assert whole.share == pytest.approx(0.75)
    assert rows["point", "Counter"] == rows["all", ""].__class__(
        "point", "Counter", 4, 3, whole.reasons
    )
    assert ("laboratory", "Laboratory one") in rows
    assert [place for kind, place in rows if kind == "month"] == [f"{day(0):%Y-%m}"]
    with pytest.raises(NotPermitted):
        left_out.left_out(session, network.worker)
