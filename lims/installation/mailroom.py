"""The demonstration's recipients of alerts, and what became of the messages of one alert.

Every office and address here is synthetic (`.example` is reserved for that, RFC 2606), and a
demonstration sends nothing: it writes each message into a folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from lims.alerts import acknowledging, delivered, deliveries, groups, recipients
from lims.alerts.delivering import SENT, DeliveryState, never
from lims.alerts.outbox import Recipient
from lims.foundation import clock
from lims.foundation.words import _
from lims.installation.stage import Stage, Story
from lims.network.queries import OPERATOR

COORDINATOR, APPROVER = "coordination", "approbation"
# name, kind, mailbox, audience, language, ceiling, digest, group
OFFICES = (
    ("poison desk", "mail", "wacht", "health", "nl", "TLP:GREEN", "", "Health"),
    ("emergency departments", "mail", "urgences", "health", "fr", "TLP:GREEN", "daily", "Health"),
    ("network of testing points", "mail", "reseau", "rdr-network", "fr", "TLP:GREEN", "", "Points"),
    (
        "prevention centre",
        "mail",
        "info",
        "socio-preventive",
        "nl",
        "TLP:GREEN",
        "weekly",
        "Points",
    ),
    ("drug desk", "mail", "desk", "judicial-police", "nl", "TLP:AMBER+STRICT", "", "Police"),
    ("public feed", "feed", "", "public", "fr", "TLP:CLEAR", "", "Points"),
    ("coordination", "mail", "permanence", "rdr-network", "fr", "TLP:GREEN", "", "Coordination"),
)
STANDING = {"Health": "warning", "Points": "information", "Police": "", "Coordination": ""}


class Mailroom:
    """The stories of who is told."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def all(self) -> Iterator[Story]:
        """Give the stories that stand by themselves."""
        yield self.list()
        yield self.waiting()

    def list(self) -> Story:
        """Recipients are added by one person, confirmed by another, and put into groups."""
        session = self.stage.session
        yield self.stage.day(38, 10)
        keeper = self.stage.who(COORDINATOR)
        made = {}
        for name, level in STANDING.items():
            purpose = "coordination" if name == "Coordination" else "alerts"
            command = groups.MakeGroup(f"Demo: {name.lower()}", purpose, level, is_office=True)
            made[name] = groups.make_group(session, keeper, command)
        added = []
        for name, kind, box, audience, language, ceiling, digest, group in OFFICES:
            given = recipients.AddRecipient(
                name=f"Demo: {name}",
                kind=kind,
                address=f"{box}@demo.example" if box else "",
                audience=audience,
                language=language,
                tlp_ceiling=ceiling,
                digest=digest,
                is_office=True,
            )
            added.append(recipients.add_recipient(session, keeper, given))
            groups.add_member(session, keeper, groups.Membership(made[group].id, added[-1].id))
        yield self.stage.day(38, 15)
        for one in added:
            session.refresh(one)
            command_ = recipients.ConfirmRecipient(one.id, one.row_version)
            recipients.confirm_recipient(session, self.stage.who(APPROVER), command_)

    def waiting(self) -> Story:
        """One more office waits for the second person."""
        yield self.stage.day(1, 10)
        given = recipients.AddRecipient(
            name="Demo: night shelter",
            kind="mail",
            address="accueil@demo.example",
            audience="socio-preventive",
            is_office=True,
        )
        recipients.add_recipient(self.stage.session, self.stage.who(COORDINATOR), given)

    def posted(self) -> Story:
        """What is queued goes out: most offices confirm, one mailbox refuses."""
        if self.stage.folder is None:
            return
        session, folder = self.stage.session, self.stage.folder
        tokens: list[str] = []
        for _try in range(len(OFFICES)):
            yield clock.now() + timedelta(minutes=1)
            taken = deliveries.take_up(session, OPERATOR, deliveries.TakeUp(folder))
            if taken is None or taken.state != DeliveryState.SENDING or taken.lease is None:
                break
            box = session.scalars(
                select(Recipient.address).where(Recipient.id == taken.recipient_id)
            ).one()
            refuses = box.startswith("info@")
            if not refuses:
                tokens.append(delivered.token_of(taken, folder))
            words = _("The mail server refuses this mailbox (%(code)s).", code=550)
            outcome = never(words) if refuses else SENT
            deliveries.settle_delivery(
                session, OPERATOR, deliveries.Settle(taken.id, taken.lease, outcome)
            )
        for token in tokens[:2]:
            yield clock.now() + timedelta(minutes=17)
            acknowledging.acknowledge(session, token)
