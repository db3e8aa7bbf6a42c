from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.custody import alarms, authorisations, inspecting, places, queries
from lims.custody import operations as custody
from lims.custody.conventions import AlarmKind, Conventions
from lims.custody.records import MassEntry, ParcelItem
from lims.custody.stores import StoragePlace
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotPermitted, Refused
from lims.intake.operations import register_visit
from lims.intake.records import Sample
from lims.journal.queries import acts_about
from tests.custody.makers import destroy, draft, reconciled, sealed
from tests.makers import Network, make_samples, told_sample, told_visit

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


# ----------------------------------------------------------------------------------- places


def place(session: Session, network: Network, name: str = "Safe", **more: Any) -> StoragePlace:
    command = custody.AddPlace(network.laboratory.id, name, "safe", **more)
    made = custody.add_place(session, network.chemist, command)
    session.flush()
    return made


def put(session: Session, network: Network, where: StoragePlace, *codes: str) -> None:
    custody.put_away(session, network.chemist, custody.PutAway(where.id, codes))
    session.flush()


def test_a_sample_stands_in_one_place_and_its_history_is_kept(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    reconciled(session, network, samples[0])
    safe = place(session, network)
    box = place(session, network, "Box", inside_id=safe.id)
    put(session, network, safe, samples[0].code)
    put(session, network, box, samples[0].code)
    now, before = places.where_is(session, samples[0].id)
    assert (now.place_id, before.place_id, before.until_why) == (box.id, safe.id, "moved")
    assert [one.name for one in places.way_to(box)] == ["Safe", "Box"]
    destroy(session, network, samples[0])
    session.flush()
    assert places.standing_ids(session, box.id) == set()


def test_only_what_is_here_is_put_here_all_or_nothing(session: Session, scene: Scene) -> None:
    network, samples = scene
    parcel = reconciled(session, network, samples[0], samples[1])
    safe = place(session, network)
    with pytest.raises(Invalid):
        put(session, network, safe, samples[0].code, samples[2].code)
    assert places.standing_ids(session, safe.id) == set()
    put(session, network, safe, parcel.number)
    assert places.standing_ids(session, safe.id) == {samples[0].id, samples[1].id}
    with pytest.raises(NotPermitted):
        command = custody.PutAway(safe.id, (samples[0].code,))
        custody.put_away(session, network.other_chemist, command)
    with pytest.raises(Refused):
        custody.close_place(session, network.chemist, custody.ClosePlace(safe.id))


def test_a_count_names_what_is_missing_and_what_is_unexpected(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    reconciled(session, network, *samples)
    safe = place(session, network)
    put(session, network, safe, samples[0].code, samples[1].code)
    begin = custody.BeginStocktaking(safe.id)
    counted = custody.begin_stocktaking(session, network.chemist, begin)
    assert custody.begin_stocktaking(session, network.chemist, begin).id == counted.id
    for code in (samples[0].code, samples[0].code, samples[2].code):
        custody.scan_stock(session, network.chemist, custody.ScanStock(counted.id, code))
    close = custody.CloseStocktaking(counted.id)
    custody.close_stocktaking(session, network.chemist, close)
    assert {line.code: line.result for line in counted.lines} == {
        samples[0].code: "found",
        samples[1].code: "missing",
        samples[2].code: "unexpected",
    }
    assert acts_about(session, "sample", [samples[1].id])[-1].act == "miss at stocktaking"
    assert kinds(session, network, "chemist") == [AlarmKind.STOCK]
    with pytest.raises(Refused):
        custody.close_stocktaking(session, network.chemist, close)


# -------------------------------------------------------------------------------- inspection


def test_holdings_of_a_past_day_are_what_the_ledger_and_the_places_said_then(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    begin = clock.now()
    for days, act in (
        (1, lambda: reconciled(session, network, samples[0])),
        (2, lambda: put(session, network, place(session, network), samples[0].code)),
        (4, lambda: destroy(session, network, samples[0], Decimal(8))),
    ):
        with clock.stopped_at(begin + timedelta(days=days)):
            act()
    today, at = authorisations.today(), network.laboratory.id
    with clock.stopped_at(begin + timedelta(days=6)):

        def held(days: int) -> list[tuple[Decimal | None, str]]:
            day = today + timedelta(days=days)
            lines = inspecting.all_held_on(session, network.chemist, at, day)
            return [(one.mg, one.place_name) for one in lines]

        assert [held(days) for days in (0, 1, 2, 4, 6)] == [
            *([], [(Decimal(20), "")], [(Decimal(20), "Safe")]),
            *([(Decimal(12), "Safe")], [(Decimal(12), "Safe")]),
        ]
        account = inspecting.account(
            session, network.chemist, at, today + timedelta(days=2), today + timedelta(days=4)
        )
        assert (account.opening, account.closing, account.is_even) == (20, 12, True)
        ask = custody.ReportHoldings(at, today + timedelta(days=2), today)
        first, again = (
            custody.report_holdings(session, network.chemist, ask) for _twice in range(2)
        )
        assert first.sha256 == again.sha256 and first.journal_hash != again.journal_hash
        assert acts_about(session, "site", [at])[-1].detail["sha256"] == first.sha256


def test_a_permit_is_withdrawn_never_changed_and_is_pointed_out_before_it_ends(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    today = authorisations.today()
    told = custody.AddPermit(
        *("N-1", "An authority", network.counter.id, today, today + timedelta(days=29)),
        to_site_id=network.laboratory.id,
    )
    permit = custody.add_permit(session, network.local_coordinator, told)
    session.flush()
    assert authorisations.ends_soon(permit)
    with pytest.raises(NotPermitted):
        custody.add_permit(session, network.worker, told)
    parcel = draft(session, network, samples[0])
    assert parcel.permit_id == permit.id
    withdrawal = custody.WithdrawPermit(permit.id, "Replaced.")
    custody.withdraw_permit(session, network.local_coordinator, withdrawal)
    with pytest.raises(Refused):
        custody.seal_parcel(session, network.worker, custody.SealParcel(parcel.id, "W-1"))
    (other,) = authorisations.usable(session, network.counter.id, network.laboratory.id)
    custody.choose_permit(session, network.worker, custody.ChoosePermit(parcel.id, other.id))
    custody.seal_parcel(session, network.worker, custody.SealParcel(parcel.id, "W-1"))


def test_a_sample_in_analysis_goes_on_to_a_second_laboratory_and_keeps_its_state(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    reconciled(session, network, samples[0])
    samples[0].move_to("in analysis")
    told = custody.AddPermit(
        *("L-1", "An authority", network.laboratory.id),
        *(authorisations.today(), authorisations.today()),
    )
    custody.add_permit(session, network.administrator, told)
    session.flush()
    begin = custody.DraftParcel(network.laboratory.id, network.second_laboratory.id)
    parcel = custody.draft_parcel(session, network.head, begin)
    change = custody.ChangeManifest(parcel.id, samples[0].code)
    custody.add_to_parcel(session, network.head, change)
    custody.seal_parcel(session, network.head, custody.SealParcel(parcel.id, "F-1"))
    custody.send_parcel(session, network.head, custody.MoveParcel(parcel.id))
    other = network.other_chemist
    custody.scan_parcel(session, other, custody.ScanParcel(parcel.id, samples[0].code))
    custody.check_seals(session, other, custody.CheckSeals(parcel.id, "F-1", True))
    custody.reconcile_parcel(session, other, custody.ReconcileParcel(parcel.id))
    assert samples[0].state == "in analysis"
    at = {site: mg for site, mg in queries.balances(session, samples[0].id).items() if mg}
    assert at == {network.second_laboratory.id: Decimal(20)}
    chain = session.scalars(select(ParcelItem).where(ParcelItem.sample_id == samples[0].id)).all()
    assert len(chain) == 2
    assert {one.kind for one in session.scalars(select(MassEntry))} >= {"sent on", "received"}


@pytest.mark.parametrize("day", [date.min, date(1, 1, 20), date(1999, 12, 31)])
def test_a_day_before_anything_was_written_down_is_refused_in_words(day: date) -> None:
    for since in (None, day):
        with pytest.raises(Invalid):
            inspecting.days_of(since, day)


def test_what_was_handed_in_without_a_network_was_held_from_that_day_on(
    session: Session, scene: Scene
) -> None:
    network, _samples = scene
    told = told_sample(mass_mg=Decimal(7))
    at = clock.now() - timedelta(days=3)
    register_visit(session, network.worker, told_visit(network, told, recorded_at=at))
    today = authorisations.today()

    def held(days: int) -> Decimal:
        day = today - timedelta(days=days)
        return inspecting.held_on(session, network.worker, network.counter.id, day)[2]

    assert [held(days) for days in (4, 3, 0)] == [Decimal(0), Decimal(7), Decimal(67)]


def test_a_sealed_parcel_whose_permit_ended_is_sent_under_another_that_is_valid(
    session: Session, scene: Scene
) -> None:
    network, samples = scene
    parcel = sealed(session, network, samples[0])
    before, first = parcel.manifest_hash, parcel.permit_id
    assert first is not None
    same = custody.ChoosePermit(parcel.id, first)
    with pytest.raises(Refused):  # still valid: the manifest is locked
        custody.choose_permit(session, network.worker, same)
    withdrawal = custody.WithdrawPermit(first, "It ended.")
    custody.withdraw_permit(session, network.local_coordinator, withdrawal)
    send = custody.MoveParcel(parcel.id)
    for act, command in ((custody.send_parcel, send), (custody.choose_permit, same)):
        with pytest.raises(Refused), session.begin_nested():
            act(session, network.worker, command)  # type: ignore[operator]
    today = authorisations.today()
    told = custody.AddPermit(
        *("N-2", "An authority", network.counter.id, today, today + timedelta(days=29)),
        to_site_id=network.laboratory.id,
    )
    other = custody.add_permit(session, network.local_coordinator, told)
    session.flush()
    custody.choose_permit(session, network.worker, custody.ChoosePermit(parcel.id, other.id))
    assert parcel.manifest_hash != before and queries.is_manifest_whole(parcel)
    assert (parcel.permit, bool(parcel.seal)) == ("N-2", True)
    assert custody.send_parcel(session, network.worker, send).state == "in transit"
