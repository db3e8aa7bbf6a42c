"""What must hold after every act of custody, for the machine that tries them in any order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.custody import authorisations, inspecting, places, queries, rules
from lims.custody.records import MassEntry, Parcel, TransportPermit
from lims.custody.rules import MassMove, ParcelState
from lims.custody.stores import Placement
from lims.foundation.actors import Actor
from lims.intake.records import Sample
from lims.network import queries as members
from lims.network.records import Member, MemberDuty, Site
from tests.makers import Network

ZERO = Decimal(0)
PEOPLE = {"counter": "worker", "laboratory": "head", "second_laboratory": "other_chemist"}
UNDER_WAY = {ParcelState.DRAFT, ParcelState.SEALED, *rules.ARRIVING}


class Even(RuleBasedStateMachine):
    """The session and the records of a machine, and the invariants that it keeps."""

    session: Session
    network: Network
    sites: list[Site]
    staff: dict[Any, Actor]
    samples: list[Sample]
    parcels: list[Parcel]
    changed = False

    # -------------------------------------------------------------------------- invariants

    @invariant()
    def every_account_is_even_after_every_act(self) -> None:
        if self.changed:
            self.what_came_is_what_went_and_what_is_held()
            self.no_replay_of_the_ledger_ever_falls_below_zero()
            self.a_sample_stands_in_one_place_and_travels_in_one_parcel_at_most()
            self.session.rollback()
        self.changed = False

    def what_came_is_what_went_and_what_is_held(self) -> None:
        entries = self.session.scalars(select(MassEntry)).all()
        for sample in self.samples:
            own = [one for one in entries if one.sample_id == sample.id]
            held = queries.balances(self.session, sample.id)
            for site in self.sites:
                sums = rules.totals((one.kind, one.mg) for one in own if one.site_id == site.id)
                came = sum((sums[kind] for kind in rules.INTO), ZERO)
                went = sum((sums[kind] for kind in rules.OUT_OF), ZERO)
                assert came == went + held.get(site.id, ZERO)
                assert held.get(site.id, ZERO) >= 0
            sums = rules.totals((one.kind, one.mg) for one in own)
            given = sums[MassMove.HANDED_IN] + sums[MassMove.CORRECTED] + sums[MassMove.WEIGHED]
            gone = sums[MassMove.USED] + sums[MassMove.DESTROYED] + sums[MassMove.RETURNED]
            lost = sums[MassMove.LOST] - sums[MassMove.FOUND]
            assert sums[MassMove.SENT_ON] == sums[MassMove.RECEIVED]
            assert given - gone - lost == queries.balance(self.session, sample.id)
            assert lost == queries.lost_mg(self.session, sample.id) >= 0

    def no_replay_of_the_ledger_ever_falls_below_zero(self) -> None:
        running: dict[tuple[Any, Any], Decimal] = {}
        order = select(MassEntry).order_by(MassEntry.at, MassEntry.mg.desc())
        for entry in self.session.scalars(order):
            place = (entry.sample_id, entry.site_id)
            running[place] = running.get(place, ZERO) + entry.mg
            assert running[place] >= 0
        today = authorisations.today()
        for site in self.sites:
            actor = self.staff[site.id]
            replayed = sum((mg for (_one, at), mg in running.items() if at == site.id), ZERO)
            lines = inspecting.all_held_on(self.session, actor, site.id, today)
            assert sum((one.mg or ZERO for one in lines), ZERO) == replayed
            by_place = inspecting.by_place(self.session, actor, site.id, today)
            assert sum((one.mg for one in by_place), ZERO) == replayed
            assert sum(one.samples for one in by_place) == len(lines)
            account = inspecting.account(self.session, actor, site.id, today, today)
            assert account.is_even and account.closing == replayed

    def a_sample_stands_in_one_place_and_travels_in_one_parcel_at_most(self) -> None:
        packed = [
            item.sample_id
            for parcel in self.parcels
            for item in self.session.merge(parcel).items
            if parcel.state in UNDER_WAY and item.active_sample_id is not None
        ]
        assert len(packed) == len(set(packed))
        for placement in self.session.scalars(
            select(Placement).where(Placement.open_sample_id.is_not(None))
        ):
            holders = {
                site
                for site, mg in queries.balances(self.session, placement.sample_id).items()
                if mg
            }
            assert not holders or placement.place.site_id in holders
            assert places.where_is(self.session, placement.sample_id)[0].id == placement.id

    def teardown(self) -> None:
        if hasattr(self, "samples"):
            self.session.rollback()


def everything_at(session: Session, network: Network, name: str) -> Actor:
    """Return an actor of a site who may do all that custody asks there, with a witness beside."""
    site = getattr(network, name)
    member = session.scalars(select(Member).where(Member.account == PEOPLE[name])).one()
    for duty in ("local coordinator", "chemist"):
        member.duties.append(MemberDuty(duty=duty, site_id=site.id))
    if name == "second_laboratory":
        beside = Member(account="helper", password_hash=member.password_hash, language="en")
        beside.duties.append(MemberDuty(duty="chemist", site_id=site.id))
        session.add(beside)
    session.add(TransportPermit(number="P", from_site_id=site.id, made_by="test"))
    session.flush()
    return members.actor_of(session, member, site.id)
