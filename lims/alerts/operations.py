"""Publishing alerts: sent to review, approved by another person, updated, withdrawn, expired.

What is published never changes: an update and a withdrawal are new versions whose publication
ends the one before.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import queries, rules, verification
from lims.alerts.drafting import (
    DraftAlert,
    EditAlert,
    EditMessage,
    EditTexts,
    add_version,
    draft_alert,
    edit_alert,
    edit_message,
    edit_texts,
)
from lims.alerts.events import (
    AddToEvent,
    AssessEvent,
    DecideEvent,
    OpenEvent,
    absorb_signal,
    add_to_event,
    assess_event,
    decide_event,
    open_event,
)
from lims.alerts.facts import GivenFacts
from lims.alerts.records import AlertPicture, AlertVersion
from lims.alerts.rules import AlertState, EventState, Kind
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Refused, refuse_field, refuse_stale
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.words import _
from lims.network import logins
from lims.network.rules import Permission

__all__ = [
    "AddToEvent",
    "AssessEvent",
    "DecideEvent",
    "DraftAlert",
    "EditAlert",
    "EditMessage",
    "EditTexts",
    "GivenFacts",
    "OpenEvent",
    "absorb_signal",
    "add_to_event",
    "assess_event",
    "decide_event",
    "draft_alert",
    "edit_alert",
    "edit_message",
    "edit_texts",
    "open_event",
]


@dataclass(frozen=True)
class AlertPublished:
    """A version of an alert is published."""

    version_id: uuid.UUID
    alert_id: uuid.UUID


@dataclass(frozen=True)
class SubmitAlert:
    """The draft is ready for another person."""

    version_id: uuid.UUID
    row_version: int


@dataclass(frozen=True)
class ApproveAlert:
    """Approved and published at once; the approver's password is asked again."""

    version_id: uuid.UUID
    password: str
    row_version: int


@dataclass(frozen=True)
class SendBackAlert:
    """Back to its author, with what is to be changed."""

    version_id: uuid.UUID
    reason: str
    row_version: int


@dataclass(frozen=True)
class UpdateAlert:
    """A new version of a published alert, and why."""

    alert_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class WithdrawAlert:
    """The withdrawal of a published alert, and why."""

    alert_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class ExpireAlert:
    """An alert past its review date is let go, and why."""

    version_id: uuid.UUID
    reason: str
    row_version: int


def submit_alert(session: Session, actor: Actor, command: SubmitAlert) -> AlertVersion:
    """Send a draft to review; raises Refused when it is not a draft any more."""
    actor.must(queries.either(actor, Permission.DRAFT_ALERT, Permission.APPROVE_ALERT))
    version = queries.version_to_change(session, command.version_id)
    rules.refuse_alert_move(version.state, AlertState.REVIEW)
    refuse_stale(version, command.row_version)
    _refuse_review_date(version)
    version.state = AlertState.REVIEW
    version.reason = "" if version.kind == Kind.ALERT else version.reason
    journal.record(session, actor, "submit alert", queries.about(version))
    return version


def _refuse_review_date(version: AlertVersion) -> None:
    problems = rules.review_problems(version.review_on, clock.today())
    if problems:
        raise Invalid(problems)


def approve_alert(session: Session, actor: Actor, command: ApproveAlert) -> AlertVersion:
    """Approve a version and publish it at once; the version before ends.

    Raises Refused for one's own draft, for a version that is not in review, or on a refuted event;
    Invalid for a wrong password.
    """
    actor.must(Permission.APPROVE_ALERT)
    version = queries.version_to_change(session, command.version_id)
    rules.refuse_alert_move(version.state, AlertState.APPROVED)
    refuse_stale(version, command.row_version)
    for author in rules.authors(version.author, version.editors):
        refuse_unless_other_eyes(actor.account, author=author)
    if not logins.is_own_password(session, actor, command.password):
        raise refuse_field("password", _("This is not your password."))
    _refuse_review_date(version)
    event = verification.event_in_force(session, version.alert.event)
    if event is not None and event.state == EventState.REFUTED and version.kind == Kind.ALERT:
        raise Refused(_("This event is refuted: there is nothing to warn of."))
    _end_before(session, version)
    version.state, version.approved_by = AlertState.APPROVED, actor.account
    rules.refuse_alert_move(version.state, AlertState.PUBLISHED)
    version.state, version.published_at = AlertState.PUBLISHED, clock.now()
    journal.record(
        session, actor, "approve and publish alert", queries.about(version), kind=version.kind
    )
    happenings.announce(session, actor, AlertPublished(version.id, version.alert_id))
    return version


def _end_before(session: Session, version: AlertVersion) -> None:
    """End the version that this one updates or withdraws, and the alert that it replaces."""
    end = rules.END_OF.get(Kind(version.kind))
    if end is not None:
        before = queries.published_version(session, version.alert_id)
        if before is None:
            raise Refused(_("This alert has ended in the meantime."))
        _end(before, end)
    replaced = queries.alert_by_number(session, str(version.facts.get("replaces", "")))
    if replaced is not None and replaced.id != version.alert_id:
        before = queries.published_version(session, replaced.id)
        if before is not None:
            _end(before, AlertState.SUPERSEDED)


def _end(version: AlertVersion, state: AlertState) -> None:
    rules.refuse_alert_move(version.state, state)
    version.state, version.ended_at = state, clock.now()


def send_back_alert(session: Session, actor: Actor, command: SendBackAlert) -> AlertVersion:
    """Send a version in review back to its author, with what is to be changed."""
    actor.must(queries.either(actor, Permission.APPROVE_ALERT, Permission.DRAFT_ALERT))
    version = queries.version_to_change(session, command.version_id)
    rules.refuse_alert_move(version.state, AlertState.DRAFT)
    refuse_stale(version, command.row_version)
    version.reason = _required(command.reason)
    version.state = AlertState.DRAFT
    journal.record(session, actor, "send back alert", queries.about(version))
    return version


def _required(reason: str) -> str:
    if not reason.strip():
        raise refuse_field("reason", _("Say why: others will ask."))
    return reason


def update_alert(session: Session, actor: Actor, command: UpdateAlert) -> AlertVersion:
    """Draft an update from the facts and texts of the published version.

    Raises Refused when the alert has ended or an update is already in work.
    """
    actor.must(queries.either(actor, Permission.DRAFT_ALERT, Permission.APPROVE_ALERT))
    return _next_version(session, actor, command.alert_id, Kind.UPDATE, command.reason)


def withdraw_alert(session: Session, actor: Actor, command: WithdrawAlert) -> AlertVersion:
    """Draft the withdrawal of a published alert; another person approves it.

    Raises Refused when the alert has ended or a withdrawal is already in work.
    """
    actor.must(queries.either(actor, Permission.DRAFT_ALERT, Permission.APPROVE_ALERT))
    return _next_version(session, actor, command.alert_id, Kind.WITHDRAWAL, command.reason)


def _next_version(
    session: Session, actor: Actor, alert_id: uuid.UUID, kind: Kind, reason: str
) -> AlertVersion:
    alert = queries.alert_to_change(session, alert_id)
    published = queries.published_version(session, alert.id)
    if published is None:
        raise Refused(_("Only a published alert is updated or withdrawn. This one is not."))
    if any(one.kind == kind and one.state in rules.IN_WORK for one in alert.versions):
        raise Refused(_("A version of this kind is already in work."))
    words = _required(reason)
    facts = {**published.facts, "replaces": ""}
    version = add_version(session, actor, alert, kind, facts, published.level)
    version.reason = words
    _keep_picture(published, version)
    if kind == Kind.UPDATE:
        _keep_texts(published, version)
    journal.record(session, actor, f"draft {kind}", queries.about(version))
    return version


def _keep_picture(before: AlertVersion, after: AlertVersion) -> None:
    """Give a new version the picture of the one before; the file is the same."""
    if before.picture is not None:
        one = before.picture
        after.picture = AlertPicture(
            id=uuid.uuid4(), sha256=one.sha256, width=one.width, height=one.height, by=one.by
        )


def _keep_texts(published: AlertVersion, version: AlertVersion) -> None:
    """Carry over the texts that people edited; composed ones say that they update."""
    composed = {(one.audience, one.language): one for one in version.messages}
    for before in published.messages:
        if queries.is_edited(published, before):
            after = composed[before.audience, before.language]
            after.headline, after.body = before.headline, before.body


def expire_alert(session: Session, actor: Actor, command: ExpireAlert) -> AlertVersion:
    """Let a published alert go when its review date has passed; before, raises Refused."""
    actor.must(queries.either(actor, Permission.DRAFT_ALERT, Permission.APPROVE_ALERT))
    version = queries.version_to_change(session, command.version_id)
    rules.refuse_alert_move(version.state, AlertState.EXPIRED)
    refuse_stale(version, command.row_version)
    rules.refuse_expiry(version.review_on, clock.today())
    _required(command.reason)
    _end(version, AlertState.EXPIRED)
    journal.record(
        session, actor, "let alert expire", queries.about(version), reason=command.reason
    )
    return version
