"""Keeping the list of recipients: added by one person, confirmed by another, removed at once.

Address, audience and ceiling of a recipient never change: it is removed and added again, so that
a second person looks at what is new.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import addressees, delivering, mailboxes
from lims.alerts.audiences import Audience
from lims.alerts.delivering import DeliveryState
from lims.alerts.outbox import Delivery, GroupMember, Recipient
from lims.foundation import clock, lockbox
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field, refuse_stale
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.numbers import next_number
from lims.foundation.words import LANGUAGES, _
from lims.network.rules import Permission

SECRET_BYTES = 32


@dataclass(frozen=True)
class AddRecipient:
    """A new recipient; `is_office` answers the warning that it may belong to a person.

    `webhook_hosts` is what the server allows, `host:port`.
    """

    name: str
    kind: str
    address: str = ""
    audience: str = ""
    language: str = "fr"
    tlp_ceiling: str = "TLP:GREEN"
    digest: str = ""
    is_office: bool = False
    id: uuid.UUID | None = None
    webhook_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ConfirmRecipient:
    """A second person has read name, address, audience and ceiling."""

    recipient_id: uuid.UUID
    row_version: int


@dataclass(frozen=True)
class ChangeRecipient:
    """Language, digest, and whether it is sent anything now; nothing that a second person read."""

    recipient_id: uuid.UUID
    row_version: int
    language: str
    digest: str = ""
    is_active: bool = True


@dataclass(frozen=True)
class RemoveRecipient:
    """Off the list at once, and why."""

    recipient_id: uuid.UUID
    reason: str = ""


@dataclass(frozen=True)
class MakeSecret:
    """A new secret for a webhook; the one before signs nothing any more."""

    recipient_id: uuid.UUID
    data_dir: Path


def add_recipient(session: Session, actor: Actor, command: AddRecipient) -> Recipient:
    """Add a recipient, which is sent nothing before another person confirms it.

    Sending it twice keeps one. Raises Invalid beside each field.
    """
    actor.must(Permission.KEEP_RECIPIENTS)
    known = session.get(Recipient, command.id) if command.id else None
    if known is not None:
        return known
    _refuse_what_is_wrong(session, command)
    recipient = Recipient(
        id=command.id or uuid.uuid4(),
        number=next_number(session, Recipient.number, "R-"),
        name=command.name.strip(),
        kind=command.kind,
        address=command.address.strip(),
        audience=command.audience,
        language=command.language,
        tlp_ceiling=command.tlp_ceiling,
        digest=command.digest,
        added_by=actor.account,
        added_at=clock.now(),
    )
    session.add(recipient)
    session.flush()
    told = {"kind": recipient.kind, "audience": recipient.audience}
    told["ceiling"] = recipient.tlp_ceiling
    journal.record(session, actor, "add recipient", addressees.about(recipient), **told)
    return recipient


def _refuse_what_is_wrong(session: Session, command: AddRecipient) -> None:
    name, address = command.name.strip(), command.address.strip()
    problems = [] if name else [Problem("name", _("Name the office."))]
    warned = None if command.is_office else mailboxes.name_warning(name)
    problems += [Problem("name", warned)] if warned else []
    problems += mailboxes.address_problems(
        command.kind, address, command.webhook_hosts, is_office=command.is_office
    )
    listed = (
        ("kind", command.kind, delivering.KINDS),
        ("audience", command.audience, ("", *Audience)),
        ("language", command.language, LANGUAGES),
        ("tlp_ceiling", command.tlp_ceiling, delivering.CEILINGS),
        ("digest", command.digest, ("", *delivering.DIGESTS)),
    )
    chosen = _("Choose one of the list.")
    problems += [Problem(field, chosen) for field, given, codes in listed if given not in codes]
    problems += _combined(command)
    same = addressees.same_address(session, command.kind, address, command.audience)
    if same is not None:
        words = _("%(number)s has this address and audience already.", number=same.number)
        problems.append(Problem("address", words))
    if problems:
        raise Invalid(problems)


def _combined(command: AddRecipient) -> list[Problem]:
    found = []
    if command.digest and command.kind != "mail":
        found.append(Problem("digest", _("Digests go by mail only.")))
    if delivering.is_above(command.audience, command.tlp_ceiling):
        words = _("The messages of this audience are more confidential than this ceiling.")
        found.append(Problem("tlp_ceiling", words))
    return found


def confirm_recipient(session: Session, actor: Actor, command: ConfirmRecipient) -> Recipient:
    """Confirm a recipient that somebody else added; from now on it is sent messages.

    Raises Refused for one’s own, for a removed one, and when somebody has confirmed it already.
    """
    actor.must(addressees.reader(actor))
    recipient = addressees.recipient_to_change(session, command.recipient_id)
    _refuse_removed(recipient)
    refuse_stale(recipient, command.row_version)
    if recipient.verified_at is not None:
        raise Refused(_("Somebody has confirmed this recipient already."))
    refuse_unless_other_eyes(actor.account, author=recipient.added_by)
    recipient.verified_at, recipient.verified_by = clock.now(), actor.account
    recipient.digested_until = clock.now()
    journal.record(session, actor, "confirm recipient", addressees.about(recipient))
    return recipient


def _refuse_removed(recipient: Recipient) -> None:
    if recipient.removed_at is not None:
        raise Refused(_("This recipient is removed. Add it again."))


def change_recipient(session: Session, actor: Actor, command: ChangeRecipient) -> Recipient:
    """Change language, digest and pause; raises Invalid, Refused for a removed one."""
    actor.must(Permission.KEEP_RECIPIENTS)
    recipient = addressees.recipient_to_change(session, command.recipient_id)
    _refuse_removed(recipient)
    refuse_stale(recipient, command.row_version)
    if command.digest and recipient.kind != "mail":
        raise refuse_field("digest", _("Digests go by mail only."))
    if command.digest and not recipient.digest:
        recipient.digested_until = clock.now()  # a digest does not tell what was before it
    recipient.language, recipient.digest = command.language, command.digest
    recipient.is_active = command.is_active
    told = {"language": command.language, "digest": command.digest, "active": command.is_active}
    journal.record(session, actor, "change recipient", addressees.about(recipient), **told)
    return recipient


def remove_recipient(session: Session, actor: Actor, command: RemoveRecipient) -> Recipient:
    """Take a recipient off every list at once: what waits is not sent, its links open nothing.

    The address and the secret are emptied; number, name and history stay. Raises Invalid without
    a reason.
    """
    actor.must(Permission.KEEP_RECIPIENTS)
    recipient = addressees.recipient_to_change(session, command.recipient_id)
    _refuse_removed(recipient)
    if not command.reason.strip():
        raise refuse_field("reason", _("Say why: others will ask."))
    recipient.removed_at, recipient.removed_by = clock.now(), actor.account
    recipient.removed_why = command.reason.strip()
    recipient.address = recipient.secret_sealed = ""
    session.execute(delete(GroupMember).where(GroupMember.recipient_id == recipient.id))
    cancelled = _cancel_what_waits(session, recipient)
    told = {"reason": recipient.removed_why, "cancelled": cancelled}
    journal.record(session, actor, "remove recipient", addressees.about(recipient), **told)
    return recipient


def _cancel_what_waits(session: Session, recipient: Recipient) -> int:
    """Cancel what was not sent yet; what a worker has in its hands is settled as it ends."""
    waiting = (DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.DEAD)
    query = select(Delivery).where(
        Delivery.recipient_id == recipient.id, Delivery.state.in_(waiting)
    )
    found = session.scalars(query.with_for_update()).all()
    for delivery in found:
        delivering.refuse_delivery_move(delivery.state, DeliveryState.CANCELLED)
        delivery.state, delivery.token_sealed = DeliveryState.CANCELLED, ""
    return len(found)


def make_secret(session: Session, actor: Actor, command: MakeSecret) -> str:
    """Make a new secret for a webhook and return it: this is the only time it is known.

    The server keeps it encrypted, because it signs with it. Raises Refused for anything else than
    a webhook.
    """
    actor.must(Permission.KEEP_RECIPIENTS)
    recipient = addressees.recipient_to_change(session, command.recipient_id)
    _refuse_removed(recipient)
    if recipient.kind != "webhook":
        raise Refused(_("Only a webhook has a secret."))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    kept = lockbox.lock(command.data_dir, addressees.secret_purpose(recipient.id), secret)
    recipient.secret_sealed, recipient.secret_made_at = kept, clock.now()
    journal.record(session, actor, "make webhook secret", addressees.about(recipient))
    return secret
