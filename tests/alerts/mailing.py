"""How the tests of deliveries get recipients, and a real mail server on the loopback address."""

from __future__ import annotations

import re
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lims.alerts import groups, recipients
from lims.alerts.channels import Letter
from lims.alerts.delivering import SENT, Outcome
from lims.alerts.outbox import Delivery, Recipient, RecipientGroup
from lims.alerts.recipients import AddRecipient, ConfirmRecipient
from lims.alerts.sending import Postman
from lims.foundation.settings import Settings
from tests.alerts.alerting import make_published
from tests.makers import Network

HOSTS = frozenset({"hooks.example:443"})


def add_recipient(session: Session, network: Network, **given: Any) -> Recipient:
    """Add a synthetic mailbox for health professionals, not confirmed yet."""
    values: dict[str, Any] = {
        "name": "synthetic poison desk",
        "kind": "mail",
        "address": f"alerts-{uuid.uuid4().hex[:8]}@office.example",
        "audience": "health",
        "language": "en",
        "tlp_ceiling": "TLP:AMBER+STRICT",
        "webhook_hosts": HOSTS,
    }
    made = recipients.add_recipient(session, network.coordinator, AddRecipient(**(values | given)))
    session.flush()
    return made


def make_recipient(session: Session, network: Network, **given: Any) -> Recipient:
    """Add a recipient and have another person confirm it."""
    made = add_recipient(session, network, **given)
    command = ConfirmRecipient(made.id, made.row_version)
    recipients.confirm_recipient(session, network.approver, command)
    session.flush()
    return made


def make_group(
    session: Session, network: Network, *members: Recipient, **given: Any
) -> RecipientGroup:
    """Make a group that is told of every alert, with some members."""
    values: dict[str, Any] = {"name": f"list {uuid.uuid4().hex[:6]}"}
    values |= {"standing_level": "information"} | given
    group = groups.make_group(session, network.coordinator, groups.MakeGroup(**values))
    for one in members:
        groups.add_member(session, network.coordinator, groups.Membership(group.id, one.id))
    session.flush()
    return group


@dataclass
class Heard:
    """A channel that keeps every letter and answers what it is told to."""

    answer: Callable[[Letter], Outcome] = lambda _letter: SENT
    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> Outcome:
        self.letters.append(letter)
        return self.answer(letter)

    def token(self, place: int = -1) -> str:
        """Return the token of the link in a mail that was heard."""
        found = re.search(r"/received/([\w-]+)", self.letters[place].body)
        assert found is not None
        return found[1]


def postman(engine: Any, settings: Settings, heard: Heard) -> Postman:
    """Return a postman whose channel only listens."""
    return Postman(engine, settings, lambda _kind, _settings: heard)


@dataclass
class Inbox:
    """A real mail server on the loopback address: what it took, and what it answers."""

    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    rcpt_answer: str = ""
    data_answer: str = "250 taken"
    breaks_off: bool = False

    def mails(self) -> list[Message]:
        return [message_from_bytes(one, policy=default) for one in self.taken]


class _Handler:
    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.inbox.rcpt_answer:
            return self.inbox.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        self.inbox.taken.append(envelope.content)
        self.inbox.recipients += envelope.rcpt_tos
        if self.inbox.breaks_off:
            server.transport.abort()
            return ""
        return self.inbox.data_answer


@contextmanager
def mail_server(**given: Any) -> Iterator[Inbox]:
    """Run a mail server on a free port; `given` goes to aiosmtpd."""
    from aiosmtpd.controller import Controller

    inbox = Inbox()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        inbox.port = taken.getsockname()[1]
    controller = Controller(_Handler(inbox), hostname="127.0.0.1", port=inbox.port, **given)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()


def mailing(settings: Settings, inbox: Inbox, **given: Any) -> Settings:
    """Return settings that send through a mail server of a test."""
    values: dict[str, Any] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": inbox.port,
        "smtp_tls": "none",
        "mail_from": "alerts@network.example",
    }
    return replace(settings, **(values | given))


def all_deliveries(session: Session, **facts: Any) -> list[Delivery]:
    """Return every delivery of some facts as the database holds it now, the oldest first."""
    session.commit()  # what reads must not keep the worker from writing
    session.expire_all()
    query = select(Delivery).filter_by(**facts).order_by(Delivery.queued_at)
    found = list(session.scalars(query.options(joinedload(Delivery.version))))
    session.commit()
    return found


def published_to(session: Session, network: Network, offices: int = 1, **given: Any) -> Any:
    """Publish an alert that so many offices are told."""
    made = [make_recipient(session, network) for _office in range(offices)]
    make_group(session, network, *made)
    version = make_published(session, network, **given)
    session.commit()
    return version
