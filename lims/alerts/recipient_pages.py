"""The pages of recipients: the list, one of them, and what may be done with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.alerts import addressees, delivered, delivering, mailboxes, recipients
from lims.alerts import delivery_schemas as schemas
from lims.alerts.acts import ACTS
from lims.alerts.audiences import Audience
from lims.alerts.list_words import said, said_moment, words_of_lists
from lims.alerts.outbox import Recipient
from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.doors.house import house
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _
from lims.journal import queries as journal
from lims.network.rules import Permission

blueprint = Blueprint("recipients", __name__)
SIZE = 50


@blueprint.route("/recipients", methods=["GET", "POST"])
def recipients_page() -> ResponseReturnValue:
    """List the recipients, and add one."""
    allowed = mailboxes.hosts(house().settings.webhook_hosts)
    return browser.form_page(
        act=lambda session, actor, typed: recipients.add_recipient(
            session,
            actor,
            replace(schemas.AddRecipientSchema().read(typed), webhook_hosts=allowed),
        ),
        then=lambda made: url_for("recipients.recipient", recipient_id=made.id),
        done=lambda made: _(
            "%(number)s is added. Another person confirms it before anything is sent.",
            number=made.number,
        ),
        show=_list,
    )


def _list(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
    page, which = browser.page_number(), request.args.get("which", "used")
    audience = request.args.get("audience", "")
    filters = addressees.RecipientFilters(
        which if which in addressees.WHICH else "used",
        audience if audience in tuple(Audience) else "",
    )
    rows, total = addressees.recipients(session, actor, filters, page, SIZE)
    kept: dict[str, Any] = {"which": filters.which, "audience": filters.audience}
    return browser.render(
        "alerts/recipients.html",
        rows=rows,
        filters=filters,
        pages=browser.listed("recipients.recipients_page", page, SIZE, total, **kept),
        keeps=actor.may(Permission.KEEP_RECIPIENTS),
        typed={"id": str(uuid.uuid4()), **(typed if problems else {})},
        problems=problems,
        hosts=sorted(mailboxes.hosts(house().settings.webhook_hosts)),
        **words_of_lists(),
    )


@blueprint.get("/recipients/<uuid:recipient_id>")
def recipient(recipient_id: uuid.UUID) -> ResponseReturnValue:
    """Show one recipient with its history."""
    return _page(browser.session(), browser.actor(), recipient_id, {}, Problems())


def _page(
    session: Session,
    actor: Actor,
    recipient_id: uuid.UUID,
    typed: Typed,
    problems: Problems,
    secret: str = "",
) -> str:
    found = addressees.recipient(session, actor, recipient_id)
    history = [
        {"what": said(ACTS[one.act]), "when": said_moment(one.at), "by": one.actor}
        for one in journal.acts_about(session, "recipient", [found.id])
        if one.act in ACTS
    ]
    return browser.render(
        "alerts/recipient.html",
        one=found,
        refused=delivering.why_not(found),
        groups=addressees.groups_of(session, found.id),
        history=history[-30:],
        deliveries=delivered.of_recipient(session, found.id),
        state_words=delivering.state_words,
        purpose_words=delivering.PURPOSE_WORDS,
        keeps=actor.may(Permission.KEEP_RECIPIENTS) and found.removed_at is None,
        confirms=_may_confirm(actor, found),
        own=actor.account == found.added_by,
        secret=secret,
        typed=typed,
        problems=problems,
        **words_of_lists(),
    )


def _may_confirm(actor: Actor, found: Recipient) -> bool:
    waits = found.verified_at is None and found.removed_at is None
    return waits and actor.account != found.added_by


def _on_recipient(
    recipient_id: uuid.UUID, act: Callable[[Session, Actor, Typed], Any], done: Message
) -> ResponseReturnValue:
    return browser.form_page(
        act=act,
        then=lambda _made: url_for("recipients.recipient", recipient_id=recipient_id),
        done=lambda _made: done,
        show=lambda session, actor, typed, problems: _page(
            session, actor, recipient_id, typed, problems
        ),
    )


@blueprint.post("/recipients/<uuid:recipient_id>/confirm")
def confirm(recipient_id: uuid.UUID) -> ResponseReturnValue:
    """Confirm a recipient that somebody else added."""

    def act(session: Session, actor: Actor, typed: Typed) -> Recipient:
        given = schemas.VersionedBody().read(typed)
        command = recipients.ConfirmRecipient(recipient_id=recipient_id, **given)
        return recipients.confirm_recipient(session, actor, command)

    return _on_recipient(recipient_id, act, _("Confirmed. It is told of alerts from now on."))


@blueprint.post("/recipients/<uuid:recipient_id>/change")
def change(recipient_id: uuid.UUID) -> ResponseReturnValue:
    """Change language, digest and pause."""

    def act(session: Session, actor: Actor, typed: Typed) -> Recipient:
        given = schemas.ChangeRecipientBody().read(typed)
        command = recipients.ChangeRecipient(recipient_id=recipient_id, **given)
        return recipients.change_recipient(session, actor, command)

    return _on_recipient(recipient_id, act, _("Changed."))


@blueprint.post("/recipients/<uuid:recipient_id>/removal")
def remove(recipient_id: uuid.UUID) -> ResponseReturnValue:
    """Take a recipient off every list at once."""

    def act(session: Session, actor: Actor, typed: Typed) -> Recipient:
        given = schemas.RemoveBody().read(typed)
        command = recipients.RemoveRecipient(recipient_id=recipient_id, **given)
        return recipients.remove_recipient(session, actor, command)

    done = _("Removed. Nothing is sent to it any more, and its links open nothing.")
    return _on_recipient(recipient_id, act, done)


@blueprint.post("/recipients/<uuid:recipient_id>/secret")
def secret(recipient_id: uuid.UUID) -> ResponseReturnValue:
    """Make a new secret and show it, in this answer and never again."""
    session, actor = browser.session(), browser.actor()
    command = recipients.MakeSecret(recipient_id, house().settings.data_dir)
    made = recipients.make_secret(session, actor, command)
    session.commit()
    return _page(session, actor, recipient_id, {}, Problems(), made)
