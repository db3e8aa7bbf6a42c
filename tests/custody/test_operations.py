from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.custody import operations as custody
from lims.custody import queries
from lims.custody.records import TransportPermit
from lims.custody.rules import ParcelState, ScanResult
from lims.foundation import clock, codes
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.intake import operations as intake
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.journal.queries import acts_about
from tests.custody.makers import checked, closed, draft, reconciled, scan, sealed, sent
from tests.makers import Network, make_samples, told_sample

Scene = tuple[Network, list[Sample]]


@pytest.fixture
def scene(session: Session, network: Network) -> Scene:
    """Give the counter three samples of 20 mg."""
    samples = make_samples(
        session, network, *(told_sample(mass_mg=Decimal(20)) for _each in range(3))
    )
    return network, samples


def test_the_mass_that_is_handed_in_opens_the_ledger(session: Session, scene: Scene) -> None:
    network, samples = scene
    assert queries.balances(session, samples[0].id) == {network.counter.id: Decimal(20)}


def test_a_corrected_mass_corrects_the_ledger(session: Session, scene: Scene) -> None:
    network, samples = scene
    answers = told_sample(mass_mg=Decimal("18.5"))
    command = intake.CorrectSample(samples[0].id, samples[0].row_version, answers)
    intake.correct_sample(session, network.worker, command)
    assert queries.balance(session, samples[0].id) == Decimal("18.5")


def test_a_parcel_arrives_whole_and_its_masses_change_hands(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = reconciled(session, network, *samples)
    assert parcel.state == ParcelState.RECONCILED
    for sample in samples:
        assert sample.state == SampleState.RECEIVED
        assert sample.laboratory_id == network.laboratory.id
        held = queries.balances(session, sample.id)
        assert held == {network.counter.id: 0, network.laboratory.id: Decimal(20)}


def test_a_sealed_parcel_cannot_take_or_lose_a_sample(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = sealed(session, network, samples[0])
    for act, sample in (
        (custody.add_to_parcel, samples[1]),
        (custody.remove_from_parcel, samples[0]),
    ):
        with pytest.raises(Refused):
            act(session, network.worker, custody.ChangeManifest(parcel.id, sample.code))
    with pytest.raises(Refused):
        custody.cancel_parcel(session, network.worker, custody.MoveParcel(parcel.id))


def test_a_sample_is_in_one_active_parcel_at_most(session: Session, scene: Scene) -> None:
    network, samples = scene
    draft(session, network, samples[0])
    with pytest.raises(Refused):
        draft(session, network, samples[0])


def test_a_cancelled_parcel_frees_its_samples(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = draft(session, network, samples[0])
    custody.cancel_parcel(session, network.worker, custody.MoveParcel(parcel.id))
    session.flush()
    assert draft(session, network, samples[0]).state == ParcelState.DRAFT


def test_a_parcel_is_not_sealed_empty_or_without_seal_or_permit(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    empty = draft(session, network)
    with pytest.raises(Refused):
        custody.seal_parcel(session, network.worker, custody.SealParcel(empty.id, "S-1"))
    full = draft(session, network, samples[0])
    with pytest.raises(Invalid):
        custody.seal_parcel(session, network.worker, custody.SealParcel(full.id, "  "))
    assert full.chosen_permit is not None
    full.chosen_permit.valid_until = clock.today() - timedelta(days=3)
    with pytest.raises(Refused):
        custody.seal_parcel(session, network.worker, custody.SealParcel(full.id, "S-1"))
    assert full.state == ParcelState.DRAFT


def test_a_parcel_read_before_a_change_is_not_sealed(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = draft(session, network, samples[0])
    session.flush()
    with pytest.raises(Stale):
        command = custody.SealParcel(parcel.id, "S-1", None, parcel.row_version - 1)
        custody.seal_parcel(session, network.worker, command)


def test_missing_and_unexpected_samples_are_named(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0], samples[1])
    stranger = codes.new_code()
    scan(session, network, parcel, samples[0].code, samples[2].code, stranger)
    assert parcel.state == ParcelState.PARTLY_RECEIVED
    closed(session, network, parcel)
    by_code = {item.code: item.scan for item in parcel.items}
    assert by_code == {
        samples[0].code: ScanResult.RECEIVED,
        samples[1].code: ScanResult.MISSING,
        samples[2].code: ScanResult.UNEXPECTED,
        stranger: ScanResult.UNEXPECTED,
    }
    told = acts_about(session, "parcel", [parcel.id])[-1].detail
    assert told["missing"] == [codes.shown(samples[1].code)]
    assert set(told["unexpected"]) == {codes.shown(samples[2].code), codes.shown(stranger)}


def test_a_missing_sample_stays_on_the_senders_account_and_may_be_sent_when_found(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0], samples[1])
    scan(session, network, parcel, samples[0].code)
    closed(session, network, parcel)
    assert samples[1].state == SampleState.REGISTERED
    assert queries.balances(session, samples[1].id) == {network.counter.id: Decimal(20)}
    session.flush()
    assert sent(session, network, samples[1]).state == ParcelState.IN_TRANSIT


def test_an_unexpected_sample_that_arrived_is_received(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    scan(session, network, parcel, samples[0].code, samples[2].code)
    closed(session, network, parcel)
    assert samples[2].state == SampleState.RECEIVED
    assert queries.balance_at(session, samples[2].id, network.laboratory.id) == Decimal(20)


def test_a_code_scanned_twice_counts_once(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    scan(session, network, parcel, samples[0].code, codes.shown(samples[0].code), samples[0].code)
    assert [item.scan for item in parcel.items] == [ScanResult.RECEIVED]


@pytest.mark.parametrize("text", ["", "12", "2222-2223", "🧪🧪🧪", "x" * 10_000_000])
def test_what_no_code_can_be_is_not_kept_as_a_scan(
    session: Session, scene: Scene, text: str
) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    with pytest.raises(Invalid):
        scan(session, network, parcel, text)
    assert len(parcel.items) == 1


def test_receipt_is_closed_only_after_the_seal_was_looked_at(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    scan(session, network, parcel, samples[0].code)
    with pytest.raises(Refused):
        custody.reconcile_parcel(session, network.chemist, custody.ReconcileParcel(parcel.id))
    checked(session, network, parcel)
    custody.reconcile_parcel(session, network.chemist, custody.ReconcileParcel(parcel.id))


def test_a_parcel_that_is_not_under_way_takes_no_scans(session: Session, scene: Scene) -> None:
    network, samples = scene
    for parcel in (draft(session, network, samples[0]), sealed(session, network, samples[1])):
        with pytest.raises(Refused):
            scan(session, network, parcel, samples[0].code)


def test_a_lost_parcel_leaves_its_samples_not_analysed_and_on_nobodys_account(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    actor = network.local_coordinator
    custody.mark_parcel_lost(session, actor, custody.LoseParcel(parcel.id, "Never arrived."))
    assert samples[0].state == SampleState.NOT_ANALYSED
    assert samples[0].not_analysed_reason == "lost-damaged"
    assert queries.balance(session, samples[0].id) == 0


def test_only_the_receiving_laboratory_unpacks(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    for actor in (network.other_chemist, network.worker, network.counsellor):
        with pytest.raises(NotPermitted):
            custody.scan_parcel(session, actor, custody.ScanParcel(parcel.id, samples[0].code))


def test_a_parcel_goes_to_another_laboratory_only(session: Session, scene: Scene) -> None:
    network, _samples = scene
    for place in (network.festival.id, network.counter.id):
        with pytest.raises(Invalid):
            command = custody.DraftParcel(network.counter.id, place)
            custody.draft_parcel(session, network.worker, command)
    with pytest.raises(NotFound):
        command = custody.DraftParcel(network.counter.id, uuid.uuid4())
        custody.draft_parcel(session, network.worker, command)


def test_the_same_draft_sent_again_is_the_same_parcel(session: Session, scene: Scene) -> None:
    network, _samples = scene
    command = custody.DraftParcel(network.counter.id, network.laboratory.id, id=uuid.uuid4())
    first = custody.draft_parcel(session, network.worker, command)
    session.flush()
    assert custody.draft_parcel(session, network.worker, command).number == first.number


def test_a_second_laboratory_needs_the_persons_agreement(
    session: Session, network: Network
) -> None:
    agreed, refused = make_samples(
        session, network, told_sample(consent_second_laboratory=True), told_sample()
    )
    reconciled(session, network, agreed, refused)
    permit = TransportPermit(number="P-3", from_site_id=network.laboratory.id, made_by="test")
    session.add(permit)
    session.flush()
    actor = _coordinator_of(session, network)
    command = custody.DraftParcel(network.laboratory.id, network.second_laboratory.id)
    parcel = custody.draft_parcel(session, actor, command)
    custody.add_to_parcel(session, actor, custody.ChangeManifest(parcel.id, agreed.code))
    with pytest.raises(Refused):
        custody.add_to_parcel(session, actor, custody.ChangeManifest(parcel.id, refused.code))


def _coordinator_of(session: Session, network: Network) -> Any:
    from lims.network import queries as members
    from lims.network.records import Member, MemberDuty

    member = session.get(Member, network.local_coordinator.member_id)
    assert member is not None
    member.duties.append(MemberDuty(duty="local coordinator", site_id=network.laboratory.id))
    session.flush()
    return members.actor_of(session, member, network.laboratory.id)
