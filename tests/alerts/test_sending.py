from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.alerts import delivered, deliveries, delivering, operations
from lims.alerts.channels import Letter
from lims.alerts.delivering import SENT, Outcome, later, never
from lims.alerts.operations import ApproveAlert
from lims.alerts.records import AlertVersion
from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.errors import NotPermitted, Refusal, Refused
from lims.foundation.settings import Settings
from lims.foundation.words import _
from lims.network.queries import OPERATOR
from tests.alerts.alerting import make_draft, make_published, submit
from tests.alerts.mailing import (
    Heard,
    all_deliveries,
    make_group,
    make_recipient,
    postman,
    published_to,
)
from tests.makers import PASSWORD, Network

pytestmark = pytest.mark.usefixtures("connected")
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
WHY = _("The mail server cannot be reached.")


def test_two_approvals_at_once_publish_once_and_queue_once(
    session: Session, network: Network, engine: Any
) -> None:
    make_group(session, network, *(make_recipient(session, network) for _n in range(3)))
    version = submit(session, network, make_draft(session, network))
    command = ApproveAlert(version.id, PASSWORD, version.row_version)
    session.commit()
    gate = threading.Barrier(2)

    def approve(_nth: int) -> bool:
        gate.wait()
        with open_session(engine) as other:
            try:
                operations.approve_alert(other, network.approver, command)
                other.commit()
            except Refusal:
                return False
            return True

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(approve, range(2))) == [False, True]
    assert len(all_deliveries(session)) == 3
    assert session.get_one(AlertVersion, version.id).state == "published"


def test_two_workers_never_send_one_message_at_once(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network, 8)
    lock, under_way, sent = threading.Lock(), Counter[Any](), Counter[Any]()

    def answer(letter: Letter) -> Outcome:
        with lock:
            under_way[letter.id] += 1
            sent[letter.id] += 1
            assert under_way[letter.id] == 1
        threading.Event().wait(0.02)
        with lock:
            under_way[letter.id] -= 1
        return SENT

    with ThreadPoolExecutor(4) as workers:
        posts = [postman(engine, settings, Heard(answer)) for _worker in range(4)]
        done = [one.result() for one in [workers.submit(post.deliver_all) for post in posts]]
    assert sum(done) == 8 and set(sent.values()) == {1}
    assert {one.state for one in all_deliveries(session)} == {"sent"}


class Killed(BaseException):
    """The worker dies here."""


def test_a_worker_that_dies_after_sending_leaves_a_message_that_is_sent_again_under_its_name(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network)

    def die(_letter: Letter) -> Outcome:
        raise Killed

    first, second = Heard(die), Heard()
    with pytest.raises(Killed):
        postman(engine, settings, first).deliver_all()
    assert postman(engine, settings, second).deliver_all() == 0
    with clock.stopped_at(clock.now() + delivering.LEASE + timedelta(seconds=1)):
        assert postman(engine, settings, second).deliver_all() == 1
    assert first.letters[0].id == second.letters[0].id
    assert first.letters[0].body == second.letters[0].body
    [delivery] = all_deliveries(session)
    assert (delivery.state, delivery.tries) == ("sent", 2)


def test_a_worker_that_wakes_up_late_does_not_overrule_the_one_that_took_over(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network)
    taken = deliveries.take_up(session, OPERATOR, deliveries.TakeUp(settings.data_dir))
    assert taken is not None and taken.lease is not None
    late = deliveries.Settle(taken.id, taken.lease, never(WHY))
    session.commit()
    with clock.stopped_at(clock.now() + delivering.LEASE * 2):
        postman(engine, settings, Heard()).deliver_all()
    session.expire_all()
    deliveries.settle_delivery(session, OPERATOR, late)
    assert all_deliveries(session)[0].state == "sent"


def test_a_message_that_fails_is_tried_again_and_again_then_given_up_and_again_by_hand(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network, level="warning")
    heard = Heard(lambda _letter: later(WHY))
    at = clock.now()
    for nth in range(1, delivering.MOST_TRIES + 1):
        with clock.stopped_at(at):
            assert postman(engine, settings, heard).deliver_all() == 1
            assert postman(engine, settings, heard).deliver_all() == 0
        [delivery] = all_deliveries(session)
        assert delivery.tries == nth and str(WHY) in str(delivery.last_error)
        at = delivery.next_at + timedelta(seconds=1)
    assert delivery.state == "dead"
    listed, total = delivered.deliveries(session, network.coordinator)
    assert ([one.id for one in listed], total) == ([delivery.id], 1)
    assert delivered.trouble(session) == 1
    deliveries.try_again(session, network.coordinator, deliveries.TryAgain(delivery.id))
    session.commit()
    answered = Heard()
    postman(engine, settings, answered).deliver_all()
    assert answered.letters[0].id == heard.letters[0].id
    assert answered.letters[0].body == heard.letters[0].body
    assert all_deliveries(session)[0].state == "sent"


def test_a_mailbox_that_refuses_is_given_up_at_once(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network)
    postman(engine, settings, Heard(lambda _letter: never(WHY))).deliver_all()
    [delivery] = all_deliveries(session)
    assert (delivery.state, delivery.tries) == ("dead", 1)


def test_only_a_dead_letter_is_tried_again_by_hand_and_by_the_coordination(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network)
    [delivery] = all_deliveries(session)
    again = deliveries.TryAgain(delivery.id)
    with pytest.raises(Refused):
        deliveries.try_again(session, network.coordinator, again)
    for account in ("worker", "chemist", "auditor"):
        with pytest.raises(NotPermitted):
            deliveries.try_again(session, getattr(network, account), again)


def test_a_red_alert_that_does_not_arrive_is_told_to_the_coordination_once(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    own = make_recipient(session, network, audience="rdr-network")
    make_group(session, network, own, purpose="coordination", standing_level="")
    version = published_to(session, network, 3)

    def answer(letter: Letter) -> Outcome:
        return SENT if letter.address == own.address else never(WHY)

    heard = Heard(answer)
    postman(engine, settings, heard).deliver_all()
    told = [one for one in heard.letters if one.address == own.address]
    assert len(told) == 1 and version.alert.number in told[0].subject
    assert f"/alerts/{version.id}/recipients" in told[0].body
    assert "/received/" not in told[0].body
    assert delivered.alarm(session) == delivered.Alarm(undelivered=3, unconfirmed=0)


def test_a_red_alert_that_keeps_failing_is_told_long_before_it_is_given_up(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    own = make_recipient(session, network)
    make_group(session, network, own, purpose="coordination", standing_level="")
    published_to(session, network)
    at = clock.now()
    for _nth in range(deliveries.EARLY):
        with clock.stopped_at(at):
            taken = deliveries.take_up(session, OPERATOR, deliveries.TakeUp(settings.data_dir))
            assert taken is not None and taken.lease is not None
            settle = deliveries.Settle(taken.id, taken.lease, later(WHY))
            deliveries.settle_delivery(session, OPERATOR, settle)
            session.flush()
        at = taken.next_at + timedelta(seconds=1)
    assert [one.recipient_id for one in all_deliveries(session, purpose="notice")] == [own.id]


def test_a_notice_that_cannot_be_delivered_makes_no_further_notice(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    own = make_recipient(session, network)
    make_group(session, network, own, purpose="coordination", standing_level="")
    published_to(session, network)
    postman(engine, settings, Heard(lambda _letter: never(WHY))).deliver_all()
    assert Counter(one.purpose for one in all_deliveries(session)) == {"alert": 1, "notice": 1}


def test_a_fault_of_a_channel_is_one_failed_try(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network)

    def broken(_letter: Letter) -> Outcome:
        raise ZeroDivisionError

    postman(engine, settings, Heard(broken)).deliver_all()
    assert [one.state for one in all_deliveries(session)] == ["failed"]


def test_red_alerts_go_first(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    make_group(session, network, make_recipient(session, network))
    make_published(session, network, level="caution")
    make_published(session, network, level="red")
    session.commit()
    heard = Heard()
    postman(engine, settings, heard).deliver_all()
    assert ["Red alert" in one.subject for one in heard.letters] == [True, False]


def test_the_worker_sends_beside_its_jobs_until_it_is_ended(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network)
    ended, heard = threading.Event(), Heard()
    worker = threading.Thread(target=postman(engine, settings, heard).work_until, args=(ended,))
    worker.start()
    for _turn in range(200):
        if heard.letters:
            break
        threading.Event().wait(0.05)
    ended.set()
    worker.join(10)
    assert len(heard.letters) == 1 and not worker.is_alive()


def test_a_message_that_cannot_be_written_does_not_stop_those_behind_it(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network, offices=2)
    first, second = all_deliveries(session)
    first.purpose, first.told, first.next_at = "notice", {"what": "nothing that we know"}, BEGUN
    session.commit()
    heard = Heard()
    postman(engine, settings, heard).deliver_all()
    assert [one.id for one in heard.letters] == [second.id]
    assert sorted(one.state for one in all_deliveries(session)) == ["failed", "sent"]
