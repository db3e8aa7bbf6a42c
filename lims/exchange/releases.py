"""Reading the releases of open data: all of them for the staff, published ones for everybody."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload, undefer

from lims.exchange.cube_definitions import Quarter, quarter_of
from lims.exchange.records import OpenFile, OpenRelease
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.network.rules import Permission

PREPARED, PUBLISHED, WITHDRAWN = "prepared", "published", "withdrawn"
OFFERED = 12
"""Quarters back that the page offers to prepare."""


def releases(session: Session, actor: Actor) -> Sequence[OpenRelease]:
    """Return every release, the latest quarter first; there are four a year."""
    actor.must(Permission.EXPORT)
    return session.scalars(select(OpenRelease).order_by(OpenRelease.period.desc())).all()


def release(session: Session, actor: Actor, release_id: uuid.UUID) -> OpenRelease:
    """Return one release with the names of its files; raises NotFound."""
    actor.must(Permission.EXPORT)
    asked = select(OpenRelease).where(OpenRelease.id == release_id)
    found = session.scalar(asked.options(selectinload(OpenRelease.files)))
    if found is None:
        raise NotFound(_("There is no such release."))
    return found


def file_of(session: Session, actor: Actor, release_id: uuid.UUID, name: str) -> OpenFile:
    """Return one file of a release with its content, for who checks it; raises NotFound."""
    actor.must(Permission.EXPORT)
    asked = select(OpenFile).where(OpenFile.release_id == release_id, OpenFile.name == name)
    return _found(session.scalar(asked.options(undefer(OpenFile.content))))


def published(session: Session) -> Sequence[OpenRelease]:
    """Return the published releases with the names of their files, the latest first."""
    asked = select(OpenRelease).where(OpenRelease.state == PUBLISHED)
    ordered = asked.order_by(OpenRelease.period.desc()).options(selectinload(OpenRelease.files))
    return session.scalars(ordered).all()


def published_hash(session: Session, period: str, name: str) -> str:
    """Return the SHA-256 of a published file without its content; raises NotFound."""
    return str(_found(session.scalar(_published_file(period, name))).sha256)


def published_file(session: Session, period: str, name: str) -> OpenFile:
    """Return a published file with its content; raises NotFound."""
    asked = _published_file(period, name).options(undefer(OpenFile.content))
    return _found(session.scalar(asked))


def closed_quarters(today: date, days: int) -> list[Quarter]:
    """Return the latest quarters that ended at least so many days ago, the latest first."""
    found: list[Quarter] = []
    day = today
    while len(found) < OFFERED:
        one = quarter_of(day)
        if is_closed(one, today, days):
            found.append(one)
        day = one.first - timedelta(days=1)
    return found


def is_closed(asked: Quarter, today: date, days: int) -> bool:
    """Tell whether a quarter ended at least so many days ago."""
    return asked.last + timedelta(days=days) < today


def _published_file(period: str, name: str) -> Select[OpenFile]:
    return (
        select(OpenFile)
        .join(OpenRelease, OpenRelease.id == OpenFile.release_id)
        .where(OpenRelease.period == period, OpenRelease.state == PUBLISHED, OpenFile.name == name)
    )


def _found(file: OpenFile | None) -> OpenFile:
    if file is None:
        raise NotFound(_("There is no such file."))
    return file
