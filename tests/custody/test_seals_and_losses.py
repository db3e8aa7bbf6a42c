from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lims.custody import alarms, queries
from lims.custody import operations as custody
from lims.custody.conventions import AlarmKind, Conventions
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, Refused
from lims.intake.records import Sample
from lims.journal.queries import acts_about
from tests.custody.makers import closed, destroy, draft, reconciled, scan, sealed, sent
from tests.makers import PASSWORD, Network, make_samples, told_sample

Scene = tuple[Network, list[Sample]]
AGREED = Conventions(Decimal(20), Decimal(5), keep_days=90, transit_days=7)


@pytest.fixture
def scene(session: Session, network: Network) -> Scene:
    """Give the counter three samples of 20 mg whose persons agree to a second laboratory."""
    told = told_sample(mass_mg=Decimal(20), consent_second_laboratory=True)
    return network, make_samples(session, network, *(told for _each in range(3)))


def kinds(session: Session, network: Network, account: str) -> list[AlarmKind]:
    rows, total = alarms.alarms(session, getattr(network, account), AGREED)
    assert total == len(rows)
    return [one.kind for one in rows]


# ------------------------------------------------------------------------------------ seals


def test_two_parcels_under_way_never_bear_the_same_seal(session: Session, scene: Scene) -> None:
    network, samples = scene
    first = sealed(session, network, samples[0])
    other = draft(session, network, samples[1])
    for seal, second in ((first.seal.lower(), ""), ("S-new", f" {first.seal}")):
        with pytest.raises(Invalid):
            command = custody.SealParcel(other.id, seal, seal_2=second)
            custody.seal_parcel(session, network.worker, command)
    custody.send_parcel(session, network.worker, custody.MoveParcel(first.id))
    scan(session, network, first, samples[0].code)
    closed(session, network, first)
    again = custody.SealParcel(other.id, first.seal)
    assert custody.seal_parcel(session, network.worker, again).state == "sealed"


def test_another_seal_needs_words_and_a_second_person_and_marks_the_parcel(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    silent = custody.CheckSeals(parcel.id, "other", True)
    for told in (
        silent,
        custody.CheckSeals(parcel.id, "other", True, words="Another one."),
        custody.CheckSeals(
            *(parcel.id, "other", True, "", "", "Another one.", "chemist", PASSWORD),
        ),
        custody.CheckSeals(parcel.id, "", None),
    ):
        with pytest.raises(Invalid):
            custody.check_seals(session, network.chemist, told)
        session.refresh(parcel)
        assert parcel.seal_broken is None
    told = custody.CheckSeals(
        *(parcel.id, "other", True, "", "", "Glued again.", "head", PASSWORD),
    )
    custody.check_seals(session, network.chemist, told)
    assert (parcel.seal_broken, parcel.seal_witness) == (True, "head")
    assert "record damaged seal" in [
        one.act for one in acts_about(session, "sample", [samples[0].id])
    ]
    assert kinds(session, network, "worker") == [AlarmKind.DAMAGED_SEAL]
    assert kinds(session, network, "chemist") == []


def test_the_paper_is_compared_with_the_manifest(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    assert queries.is_manifest_whole(parcel)
    wrong = custody.CheckSeals(parcel.id, parcel.seal, True, sheet="00000000")
    with pytest.raises(Invalid):
        custody.check_seals(session, network.chemist, wrong)
    right = custody.CheckSeals(parcel.id, parcel.seal, True, sheet=parcel.manifest_hash[:8].upper())
    custody.check_seals(session, network.chemist, right)
    assert parcel.seal_broken is False
    parcel.items[0].gross_mg = Decimal(5)
    assert not queries.is_manifest_whole(parcel)


# ---------------------------------------------------------------------------------- receipt


def test_a_wrong_scan_is_taken_back_with_a_reason(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    scan(session, network, parcel, samples[0].code, samples[1].code)
    with pytest.raises(Invalid):
        undo = custody.UndoScan(parcel.id, samples[0].code, " ")
        custody.undo_scan(session, network.chemist, undo)
    for sample in samples[:2]:
        undo = custody.UndoScan(parcel.id, sample.code, "Another tube.")
        custody.undo_scan(session, network.chemist, undo)
    assert [(item.scan, item.scanned_at) for item in parcel.items] == [("expected", None)]
    assert parcel.state == "partly received"
    with pytest.raises(Invalid):
        custody.undo_scan(session, network.chemist, undo)


def test_a_foreign_code_is_kept_only_when_somebody_says_so(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    with pytest.raises(Invalid):
        scan(session, network, parcel, "4006381333931")
    command = custody.ScanParcel(parcel.id, "4006381333931", foreign=True)
    assert custody.scan_parcel(session, network.chemist, command).scan == "unexpected"
    assert custody.scan_parcel(session, network.chemist, command).position == 2


def test_gross_masses_beyond_the_tolerance_of_the_house_are_named(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    parcel = draft(session, network, samples[0], samples[1])
    for sample in samples[:2]:
        weighing = custody.WeighItem(parcel.id, sample.code, Decimal(1200))
        custody.weigh_item(session, network.worker, weighing)
    custody.seal_parcel(session, network.worker, custody.SealParcel(parcel.id, "G-1"))
    with pytest.raises(Refused):
        custody.weigh_item(session, network.worker, weighing)
    custody.send_parcel(session, network.worker, custody.MoveParcel(parcel.id))
    for sample, mg in zip(samples, ("1180", "1179.9"), strict=False):
        command = custody.ScanParcel(parcel.id, sample.code, Decimal(mg))
        custody.scan_parcel(session, network.chemist, command)
    differing = [item for item in parcel.items if queries.differs(item, AGREED.gross_mg)]
    assert [item.sample_id for item in differing] == [samples[1].id]
    session.flush()
    assert kinds(session, network, "chemist") == [AlarmKind.GROSS]


# ------------------------------------------------------------------------------ lost and found


def test_a_lost_parcel_balances_as_lost_and_is_found_again_sample_by_sample(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    lose = custody.LoseParcel(parcel.id, "The car was robbed.")
    custody.mark_parcel_lost(session, network.local_coordinator, lose)
    session.flush()
    assert queries.lost_mg(session, samples[0].id) == Decimal(20)
    assert kinds(session, network, "worker") == [AlarmKind.LOST]
    with pytest.raises(Invalid):
        more = custody.FindSample(samples[0].id, network.laboratory.id, "Here.", Decimal(21))
        custody.find_sample(session, network.chemist, more)
    found = custody.FindSample(samples[0].id, network.laboratory.id, "Came by post.", Decimal(19))
    custody.find_sample(session, network.chemist, found)
    assert (samples[0].state, queries.lost_mg(session, samples[0].id)) == ("received", Decimal(1))
    assert queries.balance_at(session, samples[0].id, network.laboratory.id) == Decimal(19)


def test_a_missing_sample_raises_an_alarm_until_it_arrives(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0], samples[1])
    scan(session, network, parcel, samples[0].code)
    closed(session, network, parcel)
    session.flush()
    assert kinds(session, network, "worker") == [AlarmKind.MISSING]
    reconciled(session, network, samples[1])
    session.flush()
    assert kinds(session, network, "worker") == []


def test_an_alarm_is_answered_in_words_by_somebody_of_its_site(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    parcel = sent(session, network, samples[0])
    parcel.left_at = clock.now() - timedelta(days=8)
    session.flush()
    (late,), _total = alarms.alarms(session, network.worker, AGREED)
    assert late.kind == AlarmKind.LATE

    def settle(account: str, words: str) -> None:
        told = custody.SettleAlarm(late.kind, late.subject_id, words, AGREED)
        custody.settle_alarm(session, getattr(network, account), told)

    with pytest.raises(Invalid):
        settle("worker", " ")
    with pytest.raises(NotFound):
        settle("chemist", "Asked the carrier.")
    settle("worker", "Asked the carrier.")
    assert kinds(session, network, "worker") == []
    with pytest.raises(NotFound):
        settle("worker", "Again.")


def test_what_is_kept_too_long_and_what_scales_do_not_find_raise_alarms(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    reconciled(session, network, samples[0])
    for mg in ("15", "9.9"):
        weighing = custody.WeighSample(samples[0].id, network.laboratory.id, Decimal(mg))
        custody.weigh_sample(session, network.chemist, weighing)
    assert kinds(session, network, "chemist") == [AlarmKind.WEIGHING]
    samples[0].state, samples[0].state_since = "released", clock.now() - timedelta(days=91)
    session.flush()
    assert set(kinds(session, network, "chemist")) == {AlarmKind.WEIGHING, AlarmKind.KEPT}
    destroy(session, network, samples[0])
    assert kinds(session, network, "chemist") == [AlarmKind.WEIGHING]
