from __future__ import annotations

import uuid

import pytest
from sqlalchemy.orm import Session

from lims.foundation import codes
from lims.foundation.errors import Invalid, NotFound, Refused, Stale
from lims.intake import operations as intake
from lims.intake import queries
from lims.intake.rules import SampleState
from lims.journal.queries import acts_about
from tests.makers import (
    Network,
    free_code,
    load_vocabularies,
    make_block,
    make_samples,
    told_sample,
)
from tests.makers import told_visit as told


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give the counter lists and a block of codes."""
    load_vocabularies(session)
    make_block(session, network)
    session.commit()
    return network


def fields_of(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.field for problem in refusal.value.problems}


def test_a_correction_changes_what_was_told_and_says_which_answers(
    session: Session, ready: Network
) -> None:
    sample = make_samples(session, ready)[0]
    answers = told_sample(form="powder", sold_as="unknown")
    command = intake.CorrectSample(sample.id, sample.row_version, answers)
    intake.correct_sample(session, ready.worker, command)
    assert (sample.form, sample.sold_as) == ("powder", "unknown")
    last = acts_about(session, "sample", [sample.id])[-1]
    assert last.detail["changed"] == ["form", "sold_as"]


def test_a_correction_of_an_old_reading_is_refused(session: Session, ready: Network) -> None:
    sample = make_samples(session, ready)[0]
    read = sample.row_version
    command = intake.CorrectSample(sample.id, read, told_sample(form="powder"))
    intake.correct_sample(session, ready.worker, command)
    session.flush()
    with pytest.raises(Stale):
        intake.correct_sample(session, ready.worker, command)


def test_a_concluded_sample_is_not_corrected(session: Session, ready: Network) -> None:
    sample = make_samples(session, ready)[0]
    sample.state = SampleState.RELEASED
    session.flush()
    command = intake.CorrectSample(sample.id, sample.row_version, told_sample())
    with pytest.raises(Refused):
        intake.correct_sample(session, ready.worker, command)


def test_a_withdrawal_needs_a_reason_without_a_name(session: Session, ready: Network) -> None:
    sample = make_samples(session, ready)[0]
    for reason in ("", "Jan Peeters asked", "x" * 500):
        with pytest.raises(Invalid):
            intake.withdraw_sample(session, ready.worker, intake.WithdrawSample(sample.id, reason))
    intake.withdraw_sample(session, ready.worker, intake.WithdrawSample(sample.id, "changed mind"))
    assert sample.state == SampleState.WITHDRAWN


def test_a_sample_is_not_analysed_for_a_reason_of_the_list(
    session: Session, ready: Network
) -> None:
    sample = make_samples(session, ready)[0]
    for reason in ("", "no mood"):
        with pytest.raises(Invalid):
            command = intake.MarkNotAnalysed(sample.id, reason)
            intake.mark_not_analysed(session, ready.worker, command)
    intake.mark_not_analysed(session, ready.worker, intake.MarkNotAnalysed(sample.id, "capacity"))
    assert (sample.state, sample.not_analysed_reason) == (SampleState.NOT_ANALYSED, "capacity")


def test_printing_a_label_again_is_counted(session: Session, ready: Network) -> None:
    sample = make_samples(session, ready)[0]
    times = [
        intake.print_labels(
            session, ready.worker, intake.PrintLabels((sample.id,), "roll-62x29", reason)
        )[0][1]
        for reason in ("", "damaged", "lost")
    ]
    assert times == [0, 1, 2]


def test_a_sample_is_found_by_its_code_or_a_partners_barcode(
    session: Session, ready: Network
) -> None:
    sample = make_samples(session, ready, told_sample(outside_code="LAB 0042"))[0]
    for text in (sample.code, codes.shown(sample.code).lower(), "LAB 0042"):
        assert queries.sample_by_code(session, ready.worker, text).id == sample.id


def test_a_sample_of_another_site_is_not_found(session: Session, ready: Network) -> None:
    sample = make_samples(session, ready)[0]
    for account in ("festival_worker", "chemist"):
        with pytest.raises(NotFound):
            queries.sample_by_code(session, ready.actors[account], sample.code)
        rows, total = queries.samples(session, ready.actors[account], queries.SampleFilters())
        assert (rows, total) == ([], 0)
    found = queries.sample_by_code(session, ready.chemist, sample.code, anywhere=True)
    assert found.id == sample.id


def test_a_misread_code_is_refused_in_words_and_an_unknown_one_not_found(
    session: Session, ready: Network
) -> None:
    with pytest.raises(Invalid):
        queries.sample_by_code(session, ready.worker, "2222-2223")
    with pytest.raises(NotFound):
        queries.sample_by_code(session, ready.worker, codes.new_code())


def test_blank_labels_are_those_of_codes_without_a_sample(session: Session, ready: Network) -> None:
    block = make_block(session, ready, 3)
    code = free_code(session, block)
    intake.register_visit(session, ready.worker, told(ready, told_sample(code=code)))
    printed = intake.print_blank_labels(session, ready.worker, intake.PrintBlock(block.number))
    assert len(printed.codes) == 2 and code not in printed.codes


@pytest.mark.parametrize("count", [0, -5, 100_000])
def test_a_block_has_a_sensible_number_of_codes(
    session: Session, network: Network, count: int
) -> None:
    with pytest.raises(Invalid):
        command = intake.MakeCodeBlock(network.counter.id, "", count)
        intake.make_code_block(session, network.worker, command)


def test_a_list_of_samples_takes_the_same_number_of_questions_however_long(
    session: Session, ready: Network
) -> None:
    from sqlalchemy import event

    asked: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for _more in range(2):
        make_samples(session, ready, told_sample(), told_sample(), told_sample())
        session.expire_all()
        asked.clear()
        rows, _total = queries.samples(session, ready.worker, queries.SampleFilters())
        assert [(row.site.name, row.visit.day) for row in rows]
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_visit_identifiers_that_another_sample_has_are_refused(
    session: Session, ready: Network
) -> None:
    first = make_samples(session, ready)[0]
    with pytest.raises(Refused):
        intake.register_visit(session, ready.worker, told(ready, told_sample(id=first.id)))
    double = uuid.uuid4()
    with pytest.raises(Refused):
        both = told(ready, told_sample(id=double), told_sample(id=double))
        intake.register_visit(session, ready.worker, both)
