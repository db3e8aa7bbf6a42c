from __future__ import annotations

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
from lims.foundation.errors import Invalid, NotPermitted, Refused
from lims.intake import operations as intake
from lims.intake.records import Sample, SampleCode, Visit
from lims.intake.rules import SampleState
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


def test_a_visit_with_three_samples_is_registered_under_three_codes(
    session: Session, ready: Network
) -> None:
    visit = told(ready, told_sample(), told_sample(form="powder"), told_sample(form="crystal"))
    made = intake.register_visit(session, ready.worker, visit)
    assert [sample.position for sample in made.samples] == [1, 2, 3]
    assert len({sample.code for sample in made.samples}) == 3
    assert all(sample.state == SampleState.REGISTERED for sample in made.samples)


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
    code = free_code(session, other)
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
