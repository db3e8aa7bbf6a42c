"""The pages of partners' results: bring in, look at, read what stands out, decide names."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
import zlib
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.exchange import operations, queries, schemas
from lims.exchange.flags import FLAG_WORDS, Flag
from lims.exchange.sources import SOURCES
from lims.exchange.sources.mapping import mapping_of
from lims.exchange.sources.rows import STATUS_WORDS
from lims.exchange.sources.tables import LARGEST_FILE
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refusal, refuse_field
from lims.foundation.words import Message, _

blueprint = Blueprint("exchange", __name__, url_prefix="/partners")
#: Characters of a delivery that a looked-at page carries on to the import; forms take 2 MB.
LARGEST_CARRIED = 1_500_000
PROBLEMS_SHOWN = 100


@blueprint.get("")
def imports() -> ResponseReturnValue:
    """List what was brought in, and offer to bring in more."""
    return _imports_page({}, browser.Problems())


def _imports_page(typed: dict[str, Any], problems: browser.Problems) -> str:
    session, actor = browser.session(), browser.actor()
    to_read, names = queries.waiting_counts(session, actor)
    return browser.render(
        "exchange/imports.html",
        part=queries.imports(session, actor, browser.page_number()),
        sources=[mapping_of(source) for source in SOURCES],
        titles={source: mapping_of(source).title for source in SOURCES},
        to_read=to_read,
        names=names,
        typed=typed,
        problems=problems,
    )


@blueprint.post("")
def bring() -> ResponseReturnValue:
    """Look at a delivery, or import it; a refusal shows the form again with its reason."""
    session, actor, typed = browser.session(), browser.actor(), browser.typed()
    try:
        said = schemas.DeliverySchema().read({**typed, "dry_run": typed.get("act") != "import"})
        command = operations.ImportResults(files=_delivered(typed), **said)
        report = operations.import_results(session, actor, command)
        session.commit()
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        browser.close_session()
        return _imports_page(typed, _refused(refusal)), refusal.status
    if report.import_id is None:
        return _report_page(report, _carried(command.files), typed.get("fetched_on", ""))
    browser.tell(_("Samples added: %(n)s.", n=report.added))
    return redirect(url_for("exchange.one_import", import_id=report.import_id), 303)


def _refused(refusal: Refusal) -> browser.Problems:
    if isinstance(refusal, Invalid):
        return browser.said(refusal.problems, refusal.message)
    return browser.said([Problem("files", refusal.message)], _("Nothing was imported."))


def _report_page(report: operations.ImportReport, delivery: str, fetched_on: str) -> str:
    listed = [*report.conflicts, *report.reading.problems]
    return browser.render(
        "exchange/report.html",
        report=report,
        delivery=delivery,
        fetched_on=fetched_on,
        problems_kept=[problem.kept() for problem in listed[:PROBLEMS_SHOWN]],
        problems_more=max(0, len(listed) - PROBLEMS_SHOWN),
        **_words(),
    )


def _delivered(typed: dict[str, Any]) -> dict[str, bytes]:
    """Return the files that came with the form, or those that a looked-at page carried on."""
    files = {file.filename: file.read() for file in request.files.getlist("files") if file.filename}
    if not files and typed.get("delivery"):
        files = _unpacked(str(typed["delivery"]))
    if not files:
        raise refuse_field("files", _("Choose the files of the delivery."))
    return files


def _carried(files: Any) -> str:
    body = {name: base64.b85encode(content).decode() for name, content in files.items()}
    packed = base64.b64encode(zlib.compress(json.dumps(body).encode(), 6)).decode()
    return packed if len(packed) <= LARGEST_CARRIED else ""


def _unpacked(text: str) -> dict[str, bytes]:
    try:
        opened = zlib.decompressobj().decompress(
            base64.b64decode(text, validate=True), LARGEST_FILE
        )
        return {str(k): base64.b85decode(str(v)) for k, v in json.loads(opened).items()}
    except (ValueError, AttributeError, zlib.error, binascii.Error) as broken:
        raise refuse_field("files", _("Choose the files of the delivery.")) from broken


@blueprint.get("/imports/<uuid:import_id>")
def one_import(import_id: uuid.UUID) -> ResponseReturnValue:
    """Show what one import brought and what was odd in it."""
    found = queries.one_import(browser.session(), browser.actor(), import_id)
    page, listed = browser.page_number(), found.report.get("problems", [])
    start = (page - 1) * PROBLEMS_SHOWN
    part = queries.Part(listed[start : start + PROBLEMS_SHOWN], len(listed), page, PROBLEMS_SHOWN)
    return browser.render(
        "exchange/import.html", found=found, part=part, mapping=mapping_of(found.source), **_words()
    )


@blueprint.get("/samples")
def samples() -> ResponseReturnValue:
    """List partner samples, narrowed down by what is asked."""
    session, actor, problems = browser.session(), browser.actor(), browser.Problems()
    asked = browser.nested(request.args)
    try:
        wanted = schemas.SampleFilterSchema().read(asked)
    except Invalid as refusal:
        wanted, problems = queries.SampleFilter(), browser.said(refusal.problems, refusal.message)
    part = queries.partner_samples(session, actor, wanted, browser.page_number())
    page = browser.render(
        "exchange/samples.html",
        part=part,
        typed=asked,
        problems=problems,
        sources=[mapping_of(source) for source in SOURCES],
        names=queries.substance_names(session, browser.language()),
        **_words(),
    )
    return page, 422 if problems else 200


@blueprint.get("/samples/<uuid:sample_id>")
def sample(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Show one partner sample."""
    found = queries.one_sample(browser.session(), browser.actor(), sample_id)
    return browser.render(
        "exchange/sample.html", found=found, mapping=mapping_of(found.source), **_words()
    )


@blueprint.get("/review")
def review() -> ResponseReturnValue:
    """List the samples that danger rules or flags point to."""
    part = queries.review_list(
        browser.session(), browser.actor(), _asked_source(), browser.page_number()
    )
    return browser.render(
        "exchange/review.html",
        part=part,
        source=_asked_source(),
        sources=[mapping_of(source) for source in SOURCES],
        **_words(),
    )


@blueprint.post("/review")
def mark_reviewed() -> ResponseReturnValue:
    """Note that the ticked samples were read."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> int:
        ticked = {"sample_ids": typed.get("sample_ids", [])}
        return operations.mark_reviewed(session, actor, schemas.MarkReviewedSchema().read(ticked))

    return browser.act_and_go(act, url_for("exchange.review"), _("Noted as read."))


@blueprint.get("/names")
def names() -> ResponseReturnValue:
    """List the names that mean no one substance of the library."""
    session, actor = browser.session(), browser.actor()
    state = request.args.get("state", "")
    state = state if state in schemas.STATES else schemas.STATES[0]
    return browser.render(
        "exchange/names.html",
        part=queries.unresolved_names(
            session, actor, _asked_source(), state, browser.page_number()
        ),
        state=state,
        source=_asked_source(),
        names=queries.substance_names(session, browser.language()),
        titles={source: mapping_of(source).title for source in SOURCES},
    )


@blueprint.post("/names/<uuid:name_id>/resolve")
def resolve_name(name_id: uuid.UUID) -> ResponseReturnValue:
    """Decide that a name means a substance."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.resolve_name(
            session, actor, schemas.ResolveNameSchema().read({**typed, "name_id": str(name_id)})
        ),
        url_for("exchange.names"),
        _("The name is resolved; its samples were weighed again."),
    )


@blueprint.post("/names/<uuid:name_id>/ignore")
def ignore_name(name_id: uuid.UUID) -> ResponseReturnValue:
    """Decide that a name stays without a substance."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.ignore_name(
            session, actor, operations.IgnoreName(name_id)
        ),
        url_for("exchange.names"),
        _("The name stays without a substance."),
    )


def _asked_source() -> str:
    asked = request.args.get("source", "")
    return asked if asked in SOURCES else ""


def _words() -> dict[str, Any]:
    """Return the words that pages of partner samples share."""
    flags: dict[str, Message] = {flag.value: FLAG_WORDS[flag] for flag in Flag}
    return {
        "flags": flags,
        "statuses": {status.value: words for status, words in STATUS_WORDS.items()},
        "titles": {source: mapping_of(source).title for source in SOURCES},
        "labels": queries.labels(browser.session(), browser.language()),
    }
