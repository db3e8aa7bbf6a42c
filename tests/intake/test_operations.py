from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation import clock, codes
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.intake import operations as intake
from lims.intake import queries, tickets
from lims.intake.records import Sample, SampleCode, Ticket, Visit
from lims.intake.rules import SampleState
from lims.journal.queries import acts_about
from tests.makers import Network, load_vocabularies, make_block, make_samples, told_sample
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


def test_a_visit_with_three_samples_is_registered_under_three_codes(
    session: Session, ready: Network
) -> None:
    visit = told(ready, told_sample(), told_sample(form="powder"), told_sample(form="crystal"))
    made = intake.register_visit(session, ready.worker, visit)
    assert [sample.position for sample in made.samples] == [1, 2, 3]
    assert len({sample.code for sample in made.samples}) == 3
    assert all(sample.state == SampleState.REGISTERED for sample in made.samples)


def test_the_ticket_opens_the_visit_and_its_secret_is_kept_nowhere(
    session: Session, ready: Network
) -> None:
    made = intake.register_visit(session, ready.worker, told(ready))
    assert made.ticket is not None
    opened = intake.open_ticket(session, made.ticket.lower())
    assert opened is not None and opened.visit_id == made.visit.id
    secret = codes.read_ticket(made.ticket).secret
    assert secret not in opened.secret_hash and opened.secret_hash.startswith("$argon2id$")
    assert made.ticket not in repr(made)


def test_another_secret_or_selector_opens_nothing(session: Session, ready: Network) -> None:
    intake.register_visit(session, ready.worker, told(ready))
    assert intake.open_ticket(session, codes.shown_ticket(codes.new_ticket())) is None
    assert intake.open_ticket(session, "nonsense") is None


def test_an_unknown_ticket_takes_as_much_work_as_a_known_one(
    session: Session, ready: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = intake.register_visit(session, ready.worker, told(ready))
    tried: list[str] = []

    def opens(hashed: str, secret: str) -> bool:
        tried.append(hashed)
        return False

    monkeypatch.setattr(tickets, "_opens", opens)
    for text in (made.ticket, codes.shown_ticket(codes.new_ticket()), "nonsense"):
        intake.open_ticket(session, str(text))
    assert len(tried) == 3 and all(one.split("$")[3] == tried[0].split("$")[3] for one in tried)


def test_a_destroyed_ticket_opens_nothing_and_its_hash_is_gone(
    session: Session, ready: Network
) -> None:
    made = intake.register_visit(session, ready.worker, told(ready))
    assert intake.destroy_ticket(session, str(made.ticket))
    assert intake.open_ticket(session, str(made.ticket)) is None
    assert session.scalars(select(Ticket.secret_hash)).all() == [""]
    assert not intake.destroy_ticket(session, str(made.ticket))


def test_a_new_ticket_closes_the_old_one(session: Session, ready: Network) -> None:
    made = intake.register_visit(session, ready.worker, told(ready))
    renewed = intake.renew_ticket(session, ready.worker, made.visit.id)
    assert intake.open_ticket(session, str(made.ticket)) is None
    assert intake.open_ticket(session, renewed) is not None


def test_the_same_visit_sent_again_is_the_same_registration(
    session: Session, ready: Network
) -> None:
    visit = told(ready, told_sample(mass_mg=Decimal("12.5"), effects=["nausea", "euphoria"]))
    first = intake.register_visit(session, ready.worker, visit)
    again = intake.register_visit(session, ready.worker, visit)
    assert [one.id for one in again.samples] == [one.id for one in first.samples]
    assert again.ticket is None
    assert session.scalar(select(func.count()).select_from(Sample)) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda visit: replace(visit, gender="f"),
        lambda visit: replace(visit, samples=(told_sample(sold_as="cocaine"),)),
        lambda visit: replace(visit, samples=(told_sample(), told_sample())),
        lambda visit: replace(visit, samples=(told_sample(code=codes.new_code()),)),
    ],
)
def test_the_same_visit_with_other_answers_is_refused(
    session: Session, ready: Network, change: Callable[[Any], Any]
) -> None:
    visit = told(ready)
    intake.register_visit(session, ready.worker, visit)
    with pytest.raises(Refused):
        intake.register_visit(session, ready.worker, change(visit))


def test_a_code_is_taken_as_typed_in_any_spelling(session: Session, ready: Network) -> None:
    code = session.scalars(select(SampleCode.code)).all()[-1]
    typed = f" {code[:4].lower()} {code[4:].lower()} "
    made = intake.register_visit(session, ready.worker, told(ready, told_sample(code=typed)))
    assert made.samples[0].code == code


def test_a_code_that_cannot_be_used_is_refused_beside_its_field(
    session: Session, ready: Network
) -> None:
    used = make_samples(session, ready)[0].code
    wrong = used[:-1] + next(one for one in codes.ALPHABET if one != used[-1])
    for code in (used, wrong, codes.new_code(), "12", "💊" * 8, "A" * 10_000_000):
        with pytest.raises(Invalid) as refusal:
            intake.register_visit(session, ready.worker, told(ready, told_sample(code=code)))
        assert fields_of(refusal) == {"samples.0.code"}
        session.rollback()


def test_one_code_on_two_samples_of_a_visit_is_refused(session: Session, ready: Network) -> None:
    code = session.scalars(select(SampleCode.code)).first()
    assert code is not None
    twice = told(ready, told_sample(code=code), told_sample(code=codes.shown(code)))
    with pytest.raises(Invalid) as refusal:
        intake.register_visit(session, ready.worker, twice)
    assert fields_of(refusal) == {"samples.1.code"}


def test_a_label_of_another_site_is_refused(session: Session, ready: Network) -> None:
    other = intake.make_code_block(
        session, ready.festival_worker, intake.MakeCodeBlock(ready.festival.id, "", 1)
    )
    code = queries.unused_codes(session, other.id)[0]
    with pytest.raises(Invalid):
        intake.register_visit(session, ready.worker, told(ready, told_sample(code=code)))


def test_without_a_free_code_nothing_is_registered(session: Session, network: Network) -> None:
    load_vocabularies(session)
    with pytest.raises(Invalid):
        intake.register_visit(session, network.worker, told(network))
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Visit)) == 0


def test_every_missing_answer_of_every_sample_is_named_at_once(
    session: Session, ready: Network
) -> None:
    visit = told(ready, told_sample(form=""), told_sample(sold_as="", consent_destroy=False))
    with pytest.raises(Invalid) as refusal:
        intake.register_visit(session, ready.worker, visit)
    assert fields_of(refusal) == {
        "samples.0.form",
        "samples.1.sold_as",
        "samples.1.consent_destroy",
    }


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"form": "spoon"}, "form"),
        ({"colour": "infrared"}, "colour"),
        ({"effects": ["flying"]}, "effects"),
        ({"mass_mg": Decimal("-1")}, "mass_mg"),
        ({"mass_mg": Decimal(0)}, "mass_mg"),
        ({"note": "x" * 10_000_000}, "note"),
        ({"note": "call 0475 12 34 56"}, "note"),
        ({"street_name": "a\u202egod"}, "street_name"),
        ({"believed": "no such thing"}, "believed"),
        ({"whole_or_part": "third"}, "whole_or_part"),
    ],
)
def test_an_answer_that_cannot_be_right_is_refused_beside_its_field(
    session: Session, ready: Network, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        intake.register_visit(session, ready.worker, told(ready, told_sample(**facts)))
    assert fields_of(refusal) == {f"samples.0.{field}"}


def test_a_warning_about_a_person_is_answered_with_a_tick(session: Session, ready: Network) -> None:
    sample = told_sample(note="Blue Punisher", not_a_person=True)
    made = intake.register_visit(session, ready.worker, told(ready, sample))
    assert made.samples[0].note == "Blue Punisher"


def test_a_visit_of_tomorrow_is_refused(session: Session, ready: Network) -> None:
    tomorrow = clock.today() + timedelta(days=2)
    with pytest.raises(Invalid) as refusal:
        intake.register_visit(session, ready.worker, told(ready, day=tomorrow))
    assert fields_of(refusal) == {"day"}


def test_nobody_registers_at_a_site_where_they_hold_no_duty(
    session: Session, ready: Network
) -> None:
    for account in ("festival_worker", "chemist", "counsellor", "administrator"):
        with pytest.raises(NotPermitted):
            intake.register_visit(session, ready.actors[account], told(ready))


words = st.text(max_size=60) | st.sampled_from(["", "tablet", "MDMA", "\x00", "🏴‍☠️", "’; --"])
amounts = st.none() | st.decimals(allow_nan=True, allow_infinity=True)
nonsense = st.builds(
    told_sample,
    code=words,
    form=st.sampled_from(["tablet", "powder"]) | words,
    sold_as=words,
    street_name=words,
    logo=words,
    note=words,
    mass_mg=amounts,
    price=amounts,
    effects=st.lists(words, max_size=3),
    consent_destroy=st.booleans(),
    not_a_person=st.booleans(),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(samples=st.lists(nonsense, max_size=3))
def test_nonsense_is_refused_in_words_and_leaves_nothing_behind(
    session: Session, ready: Network, samples: list[Any]
) -> None:
    before = session.scalar(select(func.count()).select_from(Visit))
    try:
        visit = told(ready, with_ticket=False)
        intake.register_visit(session, ready.worker, replace(visit, samples=tuple(samples)))
        session.flush()
    except Invalid as refusal:
        assert refusal.problems and all(str(one.message) for one in refusal.problems)
    finally:
        session.rollback()
    assert session.scalar(select(func.count()).select_from(Visit)) == before


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
    command = intake.PrintLabels((sample.id,), "roll-62x29")
    times = [intake.print_labels(session, ready.worker, command)[0][1] for _again in range(3)]
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
    code = queries.unused_codes(session, block.id)[0]
    intake.register_visit(session, ready.worker, told(ready, told_sample(code=code)))
    printed = intake.print_blank_labels(session, ready.worker, intake.PrintBlock(block.number))
    assert len(printed) == 2 and code not in printed


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
