"""The pages of exports: choose a format and a period, look, type the password, take the file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.doors.house import house
from lims.exchange import passing, past_exports, proving, tables_out
from lims.exchange.column_sets import FORMATS, column_set
from lims.exchange.export_schemas import (
    FORMAT_WORDS,
    ExportRowsSchema,
    LookSchema,
    asked_period,
    file_name,
    kinds_of,
    told,
)
from lims.exchange.tables_out import KINDS
from lims.foundation.errors import Invalid, Problem, Refusal

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


@blueprint.get("")
def exports_page() -> ResponseReturnValue:
    """Offer the formats, show what the chosen one would give, list what has left."""
    return _page(browser.nested(request.args), browser.Problems())


def _page(typed: dict[str, Any], problems: browser.Problems) -> ResponseReturnValue:
    session, actor = browser.session(), browser.actor()
    looked = None
    part = past_exports.exports(session, actor, browser.page_number())
    try:
        asked = LookSchema().read(typed)
        typed = {**typed, **asked}
        if typed.get("look"):
            network = house().settings.network_name
            chosen = column_set(asked["format"])
            looked = passing.look(session, actor, chosen, asked_period(asked), network)
    except Invalid as refusal:
        problems = problems or browser.said(refusal.problems, refusal.message)
    page = browser.render(
        "exchange/exports.html",
        typed=typed,
        problems=problems,
        formats=[(key, FORMAT_WORDS[key]) for key in FORMATS],
        names=FORMAT_WORDS,
        look=looked,
        rows=told(looked) if looked else [],
        kinds=kinds_of(looked.chosen.key) if looked else (),
        part=part,
    )
    return page, 422 if problems else 200


@blueprint.post("")
def export() -> ResponseReturnValue:
    """Give the file; a refusal shows the page again with its reason."""
    session, actor, typed = browser.session(), browser.actor(), browser.typed()
    file = tables_out.waiting_file()
    try:
        command = ExportRowsSchema().read(typed)
        kept = proving.export_proved(session, actor, command, file, house().settings)
        session.commit()
    except Refusal as refusal:
        file.close()
        if refusal.status in (403, 404):
            raise
        browser.close_session()
        told_now = refusal.problems if isinstance(refusal, Invalid) else []
        told_now = told_now or [Problem("", refusal.message)]
        return _page({**typed, "look": "yes"}, browser.said(told_now, refusal.message))
    return browser.streamed(file, file_name(kept), KINDS[kept.kind], kept.size)
