"""The link of a message: opened by its token, without an account; the first opening is counted.

What opens nothing is answered alike, whether it is unknown, too old, or of a recipient that was
removed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lims import journal
from lims.alerts import delivered, delivering, digested
from lims.alerts.delivering import DELIVERY_MOVES, DeliveryState
from lims.alerts.outbox import Delivery
from lims.foundation import clock
from lims.foundation.actors import Actor

READER = Actor(member_id=None, account="reader of a message")
"""Who confirms: whoever reads the mailbox of an office, of whom nothing else is known."""
LONGEST_TOKEN = 100


@dataclass(frozen=True)
class Opened:
    """What a link opens: the messages of one audience in one language."""

    delivery: Delivery
    items: list[digested.Item]


def acknowledge(session: Session, token: str, language: str = "") -> Opened | None:
    """Confirm that a message was received, once, and return what it says; None opens nothing.

    Reading it again changes nothing. The messages are those of the recipient's audience, in its
    language or in the one that is asked for.
    """
    delivery = _delivery(session, token)
    if delivery is None:
        return None
    if DeliveryState.ACKNOWLEDGED in DELIVERY_MOVES[DeliveryState(delivery.state)]:
        delivery.state, delivery.acknowledged_at = DeliveryState.ACKNOWLEDGED, clock.now()
        delivery.sent_at = delivery.sent_at or clock.now()  # it must have arrived to be read
        delivery.token_sealed = ""
        journal.record(session, READER, "acknowledge delivery", delivered.about(delivery))
    items = digested.items_of(session, delivery, language or delivery.recipient.language)
    return Opened(delivery, items)


def _delivery(session: Session, token: str) -> Delivery | None:
    if not token or len(token) > LONGEST_TOKEN:
        return None
    query = (
        select(Delivery)
        .where(Delivery.token_hash == delivered.token_hash(token))
        .options(joinedload(Delivery.recipient, innerjoin=True))
    )
    delivery = session.scalar(query.with_for_update(of=Delivery))
    if delivery is None or delivery.token_until is None or delivery.token_until <= clock.now():
        return None
    if delivery.recipient.audience != delivery.audience:
        return None
    return delivery if delivering.why_not(delivery.recipient) is None else None
