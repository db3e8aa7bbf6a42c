from __future__ import annotations

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.database import open_session
from lims.journal import queries
from lims.journal.records import JournalDetail, JournalEntry, JournalSubject
from tests.makers import Network


def write(session: Session, network: Network, count: int = 5) -> None:
    for number in range(count):
        journal.record(session, network.worker, "test act", [("sample", f"s{number}")], n=number)
    session.commit()


def test_an_untouched_journal_is_whole(session: Session, network: Network) -> None:
    write(session, network)
    proof = queries.verify_chain(session)
    assert proof.is_whole and proof.entries == 5


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda: update(JournalEntry).where(JournalEntry.seq == 3).values(actor="x"), "changed"),
        (lambda: update(JournalEntry).where(JournalEntry.seq == 3).values(act="x"), "changed"),
        (
            lambda: (
                update(JournalSubject).where(JournalSubject.seq == 3).values(subject_id="other")
            ),
            "changed",
        ),
        (
            lambda: update(JournalDetail).where(JournalDetail.seq == 3).values(body={"n": 99}),
            "details",
        ),
    ],
)
def test_a_changed_entry_is_named(
    session: Session, network: Network, change: object, reason: str
) -> None:
    write(session, network)
    session.execute(change())  # type: ignore[operator]
    proof = queries.verify_chain(session)
    assert proof.first_bad == 3 and reason in proof.reason


def test_a_removed_entry_and_a_cut_tail_are_seen(session: Session, network: Network) -> None:
    write(session, network)
    for table in ("journal_detail", "journal_subject", "journal_entry"):
        session.execute(text(f"DELETE FROM {table} WHERE seq = 5"))
    assert queries.verify_chain(session).reason == "the tail is missing"
    for table in ("journal_detail", "journal_subject", "journal_entry"):
        session.execute(text(f"DELETE FROM {table} WHERE seq = 2"))
    assert queries.verify_chain(session).first_bad == 2


def test_details_may_be_erased_without_breaking_the_chain(
    session: Session, network: Network
) -> None:
    write(session, network)
    session.execute(text("DELETE FROM journal_detail WHERE seq = 2"))
    assert queries.verify_chain(session).is_whole


def test_an_act_that_is_undone_leaves_no_entry(session: Session, network: Network) -> None:
    write(session, network, 2)
    journal.record(session, network.worker, "undone")
    session.rollback()
    write(session, network, 1)
    proof = queries.verify_chain(session)
    assert proof.is_whole and proof.entries == 3


def test_the_acts_on_a_subject_are_told_in_order(session: Session, network: Network) -> None:
    write(session, network)
    journal.record(session, network.chemist, "second act", [("sample", "s1")])
    acts = queries.acts_about(session, "sample", ["s1"])
    assert [(act.actor, act.act) for act in acts] == [
        ("worker", "test act"),
        ("chemist", "second act"),
    ]


def test_two_writers_keep_one_chain(session: Session, network: Network) -> None:
    import threading

    engine = session.get_bind()
    session.commit()

    def work() -> None:
        for number in range(10):
            with open_session(engine) as mine:  # type: ignore[arg-type]
                journal.record(mine, network.worker, "busy", n=number)
                mine.commit()

    write(session, network, 1)
    threads = [threading.Thread(target=work) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.expire_all()
    proof = queries.verify_chain(session)
    assert proof.is_whole and proof.entries == 41
