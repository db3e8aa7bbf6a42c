"""Every move of custody in any order: every ledger and the account of every site hold."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sqlalchemy import Engine, delete, event, select

from lims.custody import operations as custody
from lims.custody import queries
from lims.custody.records import Parcel
from lims.custody.rules import ParcelState
from lims.custody.stores import StoragePlace
from lims.foundation.actors import Actor
from lims.foundation.codes import new_code
from lims.foundation.database import Base, make_engine, open_session
from lims.foundation.errors import Refusal
from lims.intake import operations as intake
from lims.intake.records import Sample
from lims.network import logins
from lims.network.records import Member, Site
from tests.custody.evenness import PEOPLE, Even, everything_at
from tests.custody.makers import SEALS
from tests.makers import PASSWORD, make_network, make_samples, told_sample

masses = st.decimals("0.01", "30", places=2)
which = st.integers(0, 50)
#: The session and the network that all runs of the machine share; each kind of database is tried.
STAGE: dict[str, Any] = {}
EXAMPLES = {"sqlite": 10, "postgresql": 4}
KEPT = {"organisation", "site", "member", "member_duty", "vocabulary_term", "transport_permit"}
WITNESSES = {"worker": "local_coordinator", "head": "chemist", "other_chemist": "helper"}


class EveryMilligram(Even):
    """Parcels come and go, samples are used up, lost and found, and every account is even."""

    @initialize()
    def open_the_network(self) -> None:
        self.session, self.network = STAGE["session"], STAGE["network"]
        self.session.rollback()
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in KEPT:
                self.session.execute(delete(table))
        self.sites = [getattr(self.network, name) for name in PEOPLE]
        self.staff = {getattr(self.network, name).id: who for name, who in STAGE["staff"].items()}
        self.session.commit()
        self.samples: list[Sample] = []
        self.parcels: list[Parcel] = []
        self.places: list[StoragePlace] = []
        for place in range(3):
            self.a_place_is_added(place)
        for agrees in (True, False):
            self.a_sample_is_handed_in(Decimal(10), agrees)
        self.a_parcel_travels_to_its_end(Decimal(20), misses=False, onward=True)

    def attempt(self, act: Any, *given: Any) -> Any:
        """Do an act; a refusal in words leaves everything as it was."""
        try:
            done = act(self.session, *given)
            self.session.commit()
            self.changed = True
        except Refusal:
            self.session.rollback()
            return None
        return done

    def one(self, listed: list[Any], place: int) -> Any:
        return listed[place % len(listed)] if listed else None

    def where(self, sample: Sample, place: int) -> tuple[Site, Actor]:
        """Return the site that has a sample, and now and then another one."""
        if place % 5 == 0:
            return self.at(place)
        held = queries.holder(self.session, sample)
        site = next((one for one in self.sites if one.id == held), self.sites[0])
        self.session.rollback()
        return site, self.staff[site.id]

    def at(self, place: int) -> tuple[Site, Actor]:
        site = self.one(self.sites, place)
        return site, self.staff[site.id]

    @rule(mass=st.none() | masses, agrees=st.booleans())
    def a_sample_is_handed_in(self, mass: Decimal | None, agrees: bool) -> None:
        told = told_sample(mass_mg=mass, consent_second_laboratory=agrees)
        self.changed = True
        self.samples += make_samples(self.session, self.network, told)

    @rule(what=which, mass=st.none() | masses)
    def a_registration_is_corrected(self, what: int, mass: Decimal | None) -> None:
        if (sample := self.one(self.samples, what)) is not None:
            told = told_sample(mass_mg=mass, consent_second_laboratory=True)
            command = intake.CorrectSample(sample.id, sample.row_version, told)
            self.attempt(intake.correct_sample, self.network.worker, command)

    @rule(what=which, gone=st.booleans())
    def a_sample_is_withdrawn_or_not_analysed(self, what: int, gone: bool) -> None:
        if (sample := self.one(self.samples, what)) is None:
            return
        if gone:
            command: Any = intake.WithdrawSample(sample.id, "no longer wanted")
            self.attempt(intake.withdraw_sample, self.network.worker, command)
        else:
            command = intake.MarkNotAnalysed(sample.id, "capacity")
            self.attempt(intake.mark_not_analysed, self.network.worker, command)

    @rule(what=which, mass=masses, where=which)
    def a_sample_is_weighed(self, what: int, mass: Decimal, where: int) -> None:
        if (sample := self.one(self.samples, what)) is not None:
            site, actor = self.where(sample, where)
            command = custody.WeighSample(sample.id, site.id, mass)
            self.attempt(custody.weigh_sample, actor, command)

    @rule(what=which, mass=masses, where=which)
    def a_run_uses_some(self, what: int, mass: Decimal, where: int) -> None:
        if (sample := self.one(self.samples, what)) is not None:
            site, actor = self.where(sample, where)
            command = custody.UseMass(sample.id, site.id, mass)
            self.attempt(custody.use_mass, actor, command)

    @rule(what=which, mass=st.none() | masses)
    def some_is_given_back(self, what: int, mass: Decimal | None) -> None:
        if (sample := self.one(self.samples, what)) is not None:
            command = custody.ReturnSample(sample.id, mass)
            self.attempt(custody.return_sample, self.network.worker, command)

    @rule(what=st.lists(which, min_size=1, max_size=3), mass=st.none() | masses, where=which)
    def some_are_destroyed(self, what: list[int], mass: Decimal | None, where: int) -> None:
        if not self.samples:
            return
        site, actor = self.where(self.one(self.samples, what[0]), where)
        here = [
            self.one(self.samples, n) for n in dict.fromkeys(n % len(self.samples) for n in what)
        ]
        residues = tuple(custody.Residue(one.code, mass) for one in here)
        command = custody.DestroySamples(
            *(site.id, residues, "Synthetic.", WITNESSES[actor.account], PASSWORD)
        )
        self.attempt(custody.destroy_samples, actor, command)

    @rule(what=which, where=which)
    def a_sample_is_lost(self, what: int, where: int) -> None:
        if (sample := self.one(self.samples, what)) is not None:
            _site, actor = self.where(sample, where)
            self.attempt(custody.lose_sample, actor, custody.LoseSample(sample.id, "Gone."))

    @rule(what=which, mass=st.none() | masses, where=which)
    def a_sample_is_found_again(self, what: int, mass: Decimal | None, where: int) -> None:
        if (sample := self.one(self.samples, what)) is not None:
            site, actor = self.at(where)
            command = custody.FindSample(sample.id, site.id, "Behind the fridge.", mass)
            self.attempt(custody.find_sample, actor, command)

    @rule(start=which, end=which)
    def a_parcel_is_begun(self, start: int, end: int) -> None:
        (sender, actor), (receiver, _other) = self.at(start), self.at(end)
        command = custody.DraftParcel(sender.id, receiver.id)
        if (made := self.attempt(custody.draft_parcel, actor, command)) is not None:
            self.parcels.append(made)

    @rule(parcel=which, what=which, out=st.booleans())
    def a_manifest_changes(self, parcel: int, what: int, out: bool) -> None:
        packed, sample = self.one(self.parcels, parcel), self.one(self.samples, what)
        if packed is not None and sample is not None:
            act = custody.remove_from_parcel if out else custody.add_to_parcel
            command = custody.ChangeManifest(packed.id, sample.code)
            self.attempt(act, self.staff[packed.from_site_id], command)

    @rule(parcel=which, move=st.sampled_from(["seal", "send", "seal", "send", "cancel", "lost"]))
    def a_parcel_moves(self, parcel: int, move: str) -> None:
        if (moved := self.one(self.parcels, parcel)) is None:
            return
        actor = self.staff[moved.from_site_id]
        if move == "seal":
            seal = custody.SealParcel(moved.id, f"M{next(SEALS)}")
            self.attempt(custody.seal_parcel, actor, seal)
        elif move == "lost":
            lost = custody.LoseParcel(moved.id, "Never came.")
            self.attempt(custody.mark_parcel_lost, actor, lost)
        else:
            act = custody.send_parcel if move == "send" else custody.cancel_parcel
            self.attempt(act, actor, custody.MoveParcel(moved.id))

    @rule(parcel=which, what=which, stranger=st.booleans())
    def a_code_is_scanned(self, parcel: int, what: int, stranger: bool) -> None:
        packed, sample = self.one(self.parcels, parcel), self.one(self.samples, what)
        if packed is not None and sample is not None:
            code = new_code() if stranger else sample.code
            command = custody.ScanParcel(packed.id, code)
            self.attempt(custody.scan_parcel, self.staff[packed.to_site_id], command)

    @rule(parcel=which, what=which)
    def a_scan_is_taken_back(self, parcel: int, what: int) -> None:
        packed, sample = self.one(self.parcels, parcel), self.one(self.samples, what)
        if packed is not None and sample is not None:
            command = custody.UndoScan(packed.id, sample.code, "Another tube.")
            self.attempt(custody.undo_scan, self.staff[packed.to_site_id], command)

    @rule(parcel=which, same=st.booleans())
    def a_receipt_is_closed(self, parcel: int, same: bool) -> None:
        if (packed := self.one(self.parcels, parcel)) is None:
            return
        actor, seal = self.staff[packed.to_site_id], packed.seal if same else "another"
        look = custody.CheckSeals(
            *(packed.id, seal, True),
            words="It bears another number.",
            witness_account=WITNESSES[actor.account],
            witness_password=PASSWORD,
        )
        self.attempt(custody.check_seals, actor, look)
        self.attempt(custody.reconcile_parcel, actor, custody.ReconcileParcel(packed.id))

    @rule(mass=st.none() | masses, misses=st.booleans(), onward=st.booleans())
    def a_parcel_travels_to_its_end(self, mass: Decimal | None, misses: bool, onward: bool) -> None:
        told = [told_sample(mass_mg=mass, consent_second_laboratory=True) for _each in range(2)]
        samples = make_samples(self.session, self.network, *told)
        self.samples += samples
        self.travel(0, 1, samples, samples[1:] if misses else samples)
        if onward:
            self.travel(1, 2, samples[1:], samples[1:])

    @rule(mass=masses)
    def a_parcel_never_arrives(self, mass: Decimal) -> None:
        self.a_sample_is_handed_in(mass, agrees=True)
        self.a_parcel_is_begun(0, 1)
        place = len(self.parcels) - 1
        self.a_manifest_changes(place, len(self.samples) - 1, out=False)
        for move in ("seal", "send", "lost"):
            self.a_parcel_moves(place, move)
        assert self.session.merge(self.parcels[place]).state == ParcelState.LOST

    def travel(self, start: int, end: int, packed: list[Sample], scanned: list[Sample]) -> None:
        """Bring samples from one site to another; those that are not scanned are missing."""
        self.a_parcel_is_begun(start, end)
        parcel, place = self.parcels[-1], len(self.parcels) - 1
        for sample in packed:
            command = custody.ChangeManifest(parcel.id, sample.code)
            self.attempt(custody.add_to_parcel, self.staff[parcel.from_site_id], command)
        self.a_parcel_moves(place, "seal")
        self.a_parcel_moves(place, "send")
        for sample in scanned:
            scan = custody.ScanParcel(parcel.id, sample.code)
            self.attempt(custody.scan_parcel, self.staff[parcel.to_site_id], scan)
        self.a_receipt_is_closed(place, True)
        assert self.session.merge(parcel).state == ParcelState.RECONCILED

    @rule(where=which)
    def a_place_is_added(self, where: int) -> None:
        site, actor = self.at(where)
        command = custody.AddPlace(site.id, f"Place {len(self.places)}", "box")
        if (made := self.attempt(custody.add_place, actor, command)) is not None:
            self.places.append(made)

    @rule(what=st.lists(which, min_size=1, max_size=3), where=which)
    def samples_are_put_away(self, what: list[int], where: int) -> None:
        samples = [self.one(self.samples, n) for n in what]
        site, actor = self.where(samples[0], where)
        for chosen in [one for one in self.places if one.site_id == site.id][:1]:
            codes = tuple(one.code for one in samples)
            self.attempt(custody.put_away, actor, custody.PutAway(chosen.id, codes))


@pytest.fixture
def stage(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Give the machine a network on a real database; proving a witness costs no second here."""
    monkeypatch.setattr(logins, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    engine = make_engine(database_url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    session = open_session(engine)
    network = make_network(session)
    for member in session.scalars(select(Member)):
        member.password_hash = logins.HASHER.hash(PASSWORD)
    staff = {name: everything_at(session, network, name) for name in PEOPLE}
    session.commit()
    STAGE.update(session=session, network=network, staff=staff)
    yield engine
    session.rollback()
    session.close()
    engine.dispose()


def test_every_milligram_is_accounted_for_whatever_happens(stage: Engine) -> None:
    run_state_machine_as_test(
        EveryMilligram,
        settings=settings(
            max_examples=EXAMPLES[stage.dialect.name],
            stateful_step_count=50,
            phases=[Phase.generate],
        ),
    )
