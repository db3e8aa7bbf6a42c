"""Pages that print: labels of samples, blank labels with the register of their sheets, tickets."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.house import house
from lims.foundation import codes
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Refused
from lims.foundation.words import _
from lims.intake import (
    calibration,
    label_queries,
    label_schemas,
    operations,
    paper,
    queries,
    schemas,
)
from lims.network.rules import Permission

blueprint = Blueprint("labels", __name__)
PAGE = 50
Print = Callable[[Session, Actor], paper.Document]


@blueprint.post("/labels.pdf")
def sample_labels() -> ResponseReturnValue:
    """Return labels of samples for a printer; a label printed before needs a reason."""
    typed = browser.typed()

    def act(session: Session, actor: Actor) -> paper.Document:
        command, start = label_schemas.print_from_form(typed)
        chosen = label_queries.chosen(session, actor, command.layout)
        printed = [sample for sample, _n in operations.print_labels(session, actor, command)]
        tongue, demo = browser.language(), house().settings.demonstration
        return paper.sample_labels(session, printed, chosen, tongue, demo, start)

    try:
        return _answer(_counted(act), typed)
    except Invalid as refusal:
        browser.close_session()
        return _ask_again(typed, browser.said(refusal.problems, refusal.message)), 422


def _counted(act: Print) -> paper.Document:
    """Do an act of printing; who prints the same at the same moment looks again and is second."""
    try:
        made = act(browser.session(), browser.actor())
        browser.session().commit()
    except IntegrityError:
        browser.session().rollback()
        made = act(browser.session(), browser.actor())
        browser.session().commit()
    return made


def _answer(made: paper.Document, typed: browser.Typed) -> Response | str:
    """Return a PDF to look at, ZPL as a file, or its text on a page to copy."""
    if typed.get("show") and made.mimetype == "text/plain":
        return browser.render("intake/zpl.html", text=made.data.decode(), name=made.name)
    kind = "inline" if made.mimetype == "application/pdf" else "attachment"
    shown = {"Content-Disposition": f'{kind}; filename="{made.name}"'}
    return Response(made.data, mimetype=made.mimetype, headers=shown)


def _ask_again(typed: browser.Typed, problems: browser.Problems) -> str:
    session, actor = browser.session(), browser.actor()
    samples = [queries.sample(session, actor, uuid.UUID(one)) for one in _identifiers(typed)]
    return browser.render(
        "intake/print_again.html",
        samples=samples,
        printing=paper.print_form(session, actor, samples, browser.language()),
        typed=typed,
        problems=problems,
    )


def _identifiers(typed: browser.Typed) -> list[str]:
    listed = typed.get("sample_ids")
    found = []
    for one in listed if isinstance(listed, list) else []:
        try:
            found.append(str(uuid.UUID(str(one))))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


@blueprint.post("/visits/<uuid:visit_id>/ticket.pdf")
def ticket_paper(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Return the ticket for a printer from the characters that the page has just shown."""
    session, actor, typed = browser.session(), browser.actor(), browser.typed()
    actor.must(Permission.PRINT)
    found = queries.visit(session, actor, visit_id)
    text = str(typed.get("ticket", ""))[:80]
    opened = operations.open_ticket(session, text)
    if opened is None or opened.visit_id != found.id:
        raise Refused(_("This is not the ticket of this visit. Make a new one."))
    settings = house().settings
    shown = codes.shown_ticket(codes.read_ticket(text))
    wanted = str(typed.get("paper", ""))[:20]
    made = paper.ticket(shown, found.language, settings.public_url, settings.demonstration, wanted)
    return _answer(made, typed)


@blueprint.route("/codes", methods=["GET", "POST"])
def blocks() -> ResponseReturnValue:
    """List the blocks of codes and make one."""

    def show(
        session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems
    ) -> str:
        page = browser.page_number()
        rows, total = queries.blocks(session, actor, page, PAGE)
        return browser.render(
            "intake/blocks.html",
            blocks=rows,
            pages=browser.list_links("labels.blocks", page, total, PAGE),
            typed=typed,
            problems=problems,
            site_name=actor.site_name,
        )

    return browser.form_page(
        act=lambda session, actor, typed: operations.make_code_block(
            session,
            actor,
            schemas.MakeCodeBlockSchema().read({**typed, "site_id": str(actor.site_id or "")}),
        ),
        then=lambda made: url_for("labels.block", block_number=made.number),
        done=lambda made: _("Block %(number)s is made.", number=made.number),
        show=show,
    )


@blueprint.get("/codes/blocks/<int:block_number>")
def block(block_number: int) -> ResponseReturnValue:
    """Show a block: print its blank labels, and where each of its sheets is."""
    return _block(block_number, browser.nested(request.args), browser.Problems())


def _block(number: int, typed: browser.Typed, problems: browser.Problems) -> str:
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    found = queries.block(session, actor, number)
    page = browser.page_number()
    rows, total = label_queries.sheets(session, actor, number, page, PAGE)
    return browser.render(
        "intake/block.html",
        block=found,
        counts=label_queries.block_counts(session, found.id),
        sheets=rows,
        pages=browser.list_links("labels.block", page, total, PAGE, block_number=number),
        layouts=paper.choices(session, actor, tongue),
        reasons=paper.reasons(session, tongue),
        zpl=label_queries.speaks_zpl(session, actor),
        typed=typed,
        problems=problems,
    )


@blueprint.post("/codes/<int:block_number>/labels.pdf")
def blank_labels(block_number: int) -> ResponseReturnValue:
    """Return blank labels of a block for a printer, and enter their sheets in its register."""
    typed = browser.typed()

    def act(session: Session, actor: Actor) -> paper.Document:
        told = label_schemas.PrintBlockSchema().read(typed)
        command = label_schemas.block_command(block_number, told)
        made = operations.print_blank_labels(session, actor, command)
        return _blank_document(made, command.start)

    try:
        return _answer(_counted(act), typed)
    except Invalid as refusal:
        browser.close_session()
        return _block(block_number, typed, browser.said(refusal.problems, refusal.message)), 422


def _blank_document(made: operations.Blanks, start: int = 1) -> paper.Document:
    demo = house().settings.demonstration
    return paper.blank_labels(
        made.codes, made.chosen, browser.language(), demo, start, made.captions
    )


@blueprint.get("/codes/<int:block_number>/sheets.pdf")
def sheet_list(block_number: int) -> ResponseReturnValue:
    """Return the list of a block's sheets as PDF: first and last code, where each is."""
    session, actor = browser.session(), browser.actor()
    found = queries.block(session, actor, block_number)
    rows, _total = label_queries.sheets(session, actor, block_number, 1, 1000)
    listed = [
        (
            str(one.record.number),
            codes.shown(one.record.first_code),
            codes.shown(one.record.last_code),
            str(one.record.labels),
            one.record.place,
        )
        for one in reversed(rows)
    ]
    title = _("Sheets of block %(number)s", number=found.number)
    data = calibration.sheet_list_pdf(title, listed, browser.language())
    return _answer(paper.Document(data, "application/pdf", f"sheets-{block_number}.pdf"), {})


@blueprint.post("/codes/sheets/<uuid:sheet_id>/again.pdf")
def sheet_again(sheet_id: uuid.UUID) -> ResponseReturnValue:
    """Return the labels of a sheet once more; a reason is needed."""
    typed = browser.typed()
    number = label_queries.block_of_sheet(browser.session(), browser.actor(), sheet_id).number

    def act(session: Session, actor: Actor) -> paper.Document:
        told = label_schemas.PrintSheetAgainSchema().read(typed)
        command = label_schemas.again_command(sheet_id, told)
        return _blank_document(operations.print_sheet_again(session, actor, command))

    try:
        return _answer(_counted(act), typed)
    except Invalid as refusal:
        browser.close_session()
        return _block(number, typed, browser.said(refusal.problems, refusal.message)), 422


@blueprint.post("/codes/sheets/<uuid:sheet_id>/place")
def place_sheet(sheet_id: uuid.UUID) -> ResponseReturnValue:
    """Write down where a sheet is."""
    number = label_queries.block_of_sheet(browser.session(), browser.actor(), sheet_id).number
    return browser.act_and_go(
        lambda session, actor, typed: operations.place_sheet(
            session,
            actor,
            operations.PlaceSheet(sheet_id, label_schemas.PlaceSheetSchema().read(typed)["place"]),
        ),
        url_for("labels.block", block_number=number),
        _("The place of the sheet is noted."),
    )
