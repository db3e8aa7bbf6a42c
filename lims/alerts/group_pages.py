"""The pages of groups: the list, one of them with its members and its standing rule."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.alerts import addressees, groups
from lims.alerts import delivery_schemas as schemas
from lims.alerts.list_words import words_of_lists
from lims.alerts.rules import LEVELS
from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _
from lims.network.rules import Permission

blueprint = Blueprint("recipient_groups", __name__)
SIZE = 50


@blueprint.route("/recipient-groups", methods=["GET", "POST"])
def groups_page() -> ResponseReturnValue:
    """List the groups, and make one."""
    return browser.form_page(
        act=lambda session, actor, typed: groups.make_group(
            session, actor, schemas.MakeGroupSchema().read(typed)
        ),
        then=lambda made: url_for("recipient_groups.group", group_id=made.id),
        done=lambda _made: _("The group is made. It is empty: it reaches nobody yet."),
        show=_list,
    )


def _list(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
    page = browser.page_number()
    rows, total = addressees.groups(session, actor, page, SIZE)
    return browser.render(
        "alerts/recipient_groups.html",
        rows=rows,
        pages=browser.listed("recipient_groups.groups_page", page, SIZE, total),
        keeps=actor.may(Permission.KEEP_RECIPIENTS),
        levels=LEVELS,
        typed={"id": str(uuid.uuid4()), **(typed if problems else {})},
        problems=problems,
    )


@blueprint.get("/recipient-groups/<uuid:group_id>")
def group(group_id: uuid.UUID) -> ResponseReturnValue:
    """Show a group with who is in it."""
    return _page(browser.session(), browser.actor(), group_id, {}, Problems())


def _page(
    session: Session, actor: Actor, group_id: uuid.UUID, typed: Typed, problems: Problems
) -> str:
    found = addressees.group(session, actor, group_id)
    keeps = actor.may(Permission.KEEP_RECIPIENTS)
    outside = addressees.outside(session, group_id) if keeps else []
    return browser.render(
        "alerts/recipient_group.html",
        group=found,
        members=[one.recipient for one in addressees.members_of(session, [group_id])],
        outside=[(str(one.id), f"{one.number} · {one.name}") for one in outside],
        keeps=keeps,
        levels=LEVELS,
        typed=typed,
        problems=problems,
        **words_of_lists(),
    )


def _on_group(
    group_id: uuid.UUID,
    act: Callable[[Session, Actor, Typed], Any],
    done: Message,
    then: str = "",
) -> ResponseReturnValue:
    return browser.form_page(
        act=act,
        then=lambda _made: then or url_for("recipient_groups.group", group_id=group_id),
        done=lambda _made: done,
        show=lambda session, actor, typed, problems: _page(
            session, actor, group_id, typed, problems
        ),
    )


@blueprint.post("/recipient-groups/<uuid:group_id>/members")
def add(group_id: uuid.UUID) -> ResponseReturnValue:
    """Bring a recipient into a group."""

    def act(session: Session, actor: Actor, typed: Typed) -> Any:
        given = schemas.MemberBody().read(typed)
        return groups.add_member(session, actor, groups.Membership(group_id=group_id, **given))

    return _on_group(group_id, act, _("It is in the group."))


@blueprint.post("/recipient-groups/<uuid:group_id>/members/<uuid:recipient_id>/removal")
def take_out(group_id: uuid.UUID, recipient_id: uuid.UUID) -> ResponseReturnValue:
    """Take a recipient out of a group."""
    command = groups.Membership(group_id, recipient_id)
    return _on_group(
        group_id,
        lambda session, actor, _typed: groups.remove_member(session, actor, command),
        _("It is out of the group."),
    )


@blueprint.post("/recipient-groups/<uuid:group_id>/standing")
def standing(group_id: uuid.UUID) -> ResponseReturnValue:
    """Change the standing rule."""

    def act(session: Session, actor: Actor, typed: Typed) -> Any:
        given = schemas.ChangeGroupBody().read(typed)
        return groups.change_group(session, actor, groups.ChangeGroup(group_id=group_id, **given))

    return _on_group(group_id, act, _("Changed."))


@blueprint.post("/recipient-groups/<uuid:group_id>/end")
def end(group_id: uuid.UUID) -> ResponseReturnValue:
    """Dissolve a group."""
    return _on_group(
        group_id,
        lambda session, actor, _typed: groups.end_group(session, actor, groups.EndGroup(group_id)),
        _("The group is dissolved."),
        url_for("recipient_groups.groups_page"),
    )
