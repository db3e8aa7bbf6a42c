"""Reading alerts as the public does: published versions, their public message, their end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, selectinload

from lims.alerts import rules
from lims.alerts.audiences import Audience, visible
from lims.alerts.cap_records import CapMessage
from lims.alerts.records import Alert, AlertMessage, AlertVersion
from lims.foundation.errors import NotFound
from lims.foundation.words import _

LIMIT = 100
NUMBER = re.compile(r"[0-9]{4}-[0-9]{4,8}", re.ASCII)


@dataclass(frozen=True)
class PublicAlert:
    """A published version as the public reads it: its public message and nothing else."""

    number: str
    version: int
    kind: str
    state: str
    level: str
    headline: str
    body: str
    facts: dict[str, Any]
    published_at: datetime
    ended_at: datetime | None
    picture: str | None

    @property
    def is_current(self) -> bool:
        return rules.is_current(self.state, self.kind)

    @property
    def changed_at(self) -> datetime:
        return self.ended_at or self.published_at


def public_alerts(
    session: Session, language: str, limit: int = LIMIT, *narrowed: ColumnElement[bool]
) -> list[PublicAlert]:
    """Return the last published version of each alert in one language, the newest first."""
    last = (
        select(AlertVersion.alert_id, func.max(AlertVersion.version).label("version"))
        .where(AlertVersion.published_at.is_not(None))
        .group_by(AlertVersion.alert_id)
        .subquery()
    )
    query = _public(language).join(
        last, (last.c.alert_id == AlertVersion.alert_id) & (last.c.version == AlertVersion.version)
    )
    ordered = (
        query.where(*narrowed)
        .order_by(AlertVersion.published_at.desc(), Alert.number.desc())
        .limit(limit)
    )
    return [_told(*row) for row in session.execute(ordered)]


def without_message(session: Session, language: str, limit: int = LIMIT) -> list[PublicAlert]:
    """Return the alerts that have no CAP message: from before there were any, or still owed."""
    known = select(CapMessage.alert_id)
    return public_alerts(session, language, limit, Alert.id.not_in(known))


def public_history(session: Session, number: str, language: str) -> list[PublicAlert]:
    """Return every published version of one alert, the newest first; raises NotFound."""
    found: list[PublicAlert] = []
    if NUMBER.fullmatch(number):
        query = _public(language).where(Alert.number == number)
        rows = session.execute(query.order_by(AlertVersion.version.desc()))
        found = [_told(*row) for row in rows]
    if not found:
        raise NotFound(_("There is no such alert."))
    return found


def _public(language: str) -> Select[AlertVersion, Alert, AlertMessage]:
    return (
        select(AlertVersion, Alert, AlertMessage)
        .join(Alert, Alert.id == AlertVersion.alert_id)
        .join(AlertMessage, AlertMessage.alert_version_id == AlertVersion.id)
        .where(
            AlertVersion.published_at.is_not(None),
            AlertMessage.audience == Audience.PUBLIC,
            AlertMessage.language == language,
        )
        .options(selectinload(AlertVersion.picture))
    )


def _told(version: AlertVersion, alert: Alert, message: AlertMessage) -> PublicAlert:
    return PublicAlert(
        number=alert.number,
        version=version.version,
        kind=version.kind,
        state=version.state,
        level=version.level,
        headline=message.headline,
        body=message.body,
        facts=visible(version.facts, Audience.PUBLIC),
        published_at=version.published_at or version.made_at,
        ended_at=version.ended_at,
        picture=version.picture.sha256 if version.picture else None,
    )
