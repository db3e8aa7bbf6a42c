from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from lims.custody import operations as custody
from lims.custody import queries, rules
from lims.custody.records import MassEntry, Parcel
from lims.custody.rules import MassMove, ParcelState
from lims.foundation import register
from lims.foundation.codes import new_code
from lims.foundation.database import Base, _begin_sqlite, _prepare_sqlite
from lims.foundation.errors import Refusal
from lims.intake.records import Sample
from tests.makers import PASSWORD, Network, make_network, make_samples, told_sample

masses = st.decimals("0.01", "30", places=2)
ZERO = Decimal(0)


class EveryMilligram(RuleBasedStateMachine):
    """Parcels come and go, samples are used up, and the account of every site is always even."""

    session: Session
    network: Network

    @initialize()
    def open_the_network(self) -> None:
        register.all_tables()
        engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        Base.metadata.create_all(engine)
        self.session = Session(engine, expire_on_commit=False)
        self.network = make_network(self.session)
        self.samples: list[Sample] = []
        self.parcels: list[Parcel] = []

    def attempt(self, act: Any, *given: Any) -> Any:
        """Do an act; a refusal in words leaves everything as it was."""
        try:
            done = act(self.session, *given)
            self.session.commit()
        except Refusal:
            self.session.rollback()
            return None
        return done

    def one(self, listed: list[Any], which: int) -> Any:
        return listed[which % len(listed)] if listed else None

    @rule(mass=st.none() | masses)
    def a_sample_is_handed_in(self, mass: Decimal | None) -> None:
        self.samples += make_samples(self.session, self.network, told_sample(mass_mg=mass))

    @rule()
    def a_parcel_is_begun(self) -> None:
        command = custody.DraftParcel(self.network.counter.id, self.network.laboratory.id)
        self.parcels.append(self.attempt(custody.draft_parcel, self.network.worker, command))

    @rule(which=st.integers(0, 50), what=st.integers(0, 50), out=st.booleans())
    def a_manifest_changes(self, which: int, what: int, out: bool) -> None:
        parcel, sample = self.one(self.parcels, which), self.one(self.samples, what)
        if parcel is not None and sample is not None:
            act = custody.remove_from_parcel if out else custody.add_to_parcel
            command = custody.ChangeManifest(parcel.id, sample.code)
            self.attempt(act, self.network.worker, command)

    @rule(
        which=st.integers(0, 50),
        move=st.sampled_from(["seal", "send", "seal", "send", "cancel", "lost"]),
    )
    def a_parcel_moves(self, which: int, move: str) -> None:
        parcel = self.one(self.parcels, which)
        if parcel is None:
            return
        command = custody.MoveParcel(parcel.id)
        if move == "seal":
            seal = custody.SealParcel(parcel.id, "S")
            self.attempt(custody.seal_parcel, self.network.worker, seal)
        elif move == "lost":
            self.attempt(custody.mark_parcel_lost, self.network.local_coordinator, command)
        else:
            act = custody.send_parcel if move == "send" else custody.cancel_parcel
            self.attempt(act, self.network.worker, command)

    @rule(which=st.integers(0, 50), what=st.integers(0, 50), stranger=st.booleans())
    def a_code_is_scanned(self, which: int, what: int, stranger: bool) -> None:
        parcel, sample = self.one(self.parcels, which), self.one(self.samples, what)
        if parcel is not None and sample is not None:
            code = new_code() if stranger else sample.code
            command = custody.ScanParcel(parcel.id, code)
            self.attempt(custody.scan_parcel, self.network.chemist, command)

    @rule(which=st.integers(0, 50), broken=st.booleans())
    def a_receipt_is_closed(self, which: int, broken: bool) -> None:
        parcel = self.one(self.parcels, which)
        if parcel is not None:
            command = custody.ReconcileParcel(parcel.id, broken)
            self.attempt(custody.reconcile_parcel, self.network.chemist, command)

    @rule(mass=st.none() | masses, misses=st.booleans())
    def a_parcel_travels_to_its_end(self, mass: Decimal | None, misses: bool) -> None:
        told = [told_sample(mass_mg=mass), told_sample(mass_mg=mass)]
        samples = make_samples(self.session, self.network, *told)
        self.samples += samples
        self.a_parcel_is_begun()
        parcel = self.parcels[-1]
        for sample in samples:
            command = custody.ChangeManifest(parcel.id, sample.code)
            self.attempt(custody.add_to_parcel, self.network.worker, command)
        self.a_parcel_moves(len(self.parcels) - 1, "seal")
        self.a_parcel_moves(len(self.parcels) - 1, "send")
        for sample in samples[1:] if misses else samples:
            scan = custody.ScanParcel(parcel.id, sample.code)
            self.attempt(custody.scan_parcel, self.network.chemist, scan)
        self.a_receipt_is_closed(len(self.parcels) - 1, False)
        assert self.session.merge(parcel).state == ParcelState.RECONCILED

    @rule(what=st.integers(0, 50), mass=masses, at_laboratory=st.booleans())
    def a_sample_is_weighed(self, what: int, mass: Decimal, at_laboratory: bool) -> None:
        sample = self.one(self.samples, what)
        if sample is not None:
            site = self.network.laboratory if at_laboratory else self.network.counter
            actor = self.network.chemist if at_laboratory else self.network.local_coordinator
            command = custody.WeighSample(sample.id, site.id, mass)
            self.attempt(custody.weigh_sample, actor, command)

    @rule(what=st.integers(0, 50), mass=masses)
    def a_run_uses_some(self, what: int, mass: Decimal) -> None:
        sample = self.one(self.samples, what)
        if sample is not None:
            command = custody.UseMass(sample.id, self.network.laboratory.id, mass)
            self.attempt(custody.use_mass, self.network.chemist, command)

    @rule(what=st.integers(0, 50), mass=masses, back=st.booleans())
    def some_is_given_back_or_destroyed(self, what: int, mass: Decimal, back: bool) -> None:
        sample = self.one(self.samples, what)
        if sample is None:
            return
        if back:
            command = custody.ReturnSample(sample.id, mass)
            self.attempt(custody.return_sample, self.network.worker, command)
        else:
            destruction = custody.DestroySample(sample.id, mass, "head", PASSWORD)
            self.attempt(custody.destroy_sample, self.network.chemist, destruction)

    @invariant()
    def what_came_is_what_went_and_what_is_held(self) -> None:
        if not hasattr(self, "session"):
            return
        for sample in self.samples:
            entries = self.session.scalars(
                select(MassEntry).where(MassEntry.sample_id == sample.id)
            ).all()
            held = queries.balances(self.session, sample.id)
            for site in (self.network.counter.id, self.network.laboratory.id):
                here = [(entry.kind, entry.mg) for entry in entries if entry.site_id == site]
                sums = rules.totals(here)
                came = sum((sums[kind] for kind in rules.INTO), ZERO)
                went = sum((sums[kind] for kind in rules.OUT_OF), ZERO)
                assert came == went + held.get(site, ZERO)
                assert held.get(site, ZERO) >= 0
            sums = rules.totals((entry.kind, entry.mg) for entry in entries)
            lost = sums[MassMove.SENT_ON] - sums[MassMove.RECEIVED]
            gone = sums[MassMove.USED] + sums[MassMove.DESTROYED] + sums[MassMove.RETURNED]
            given = sums[MassMove.HANDED_IN] + sums[MassMove.WEIGHED]
            assert given == gone + lost + queries.balance(self.session, sample.id)
            assert lost == 0 or sample.not_analysed_reason == "lost-damaged"
        self.session.rollback()

    @invariant()
    def a_sample_is_in_one_parcel_under_way_at_most(self) -> None:
        if not hasattr(self, "session"):
            return
        under_way = {ParcelState.RECONCILED, ParcelState.LOST, ParcelState.CANCELLED}
        packed = [
            item.sample_id
            for parcel in self.parcels
            for item in self.session.merge(parcel).items
            if parcel.state not in under_way and item.active_sample_id is not None
        ]
        assert len(packed) == len(set(packed))
        self.session.rollback()

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()


def test_every_milligram_is_accounted_for_whatever_happens() -> None:
    run_state_machine_as_test(
        EveryMilligram, settings=settings(max_examples=12, stateful_step_count=40)
    )
