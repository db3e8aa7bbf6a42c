"""Reading the published protocols: the current version of each, and every version there was."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.protocols.records import ProtocolVersion


@dataclass(frozen=True)
class ProtocolFilters:
    """Which protocols to list."""

    technique: str = ""


def current(session: Session, technique: str | None = None) -> list[ProtocolVersion]:
    """Return the newest version of each protocol that is not withdrawn, by technique and name."""
    newest = (
        select(ProtocolVersion.name, func.max(ProtocolVersion.version).label("version"))
        .where(ProtocolVersion.withdrawn_at.is_(None))
        .group_by(ProtocolVersion.name)
        .subquery()
    )
    query = select(ProtocolVersion).join(
        newest,
        (newest.c.name == ProtocolVersion.name) & (newest.c.version == ProtocolVersion.version),
    )
    if technique:
        query = query.where(ProtocolVersion.technique == technique)
    return list(session.scalars(query.order_by(ProtocolVersion.technique, ProtocolVersion.name)))


def latest(session: Session, name: str) -> ProtocolVersion:
    """Return the newest version of a protocol that is not withdrawn; raises NotFound."""
    found = session.scalar(
        select(ProtocolVersion)
        .where(ProtocolVersion.name == name, ProtocolVersion.withdrawn_at.is_(None))
        .order_by(ProtocolVersion.version.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound(_("There is no such protocol."))
    return found


def version(session: Session, version_id: uuid.UUID) -> ProtocolVersion:
    """Return one version; raises NotFound."""
    found = session.get(ProtocolVersion, version_id)
    if found is None:
        raise NotFound(_("There is no such protocol."))
    return found


def versions(session: Session, name: str) -> Sequence[ProtocolVersion]:
    """Return every version of a protocol, newest first."""
    query = select(ProtocolVersion).where(ProtocolVersion.name == name)
    return session.scalars(query.order_by(ProtocolVersion.version.desc())).all()


def published(session: Session, name: str, number: int) -> ProtocolVersion | None:
    """Return a version by its name and number, or None."""
    return session.scalar(
        select(ProtocolVersion).where(
            ProtocolVersion.name == name, ProtocolVersion.version == number
        )
    )


def protocols(
    session: Session, actor: Actor, filters: ProtocolFilters, page: int = 1, size: int = 100
) -> tuple[list[ProtocolVersion], int]:
    """Return one page of the protocols in force, and how many there are."""
    actor.must(Permission.CONSULT)
    found = current(session, filters.technique or None)
    return found[(page - 1) * size : page * size], len(found)


def protocol(session: Session, actor: Actor, version_id: uuid.UUID) -> ProtocolVersion:
    """Return one version to somebody who may consult the protocols; raises NotFound."""
    actor.must(Permission.CONSULT)
    return version(session, version_id)
