"""Issuing the CAP message of a published version, in the same transaction as its publication."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import issued, queries
from lims.alerts.audiences import Audience, visible
from lims.alerts.cap import signing, station
from lims.alerts.cap.checking import check
from lims.alerts.cap.messages import Text, Version, cap_alert
from lims.alerts.cap.station import Station
from lims.alerts.cap.writing import CapAlert, Reference, write
from lims.alerts.cap_records import CapMessage
from lims.alerts.operations import AlertPublished
from lims.alerts.records import AlertVersion
from lims.alerts.rules import EventState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused
from lims.foundation.words import _
from lims.library import queries as library
from lims.network.rules import Permission


def issue_message(session: Session, actor: Actor, happening: AlertPublished) -> None:
    """Write, sign and keep the CAP message of a version that has just been published.

    Raises Refused, and nothing is published, when the key cannot be read or the message would not
    be in order. A withdrawal of an alert that never had a message has nothing to cancel.
    """
    actor.must(Permission.APPROVE_ALERT)
    version = session.get_one(AlertVersion, happening.version_id)
    sends = station.in_force()
    sent = (version.published_at or clock.now()).replace(microsecond=0)
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
            issued_at=version.published_at or clock.now(),
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
    about = version.alert.event
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
        words = _("The key that signs alerts cannot be read. Nothing was published.")
        raise Refused(words) from wrong
    content = signing.sign(write(told), seal)
    report = check(content, [seal.certificate], signed=True)
    if not report.is_in_order:
        first = next(one for one in report.remarks if one.rule in report.rules)
        raise Refused(_("The CAP message would not be in order: %(why)s", why=first.message))
    return content
