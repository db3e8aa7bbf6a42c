"""Issuing the CAP message of a published version, in the same transaction as its publication.

When it cannot be signed now, people are told all the same: an alert that is late can kill. The file
is owed, which is shown and told, and is issued as soon as it can be.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import issued, owed, queries, verification
from lims.alerts.audiences import Audience, visible
from lims.alerts.cap import signing, station
from lims.alerts.cap.checking import check
from lims.alerts.cap.messages import Text, Version, cap_alert
from lims.alerts.cap.station import Station
from lims.alerts.cap.writing import CapAlert, Reference, write
from lims.alerts.cap_records import CapMessage
from lims.alerts.operations import AlertPublished
from lims.alerts.records import AlertVersion
from lims.alerts.rules import AlertState, EventState
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _
from lims.library import queries as library
from lims.network.rules import Permission


@dataclass(frozen=True)
class IssueOwed:
    """Look which files are owed, and issue those that can be issued now."""


@dataclass(frozen=True)
class MessageOwed:
    """A version was published whose file could not be issued."""

    version_id: uuid.UUID


class _NotNow(Exception):
    """A message that cannot be issued now, with words that say why."""

    def __init__(self, why: Message) -> None:
        super().__init__(str(why))
        self.why = why


def issue_message(session: Session, actor: Actor, happening: AlertPublished) -> None:
    """Write, sign and keep the CAP message of a version that has just been published.

    When the key cannot be read or the message would not be in order, the file is owed and the
    coordination is told. A withdrawal of an alert that never had a message has nothing to cancel.
    """
    actor.must(Permission.APPROVE_ALERT)
    version = session.get_one(AlertVersion, happening.version_id)
    try:
        _issue(session, actor, version, version.published_at or clock.now())
    except _NotNow as later:
        session.add(owed.row_of(version.id, later.why))
        about = queries.about(version)
        journal.record(session, actor, "owe CAP message", about, why=later.why.msgid)
        happenings.announce(session, actor, MessageOwed(version.id))


def issue_owed(session: Session, actor: Actor, _command: IssueOwed) -> int:
    """Issue the files that are owed, the oldest first, as sent now; return how many were.

    A version that has ended in the meantime gets no file: nobody is warned of what does not hold.
    """
    actor.must(Permission.KEEP_RECIPIENTS)
    rows = {owed.version_of(row): row for row in owed.rows(session)}
    query = select(AlertVersion).where(AlertVersion.id.in_(rows))
    count = 0
    for version in session.scalars(query.order_by(AlertVersion.published_at)).all():
        if version.state == AlertState.PUBLISHED:
            try:
                _issue(session, actor, version, clock.now())
            except _NotNow:
                continue
            count += 1
        session.delete(rows[version.id])
    return count


def _issue(session: Session, actor: Actor, version: AlertVersion, at: datetime) -> None:
    """Keep the signed message of a version, sent at a moment; raises _NotNow."""
    sends, sent = station.in_force(), at.replace(microsecond=0)
    told = cap_alert(sends, _told(session, version), sent, _chain(session, version))
    if told is None:
        return
    content = _signed(sends, told)
    digest = hashlib.sha256(content).hexdigest()
    session.add(
        CapMessage(
            id=uuid.uuid4(),
            alert_id=version.alert_id,
            version_id=version.id,
            identifier=told.identifier,
            sender=told.sender,
            msg_type=told.msg_type,
            cited=" ".join(str(one) for one in told.references),
            content=content,
            sha256=digest,
            issued_at=at,
        )
    )
    about = queries.about(version)
    journal.record(session, actor, "issue CAP message", about, **_facts(told), sha256=digest)


def _facts(told: CapAlert) -> dict[str, Any]:
    return {"identifier": told.identifier, "kind": str(told.msg_type), "status": told.status}


def _told(session: Session, version: AlertVersion) -> Version:
    """Return a version as the public is told, and nothing of what it is not."""
    facts = visible(version.facts, Audience.PUBLIC)
    key = str((facts.get("substance") or {}).get("code", ""))
    substance = library.substance_by_key(session, key) if key else None
    about = verification.event_in_force(session, version.alert.event)
    return Version(
        number=version.alert.number,
        version=version.version,
        kind=version.kind,
        level=version.level,
        facts=facts,
        texts={
            one.language: Text(one.headline, one.body)
            for one in version.messages
            if one.audience == Audience.PUBLIC
        },
        review_on=version.review_on,
        confirmed=about is not None and about.state == EventState.CONFIRMED,
        inchikey=substance.inchikey if substance else "",
    )


def _chain(session: Session, version: AlertVersion) -> tuple[Reference, ...]:
    """Return every earlier message of this alert and of the one that it replaces, in order."""
    replaced = queries.alert_by_number(session, str(version.facts.get("replaces", "")))
    found: dict[str, Reference] = {}
    for alert_id in (replaced.id if replaced else None, version.alert_id):
        last = issued.last_message(session, alert_id) if alert_id else None
        if last is not None:
            cited = [_reference(one) for one in last.cited.split()]
            cited.append(Reference(last.sender, last.identifier, last.issued_at))
            found |= {one.identifier: one for one in cited}
    return tuple(sorted(found.values(), key=lambda one: one.sent))


def _reference(text: str) -> Reference:
    sender, identifier, sent = text.split(",")
    return Reference(sender, identifier, datetime.fromisoformat(sent))


def _signed(sends: Station, told: CapAlert) -> bytes:
    try:
        seal = sends.seal()
    except (OSError, ValueError) as wrong:
        raise _NotNow(issued.UNREADABLE) from wrong
    if signing.has_ended(seal.certificate, told.sent):
        raise _NotNow(_("The certificate of the alerts has expired."))
    content = signing.sign(write(told), seal)
    report = check(content, [seal.certificate], signed=True)
    if not report.is_in_order:
        first = next(one for one in report.remarks if one.rule in report.rules)
        raise _NotNow(_("The CAP message would not be in order: %(why)s", why=first.message))
    return content
