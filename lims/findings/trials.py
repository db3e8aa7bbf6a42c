"""Holding a danger rule against the past: what it would have said of findings that stand.

The same judge as for every finding (`danger.weigh`); here is only which findings it is held
against. The rule is taken as if it had stood all the time, the version in force too.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from lims.findings import danger, rules
from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState, Rule
from lims.foundation import clock
from lims.intake.records import Sample
from lims.library.records import Substance
from lims.network.records import Site

MOST = 5000
"""At most so many findings are held against a rule, the newest first; the page says so."""
MONTHS = (3, 6, 12, 24)
DAYS_PER_MONTH = Decimal("30.4375")


@dataclass(frozen=True)
class Handed:
    """What the rules need to know of a sample."""

    form: str
    sold_as: str
    sold_as_substance: Substance | None
    unit_mass_mg: Decimal | None


@dataclass(frozen=True)
class Found:
    """What the rules need to know of a detection."""

    substance: Substance | None
    label: str
    kind: str
    value: Decimal | None
    unit: str
    expressed_as: str
    uncertainty: Decimal | None
    loq: Decimal | None


@dataclass(frozen=True)
class Past:
    """A finding that stands, with where and when, and never from which site."""

    finding_id: uuid.UUID
    code: str
    released_at: datetime
    danger: str
    area: str
    outcomes: Sequence[Mapping[str, Any]]
    decided: Sequence[str]
    sample: Handed
    found: Sequence[Found]

    @property
    def week(self) -> str:
        """Return the ISO week of the release, such as 2026-W47."""
        year, week, _day = self.released_at.isocalendar()
        return f"{year}-W{week:02d}"


@dataclass(frozen=True)
class Looked:
    """How much of the past was looked through: findings that a rule looks at."""

    since: datetime
    aimed: int
    findings: int

    @property
    def is_cut(self) -> bool:
        return self.findings < self.aimed


def since(months: int) -> datetime:
    """Return the moment so many months ago."""
    return clock.now() - timedelta(days=float(months * DAYS_PER_MONTH))


def weigh_past(
    session: Session, judging: Sequence[Rule], start: datetime, most: int = MOST
) -> tuple[Looked, Iterator[tuple[Past, list[dict[str, Any]]]]]:
    """Hold rules against the findings that stand since a moment, the newest first.

    Only findings with something that a rule looks at are read, in a constant number of queries.
    """
    aimed = _aimed_at(session, judging, start)
    if aimed is None:
        return Looked(start, 0, 0), iter(())
    chosen = _standing(start).where(Finding.id.in_(_with(aimed)))
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    past = _read(session, chosen, aimed, most)
    return Looked(start, total, len(past)), _weighed(session, judging, past)


def _weighed(
    session: Session, judging: Sequence[Rule], past: Sequence[Past]
) -> Iterator[tuple[Past, list[dict[str, Any]]]]:
    today = clock.today()
    for one in past:
        weighing = danger.weigh(session, one.sample, one.found, today, one.decided, judging)
        yield one, weighing.outcomes


def _standing(start: datetime) -> Select[uuid.UUID]:
    return select(Finding.id).where(
        Finding.state == FindingState.RELEASED, Finding.released_at >= start
    )


def _with(aimed: ColumnElement[bool]) -> Select[uuid.UUID]:
    return select(Detection.finding_id).where(aimed)


def _aimed_at(
    session: Session, judging: Sequence[Rule], start: datetime
) -> ColumnElement[bool] | None:
    """Return the condition on detections that a rule looks at; None when there are none.

    Asked of the judge, once for each thing that was found at all.
    """
    positive = Detection.kind.in_(sorted(rules.POSITIVE))
    met = select(Detection.substance_id, Detection.label).where(
        positive, Detection.finding_id.in_(_standing(start))
    )
    pairs = session.execute(met.distinct()).all()
    known = _substances(session, {one.substance_id for one in pairs} - {None})
    ids, labels = set(), set()
    for substance_id, label in pairs:
        what = danger.known_of(known.get(substance_id), label)
        if any(rules.is_aimed_at(rule, what) for rule in judging):
            (labels.add(label) if substance_id is None else ids.add(substance_id))
    if not ids and not labels:
        return None
    by_name = Detection.substance_id.is_(None) & Detection.label.in_(sorted(labels))
    return positive & or_(Detection.substance_id.in_(ids), by_name)


def _substances(
    session: Session, ids: Collection[uuid.UUID | None]
) -> Mapping[uuid.UUID | None, Substance]:
    found = session.scalars(select(Substance).where(Substance.id.in_(ids)))
    return {one.id: one for one in found}


def _read(
    session: Session, chosen: Select[uuid.UUID], aimed: ColumnElement[bool], most: int
) -> list[Past]:
    newest = chosen.order_by(Finding.released_at.desc(), Finding.id).limit(most).subquery()
    rows = session.execute(
        select(Finding, Sample, Site.area)
        .join(newest, newest.c.id == Finding.id)
        .join(Sample, Sample.id == Finding.sample_id)
        .join(Site, Site.id == Sample.site_id)
        .with_only_columns(*COLUMNS, maintain_column_froms=True)
        .order_by(Finding.released_at.desc(), Finding.id)
    ).all()
    detected = session.execute(
        select(*DETECTED).join(newest, newest.c.id == Detection.finding_id).where(aimed)
    ).all()
    needed = {one.substance_id for one in detected} | {one.sold_as_id for one in rows}
    known = _substances(session, needed - {None})
    found: dict[uuid.UUID, list[Found]] = defaultdict(list)
    for one in detected:
        found[one.finding_id].append(Found(known.get(one.substance_id), *one[2:]))
    return [_past(row, known, found[row.finding_id]) for row in rows]


COLUMNS = (
    Finding.id.label("finding_id"),
    Sample.code,
    Finding.released_at,
    Finding.danger,
    Site.area,
    Finding.danger_outcomes,
    Finding.decided,
    Sample.form,
    Sample.sold_as,
    Sample.sold_as_id,
    Sample.unit_mass_mg,
)
DETECTED = (
    Detection.finding_id,
    Detection.substance_id,
    Detection.label,
    Detection.kind,
    Detection.value,
    Detection.unit,
    Detection.expressed_as,
    Detection.uncertainty,
    Detection.loq,
)


def _past(
    row: Row[Any], known: Mapping[uuid.UUID | None, Substance], found: Sequence[Found]
) -> Past:
    sold_as = known.get(row.sold_as_id)
    return Past(
        finding_id=row.finding_id,
        code=row.code,
        released_at=row.released_at,
        danger=row.danger,
        area=row.area,
        outcomes=row.danger_outcomes,
        decided=row.decided,
        sample=Handed(row.form, row.sold_as, sold_as, row.unit_mass_mg),
        found=found,
    )
