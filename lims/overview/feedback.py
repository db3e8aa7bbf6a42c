"""What every institution gets back: its own samples beside those of all others together.

Own figures are complete. Of the others only sums are shown that name nobody (`feedback_rules`).
A sample is a testing service's own when it was handed in there, and a laboratory's when it has it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState, Level
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, NotPermitted
from lims.foundation.words import _
from lims.intake.records import Sample, Visit
from lims.library.records import Substance
from lims.network.records import Organisation, Site
from lims.network.rules import Permission
from lims.overview import rules
from lims.overview.feedback_counts import Counted, DeclaredCount, Line, Tally
from lims.overview.feedback_rules import Cell
from lims.products.intervals import Share, share_of

WEEKS = (12, 26, 52)
USUAL_WEEKS = 26
DANGEROUS = (Level.CAUTION, Level.WARNING, Level.RED)
MOST_LISTED = 30
MOST_DECLARED = 15


@dataclass(frozen=True)
class DeclaredLine:
    """Samples sold as one substance: own number, how many held it, and the others' share."""

    substance: Substance
    own: int
    held: Share
    others: Share | None


@dataclass(frozen=True)
class Dangerous:
    """One own sample with a dangerous finding: code, week, what it was sold as and held."""

    code: str
    day: date
    sold_as: str
    danger: str
    found: tuple[str, ...]


@dataclass(frozen=True)
class Feedback:
    """Everything that one institution gets back for a time."""

    organisation: Organisation
    since: date
    until: date
    states: tuple[Line, ...]
    forms: tuple[Line, ...]
    reasons: tuple[Line, ...]
    dangers: tuple[Line, ...]
    declared: tuple[DeclaredLine, ...]
    own_days: rules.Spread | None
    others_days: rules.Spread | None
    dangerous: tuple[Dangerous, ...]


def institutions(session: Session, actor: Actor) -> Sequence[Organisation]:
    """Return the institutions whose feedback an actor may read, by name."""
    actor.must(Permission.READ_INDICATORS)
    query = select(Organisation).where(Organisation.kind.in_(("testing", "laboratory")))
    sites = actor.sites_for(Permission.READ_INDICATORS)
    if sites is not None:
        theirs = select(Site.organisation_id).where(Site.id.in_(sites))
        query = query.where(Organisation.id.in_(theirs))
    return session.scalars(query.order_by(Organisation.name)).all()


def feedback(
    session: Session, actor: Actor, organisation_id: uuid.UUID, weeks: int = USUAL_WEEKS
) -> Feedback:
    """Return the feedback of one institution; NotPermitted for another's, NotFound for none."""
    actor.must(Permission.READ_INDICATORS)
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound(_("There is no such institution."))
    readable = {one.id for one in institutions(session, actor)}
    if found.id not in readable:
        raise NotPermitted(_("This feedback is for another institution."))
    until = clock.today()
    since = until - timedelta(weeks=weeks)
    # Who reads every feedback hands it to the institution, which knows itself alone.
    everywhere = actor.sites_for(Permission.READ_INDICATORS) is None
    counted = _Counted(frozenset() if everywhere else frozenset(readable))
    for row in session.execute(_grouped(found, since, until)):
        counted.add(row)
    own_days, others_days = _days(session, found, since, counted.readable)
    return Feedback(
        organisation=found,
        since=since,
        until=until,
        states=counted.states.lines(("analysed", "waiting", "not analysed")),
        forms=counted.forms.lines(),
        reasons=counted.reasons.lines(),
        dangers=counted.dangers.lines([str(level) for level in reversed(Level)]),
        declared=_declared_lines(session, counted.declared),
        own_days=own_days,
        others_days=others_days,
        dangerous=tuple(_dangerous(session, _mine(found), since, until)),
    )


@dataclass
class _Counted:
    """Everything that is compared, counted row by row."""

    readable: frozenset[uuid.UUID] = frozenset()
    states: Tally = field(default_factory=Tally)
    forms: Tally = field(default_factory=Tally)
    reasons: Tally = field(default_factory=Tally)
    dangers: Tally = field(default_factory=Tally)
    declared: dict[uuid.UUID, DeclaredCount] = field(
        default_factory=lambda: defaultdict(DeclaredCount)
    )

    def add(self, row: Any) -> None:
        known = row.institution in self.readable
        told = Counted(row.number, bool(row.mine), row.institution, row.stretch, known)
        self.states.add(_state(row.state, row.match), told)
        self.forms.add(row.form, told)
        if row.reason and row.state == "not analysed":
            self.reasons.add(row.reason, told)
        if row.match is not None:
            self.dangers.add(row.danger, told)
        if row.sold_as_id is not None:
            self.declared[row.sold_as_id].add(row.match, told)


def _mine(organisation: Organisation) -> Any:
    sites = select(Site.id).where(Site.organisation_id == organisation.id)
    if organisation.kind == "laboratory":
        return and_(Sample.laboratory_id.is_not(None), Sample.laboratory_id.in_(sites))
    return Sample.site_id.in_(sites)


def _whose(organisation: Organisation) -> Any:
    """Return the institution of a sample: of its laboratory for one, of its point otherwise."""
    if organisation.kind != "laboratory":
        return Site.organisation_id
    there = aliased(Site)
    theirs = select(there.organisation_id).where(there.id == Sample.laboratory_id)
    return theirs.scalar_subquery()


def _stretch(until: date) -> Any:
    """Return which of the stretches between the ends of the periods a sample lies in."""
    ends = [until - timedelta(weeks=weeks) for weeks in WEEKS]
    steps = [(Visit.day >= end, place) for place, end in enumerate(ends)]
    return case(*steps, else_=len(ends)).label("stretch")


def _grouped(organisation: Organisation, since: date, until: date) -> Any:
    """Count samples by everything that is compared, own apart; withdrawn ones are left out."""
    own = case((_mine(organisation), 1), else_=0).label("mine")
    stretch = _stretch(until)
    facts = (
        *(_whose(organisation).label("institution"), Sample.form, Sample.sold_as_id, Sample.state),
        *(Sample.not_analysed_reason.label("reason"), Finding.match, Finding.danger),
    )
    return (
        select(own, stretch, *facts, func.count(Sample.id).label("number"))
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .outerjoin(Finding, _released())
        .where(Visit.day.between(since, until), Sample.state != "withdrawn")
        .group_by(own, stretch, *facts)
    )


def _released() -> Any:
    return and_(Finding.sample_id == Sample.id, Finding.state == FindingState.RELEASED)


def _state(state: str, match: str | None) -> str:
    if match is not None:
        return "analysed"
    return "not analysed" if state == "not analysed" else "waiting"


def _declared_lines(
    session: Session, declared: Mapping[uuid.UUID, DeclaredCount]
) -> tuple[DeclaredLine, ...]:
    own = sorted(
        (key for key, one in declared.items() if one.own), key=lambda key: -declared[key].own
    )[:MOST_DECLARED]
    known = {one.id: one for one in session.scalars(select(Substance).where(Substance.id.in_(own)))}
    return tuple(
        DeclaredLine(
            known[key],
            declared[key].own,
            share_of(declared[key].held, declared[key].counted),
            declared[key].others_share(),
        )
        for key in own
    )


def _days(
    session: Session, organisation: Organisation, since: date, readable: frozenset[uuid.UUID]
) -> tuple[rules.Spread | None, rules.Spread | None]:
    """Return the days from hand-in to first release, own and the others' (None: kept back)."""
    own, stretch = case((_mine(organisation), 1), else_=0), _stretch(clock.today())
    rows = session.execute(
        select(own, _whose(organisation), stretch, Sample.recorded_at, Finding.released_at)
        .join(Finding, Finding.sample_id == Sample.id)
        .join(Site, Site.id == Sample.site_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .where(
            Finding.version == 1,
            Finding.released_at.is_not(None),
            Visit.day >= since,
            or_(Finding.state == FindingState.RELEASED, Finding.state == FindingState.SUPERSEDED),
        )
    )
    days: dict[bool, list[float]] = {True: [], False: []}
    others = Cell()
    for is_own, institution, place, begun, ended in rows:
        days[bool(is_own)].append(rules.days_between(begun, ended))
        if not is_own:
            others.add(1, institution, place, known=institution in readable)
    return rules.spread(days[True]), rules.spread(days[False] if others.is_shown else [])


def _dangerous(session: Session, mine: Any, since: date, until: date) -> Iterable[Dangerous]:
    """Give the own samples with a dangerous finding, the newest first."""
    rows = session.execute(
        select(Finding.id, Sample.code, Visit.day, Sample.sold_as, Finding.danger)
        .join(Sample, Sample.id == Finding.sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .where(
            mine,
            Finding.state == FindingState.RELEASED,
            Finding.danger.in_(DANGEROUS),
            Visit.day.between(since, until),
            Sample.state != "withdrawn",
        )
        .order_by(Visit.day.desc(), Sample.code)
        .limit(MOST_LISTED)
    ).all()
    held: dict[uuid.UUID, list[str]] = defaultdict(list)
    found = session.execute(
        select(Detection.finding_id, Substance.key, Detection.label)
        .outerjoin(Substance, Substance.id == Detection.substance_id)
        .where(
            Detection.finding_id.in_([row[0] for row in rows]),
            Detection.kind.in_(("measured", "found", "below-loq")),
        )
        .order_by(Detection.position)
    )
    for finding_id, key, label in found:
        held[finding_id].append(key or label)
    for finding_id, code, day, sold_as, danger in rows:
        yield Dangerous(code, day, sold_as, danger, tuple(held[finding_id]))
