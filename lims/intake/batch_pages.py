"""The page of batch sheets: take the template, look at a filled one, register it."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.foundation.errors import Invalid, Problem, Refusal, refuse_field
from lims.foundation.words import _
from lims.intake import batch_schemas, batch_sheet
from lims.intake.batch_files import LARGEST_FILE, MOST_ROWS
from lims.network.rules import Permission

blueprint = Blueprint("batches", __name__, url_prefix="/samples/batch")
#: Characters of a sheet that the page carries on to the next button; forms take 2 MB.
LARGEST_CARRIED = 1_500_000
PROBLEMS_SHOWN = 200
TYPES = {"xlsx": batch_sheet.XLSX, "csv": batch_sheet.CSV}


@blueprint.get("")
def batch() -> ResponseReturnValue:
    """Offer the template, and take a filled sheet."""
    return _page(browser.Problems())


@blueprint.get("/template.<kind>")
def template(kind: str) -> ResponseReturnValue:
    """Give an empty sheet in the reader's language."""
    told = batch_schemas.TemplateSchema().read({"kind": kind, "language": browser.language()})
    content = batch_schemas.template(
        browser.session(), browser.actor(), told["language"], told["kind"]
    )
    return _file(content, f"balise-{browser.language()}.{told['kind']}")


@blueprint.post("")
def send() -> ResponseReturnValue:
    """Look at a sheet, register it, or give it back with remarks; a refusal says why."""
    session, actor, typed = browser.session(), browser.actor(), browser.typed()
    actor.must(Permission.REGISTER)
    try:
        told = batch_schemas.BatchFormSchema().read(typed)
        content = _delivered(typed)
        if actor.site_id is None:
            raise refuse_field(
                "file", _("You work at no site now. Choose one of your sites first.")
            )
        command = batch_schemas.SendBatch(content, actor.site_id, told["act"] != "register")
        report = batch_schemas.send_batch(session, actor, command)
        session.commit()
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        browser.close_session()
        return _page(_refused(refusal)), refusal.status
    if told["act"] == "remarks":
        name = f"balise-remarks.{told['kind']}"
        return _file(batch_schemas.remarked(report, browser.language(), told["kind"]), name)
    return _report(report, content), 422 if report.problems else 200


def _page(problems: browser.Problems) -> str:
    actor = browser.actor()
    actor.must(Permission.REGISTER)
    return browser.render(
        "intake/batch.html", problems=problems, most=MOST_ROWS, site_name=actor.site_name
    )


def _report(report: batch_schemas.BatchReport, content: bytes) -> str:
    carried = base64.b64encode(content).decode()
    return browser.render(
        "intake/batch_report.html",
        report=report,
        names={one.key: one.words(browser.language()) for one in report.columns},
        shown=report.problems[:PROBLEMS_SHOWN],
        more=max(0, len(report.problems) - PROBLEMS_SHOWN),
        carried=carried if len(carried) <= LARGEST_CARRIED else "",
        kind="xlsx" if content.startswith(b"PK") else "csv",
        problems=browser.Problems(),
    )


def _refused(refusal: Refusal) -> browser.Problems:
    listed = (
        refusal.problems if isinstance(refusal, Invalid) else (Problem("file", refusal.message),)
    )
    return browser.said(listed, _("Nothing was registered."))


def _delivered(typed: dict[str, Any]) -> bytes:
    """Return the file that came with the form, or the one that the report carried on."""
    given = request.files.get("file")
    content = given.read(LARGEST_FILE + 1) if given is not None and given.filename else b""
    if not content and typed.get("carried"):
        try:
            content = base64.b64decode(str(typed["carried"]), validate=True)
        except (ValueError, binascii.Error):
            content = b""
    if not content:
        raise refuse_field("file", _("Choose the filled sheet."))
    return content


def _file(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype=TYPES[name.rpartition(".")[2]])
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
