"""The outbox: queued in the transaction that publishes, taken up by a worker, settled after a try.

A worker has a delivery for a while. When it falls silent another one sends the same message again,
under the same name: at least once, never half.
"""

from __future__ import annotations

import random
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import addressees, delivered, delivering, queries, reaching
from lims.alerts.delivering import DeliveryState, Outcome
from lims.alerts.operations import AlertPublished
from lims.alerts.outbox import Delivery
from lims.alerts.records import AlertVersion
from lims.alerts.rules import ENDS, AlertState
from lims.foundation import clock, happenings, lockbox
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, keep
from lims.network.rules import Permission

TOKEN_BYTES = 32
EARLY = 3
"""After so many tries a delivery of a red alert is trouble, long before it is given up."""


@dataclass(frozen=True)
class DeliveryInTrouble:
    """A delivery was given up, or one of a red alert fails again and again."""

    delivery_id: uuid.UUID


@dataclass(frozen=True)
class TakeUp:
    """A worker asks for the next message; `data_dir` holds the key of the server."""

    data_dir: Path


@dataclass(frozen=True)
class Settle:
    """What became of one try."""

    delivery_id: uuid.UUID
    lease: uuid.UUID
    outcome: Outcome
    chance: random.Random = field(default_factory=random.Random)


@dataclass(frozen=True)
class TryAgain:
    """Somebody asks for another try of what was given up."""

    delivery_id: uuid.UUID


def queue_deliveries(session: Session, actor: Actor, happening: AlertPublished) -> None:
    """Queue one delivery for each recipient in reach, in the transaction that publishes."""
    version = session.get_one(AlertVersion, happening.version_id)
    reach = reaching.reach(session, version)
    texts = {(one.audience, one.language): one.id for one in version.messages}
    for told in reach.told:
        recipient = told.recipient
        session.add(
            Delivery(
                id=uuid.uuid4(),
                purpose="alert",
                about=f"alert:{version.id}",
                version_id=version.id,
                message_id=texts.get((recipient.audience, recipient.language)),
                recipient_id=recipient.id,
                audience=recipient.audience,
                level=version.level,
                queued_at=clock.now(),
                next_at=clock.now(),
            )
        )
    session.flush()
    counted = {"recipients": len(reach.told), "left_out": len(reach.left_out)}
    journal.record(session, actor, "queue deliveries", queries.about(version), **counted)


def take_up(session: Session, actor: Actor, command: TakeUp) -> Delivery | None:
    """Take the next message that is due, red alerts first; None when there is none.

    The row is locked: two workers never take the same one. Whoever may not be told any more is
    not: the delivery comes back cancelled. So does one that was begun too often, as given up.
    """
    actor.must(Permission.KEEP_RECIPIENTS)
    query = select(Delivery).where(delivered.due(clock.now()))
    ordered = query.order_by(Delivery.level != "red", Delivery.next_at, Delivery.id)
    delivery = session.scalar(ordered.limit(1).with_for_update(skip_locked=True))
    if delivery is None:
        return None
    refused = _refused_now(session, delivery)
    if refused is not None:
        _cancel(session, actor, delivery, refused)
        return delivery
    if delivery.tries >= delivering.MOST_TRIES:
        words = _("It was begun %(n)s times and never ended.", n=delivery.tries)
        _give_up(session, actor, delivery, words)
        return delivery
    delivering.refuse_delivery_move(delivery.state, DeliveryState.SENDING)
    delivery.state, delivery.tries = DeliveryState.SENDING, delivery.tries + 1
    delivery.lease, delivery.leased_until = uuid.uuid4(), clock.now() + delivering.LEASE
    if delivery.token_hash is None and delivery.purpose != "notice":
        _make_token(delivery, command.data_dir)
    return delivery


def _refused_now(session: Session, delivery: Delivery) -> Message | None:
    """Return why a recipient may not be told any more, looked at when it is sent."""
    recipient = delivery.recipient
    refused = delivering.why_not(recipient)
    if refused is None and recipient.audience != delivery.audience:
        refused = _("belongs to another audience now")
    if refused is None and delivery.purpose == "digest":
        if not recipient.digest:
            refused = _("wants no digest any more")
        elif not addressees.is_in_a_group(session, recipient.id):
            refused = _("is in no group any more")
    if refused is None and delivery.purpose == "alert":
        refused = _outrun(session, delivery)
    return refused


def _outrun(session: Session, delivery: Delivery) -> Message | None:
    """Return why a message that waited is not sent: it ended, and what ended it tells more.

    A warning that arrives after its withdrawal would be taken for a new one.
    """
    version = delivery.version
    if version is None or version.state not in ENDS:
        return None
    if version.state == AlertState.EXPIRED:
        return _("does not hold any more")
    if delivered.is_followed(session, delivery, version):
        return _("a later message of this alert is sent instead")
    return None


def _make_token(delivery: Delivery, folder: Path) -> None:
    """Give a message its link: the same one in every copy, because any of them may arrive."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    delivery.token_hash = delivered.token_hash(token)
    delivery.token_sealed = lockbox.lock(folder, delivered.token_purpose(delivery.id), token)
    delivery.token_until = clock.now() + timedelta(days=delivering.TOKEN_DAYS)


def settle_delivery(session: Session, actor: Actor, command: Settle) -> Delivery:
    """Write what became of a try; nothing when another worker has taken the delivery up since."""
    actor.must(Permission.KEEP_RECIPIENTS)
    delivery = delivered.delivery_to_change(session, command.delivery_id)
    if delivery.lease != command.lease or delivery.state != DeliveryState.SENDING:
        return delivery
    outcome = command.outcome
    if outcome.is_sent:
        delivering.refuse_delivery_move(delivery.state, DeliveryState.SENT)
        delivery.state, delivery.sent_at = DeliveryState.SENT, clock.now()
        delivery.token_sealed, delivery.last_error = "", {}
        journal.record(
            session, actor, "send delivery", delivered.about(delivery), tries=delivery.tries
        )
        return delivery
    why = outcome.why or _("Something broke on our side.")
    if delivering.why_not(delivery.recipient) is not None:
        _cancel(session, actor, delivery, why)
    elif outcome.is_final or delivery.tries >= delivering.MOST_TRIES:
        _give_up(session, actor, delivery, why)
    else:
        _fail(session, actor, delivery, why, command.chance)
    return delivery


def _fail(
    session: Session, actor: Actor, delivery: Delivery, why: Message, chance: random.Random
) -> None:
    delivering.refuse_delivery_move(delivery.state, DeliveryState.FAILED)
    delivery.state, delivery.last_error = DeliveryState.FAILED, keep(why)
    delivery.next_at = clock.now() + delivering.delay_after(delivery.tries, chance)
    if delivery.level == "red" and delivery.purpose == "alert" and delivery.tries == EARLY:
        happenings.announce(session, actor, DeliveryInTrouble(delivery.id))


def _give_up(session: Session, actor: Actor, delivery: Delivery, why: Message) -> None:
    delivering.refuse_delivery_move(delivery.state, DeliveryState.DEAD)
    delivery.state, delivery.last_error = DeliveryState.DEAD, keep(why)
    told = {"tries": delivery.tries, "why": why.msgid}
    journal.record(session, actor, "give up delivery", delivered.about(delivery), **told)
    happenings.announce(session, actor, DeliveryInTrouble(delivery.id))


def _cancel(session: Session, actor: Actor, delivery: Delivery, why: Message) -> None:
    delivering.refuse_delivery_move(delivery.state, DeliveryState.CANCELLED)
    delivery.state, delivery.last_error = DeliveryState.CANCELLED, keep(why)
    delivery.token_sealed = ""
    journal.record(session, actor, "cancel delivery", delivered.about(delivery), why=why.msgid)


def try_again(session: Session, actor: Actor, command: TryAgain) -> Delivery:
    """Queue a dead letter again; raises Refused for anything else, NotFound."""
    actor.must(addressees.reader(actor))
    delivery = delivered.delivery_to_change(session, command.delivery_id)
    delivering.refuse_delivery_move(delivery.state, DeliveryState.QUEUED)
    delivery.state, delivery.tries, delivery.next_at = DeliveryState.QUEUED, 0, clock.now()
    soon = clock.now() + timedelta(days=delivering.TOKEN_DAYS // 2)
    if delivery.token_until is not None and delivery.token_until < soon:
        delivery.token_until = clock.now() + timedelta(days=delivering.TOKEN_DAYS)
    journal.record(session, actor, "try delivery again", delivered.about(delivery))
    return delivery
