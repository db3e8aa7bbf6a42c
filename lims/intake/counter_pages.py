"""Small pages of the table: what was not accepted, and what a declared name means."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.words import _
from lims.intake import counter, names, refusals, refusing, schemas
from lims.network.rules import Permission

blueprint = Blueprint("counter", __name__)
PAGE = 50


@blueprint.route("/not-accepted", methods=["GET", "POST"])
def not_accepted() -> ResponseReturnValue:
    """Show what was brought and not taken in, by site and week; count one more."""
    return browser.form_page(
        act=lambda session, actor, typed: refusing.note_not_accepted(
            session,
            actor,
            schemas.NotAcceptedSchema().read({**typed, "site_id": str(actor.site_id or "")}),
        ),
        then=lambda _made: url_for("intake.new_visit"),
        done=lambda _made: _("It is counted as not accepted. Nothing of the person is kept."),
        show=_refusals,
    )


def _refusals(
    session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems
) -> str:
    page, tongue = browser.page_number(), browser.language()
    rows, total = refusals.counted(session, actor, page, PAGE)
    last = min(page * PAGE, total)
    return browser.render(
        "intake/not_accepted.html",
        rows=rows,
        reasons=counter.labels_of(session, "not_accepted_reason", tongue),
        typed=typed,
        problems=problems,
        choices=counter.choices(session, tongue),
        pages=_pages(page, total, last),
    )


def _pages(page: int, total: int, last: int) -> dict[str, Any]:
    def at(number: int) -> str:
        return url_for(".not_accepted", page=number)

    return {
        "first": min((page - 1) * PAGE + 1, total),
        "last": last,
        "total": total,
        "previous_url": at(page - 1) if page > 1 else None,
        "next_url": at(page + 1) if last < total else None,
    }


@blueprint.get("/register/name")
def name() -> ResponseReturnValue:
    """Say what a declared name means, as a part of the form; asked while one types."""
    browser.actor().must(Permission.REGISTER)
    told = schemas.NameArguments().read(request.args.to_dict())
    return browser.render(
        "intake/_name.html",
        at=told["at"],
        field=told["field"],
        meaning=names.said(browser.session(), told["text"], browser.language()),
        chosen="",
        problems=browser.Problems(),
    )
