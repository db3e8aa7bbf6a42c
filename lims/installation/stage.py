"""The stage of the demonstration: its places and people, and a clock that only goes forward.

A story is a generator that yields the moment of its next act and then does it; stories that run
at the same time are told in the order of their moments, so that the journal reads like weeks of
real work. Every act goes through an operation, by the account whose duty it is.
"""

from __future__ import annotations

import heapq
import itertools
import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lims.custody import operations as custody
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.installation.cast import PEOPLE, PLACES, Place
from lims.network import operations as network
from lims.network import queries
from lims.network.records import Site

Story = Iterator[datetime]
BELGIUM = ZoneInfo("Europe/Brussels")
OPENS, CLOSES = 9, 18


@dataclass
class Stage:
    """An open session with the places and people of the demonstration."""

    session: Session
    today: datetime
    password: str
    #: where files are kept; without it there are no spectra
    folder: Path | None = None
    sites: dict[str, Site] = field(default_factory=dict)
    members: dict[str, uuid.UUID] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(2026))

    def build(self, operator: Actor) -> None:
        """Make the places, the accounts and their duties."""
        for place in PLACES:
            self.sites[place.key] = network.add_site(self.session, operator, self._site(place))
            self.session.flush()
        for person in PEOPLE:
            account = network.AddMember(person.account, self.password, person.language)
            member = network.add_member(self.session, operator, account)
            self.session.flush()
            site = self.sites[person.place].id if person.place else None
            duty = network.GiveDuty(member.id, person.duty, site)
            network.give_duty(self.session, operator, duty)
            self.members[person.account] = member.id
        for place in PLACES:
            self._permit(operator, place)
        self.session.flush()
        self.session.expire_all()

    def _permit(self, operator: Actor, place: Place) -> None:
        """Write down the transport authorisation of a place that has one."""
        if not place.permit:
            return
        valid = timedelta(days=300)
        command = custody.AddPermit(
            number=place.permit,
            authority="Demo – autorité",
            from_site_id=self.sites[place.key].id,
            valid_from=(self.today - valid).date(),
            valid_until=(self.today + timedelta(days=place.permit_days)).date(),
        )
        custody.add_permit(self.session, operator, command)

    def _site(self, place: Place) -> network.AddSite:
        return network.AddSite(
            organisation=place.organisation,
            kind=place.kind,
            name=place.name,
            service_type=place.service_type,
            area=place.area,
            opening_hours=place.hours,
            languages=["fr", "nl", "en"],
            may_return=True,
            ticket_policy=place.ticket_policy,
        )

    def who(self, account: str) -> Actor:
        """Return an account as the actor that it is at this moment; its measures are no others'."""
        member = queries.member(self.session, self.members[account])
        return replace(queries.actor_of(self.session, member, None), demonstration=True)

    def day(self, ago: float, hour: int = 10, minute: int = 0) -> datetime:
        """Return a moment some days ago; one that would lie ahead is moved to just before now."""
        found = (self.today - timedelta(days=ago)).replace(hour=hour, minute=minute, second=0)
        return min(found, self.today - timedelta(minutes=5))

    def office(self, moment: datetime) -> datetime:
        """Return this moment, or the next in which a laboratory works: from nine to six."""
        local = moment.astimezone(BELGIUM)
        if local.hour < OPENS:
            return local.replace(hour=OPENS)
        if local.hour >= CLOSES:
            return local.replace(hour=OPENS) + timedelta(days=1)
        return moment

    def tell(self, stories: Iterable[Story]) -> None:
        """Tell every story to its end, act by act, in the order of their moments."""
        order = itertools.count()
        waiting: list[tuple[datetime, int, Story]] = []
        for story in stories:
            self._next(waiting, story, next(order))
        while waiting:
            moment, place, story = heapq.heappop(waiting)
            with clock.stopped_at(min(moment, self.today)):
                following = next(story, None)
                self.session.flush()
            if following is not None:
                heapq.heappush(waiting, (max(moment, following), place, story))

    def _next(self, waiting: list[tuple[datetime, int, Story]], story: Story, place: int) -> None:
        """Ask a story for its first moment."""
        first = next(story, None)
        if first is not None:
            heapq.heappush(waiting, (first, place, story))
