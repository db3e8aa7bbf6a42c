"""How the work is done: protocols in force, runs under the current version, trainings, coverage."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import selectinload

from lims.analysis.records import Run
from lims.foundation.words import LANGUAGES, _
from lims.network.records import Competence, Member
from lims.network.rules import TABLE, Duty, Permission
from lims.overview.indicator_figures import Indicator, Label, Line, Split, count, share
from lims.overview.indicator_ground import Ground, day_of, named, said, split, summed
from lims.overview.indicator_visits import Visits
from lims.protocols.records import ProtocolVersion
from lims.protocols.techniques import technique_words

AT_THE_BENCH = frozenset(
    duty for duty, may in TABLE.items() if may & {Permission.ANALYSE, Permission.VERIFY}
)
GUIDELINE = "guideline"
KIND_WORDS = {"testing": _("testing points"), "laboratory": _("laboratories")}


@dataclass(frozen=True)
class Published:
    """A version of a protocol: since when, until when not withdrawn, and the versions after it."""

    id: uuid.UUID
    name: str
    version: int
    technique: str
    titles: Label
    since: date
    withdrawn: date | None
    later: tuple[tuple[date, date | None], ...]

    def is_current_on(self, day: date) -> bool:
        """Tell whether it was the newest version in force on a day; at a change, both are."""
        if day < self.since or (self.withdrawn is not None and self.withdrawn < day):
            return False
        return not any(
            since < day and (withdrawn is None or withdrawn > day)
            for since, withdrawn in self.later
        )


@dataclass(frozen=True)
class Ran:
    """Runs that are alike: protocol version, laboratory, day; how many departed from it."""

    protocol: uuid.UUID
    site: uuid.UUID
    day: date
    n: int
    departed: int


def published(ground: Ground) -> dict[uuid.UUID, Published]:
    """Return every version of every protocol with the days that decide when it was current."""
    columns = (
        *(ProtocolVersion.id, ProtocolVersion.name, ProtocolVersion.version),
        *(ProtocolVersion.technique, ProtocolVersion.titles),
        *(ProtocolVersion.published_at, ProtocolVersion.withdrawn_at),
    )
    rows = ground.session.execute(select(*columns).order_by(ProtocolVersion.version)).all()
    found = {}
    for key, name, version, technique, titles, since, withdrawn in rows:
        later = tuple(
            (one[5].date(), one[6].date() if one[6] else None)
            for one in rows
            if one[1] == name and one[2] > version
        )
        label = {code: str(titles.get(code) or name) for code in LANGUAGES}
        ended = withdrawn.date() if withdrawn else None
        facts = (key, name, version, technique, label, since.date(), ended, later)
        found[key] = Published(*facts)
    return found


def runs(ground: Ground) -> list[Ran]:
    """Return the runs begun in the period, summed by the database."""
    facts = (Run.protocol_id, Run.site_id, day_of(Run.started_at))
    rows = ground.session.execute(
        select(*facts, func.count(), func.sum(case((Run.deviation != "", 1), else_=0)))
        .where(
            Run.started_at >= ground.period.begins,
            Run.started_at < ground.period.ends,
            Run.state != "withdrawn",
            ground.at(Run.site_id),
        )
        .group_by(*facts)
    )
    return [Ran(*row) for row in rows]


def of_protocols(ground: Ground, ran: list[Ran]) -> list[Indicator]:
    """Return the protocols in force, and how the runs kept to them."""
    versions = published(ground)
    done = summed((one.protocol, one.n) for one in ran)
    end = ground.last_day
    held = sorted(
        (one for one in versions.values() if one.is_current_on(end)),
        key=lambda one: (one.technique, one.name, one.version),
    )
    newest = {one.name: one for one in held}
    analyses = [one for one in newest.values() if one.technique != GUIDELINE]
    guidelines = [one for one in newest.values() if one.technique == GUIDELINE]
    current = {one.id: one for one in versions.values()}
    return [
        Indicator("protocols", count(len(analyses)), (_in_force(analyses, done),)),
        Indicator("guidelines", count(len(guidelines)), (_in_force(guidelines, None),)),
        _kept_to(
            ground,
            *("adherence", ran, current),
            lambda one: one.n if current[one.protocol].is_current_on(one.day) else 0,
        ),
        _kept_to(ground, "deviations", ran, current, lambda one: one.departed),
    ]


def _in_force(listed: Iterable[Published], done: dict[uuid.UUID, int] | None) -> Split:
    """Return a line for each version with the runs under it; a guideline has its version alone."""
    lines = []
    for one in listed:
        words = {
            code: f"{one.titles[code]} ({one.name}, {one.version}, {one.since.isoformat()})"
            for code in LANGUAGES
        }
        n = one.version if done is None else done.get(one.id, 0)
        lines.append(Line(f"{one.name} {one.version}", words, count(n)))
    return Split("version in force" if done is None else "runs under the version", tuple(lines))


def _kept_to(
    ground: Ground,
    key: str,
    ran: list[Ran],
    versions: dict[uuid.UUID, Published],
    counted: Callable[[Ran], int],
) -> Indicator:
    ways: tuple[tuple[str, Callable[[Ran], Any]], ...] = (
        ("laboratory", lambda one: one.site),
        ("technique", lambda one: versions[one.protocol].technique),
    )
    techniques = {one.technique for one in versions.values()}
    words: dict[str, dict[Any, Label]] = {
        "laboratory": ground.site_words(),
        "technique": {one: said(technique_words(one)) for one in sorted(techniques)},
    }
    splits = []
    for by, place in ways:
        every = summed((place(one), one.n) for one in ran)
        good = summed((place(one), counted(one)) for one in ran)
        splits.append(split(by, {one: share(good[one], n) for one, n in every.items()}, words[by]))
    whole = share(sum(counted(one) for one in ran), sum(one.n for one in ran))
    return Indicator(key, whole, tuple(splits))


# ------------------------------------------------------------------------------------------------
# Training and coverage.
# ------------------------------------------------------------------------------------------------


def of_training(ground: Ground) -> list[Indicator]:
    """Return who at the bench holds a valid training, and how many trainings hold."""
    end = ground.last_day
    members = ground.session.scalars(
        select(Member).where(Member.active.is_(True)).options(selectinload(Member.duties))
    ).all()
    where = {one.id: _benches(ground, one, end) for one in members}
    where = {key: sites for key, sites in where.items() if sites}
    rows = ground.session.execute(
        select(Competence.member_id, Competence.trained_on, Competence.valid_until)
    ).all()
    begun = [(who, until) for who, since, until in rows if who in where and since <= end]
    valid = [who for who, until in begun if until is None or until >= end]
    trained = frozenset(valid)
    at = {site: [who for who, sites in where.items() if site in sites] for site in ground.places}
    figures = {
        site: share(len(trained & set(people)), len(people), whole=True)
        for site, people in at.items()
        if people
    }
    whole = share(len(trained), len(where), whole=True)
    return [
        Indicator("trained", whole, (split("laboratory", figures, ground.site_words()),)),
        Indicator("trainings", share(len(valid), len(begun), whole=True)),
    ]


def _benches(ground: Ground, member: Member, day: date) -> frozenset[uuid.UUID]:
    """Return the reader's laboratories at which somebody analyses or verifies on a day."""
    own = {one.id for one in ground.own_places}
    return frozenset(
        one.site_id
        for one in member.duties
        if Duty(one.duty) in AT_THE_BENCH
        and one.site_id in own
        and one.since.date() <= day
        and (one.until is None or one.until.date() >= day)
    )


def of_coverage(ground: Ground, came: Visits, ran: list[Ran]) -> Indicator:
    """Return which of the network's points and laboratories encoded something."""
    at_work = came.sites | {one.site for one in ran}
    figures = {}
    for kind in KIND_WORDS:
        there = [one for one in ground.own_places if one.kind == kind]
        figures[kind] = share(sum(one.id in at_work for one in there), len(there), whole=True)
    counted = sum(one.counted or 0 for one in figures.values())
    whole = share(counted, sum(one.n for one in figures.values()), whole=True)
    words = {key: said(one) for key, one in KIND_WORDS.items()}
    missing = [
        Line(str(one.id), named(one.name), count(0))
        for one in sorted(ground.own_places, key=lambda one: one.name)
        if one.kind in KIND_WORDS and one.id not in at_work
    ]
    splits = (split("kind of site", figures, words), Split("site without anything", tuple(missing)))
    return Indicator("coverage", whole, splits)
