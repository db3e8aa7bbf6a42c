"""Groups of recipients: who is in, what stands by rule, and which are chosen for an alert.

Nobody is reached by default: an alert for which no group is chosen, and for whose level none
stands, is sent to nobody.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import addressees, delivering, mailboxes, queries, rules
from lims.alerts.outbox import ChosenGroup, GroupMember, Recipient, RecipientGroup
from lims.alerts.records import AlertVersion
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.network.rules import Permission


@dataclass(frozen=True)
class MakeGroup:
    """A new group; `is_office` answers the warning that its name may be a person's."""

    name: str
    purpose: str = "alerts"
    standing_level: str = ""
    is_office: bool = False
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class ChangeGroup:
    """Another standing rule for a group."""

    group_id: uuid.UUID
    row_version: int
    standing_level: str = ""


@dataclass(frozen=True)
class EndGroup:
    """A group is dissolved."""

    group_id: uuid.UUID


@dataclass(frozen=True)
class Membership:
    """A recipient comes into a group, or leaves it."""

    group_id: uuid.UUID
    recipient_id: uuid.UUID


@dataclass(frozen=True)
class ChooseGroups:
    """The groups that are told of one version of an alert."""

    version_id: uuid.UUID
    row_version: int
    group_ids: tuple[uuid.UUID, ...] = ()


def make_group(session: Session, actor: Actor, command: MakeGroup) -> RecipientGroup:
    """Make an empty group; sending it twice keeps one. Raises Invalid beside each field."""
    actor.must(Permission.KEEP_RECIPIENTS)
    known = session.get(RecipientGroup, command.id) if command.id else None
    if known is not None:
        return known
    _refuse_wrong_group(session, command)
    group = RecipientGroup(
        id=command.id or uuid.uuid4(),
        name=command.name.strip(),
        purpose=command.purpose,
        standing_level=command.standing_level,
        made_by=actor.account,
        made_at=clock.now(),
    )
    session.add(group)
    session.flush()
    told = {"purpose": group.purpose, "standing": group.standing_level}
    journal.record(session, actor, "make recipient group", addressees.about_group(group), **told)
    return group


def _refuse_wrong_group(session: Session, command: MakeGroup) -> None:
    name = command.name.strip()
    problems = [] if name else [Problem("name", _("Name the group."))]
    warned = None if command.is_office else mailboxes.name_warning(name)
    problems += [Problem("name", warned)] if warned else []
    if name and addressees.group_named(session, name) is not None:
        problems.append(Problem("name", _("There is a group of this name already.")))
    if command.purpose not in delivering.PURPOSES:
        problems.append(Problem("purpose", _("Choose one of the list.")))
    problems += _standing_problems(command.purpose, command.standing_level)
    if problems:
        raise Invalid(problems)


def _standing_problems(purpose: str, level: str) -> list[Problem]:
    if level and level not in rules.LEVELS:
        return [Problem("standing_level", _("Choose one of the list."))]
    if level and purpose == "coordination":
        words = _("The coordination’s own mailboxes are told of what escalates, not of alerts.")
        return [Problem("standing_level", words)]
    return []


def change_group(session: Session, actor: Actor, command: ChangeGroup) -> RecipientGroup:
    """Change from which level on a group is told without being chosen; raises Invalid."""
    actor.must(Permission.KEEP_RECIPIENTS)
    group = addressees.group_to_change(session, command.group_id)
    refuse_stale(group, command.row_version)
    problems = _standing_problems(group.purpose, command.standing_level)
    if problems:
        raise Invalid(problems)
    group.standing_level = command.standing_level
    told = {"standing": command.standing_level}
    journal.record(session, actor, "change recipient group", addressees.about_group(group), **told)
    return group


def end_group(session: Session, actor: Actor, command: EndGroup) -> RecipientGroup:
    """Dissolve a group: nobody is told through it any more."""
    actor.must(Permission.KEEP_RECIPIENTS)
    group = addressees.group_to_change(session, command.group_id)
    group.ended_at = clock.now()
    session.execute(delete(GroupMember).where(GroupMember.group_id == group.id))
    journal.record(session, actor, "end recipient group", addressees.about_group(group))
    return group


def add_member(session: Session, actor: Actor, command: Membership) -> RecipientGroup:
    """Bring a recipient into a group; twice is once. Raises Refused for a removed one."""
    actor.must(Permission.KEEP_RECIPIENTS)
    group = addressees.group_to_change(session, command.group_id)
    recipient = addressees.recipient_to_change(session, command.recipient_id)
    if recipient.removed_at is not None:
        raise Refused(_("This recipient is removed. Add it again."))
    if group.purpose == "coordination" and recipient.kind == "feed":
        raise refuse_field("recipient_id", _("reads the feed by itself: nothing is sent"))
    if _membership(session, command) is None:
        both = {"group_id": group.id, "recipient_id": recipient.id}
        session.add(GroupMember(added_by=actor.account, added_at=clock.now(), **both))
        _journal_member(session, actor, "add to recipient group", group, recipient)
    return group


def _membership(session: Session, command: Membership) -> GroupMember | None:
    query = select(GroupMember).where(
        GroupMember.group_id == command.group_id, GroupMember.recipient_id == command.recipient_id
    )
    return session.scalar(query)


def _journal_member(
    session: Session, actor: Actor, act: str, group: RecipientGroup, recipient: Recipient
) -> None:
    journal.record(
        session, actor, act, [*addressees.about_group(group), ("recipient", recipient.id)]
    )


def remove_member(session: Session, actor: Actor, command: Membership) -> RecipientGroup:
    """Take a recipient out of a group; what is queued later does not reach it through there."""
    actor.must(Permission.KEEP_RECIPIENTS)
    group = addressees.group_to_change(session, command.group_id)
    recipient = addressees.recipient_to_change(session, command.recipient_id)
    member = _membership(session, command)
    if member is not None:
        session.delete(member)
        session.flush()
        _journal_member(session, actor, "remove from recipient group", group, recipient)
    return group


def choose_groups(session: Session, actor: Actor, command: ChooseGroups) -> AlertVersion:
    """Choose which groups are told of a draft; who chose counts as its author.

    Raises Refused for anything but a draft, Invalid for a group that may not be chosen.
    """
    actor.must(queries.either(actor, Permission.DRAFT_ALERT, Permission.KEEP_RECIPIENTS))
    version = queries.version_to_change(session, command.version_id)
    rules.refuse_editing(version.state)
    refuse_stale(version, command.row_version)
    offered = {one.id for one in addressees.groups_for_alerts(session)}
    wanted = set(command.group_ids)
    if not wanted <= offered:
        raise refuse_field("group_ids", _("Choose one of the list."))
    session.execute(delete(ChosenGroup).where(ChosenGroup.version_id == version.id))
    session.add_all(ChosenGroup(version_id=version.id, group_id=one) for one in sorted(wanted))
    version.note_editor(actor.account)
    names = sorted(str(one) for one in wanted)
    journal.record(
        session, actor, "choose recipients of alert", queries.about(version), groups=names
    )
    return version
