"""What samples sold as one thing turned out to be: shares with denominators, month by month.

Three numbers are kept apart: handed in, analysed (a released finding), and counted (an expectation
was stated and the finding says whether it was met). For another substance the denominator is the
samples in which it was looked for: what nobody looked for is never counted as absent.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, and_, case, cast, exists, extract, func, or_, select
from sqlalchemy.orm import Session

from lims.analysis.records import Run, RunSample
from lims.analysis.states import RunState
from lims.findings.records import Detection, Finding
from lims.findings.rules import POSITIVE, FindingState
from lims.foundation.actors import Actor
from lims.intake.records import Sample, Visit
from lims.library.records import Substance
from lims.network.records import Site
from lims.network.rules import Permission
from lims.products.contents import Declared
from lims.products.intervals import Share, share_of
from lims.protocols.records import ProtocolVersion

MATCHES = ("as-expected", "expected-plus-other", "other-instead", "no-active", "inconclusive")
"""Vocabulary match_to_expected without "nothing stated": those samples expect nothing."""
UNEXPECTED = ("active-unexpected", "adulterant")
"""Roles of what a person did not ask for and that acts; diluents and by-products are left out."""
MOST = 12
NOT_ANALYSED, WITHDRAWN = "not analysed", "withdrawn"


@dataclass(frozen=True)
class Unexpected:
    """A substance that was not expected: in how many of those in which it was looked for."""

    substance: Substance
    share: Share
    samples: int


@dataclass(frozen=True)
class Month:
    """One month of hand-in: how many were handed in and counted, and each answer's share."""

    name: str
    handed_in: int
    counted: int
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Matching:
    """Samples sold as one substance: what they turned out to be, and how that went."""

    handed_in: int
    analysed: int
    not_analysed: int
    counted: int
    shares: tuple[Share, ...]
    months: tuple[Month, ...]
    unexpected: tuple[Unexpected, ...]


@dataclass(frozen=True)
class DeclaredRow:
    """A substance that things are sold as, with how many were handed in and analysed."""

    substance: Substance
    handed_in: int
    analysed: int


def declared_substances(
    session: Session, actor: Actor, since: Any, until: Any, size: int = 100
) -> list[DeclaredRow]:
    """Return what samples of a time were sold as, most often first."""
    actor.must(Permission.CONSULT)
    handed = func.count(Sample.id)
    analysed = func.count(Finding.id)
    rows: Sequence[Any] = session.execute(
        select(Sample.sold_as_id, handed, analysed)
        .join(Visit, Visit.id == Sample.visit_id)
        .outerjoin(Finding, _standing())
        .where(
            Sample.sold_as_id.is_not(None),
            Sample.state != WITHDRAWN,
            Visit.day.between(since, until),
        )
        .group_by(Sample.sold_as_id)
        .order_by(handed.desc(), Sample.sold_as_id)
        .limit(size)
    ).all()
    known = _substances(session, [row[0] for row in rows])
    return [DeclaredRow(known[key], count, done) for key, count, done in rows]


def matching(session: Session, actor: Actor, declared: Declared) -> Matching:
    """Return what samples sold as one substance turned out to be, with every denominator."""
    actor.must(Permission.CONSULT)
    rows = _monthly(session, declared)
    sums = [sum(int(row[place] or 0) for row in rows) for place in range(2, 5 + len(MATCHES))]
    handed_in, analysed, not_analysed, *answers = sums
    counted = sum(answers)
    return Matching(
        handed_in=handed_in,
        analysed=analysed,
        not_analysed=not_analysed,
        counted=counted,
        shares=tuple(share_of(one, counted) for one in answers),
        months=tuple(_month(row) for row in rows),
        unexpected=tuple(_unexpected(session, declared)),
    )


def _monthly(session: Session, declared: Declared) -> Sequence[Any]:
    """Count by month of hand-in: handed in, analysed, not analysed, and each answer."""
    year, month = (cast(extract(part, Visit.day), Integer) for part in ("year", "month"))
    counts = [func.sum(case((Finding.match == one, 1), else_=0)) for one in MATCHES]
    lost = func.sum(case((Sample.state == NOT_ANALYSED, 1), else_=0))
    return session.execute(
        select(
            year,
            month,
            func.count(Sample.id),
            func.count(Finding.id),
            lost,
            *counts,
        )
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .outerjoin(Finding, _standing())
        .where(*declared.chosen())
        .group_by(year, month)
        .order_by(year, month)
    ).all()


def _standing() -> Any:
    return and_(Finding.sample_id == Sample.id, Finding.state == FindingState.RELEASED)


def _month(row: Sequence[Any]) -> Month:
    answers = [int(one or 0) for one in row[5:]]
    counted = sum(answers)
    shares = tuple(share_of(one, counted) for one in answers)
    return Month(f"{row[0]}-{row[1]:02d}", int(row[2]), counted, shares)


def _substances(session: Session, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Substance]:
    found = session.scalars(select(Substance).where(Substance.id.in_(list(keys))))
    return {one.id: one for one in found}


def _analysed(declared: Declared) -> Select[uuid.UUID, uuid.UUID]:
    return (
        select(Sample.id.label("sample_id"), Finding.id.label("finding_id"))
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .join(Finding, _standing())
        .where(*declared.chosen())
    )


def _unexpected(session: Session, declared: Declared) -> list[Unexpected]:
    """Return what was found and not expected, most often first, each over where it was sought."""
    analysed = _analysed(declared).cte("analysed")
    often = func.count(analysed.c.sample_id.distinct())
    rows: Sequence[Any] = session.execute(
        select(Detection.substance_id, often)
        .join(analysed, analysed.c.finding_id == Detection.finding_id)
        .where(
            Detection.role.in_(UNEXPECTED),
            Detection.kind.in_(POSITIVE),
            Detection.substance_id.is_not(None),
        )
        .group_by(Detection.substance_id)
        .order_by(often.desc(), Detection.substance_id)
        .limit(MOST)
    ).all()
    if not rows:
        return []
    known = _substances(session, [row[0] for row in rows])
    looked = _looked_for(session, declared, known)
    return [
        Unexpected(known[key], share_of(count, max(looked[key], count)), count)
        for key, count in rows
    ]


def _looked_for(
    session: Session, declared: Declared, known: dict[uuid.UUID, Substance]
) -> dict[uuid.UUID, int]:
    """Count, for each substance, the samples in which a verified run looked for it or found it."""
    seeking = _protocols_for(session, known)
    analysed = _analysed(declared).cte("analysed")
    counted = []
    for key in known:
        sought = exists(
            select(RunSample.sample_id)
            .join(Run, Run.id == RunSample.run_id)
            .where(
                RunSample.sample_id == analysed.c.sample_id,
                Run.state == RunState.VERIFIED,
                Run.protocol_id.in_(seeking[key]),
            )
        )
        found = exists(
            select(Detection.id).where(
                Detection.finding_id == analysed.c.finding_id, Detection.substance_id == key
            )
        )
        counted.append(
            select(func.count()).select_from(analysed).where(or_(sought, found)).scalar_subquery()
        )
    values = session.execute(select(*counted)).one()
    return {key: int(value or 0) for key, value in zip(known, values, strict=True)}


def _protocols_for(
    session: Session, known: dict[uuid.UUID, Substance]
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Return the protocol versions whose scope names each substance."""
    named: dict[str, list[uuid.UUID]] = {}
    rows = session.execute(select(ProtocolVersion.id, ProtocolVersion.document))
    for protocol_id, document in rows:
        scope = (document or {}).get("scope")
        entries = scope.get("substances", ()) if isinstance(scope, dict) else ()
        for entry in entries or ():
            if isinstance(entry, dict):
                named.setdefault(str(entry.get("id")), []).append(protocol_id)
    return {key: named.get(one.key, []) for key, one in known.items()}
