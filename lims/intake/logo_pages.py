"""The pages of the list of logos: looking, naming, other words, merging two and undoing it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.words import _
from lims.intake import logo_lists, logo_schemas, logos
from lims.network.rules import Permission

blueprint = Blueprint("logos", __name__, url_prefix="/logos")
PAGE = 50


@blueprint.get("")
def listed() -> ResponseReturnValue:
    """List the logos that stand for themselves."""
    session, actor = browser.session(), browser.actor()
    asked = request.args.to_dict()
    told = logo_schemas.LogoArguments().read({**asked, "page": browser.page_number()})
    filters = logo_lists.LogoFilters(told["words"], told["state"])
    rows, total = logo_lists.logos(session, actor, filters, told["page"], PAGE)
    return browser.render(
        "intake/logos.html", rows=rows, asked=asked, pages=_pages(told, total), total=total
    )


def _pages(told: dict[str, Any], total: int) -> dict[str, Any]:
    page, last = told["page"], min(told["page"] * PAGE, total)
    kept = {name: told[name] for name in ("words", "state") if told[name]}
    return {
        "first": min((page - 1) * PAGE + 1, total),
        "last": last,
        "total": total,
        "previous_url": url_for(".listed", **kept, page=page - 1) if page > 1 else None,
        "next_url": url_for(".listed", **kept, page=page + 1) if last < total else None,
    }


@blueprint.route("/<uuid:logo_id>", methods=["GET", "POST"])
def logo(logo_id: uuid.UUID) -> ResponseReturnValue:
    """Show a logo with its other words, and give it its name."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = logo_schemas.NameLogoSchema().read(typed)
        return logos.name_logo(session, actor, logos.NameLogo(logo_id, **told))

    return _acted(logo_id, act, _("The logo has its name."))


@blueprint.post("/<uuid:logo_id>/words")
def add_words(logo_id: uuid.UUID) -> ResponseReturnValue:
    """Add another word for a logo."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = logo_schemas.LogoWordsSchema().read(typed)
        return logos.add_alias(session, actor, logos.AddAlias(logo_id, told["words"]))

    return _acted(logo_id, act, _("The word now means this logo."))


@blueprint.post("/<uuid:logo_id>/merge")
def merge(logo_id: uuid.UUID) -> ResponseReturnValue:
    """Let a logo be merged into another."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = logo_schemas.MergeSchema().read(typed)
        return logos.merge_logos(session, actor, logos.MergeLogos(logo_id, **told))

    return _acted(logo_id, act, _("The two are one logo now. This can be undone."))


def _acted(logo_id: uuid.UUID, act: Any, done: Any) -> ResponseReturnValue:
    return browser.form_page(
        act=act,
        then=lambda made: url_for(".logo", logo_id=made.id),
        done=lambda _made: done,
        show=lambda session, actor, typed, problems: _show(
            session, actor, logo_id, typed, problems
        ),
    )


def _show(
    session: Session,
    actor: Actor,
    logo_id: uuid.UUID,
    typed: browser.Typed,
    problems: browser.Problems,
) -> str:
    found = logo_lists.logo(session, actor, logo_id)
    return browser.render(
        "intake/logo.html",
        row=logo_lists.rows_of(session, [found])[0],
        standing=logo_lists.standing(session, found),
        others=[one for one in logo_lists.standing_names(session) if one[0] != str(found.id)],
        typed=typed if request.method == "POST" else {},
        problems=problems,
        may_edit=actor.may(Permission.EDIT_PRODUCTS),
    )


@blueprint.post("/<uuid:logo_id>/undo")
def undo(logo_id: uuid.UUID) -> ResponseReturnValue:
    """Let a merged logo stand for itself again."""
    return browser.act_and_go(
        lambda session, actor, _typed: logos.undo_merge(session, actor, logos.UndoMerge(logo_id)),
        url_for(".logo", logo_id=logo_id),
        _("The logo stands for itself again."),
    )


@blueprint.post("/<uuid:logo_id>/words/<uuid:alias_id>/removal")
def remove_words(logo_id: uuid.UUID, alias_id: uuid.UUID) -> ResponseReturnValue:
    """Take a word off a logo."""
    return browser.act_and_go(
        lambda session, actor, _typed: logos.remove_alias(
            session, actor, logos.RemoveAlias(alias_id)
        ),
        url_for(".logo", logo_id=logo_id),
        _("The word does not mean this logo any more."),
    )
