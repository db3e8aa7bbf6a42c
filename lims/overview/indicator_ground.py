"""What every indicator stands on: the period, the reader's sites, and days as databases say them.

Days and differences are computed by the database, so that a million samples stay there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Date, false, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.functions import FunctionElement

from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.words import LANGUAGES, Message, _, say
from lims.intake.records import Sample
from lims.intake.rules import day_in_belgium
from lims.library.queries import terms
from lims.network.records import Site
from lims.network.rules import Permission
from lims.overview.indicator_figures import Figure, Label, Line, Split
from lims.overview.indicator_periods import KNOWN_TO_THE_DAY, Period, months


class DayOf(FunctionElement[date]):
    """The day (UTC) of a moment, on every database."""

    type = Date()
    name = "day_of"
    inherit_cache = True


@compiles(DayOf)
def _day_of(element: Any, compiler: Any, **given: Any) -> str:
    (moment,) = element.clauses
    return f"CAST(timezone('UTC', {compiler.process(moment, **given)}) AS date)"


@compiles(DayOf, "sqlite")
def _day_of_in_sqlite(element: Any, compiler: Any, **given: Any) -> str:
    (moment,) = element.clauses
    return f"date({compiler.process(moment, **given)})"


def day_of(moment: Any) -> Any:
    """Return the day of a moment as an expression."""
    return DayOf(moment)


@dataclass(frozen=True)
class Place:
    """What the indicators know of a site."""

    id: uuid.UUID
    name: str
    kind: str
    service_type: str
    area: str
    organisation: str
    organisation_id: uuid.UUID


@dataclass(frozen=True)
class Ground:
    """An open session, the period, whose sites are counted (None: all), and the names of sites."""

    session: Session
    period: Period
    mine: frozenset[uuid.UUID] | None
    places: Mapping[uuid.UUID, Place]
    #: words that were read already: asked once for both periods
    read: dict[str, dict[Any, Label]] = field(default_factory=dict)

    @property
    def known_since(self) -> date:
        """Return the first day of which a hand-in or talk is still known to the day."""
        return day_in_belgium(clock.now()) - KNOWN_TO_THE_DAY

    @property
    def last_day(self) -> date:
        """Return the last day of the period, or today while it runs."""
        return min(self.period.last, day_in_belgium(clock.now()))

    def months(self) -> list[str]:
        """Return the months of the period that have begun."""
        return months(self.period, self.last_day)

    @property
    def own_places(self) -> list[Place]:
        return [one for one in self.places.values() if self.mine is None or one.id in self.mine]

    def of_samples(self) -> Any:
        """Return the condition that a sample is of a point or laboratory of the reader."""
        if self.mine is None:
            return true()
        return or_(self.at(Sample.site_id), self.at(Sample.laboratory_id))

    def at(self, column: Any) -> Any:
        """Return the condition that a column names a site of the reader."""
        if self.mine is None:
            return true()
        return column.in_(self.mine) if self.mine else false()

    def service_type(self, site_id: uuid.UUID) -> str:
        return self.places[site_id].service_type

    def words(self, list_name: str) -> dict[str, Label]:
        """Return code → label by language, in the order of a vocabulary."""
        if list_name not in self.read:
            self.read[list_name] = {
                one.code: {code: one.label(code) for code in LANGUAGES}
                for one in terms(self.session, list_name)
            }
        return self.read[list_name]

    def site_words(self) -> dict[uuid.UUID, Label]:
        return {key: named(one.name) for key, one in sorted_places(self.places)}


def stand_on(session: Session, actor: Actor, period: Period) -> Ground:
    """Return the ground for a reader; raises NotPermitted without the duty."""
    actor.must(Permission.READ_INDICATORS)
    sites = session.scalars(select(Site).options(joinedload(Site.organisation)))
    places = {
        one.id: Place(
            *(one.id, one.name, one.kind, one.service_type, one.area),
            *(one.organisation.name, one.organisation_id),
        )
        for one in sites
    }
    return Ground(session, period, actor.sites_for(Permission.READ_INDICATORS), places)


def sorted_places(places: Mapping[uuid.UUID, Place]) -> list[tuple[uuid.UUID, Place]]:
    return sorted(places.items(), key=lambda one: one[1].name)


def named(words: str) -> Label:
    """Return a name that is the same in each language."""
    return {code: words for code in LANGUAGES}


def said(message: Message) -> Label:
    """Return a message in each language."""
    return {code: say(message, code) for code in LANGUAGES}


NO_ANSWER = _("no answer")


def split(
    by: str, figures: Mapping[Any, Figure], words: Mapping[Any, Label], *, empty: bool = False
) -> Split:
    """Return a split in the order of its words; lines without anything only where `empty`."""
    keys = [
        *(one for one in words if one in figures),
        *(one for one in figures if one not in words),
    ]
    lines = [
        Line(
            str(key), words.get(key) or (named(str(key)) if key else said(NO_ANSWER)), figures[key]
        )
        for key in keys
        if empty or figures[key].n or figures[key].missing
    ]
    return Split(by, tuple(lines))


def summed(rows: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    """Return key → sum of the numbers that stand with it."""
    found: dict[Any, int] = {}
    for key, n in rows:
        found[key] = found.get(key, 0) + n
    return found
