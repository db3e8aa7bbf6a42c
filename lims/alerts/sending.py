"""Sending what is queued: taken up, handed to its channel, settled; and what is due by clock.

Three short units of work, and none is open while another machine is spoken to. A worker that dies
between sending and settling leaves a message that is sent again under the same name.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lims.alerts import (
    addressees,
    channels,
    delivered,
    deliveries,
    digested,
    digests,
    issuing,
    letters,
    notices,
    owed,
)
from lims.alerts.channels import Channel, Letter
from lims.alerts.delivering import DeliveryState, Outcome, later
from lims.alerts.outbox import Delivery
from lims.foundation import lockbox
from lims.foundation.database import open_session
from lims.foundation.errors import Refusal
from lims.foundation.settings import Settings
from lims.foundation.words import _
from lims.network.queries import OPERATOR

log = logging.getLogger("lims.deliveries")

PAUSE = 1.0
"""Seconds between two looks when nothing is due."""
ROUND = 60.0
"""Seconds between two looks for digests and for alerts that nobody confirmed."""


@dataclass
class Postman:
    """What sends: the database, the settings, and how a channel is found."""

    engine: Engine
    settings: Settings
    channel_of: Callable[[str, Settings], Channel] = field(default=channels.channel_of)

    def deliver_next(self) -> bool:
        """Send the next message that is due; False when there is none."""
        with open_session(self.engine, reading=True) as session:
            if not delivered.is_due(session):
                return False
        taken = self._take_up()
        if taken is None:
            return False
        letter, lease, outcome = taken
        if letter is not None and lease is not None:
            self._settle(letter.id, lease, outcome or self._sent(letter))
        return True

    def _take_up(self) -> tuple[Letter | None, uuid.UUID | None, Outcome | None] | None:
        with open_session(self.engine) as session:
            command = deliveries.TakeUp(self.settings.data_dir)
            delivery = deliveries.take_up(session, OPERATOR, command)
            if delivery is None:
                return None
            if delivery.state != DeliveryState.SENDING:
                session.commit()
                return None, None, None
            letter, outcome = self._written(session, delivery)
            lease = delivery.lease
            session.commit()
        return letter, lease, outcome

    def _written(self, session: Session, delivery: Delivery) -> tuple[Letter, Outcome | None]:
        """Return the letter of a delivery; where it cannot be written, an outcome that says so."""
        try:
            return letter_of(session, delivery, self.settings), None
        except Refusal as refusal:
            return _empty(delivery), later(refusal.message)
        except Exception:  # one that cannot be written must not stop those behind it
            log.exception("fault while writing delivery %s", delivery.id)
            return _empty(delivery), later(_("Something broke on our side."))

    def _sent(self, letter: Letter) -> Outcome:
        try:
            return self.channel_of(letter.kind, self.settings).send(letter)
        except Exception:  # a channel with a fault must not stop the others
            log.exception("fault in the channel of delivery %s", letter.id)
            return later(_("Something broke on our side."))

    def _settle(self, delivery_id: uuid.UUID, lease: uuid.UUID, outcome: Outcome) -> None:
        with open_session(self.engine) as session:
            command = deliveries.Settle(delivery_id, lease, outcome)
            deliveries.settle_delivery(session, OPERATOR, command)
            session.commit()

    def deliver_all(self, ending: Callable[[], bool] = lambda: False) -> int:
        """Send everything that is due now; return how many were taken up."""
        count = 0
        while not ending() and self.deliver_next():
            count += 1
        return count

    def look_around(self) -> None:
        """Issue files that are owed, queue the digests that are due, escalate what waits."""
        self._issue_owed()
        with open_session(self.engine) as session:
            digests.queue_digests(session, OPERATOR, digests.QueueDigests())
            session.commit()
        with open_session(self.engine) as session:
            hours = notices.EscalateUnreceived(self.settings.unreceived_hours)
            notices.escalate_unreceived(session, OPERATOR, hours)
            decide = self.settings.signal_red_decide_hours
            waiting = notices.EscalateWaiting(decide_hours=decide)
            notices.escalate_waiting(session, OPERATOR, waiting)
            session.commit()

    def _issue_owed(self) -> None:
        with open_session(self.engine, reading=True) as session:
            if not owed.is_owed(session):
                return
        with open_session(self.engine) as session:
            issuing.issue_owed(session, OPERATOR, issuing.IssueOwed())
            session.commit()

    def work_until(self, ended: threading.Event) -> None:
        """Send what is due until the event is set; a fault is logged and the work goes on."""
        looked = -ROUND
        while not ended.is_set():
            try:
                if monotonic() - looked >= ROUND:
                    looked = monotonic()
                    self.look_around()
                if self.deliver_all(ended.is_set) == 0:
                    ended.wait(PAUSE)
            except Exception:
                log.exception("fault while sending")
                ended.wait(ROUND)


def _empty(delivery: Delivery) -> Letter:
    to = delivery.recipient
    return Letter(delivery.id, to.kind, to.address, to.language, "", "", delivery.queued_at)


def letter_of(session: Session, delivery: Delivery, settings: Settings) -> Letter:
    """Return a delivery that is being sent as a letter; raises Refusal when a secret is lost."""
    to = delivery.recipient
    link = _link(delivery, settings)
    addressed = letters.Addressed(
        network=settings.network_name,
        number=to.number,
        audience=delivery.audience,
        language=to.language,
        link=link,
        until=delivery.token_until,
    )
    words = _words(session, delivery, addressed)
    return Letter(
        id=delivery.id,
        kind=to.kind,
        address=to.address,
        language=to.language,
        subject=words.subject,
        body=words.body,
        queued_at=delivery.queued_at,
        content=_content(session, delivery, link) if to.kind == "webhook" else {},
        secret=_secret(delivery, settings),
    )


def _link(delivery: Delivery, settings: Settings) -> str:
    if delivery.purpose == "notice":
        return settings.staff_url.rstrip("/") + str(delivery.told.get("path", "/"))
    token = delivered.token_of(delivery, settings.data_dir)
    root = settings.public_url.rstrip("/")
    return f"{root}/received/{token}?lang={delivery.recipient.language}"


def _words(session: Session, delivery: Delivery, to: letters.Addressed) -> letters.Words:
    version = delivery.version
    if delivery.purpose == "notice" or version is None:
        if delivery.purpose == "digest":
            since = digested.since_of(delivery)
            return letters.digest_words(to, digested.versions_of(session, delivery), since)
        return letters.notice_words(to, delivery.told)
    return letters.alert_words(
        to, version.alert.number, version.version, version.kind, version.level
    )


def _content(session: Session, delivery: Delivery, link: str) -> dict[str, object]:
    event = str(delivery.id)
    message = digested.message_of(session, delivery, delivery.recipient.language)
    if delivery.purpose == "notice" or delivery.version is None or message is None:
        return letters.notice_content(event, delivery.told, link)
    return letters.webhook_content(event, delivery.version, message, link)


def _secret(delivery: Delivery, settings: Settings) -> str:
    to = delivery.recipient
    if to.kind != "webhook":
        return ""
    return lockbox.unlock(settings.data_dir, addressees.secret_purpose(to.id), to.secret_sealed)
