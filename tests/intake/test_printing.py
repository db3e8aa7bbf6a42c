"""Labels are counted, a second one needs a reason, and sheets of blank labels are written down."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.intake import label_queries, operations, queries
from lims.intake.device_records import Device
from lims.intake.label_records import LabelPrint, LabelSheet
from lims.journal.records import JournalDetail, JournalEntry
from tests.intake.test_operations import told_sample
from tests.makers import Network, load_vocabularies, make_block, make_samples


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give lists and codes."""
    load_vocabularies(session)
    make_block(session, network, 60)
    session.commit()
    return network


def printed(session: Session, ready: Network, sample: Any, reason: str = "") -> int:
    command = operations.PrintLabels((sample.id,), "a4-3x8", reason)
    return operations.print_labels(session, ready.worker, command)[0][1]


def blanks(session: Session, ready: Network, **more: Any) -> operations.Blanks:
    command = operations.PrintBlock(1, **{"layout": "a4-3x8", **more})
    return operations.print_blank_labels(session, ready.worker, command)


def test_the_second_label_of_a_sample_needs_a_reason(session: Session, ready: Network) -> None:
    sample = make_samples(session, ready)[0]
    assert printed(session, ready, sample) == 0
    with pytest.raises(Invalid) as refused:
        printed(session, ready, sample)
    assert [one.field for one in refused.value.problems] == ["reason"]
    assert printed(session, ready, sample, "smudged") == 1
    prints = label_queries.prints_of(session, sample.code)
    assert [(one.nth, one.reason) for one in prints] == [(1, ""), (2, "smudged")]


def test_a_reason_is_one_of_the_list(session: Session, ready: Network) -> None:
    sample = make_samples(session, ready)[0]
    printed(session, ready, sample)
    with pytest.raises(Invalid):
        printed(session, ready, sample, "because")


def test_one_label_that_was_printed_before_asks_for_the_reason_of_all(
    session: Session, ready: Network
) -> None:
    first, second = make_samples(session, ready, told_sample(), told_sample())
    printed(session, ready, first)
    both = operations.PrintLabels((first.id, second.id), "a4-3x8")
    with pytest.raises(Invalid):
        operations.print_labels(session, ready.worker, both)
    both = operations.PrintLabels((first.id, second.id), "a4-3x8", "lost")
    operations.print_labels(session, ready.worker, both)
    reasons = [label_queries.prints_of(session, one.code)[-1].reason for one in (first, second)]
    assert reasons == ["lost", ""]


def test_a_print_bears_no_time_and_the_reason_stands_in_the_journal(
    session: Session, ready: Network
) -> None:
    sample = make_samples(session, ready)[0]
    printed(session, ready, sample)
    printed(session, ready, sample, "damaged")
    assert not [c.name for c in LabelPrint.__table__.columns if "DATE" in str(c.type).upper()]
    query = select(JournalDetail.body).join(JournalEntry, JournalEntry.seq == JournalDetail.seq)
    query = query.where(JournalEntry.act == "print labels").order_by(JournalEntry.seq)
    assert [one.get("reason") for one in session.scalars(query)] == [None, "damaged"]


def test_a_label_that_was_printed_blank_counts_as_printed(session: Session, ready: Network) -> None:
    code = blanks(session, ready, most=1).codes[0]
    sample = make_samples(session, ready, told_sample(code=code))[0]
    with pytest.raises(Invalid):
        printed(session, ready, sample)
    assert label_queries.times_printed(session, [sample]) == {code: 1}


def test_the_next_free_code_is_one_that_lies_on_no_pad(session: Session, ready: Network) -> None:
    pad = set(blanks(session, ready, most=59).codes)
    (first,) = make_samples(session, ready, told_sample())
    assert first.code not in pad
    (second,) = make_samples(session, ready, told_sample())
    assert second.code in pad, "rather a code of the pad than none"


def test_codes_that_a_tablet_gives_out_are_not_printed(session: Session, ready: Network) -> None:
    tablet = Device(
        id=uuid.uuid4(), name="t", site_id=ready.counter.id, enrolled_by="worker", seal_key="k"
    )
    session.add(tablet)
    session.flush()
    queries.block(session, ready.worker, 1).device_id = tablet.id
    with pytest.raises(Refused):
        blanks(session, ready)


def test_blank_labels_are_printed_once_and_sheets_are_numbered(
    session: Session, ready: Network
) -> None:
    made = blanks(session, ready, place="blue bag")
    assert len(made.codes) == 60
    assert [(one.number, one.labels) for one in made.sheets] == [(1, 24), (2, 24), (3, 12)]
    assert made.sheets[0].first_code == made.codes[0]
    assert made.sheets[2].last_code == made.codes[-1]
    assert {one.place for one in made.sheets} == {"blue bag"}
    with pytest.raises(Refused):
        blanks(session, ready)


def test_a_part_used_sheet_and_two_labels_a_code_fall_on_the_right_sheets(
    session: Session, ready: Network
) -> None:
    made = blanks(session, ready, most=10, start=20)
    assert [one.labels for one in made.sheets] == [5, 5]
    roll = blanks(session, ready, most=7, layout="roll-62x29")
    assert [(one.number, one.labels) for one in roll.sheets] == [(3, 7)]
    for start in (0, 25):
        with pytest.raises(Invalid):
            blanks(session, ready, start=start)


def test_a_sheet_is_printed_again_with_a_reason_and_without_the_codes_in_use(
    session: Session, ready: Network
) -> None:
    made = blanks(session, ready, most=24)
    blanks(session, ready, most=10)
    make_samples(session, ready, told_sample(code=made.codes[0]))
    sheet = made.sheets[0]
    with pytest.raises(Invalid):
        again = operations.PrintSheetAgain(sheet.id, "a4-3x8")
        operations.print_sheet_again(session, ready.worker, again)
    again = operations.PrintSheetAgain(sheet.id, "a4-3x8", "printer")
    found = operations.print_sheet_again(session, ready.worker, again)
    assert list(found.codes) == list(made.codes[1:])
    rows, total = label_queries.sheets(session, ready.worker, 1)
    assert ([(one.record.number, one.free) for one in rows], total) == ([(2, 10), (1, 23)], 2)


def test_where_a_sheet_is_names_no_person(session: Session, ready: Network) -> None:
    sheet = blanks(session, ready, most=3).sheets[0]
    operations.place_sheet(session, ready.worker, operations.PlaceSheet(sheet.id, "table 2"))
    assert sheet.place == "table 2"
    for place in ("0475 12 34 56", "x" * 61):
        with pytest.raises(Invalid):
            operations.place_sheet(session, ready.worker, operations.PlaceSheet(sheet.id, place))


def test_sheets_and_labels_of_another_site_are_not_found(session: Session, ready: Network) -> None:
    sheet = blanks(session, ready, most=3).sheets[0]
    sample = make_samples(session, ready)[0]
    stranger = ready.festival_worker
    with pytest.raises(NotFound):
        operations.print_labels(session, stranger, operations.PrintLabels((sample.id,)))
    with pytest.raises(NotFound):
        operations.print_blank_labels(session, stranger, operations.PrintBlock(1))
    with pytest.raises(NotFound):
        operations.place_sheet(session, stranger, operations.PlaceSheet(sheet.id, "x"))
    with pytest.raises(NotFound):
        operations.print_sheet_again(
            session, stranger, operations.PrintSheetAgain(sheet.id, "", "lost")
        )
    with pytest.raises(NotFound):
        label_queries.sheets(session, stranger, 1)


@pytest.mark.parametrize("account", ["counsellor", "chemist", "auditor", "approver"])
def test_who_may_not_print_prints_nothing(session: Session, ready: Network, account: str) -> None:
    sample, sheet = make_samples(session, ready)[0], blanks(session, ready, most=1).sheets[0]
    actor = ready.actors[account]
    for act, command in (
        (operations.print_labels, operations.PrintLabels((sample.id,))),
        (operations.print_blank_labels, operations.PrintBlock(1)),
        (operations.print_sheet_again, operations.PrintSheetAgain(sheet.id, "", "lost")),
        (operations.place_sheet, operations.PlaceSheet(sheet.id, "x")),
    ):
        with pytest.raises(NotPermitted):
            act(session, actor, command)  # type: ignore[operator]


def test_of_four_who_print_at_one_moment_three_are_asked(session: Session, ready: Network) -> None:
    sample = make_samples(session, ready)[0]
    sample_id, code, engine = sample.id, sample.code, session.get_bind()
    session.commit()
    results: list[str] = []
    begin = threading.Barrier(4)

    def print_once() -> None:
        begin.wait()
        for _try in range(2):
            with open_session(engine) as own:  # type: ignore[arg-type]
                try:
                    command = operations.PrintLabels((sample_id,), "a4-3x8")
                    operations.print_labels(own, ready.worker, command)
                    own.commit()
                    results.append("printed")
                    return
                except Invalid:
                    results.append("asked why")
                    return
                except IntegrityError:
                    own.rollback()

    threads = [threading.Thread(target=print_once) for _each in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(results) == ["asked why"] * 3 + ["printed"]
    session.expire_all()
    count = session.scalar(select(func.count()).where(LabelPrint.code == code))
    session.commit()
    assert count == 1


def test_a_sheet_belongs_to_one_block_under_one_number(session: Session, ready: Network) -> None:
    sheet = blanks(session, ready, most=2).sheets[0]
    session.add(
        LabelSheet(
            id=uuid.uuid4(),
            block_id=sheet.block_id,
            number=1,
            first_code="",
            last_code="",
            labels=1,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
