"""Reading findings and danger rules."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.findings.records import DangerRule, Detection, Finding, Reissue
from lims.findings.rules import FindingState
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.network.records import Installation
from lims.network.rules import Permission

JURISDICTIONS = "danger-jurisdictions"
SIZE = 25
READERS = (Permission.READ_FINDINGS, Permission.CONCLUDE, Permission.VERIFY)


def _whole(query: Select[Finding]) -> Select[Finding]:
    """Load a finding with all that is shown of it, in a constant number of queries."""
    return query.options(
        selectinload(Finding.detections).joinedload(Detection.substance),
        joinedload(Finding.sample).joinedload(Sample.sold_as_substance),
        joinedload(Finding.sample).joinedload(Sample.site),
    )


def finding(session: Session, actor: Actor, finding_id: uuid.UUID) -> Finding:
    """Return a finding that this person may read; raises NotPermitted, NotFound.

    A draft is for those who conclude or verify at its laboratory; what is released is for those
    who read findings at the laboratory or where the sample was handed in.
    """
    actor.must(_reading_permission(actor))
    found = session.scalar(_whole(select(Finding).where(Finding.id == finding_id)))
    if found is None or not may_read(actor, found):
        raise NotFound(_("There is no such finding."))
    return found


def released_for_certificate(session: Session, actor: Actor, finding_id: uuid.UUID) -> Finding:
    """Return a finding that stands or stood; raises Refused for one that nobody has released."""
    actor.must(_reading_permission(actor))
    found = finding(session, actor, finding_id)
    if found.state not in (FindingState.RELEASED, FindingState.SUPERSEDED):
        raise Refused(_("There is no certificate before the release."))
    return found


def _reading_permission(actor: Actor) -> Permission:
    return next((p for p in READERS if actor.may(p)), Permission.READ_FINDINGS)


def may_read(actor: Actor, found: Finding) -> bool:
    """Tell whether a person may read this finding as it stands."""
    at_work = (Permission.CONCLUDE, Permission.VERIFY)
    if any(actor.may(permission, found.site_id) for permission in at_work):
        return True
    if found.state not in (FindingState.RELEASED, FindingState.SUPERSEDED):
        return False
    places = (found.site_id, found.sample.site_id)
    return any(actor.may(Permission.READ_FINDINGS, place) for place in places)


def released_finding(session: Session, sample_id: uuid.UUID) -> Finding | None:
    """Return the finding that stands on a sample, or None."""
    query = select(Finding).where(
        Finding.sample_id == sample_id, Finding.state == FindingState.RELEASED
    )
    return session.scalar(_whole(query.order_by(Finding.version.desc()).limit(1)))


def latest_finding(session: Session, sample_id: uuid.UUID) -> Finding | None:
    """Return the latest version on a sample, whatever its state, or None."""
    query = select(Finding).where(Finding.sample_id == sample_id)
    return session.scalar(_whole(query.order_by(Finding.version.desc()).limit(1)))


def versions(session: Session, sample_id: uuid.UUID) -> Sequence[Finding]:
    """Return every version on a sample, newest first."""
    query = select(Finding).where(Finding.sample_id == sample_id)
    return session.scalars(query.order_by(Finding.version.desc())).all()


@dataclass(frozen=True)
class FindingFilters:
    """Which findings to list."""

    state: str = ""
    sample_id: uuid.UUID | None = None


def findings(
    session: Session, actor: Actor, filters: FindingFilters, page: int = 1, size: int = SIZE
) -> tuple[list[Finding], int]:
    """Return one page of the findings that this person may read, newest first, and how many."""
    actor.must(_reading_permission(actor))
    query = select(Finding).join(Sample, Sample.id == Finding.sample_id).where(_readable(actor))
    if filters.state:
        query = query.where(Finding.state == filters.state)
    if filters.sample_id is not None:
        query = query.where(Finding.sample_id == filters.sample_id)
    return _page(session, query.order_by(Finding.made_at.desc(), Finding.id), page, size)


def _page(
    session: Session, query: Select[Finding], page: int, size: int
) -> tuple[list[Finding], int]:
    bare = query.order_by(None).with_only_columns(Finding.id)
    total = session.scalar(select(func.count()).select_from(bare.subquery())) or 0
    return list(session.scalars(_whole(query).offset((page - 1) * size).limit(size))), total


def _readable(actor: Actor) -> ColumnElement[bool]:
    final = Finding.state.in_((FindingState.RELEASED, FindingState.SUPERSEDED))
    ways = []
    for permission in (Permission.CONCLUDE, Permission.VERIFY):
        if actor.may(permission):
            sites = actor.sites_for(permission)
            ways.append(
                Finding.site_id.in_(sites) if sites is not None else Finding.id == Finding.id
            )
    if actor.may(Permission.READ_FINDINGS):
        sites = actor.sites_for(Permission.READ_FINDINGS)
        near = or_(Finding.site_id.in_(sites or ()), Sample.site_id.in_(sites or ()))
        ways.append(final if sites is None else and_(final, near))
    return or_(*ways)


def reissues(
    session: Session, actor: Actor, page: int = 1, size: int = SIZE
) -> tuple[list[Reissue], int]:
    """Return one page of the findings to issue again where this person works, and how many.

    A finding leaves the list when a new version of it stands.
    """
    actor.must(_reading_permission(actor))
    at_work = [
        Finding.site_id.in_(sites) if sites is not None else Finding.id == Finding.id
        for permission in (Permission.CONCLUDE, Permission.VERIFY)
        if actor.may(permission)
        for sites in (actor.sites_for(permission),)
    ]
    query = select(Reissue).join(Finding, Finding.id == Reissue.finding_id)
    query = query.where(Finding.state == FindingState.RELEASED, or_(false(), *at_work))
    bare = query.with_only_columns(Reissue.id).subquery()
    total = session.scalar(select(func.count()).select_from(bare)) or 0
    whole = query.options(
        joinedload(Reissue.finding).joinedload(Finding.sample), joinedload(Reissue.substance)
    )
    part = whole.order_by(Reissue.at, Reissue.id).offset((page - 1) * size).limit(size)
    return list(session.scalars(part)), total


def current_rules(session: Session) -> list[DangerRule]:
    """Return the latest version of every danger rule, by key."""
    latest = select(DangerRule.rule_key, func.max(DangerRule.version).label("version"))
    newest = latest.group_by(DangerRule.rule_key).subquery()
    query = select(DangerRule).join(
        newest,
        and_(DangerRule.rule_key == newest.c.rule_key, DangerRule.version == newest.c.version),
    )
    return list(session.scalars(query.order_by(DangerRule.rule_key)))


def rules_of_day(session: Session, day: date) -> list[DangerRule]:
    """Return the versions that judge on a day, by key.

    A version that is valid from a later day leaves the one before in its place until then.
    """
    begun = or_(DangerRule.valid_from.is_(None), DangerRule.valid_from <= day)
    latest = select(DangerRule.rule_key, func.max(DangerRule.version).label("version"))
    newest = latest.where(begun).group_by(DangerRule.rule_key).subquery()
    query = select(DangerRule).join(
        newest,
        and_(DangerRule.rule_key == newest.c.rule_key, DangerRule.version == newest.c.version),
    )
    ended = or_(DangerRule.valid_until.is_(None), DangerRule.valid_until >= day)
    return list(session.scalars(query.where(ended).order_by(DangerRule.rule_key)))


def last_version(session: Session, rule_key: str) -> int:
    """Return the number of the latest version of a danger rule, 0 when there is none."""
    query = select(func.max(DangerRule.version)).where(DangerRule.rule_key == rule_key)
    return session.scalar(query) or 0


def rule_versions(session: Session, actor: Actor, rule_key: str) -> Sequence[DangerRule]:
    """Return every version of a danger rule, newest first; raises NotFound."""
    actor.must(Permission.CONSULT)
    query = select(DangerRule).where(DangerRule.rule_key == rule_key)
    found = session.scalars(query.order_by(DangerRule.version.desc())).all()
    if not found:
        raise NotFound(_("There is no such danger rule."))
    return found


def jurisdictions(session: Session) -> tuple[str, ...]:
    """Return the codes of the places whose context rules judge here too."""
    kept = session.get(Installation, JURISDICTIONS)
    return tuple(kept.value.get("codes", ())) if kept else ()
