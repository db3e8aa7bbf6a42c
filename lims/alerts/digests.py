"""Digests: what was published for an audience, and what of it ended, told daily or weekly.

Nobody gets a digest by having got one before: whether the office is still in a group and may read
is looked at when the digest is queued and again when it is sent.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import addressees, delivering, digested
from lims.alerts.outbox import Delivery, Recipient
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.network.rules import Permission


@dataclass(frozen=True)
class QueueDigests:
    """Look which digests are due now."""


def queue_digests(session: Session, actor: Actor, _command: QueueDigests) -> int:
    """Queue the digests that are due; a period in which nothing happened has none."""
    actor.must(Permission.KEEP_RECIPIENTS)
    queued = 0
    for found in addressees.with_digest(session):
        end = delivering.digest_end(found.digest, clock.now())
        if not _is_due(found, end):
            continue
        recipient = addressees.recipient_to_change(session, found.id)
        since = recipient.digested_until
        if since is None or not _is_due(recipient, end):
            continue  # another worker has queued it in the meantime
        recipient.digested_until = end
        if addressees.is_in_a_group(session, recipient.id) and digested.between(
            session, since, end
        ):
            _queue(session, recipient, since, end)
            queued += 1
    if queued:
        journal.record(session, actor, "queue digests", [], digests=queued)
    return queued


def _is_due(recipient: Recipient, end: datetime) -> bool:
    if delivering.why_not(recipient) is not None or recipient.digested_until is None:
        return False
    return recipient.digested_until < end


def _queue(session: Session, recipient: Recipient, since: datetime, end: datetime) -> None:
    session.add(
        Delivery(
            id=uuid.uuid4(),
            purpose="digest",
            about=f"digest:{end.isoformat()}",
            recipient_id=recipient.id,
            audience=recipient.audience,
            told={"since": since.isoformat(), "until": end.isoformat()},
            queued_at=clock.now(),
            next_at=clock.now(),
        )
    )
    session.flush()
