from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.custody import authorisations, inspecting, queries
from lims.custody import operations as custody
from lims.custody.records import MassEntry
from lims.custody.rules import MassMove
from lims.foundation.errors import Invalid, Refusal, Refused
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from tests.custody.makers import destroy, reconciled, sent
from tests.makers import PASSWORD, Network, make_samples, told_sample

Scene = tuple[Network, list[Sample]]


@pytest.fixture
def scene(session: Session, network: Network) -> Scene:
    """Give the counter three samples of 20 mg."""
    samples = make_samples(
        session, network, *(told_sample(mass_mg=Decimal(20)) for _each in range(3))
    )
    return network, samples


def test_a_run_uses_no_more_than_the_laboratory_holds(session: Session, scene: Scene) -> None:
    network, samples = scene
    reconciled(session, network, samples[0])
    use = custody.UseMass(samples[0].id, network.laboratory.id, Decimal("0.5"), uuid.uuid4())
    custody.use_mass(session, network.chemist, use)
    assert queries.balance(session, samples[0].id) == Decimal("19.5")
    for wrong in ("19.6", "0", "-1", "NaN"):
        with pytest.raises(Invalid):
            more = custody.UseMass(samples[0].id, network.laboratory.id, Decimal(wrong))
            custody.use_mass(session, network.chemist, more)


def test_a_sample_on_its_way_is_not_used(session: Session, scene: Scene) -> None:
    network, samples = scene
    sent(session, network, samples[0])
    with pytest.raises(Refused):
        use = custody.UseMass(samples[0].id, network.laboratory.id, Decimal(1))
        custody.use_mass(session, network.chemist, use)


def test_a_sample_without_mass_is_weighed_before_it_is_used(
    session: Session, network: Network
) -> None:
    sample = make_samples(session, network, told_sample())[0]
    reconciled(session, network, sample)
    use = custody.UseMass(sample.id, network.laboratory.id, Decimal(1))
    with pytest.raises(Refused):
        custody.use_mass(session, network.chemist, use)
    weighing = custody.WeighSample(sample.id, network.laboratory.id, Decimal("12.3"))
    custody.weigh_sample(session, network.chemist, weighing)
    custody.use_mass(session, network.chemist, use)
    assert queries.balance(session, sample.id) == Decimal("11.3")


def test_a_sample_is_destroyed_before_a_second_person(session: Session, scene: Scene) -> None:
    network, samples = scene
    reconciled(session, network, samples[0])
    destroy(session, network, samples[0])
    entry = session.scalars(select(MassEntry).where(MassEntry.kind == "destroyed")).one()
    assert (entry.by, entry.witness) == ("chemist", "head")
    assert queries.balance(session, samples[0].id) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"witness_account": "chemist"},
        {"witness_account": " CHEMIST "},
        {"witness_password": "wrong"},
        {"witness_account": "nobody"},
        {"witness_account": "other_chemist"},
        {"reason": " "},
        {"mg": Decimal("20.1")},
    ],
)
def test_nothing_is_destroyed_without_a_real_second_person_of_the_site(
    session: Session, scene: Scene, other: dict[str, Any]
) -> None:
    network, samples = scene
    reconciled(session, network, samples[0])
    with pytest.raises(Invalid):
        destroy(session, network, samples[0], **other)
    assert queries.balance(session, samples[0].id) == Decimal(20)


def test_material_is_given_back_only_where_the_law_policy_allows(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    custody.return_sample(session, network.worker, custody.ReturnSample(samples[0].id, Decimal(5)))
    assert queries.balance(session, samples[0].id) == Decimal(15)
    for policy in ("may_hold", "may_return"):
        setattr(network.counter, policy, False)
        with pytest.raises(Refused):
            command = custody.ReturnSample(samples[0].id, Decimal(5))
            custody.return_sample(session, network.worker, command)
        setattr(network.counter, policy, True)


def test_holdings_of_a_site_are_what_its_ledger_says(session: Session, scene: Scene) -> None:
    network, samples = scene
    reconciled(session, network, samples[0], samples[1])
    at, today = network.laboratory.id, authorisations.today()
    rows, total, mg = inspecting.held_on(session, network.chemist, at, today)
    assert ({row.sample_id for row in rows}, total) == ({samples[0].id, samples[1].id}, 2)
    assert mg == Decimal(40)
    account = inspecting.account(session, network.chemist, at, today, today)
    assert account.moves[MassMove.RECEIVED] == Decimal(40) and account.is_even


masses = st.decimals(allow_nan=True, allow_infinity=True)
acts: list[Callable[[Session, Network, Sample, Decimal], Any]] = [
    lambda session, network, sample, mg: custody.use_mass(
        session, network.chemist, custody.UseMass(sample.id, network.laboratory.id, mg)
    ),
    lambda session, network, sample, mg: custody.weigh_sample(
        session, network.chemist, custody.WeighSample(sample.id, network.laboratory.id, mg)
    ),
    lambda session, network, sample, mg: custody.return_sample(
        session, network.worker, custody.ReturnSample(sample.id, mg)
    ),
]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mg=masses, which=st.sampled_from(range(len(acts))))
def test_a_nonsensical_mass_is_refused_in_words_and_enters_nothing(
    session: Session, scene: Scene, mg: Decimal, which: int
) -> None:
    network, samples = scene
    if samples[0].state == SampleState.REGISTERED:
        reconciled(session, network, samples[0])
        session.commit()
    before = session.scalar(select(func.count()).select_from(MassEntry))
    try:
        acts[which](session, network, samples[0], mg)
        session.flush()
        assert mg.is_finite() and 0 <= mg <= 100_000
    except Refusal as refusal:
        assert str(refusal.message)
    finally:
        session.rollback()
    assert session.scalar(select(func.count()).select_from(MassEntry)) == before


def test_an_act_of_destruction_is_not_repeated_with_other_samples_under_its_name(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    reconciled(session, network, *samples[:2])
    act = uuid.uuid4()

    def destroyed(*residues: custody.Residue) -> uuid.UUID:
        told = {"reason": "Synthetic.", "witness_account": "head", "witness_password": PASSWORD}
        command = custody.DestroySamples(network.laboratory.id, residues, id=act, **told)
        return custody.destroy_samples(session, network.chemist, command).id

    first, other = (custody.Residue(sample.code) for sample in samples[:2])
    assert destroyed(first) == destroyed(first) == act
    for changed in ((first, other), (other,), (custody.Residue(first.code, Decimal(1)),)):
        with pytest.raises(Refused):
            destroyed(*changed)
    assert queries.balance(session, samples[1].id) == Decimal(20)
