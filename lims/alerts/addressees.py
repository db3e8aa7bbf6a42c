"""Reading recipients and their groups: lists, one of each, and what was done to it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from lims.alerts import delivering, queries
from lims.alerts.outbox import GroupMember, Recipient, RecipientGroup
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.network.rules import Permission


def reader(actor: Actor) -> Permission:
    """Return the permission by which an actor reads recipients, else the one that is missing."""
    return queries.either(actor, Permission.KEEP_RECIPIENTS, Permission.APPROVE_ALERT)


@dataclass(frozen=True)
class RecipientFilters:
    """Which recipients: in use, waiting for a second person, removed; of one audience."""

    which: str = "used"
    audience: str = ""


WHICH = ("used", "waiting", "removed")


def recipients(
    session: Session, actor: Actor, filters: RecipientFilters, page: int = 1, size: int = 50
) -> tuple[list[Recipient], int]:
    """Return one page of recipients in the order of their numbers, and how many there are."""
    actor.must(reader(actor))
    query = _chosen(filters)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(func.length(Recipient.number), Recipient.number)
    return list(session.scalars(ordered.offset((page - 1) * size).limit(size))), total


def _chosen(filters: RecipientFilters) -> Select[Recipient]:
    query = select(Recipient)
    if filters.which == "removed":
        query = query.where(Recipient.removed_at.is_not(None))
    else:
        query = query.where(Recipient.removed_at.is_(None))
    if filters.which == "waiting":
        query = query.where(Recipient.verified_at.is_(None))
    return query.where(Recipient.audience == filters.audience) if filters.audience else query


def recipient(session: Session, actor: Actor, recipient_id: uuid.UUID) -> Recipient:
    """Return a recipient; raises NotFound."""
    actor.must(reader(actor))
    return _found(session.get(Recipient, recipient_id))


def recipient_to_change(session: Session, recipient_id: uuid.UUID) -> Recipient:
    """Return a recipient, locked until the unit of work ends; raises NotFound."""
    found = session.get(Recipient, recipient_id, with_for_update=True, populate_existing=True)
    return _found(found)


def _found(found: Recipient | None) -> Recipient:
    if found is None:
        raise NotFound(_("There is no such recipient."))
    return found


def same_address(session: Session, kind: str, address: str, audience: str) -> Recipient | None:
    """Return a recipient in use that has this address and audience already, or None."""
    query = select(Recipient).where(
        Recipient.kind == kind,
        func.lower(Recipient.address) == address.lower(),
        Recipient.audience == audience,
        Recipient.removed_at.is_(None),
    )
    return session.scalar(query.limit(1)) if address else None


def groups_of(session: Session, recipient_id: uuid.UUID) -> list[RecipientGroup]:
    """Return the groups that a recipient is in."""
    query = (
        select(RecipientGroup)
        .join(GroupMember, GroupMember.group_id == RecipientGroup.id)
        .where(GroupMember.recipient_id == recipient_id, RecipientGroup.ended_at.is_(None))
    )
    return list(session.scalars(query.order_by(RecipientGroup.name)))


@dataclass(frozen=True)
class ListedGroup:
    """A group with how many are in it, and how many of them are sent messages now."""

    group: RecipientGroup
    members: int
    reached: int


def groups(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[ListedGroup], int]:
    """Return one page of the groups in use by name, each with its members, and how many."""
    actor.must(reader(actor))
    query = select(RecipientGroup).where(RecipientGroup.ended_at.is_(None))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    found = list(
        session.scalars(query.order_by(RecipientGroup.name).offset((page - 1) * size).limit(size))
    )
    inside = members_of(session, [one.id for one in found])
    return [_listed(one, inside) for one in found], total


def _listed(group: RecipientGroup, inside: Collection[GroupMember]) -> ListedGroup:
    mine = [one.recipient for one in inside if one.group_id == group.id]
    reached = [one for one in mine if delivering.why_not(one) is None]
    return ListedGroup(group, len(mine), len(reached))


def members_of(session: Session, group_ids: Collection[uuid.UUID]) -> list[GroupMember]:
    """Return who is in some groups, with recipient and group, in the order of their numbers."""
    query = (
        select(GroupMember)
        .join(GroupMember.recipient)
        .where(GroupMember.group_id.in_(group_ids), Recipient.removed_at.is_(None))
        .options(joinedload(GroupMember.recipient), joinedload(GroupMember.group))
        .order_by(func.length(Recipient.number), Recipient.number)
    )
    return list(session.scalars(query)) if group_ids else []


def group(session: Session, actor: Actor, group_id: uuid.UUID) -> RecipientGroup:
    """Return a group that is in use; raises NotFound."""
    actor.must(reader(actor))
    return _found_group(session.get(RecipientGroup, group_id))


def group_to_change(session: Session, group_id: uuid.UUID) -> RecipientGroup:
    """Return a group in use, locked until the unit of work ends; raises NotFound."""
    found = session.get(RecipientGroup, group_id, with_for_update=True, populate_existing=True)
    return _found_group(found)


def _found_group(found: RecipientGroup | None) -> RecipientGroup:
    if found is None or found.ended_at is not None:
        raise NotFound(_("There is no such group."))
    return found


def group_named(session: Session, name: str) -> RecipientGroup | None:
    """Return the group of this name, dissolved ones too, or None."""
    query = select(RecipientGroup).where(func.lower(RecipientGroup.name) == name.lower())
    return session.scalar(query)


def groups_for_alerts(session: Session) -> list[RecipientGroup]:
    """Return the groups that may be chosen for an alert."""
    query = select(RecipientGroup).where(
        RecipientGroup.ended_at.is_(None), RecipientGroup.purpose == "alerts"
    )
    return list(session.scalars(query.order_by(RecipientGroup.name)))


def outside(session: Session, group_id: uuid.UUID, limit: int = 500) -> list[Recipient]:
    """Return the recipients in use that a group does not hold yet."""
    inside = select(GroupMember.recipient_id).where(GroupMember.group_id == group_id)
    query = select(Recipient).where(Recipient.removed_at.is_(None), Recipient.id.not_in(inside))
    ordered = query.order_by(func.length(Recipient.number), Recipient.number)
    return list(session.scalars(ordered.limit(limit)))


def own_mailboxes(session: Session) -> list[Recipient]:
    """Return the coordination's own mailboxes and webhooks that are sent messages now."""
    query = (
        select(Recipient)
        .join(GroupMember, GroupMember.recipient_id == Recipient.id)
        .join(RecipientGroup, RecipientGroup.id == GroupMember.group_id)
        .where(RecipientGroup.purpose == "coordination", RecipientGroup.ended_at.is_(None))
        .order_by(Recipient.number)
        .distinct()
    )
    return [one for one in session.scalars(query) if delivering.why_not(one) is None]


def is_in_a_group(session: Session, recipient_id: uuid.UUID) -> bool:
    """Tell whether a recipient is in any group of recipients of alerts."""
    query = (
        select(GroupMember.id)
        .join(RecipientGroup, RecipientGroup.id == GroupMember.group_id)
        .where(
            GroupMember.recipient_id == recipient_id,
            RecipientGroup.purpose == "alerts",
            RecipientGroup.ended_at.is_(None),
        )
    )
    return session.scalar(query.limit(1)) is not None


def with_digest(session: Session) -> list[Recipient]:
    """Return the recipients in use that asked for a digest."""
    query = select(Recipient).where(
        Recipient.digest.in_(delivering.DIGESTS),
        Recipient.kind == "mail",
        Recipient.verified_at.is_not(None),
        Recipient.removed_at.is_(None),
    )
    return list(session.scalars(query.order_by(Recipient.number)))


def about(recipient: Recipient) -> list[tuple[str, uuid.UUID | str]]:
    """Return what an act on a recipient is about, for the journal."""
    return [("recipient", recipient.id)]


def about_group(group: RecipientGroup) -> list[tuple[str, uuid.UUID | str]]:
    """Return what an act on a group is about, for the journal."""
    return [("recipient_group", group.id)]


def secret_purpose(recipient_id: uuid.UUID) -> str:
    """Return for what the secret of a webhook is kept."""
    return f"webhook {recipient_id}"
