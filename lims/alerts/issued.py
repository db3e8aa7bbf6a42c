"""Reading CAP messages that were issued: one file, the chain of an alert, what feeds list."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lims.alerts.cap.reading import CapMessageText, message, parse
from lims.alerts.cap.signing import Seal
from lims.alerts.cap.station import Station
from lims.alerts.cap_records import CapMessage
from lims.alerts.records import AlertVersion
from lims.alerts.rules import AlertState, Kind
from lims.foundation.errors import NotFound, Refused
from lims.foundation.words import _

UNREADABLE = _("The key that signs alerts cannot be read.")
LIMIT = 50
"""Messages that a feed lists besides those that still stand."""
IDENTIFIER = re.compile(r"[A-Za-z0-9.-]{1,200}", re.ASCII)


@dataclass(frozen=True)
class IssuedFile:
    """A file as it was issued."""

    content: bytes
    sha256: str


@dataclass(frozen=True)
class Listed:
    """A message in a feed: what it says, and how its version stands now."""

    identifier: str
    issued_at: datetime
    state: str
    kind: str
    level: str
    passed_at: datetime | None
    ended_at: datetime | None
    said: CapMessageText
    content: bytes


def seal_of(station: Station) -> Seal:
    """Return the key that signs and its certificate; raises Refused when they cannot be read."""
    try:
        return station.seal()
    except (OSError, ValueError) as wrong:
        raise Refused(UNREADABLE) from wrong


def issued_file(session: Session, identifier: str) -> IssuedFile:
    """Return a file, proved unchanged; raises NotFound, or Refused when its bytes were changed."""
    found = None
    if IDENTIFIER.fullmatch(identifier):
        asked = select(CapMessage.content, CapMessage.sha256)
        found = session.execute(asked.where(CapMessage.identifier == identifier)).one_or_none()
    if found is None:
        raise NotFound(_("There is no such message."))
    if hashlib.sha256(found.content).hexdigest() != found.sha256:
        raise Refused(_("This file was changed after it was issued. It is not served."))
    return IssuedFile(found.content, found.sha256)


def last_message(session: Session, alert_id: uuid.UUID) -> CapMessage | None:
    """Return the newest message of an alert."""
    asked = select(CapMessage).where(CapMessage.alert_id == alert_id)
    return session.scalar(asked.order_by(CapMessage.issued_at.desc()).limit(1))


def every_file(session: Session) -> Iterator[CapMessage]:
    """Yield every message that was issued, the oldest first."""
    asked = select(CapMessage).order_by(CapMessage.issued_at)
    yield from session.scalars(asked.execution_options(yield_per=100))


def listed(session: Session, now: datetime, limit: int = LIMIT) -> list[Listed]:
    """Return the newest messages with the present state of their versions, and every older one
    whose alert still stands: a program that comes late must find it.
    """
    newest_first = (CapMessage.issued_at.desc(), CapMessage.identifier.desc())
    newest = select(CapMessage.id).order_by(*newest_first).limit(limit).subquery()
    stands = (AlertVersion.state == AlertState.PUBLISHED) & (AlertVersion.kind != Kind.WITHDRAWAL)
    asked = (
        select(CapMessage, AlertVersion)
        .join(AlertVersion, AlertVersion.id == CapMessage.version_id)
        .where(or_(stands, CapMessage.id.in_(select(newest.c.id))))
        .order_by(*newest_first)
    )
    return [_listed(issued, version, now) for issued, version in session.execute(asked)]


def _listed(issued: CapMessage, version: AlertVersion, now: datetime) -> Listed:
    said = _said(issued.content)
    expires = datetime.fromisoformat(said.infos[0].expires) if said.infos else None
    return Listed(
        identifier=issued.identifier,
        issued_at=issued.issued_at,
        state=version.state,
        kind=version.kind,
        level=version.level,
        passed_at=expires if expires is not None and expires < now else None,
        ended_at=version.ended_at,
        said=said,
        content=issued.content,
    )


@lru_cache(maxsize=512)
def _said(content: bytes) -> CapMessageText:
    return message(parse(content))
