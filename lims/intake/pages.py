"""The pages of the testing point: one screen to register, then label and ticket; samples; codes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.house import house
from lims.foundation import codes
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Problem, Refusal, Refused
from lims.foundation.words import _, say
from lims.intake import completeness, counter, operations, paper, queries, rules, schemas
from lims.intake.labels import ticket_pdf
from lims.network.rules import Permission

blueprint = Blueprint("intake", __name__)
PAGE = 50


@blueprint.route("/register", methods=["GET", "POST"])
def new_visit() -> ResponseReturnValue:
    """Register a visit; answer with its codes, labels and the ticket, which is shown once."""
    if request.method == "GET":
        return _counter(counter.empty_visit(browser.language()), browser.Problems())
    typed = browser.typed()
    wish = str(typed.get("then", ""))
    if wish and wish != "register":
        return _counter(counter.changed(typed, wish), browser.Problems())
    try:
        made = _register(typed)
    except (NotPermitted, NotFound):
        raise
    except Refusal as refusal:
        browser.close_session()
        problems = refusal.problems if isinstance(refusal, Invalid) else ()
        listed = problems or (Problem("", refusal.message),)
        said = browser.said(listed, counter.heading(listed, refusal.message))
        return _counter(typed, said), refusal.status
    return _registered(made)


def _register(typed: Mapping[str, Any]) -> operations.Registration:
    actor = browser.actor()
    told = {**schemas.from_form(typed), "site_id": str(actor.site_id or "")}
    command = schemas.VisitFormSchema().read(told)
    try:
        made = operations.register_visit(browser.session(), actor, command)
        browser.session().commit()
    except IntegrityError:
        # The same form was sent twice at the same moment: the other one is the registration.
        browser.session().rollback()
        made = operations.register_visit(browser.session(), actor, command)
        browser.session().commit()
    return made


def _counter(typed: Mapping[str, Any], problems: browser.Problems) -> str:
    session, actor = browser.session(), browser.actor()
    actor.must(Permission.REGISTER)
    return browser.render(
        "intake/new_visit.html",
        typed=typed,
        problems=problems,
        samples=counter.with_meanings(session, counter.blocks_of(typed), browser.language()),
        choices=counter.choices(session, browser.language()),
        needs=completeness.needs(session),
        refusal_reasons=counter.listed(session, "not_accepted_reason", browser.language()),
        refusal_id=uuid.uuid4(),
        strip=queries.strip(session, actor, actor.site_id) if actor.site_id else None,
        most=rules.MOST_SAMPLES,
    )


def _registered(made: operations.Registration) -> str:
    return browser.render(
        "intake/registered.html",
        visit=made.visit,
        samples=made.samples,
        ticket=made.ticket,
        has_ticket=made.ticket is not None or queries.has_ticket(browser.session(), made.visit.id),
        layouts=paper.layouts(browser.language()),
        forms=counter.labels_of(browser.session(), "dosage_form", browser.language()),
        lacking=completeness.lacking(browser.session(), made.samples),
    )


@blueprint.get("/visits/<uuid:visit_id>")
def visit(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Show a registered visit again: its labels, and that its ticket was given."""
    found = queries.visit(browser.session(), browser.actor(), visit_id)
    return _registered(operations.Registration(found, list(found.samples)))


@blueprint.post("/visits/<uuid:visit_id>/ticket")
def renew_ticket(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Make a new ticket and show it once; the old one opens nothing any more."""
    session, actor = browser.session(), browser.actor()
    ticket = operations.renew_ticket(session, actor, visit_id)
    session.commit()
    found = queries.visit(session, actor, visit_id)
    return _registered(operations.Registration(found, list(found.samples), ticket))


@blueprint.post("/visits/<uuid:visit_id>/ticket.pdf")
def ticket_paper(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Return the ticket as PDF from the characters that the page has just shown."""
    session, actor = browser.session(), browser.actor()
    actor.must(Permission.PRINT)
    found = queries.visit(session, actor, visit_id)
    text = str(browser.typed().get("ticket", ""))[:80]
    opened = operations.open_ticket(session, text)
    if opened is None or opened.visit_id != found.id:
        raise Refused(_("This is not the ticket of this visit. Make a new one."))
    settings = house().settings
    shown = codes.shown_ticket(codes.read_ticket(text))
    document = ticket_pdf(
        shown, len(found.samples), found.language, settings.public_url, settings.demonstration
    )
    return _pdf(document, "ticket.pdf")


@blueprint.post("/labels.pdf")
def sample_labels() -> ResponseReturnValue:
    """Return labels of samples as PDF; each print is counted in the journal."""
    session, actor, typed = browser.session(), browser.actor(), browser.typed()
    told = schemas.PrintLabelsSchema().read({**typed, "sample_ids": typed.get("sample_ids") or []})
    paper.layout_named(told["layout"])
    command = operations.PrintLabels(tuple(told["sample_ids"]), told["layout"])
    printed = [sample for sample, _times in operations.print_labels(session, actor, command)]
    tongue, demo = browser.language(), house().settings.demonstration
    document = paper.sample_labels(session, printed, told["layout"], tongue, demo)
    session.commit()
    return _pdf(document, "labels.pdf")


def _pdf(document: bytes, name: str) -> Response:
    shown = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(document, mimetype="application/pdf", headers=shown)


@blueprint.get("/samples")
def samples() -> ResponseReturnValue:
    """List the samples of one's sites."""
    session, actor, asked = browser.session(), browser.actor(), browser.nested(request.args)
    told = schemas.ListArguments().read({**asked, "page": browser.page_number()})
    filters = schemas.filters_of(told)
    rows, total = queries.samples(session, actor, filters, told["page"], PAGE)
    tongue = browser.language()
    return browser.render(
        "intake/samples.html",
        samples=rows,
        asked=asked,
        forms=counter.labels_of(session, "dosage_form", tongue),
        states=[(str(one), say(words, tongue)) for one, words in rules.STATE_WORDS.items()],
        counts=queries.states_count(session, actor),
        lacking=completeness.lacking(session, rows),
        pages=_pages("intake.samples", told["page"], total),
        total=total,
    )


def _pages(endpoint: str, page: int, total: int) -> dict[str, Any]:
    narrowed = ("state", "form", "code", "incomplete")
    kept: dict[str, Any] = {name: request.args[name] for name in narrowed if name in request.args}
    last = min(page * PAGE, total)
    return {
        "first": min((page - 1) * PAGE + 1, total),
        "last": last,
        "total": total,
        "previous_url": url_for(endpoint, **kept, page=page - 1) if page > 1 else None,
        "next_url": url_for(endpoint, **kept, page=page + 1) if last < total else None,
    }


@blueprint.route("/samples/<uuid:sample_id>", methods=["GET", "POST"])
def sample(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Show what was told of a sample, and correct it."""
    return browser.form_page(
        act=lambda session, actor, typed: operations.correct_sample(
            session, actor, schemas.correction_from_form(sample_id, typed)
        ),
        then=lambda _sample: url_for("intake.sample", sample_id=sample_id),
        done=lambda _sample: _("The correction is saved."),
        show=lambda session, actor, typed, problems: _one_sample(
            session, actor, sample_id, typed, problems
        ),
    )


def _one_sample(
    session: Session,
    actor: Actor,
    sample_id: uuid.UUID,
    typed: browser.Typed,
    problems: browser.Problems,
) -> str:
    found = queries.sample(session, actor, sample_id)
    tongue = browser.language()
    given = typed if request.method == "POST" else counter.typed_of(session, found, tongue)
    return browser.render(
        "intake/sample.html",
        sample=found,
        typed=counter.with_meanings(session, [given], tongue)[0],
        problems=problems,
        may_correct=actor.may(Permission.REGISTER, found.site_id),
        may_picture=actor.may(Permission.REGISTER, found.site_id)
        or (found.laboratory_id and actor.may(Permission.RECEIVE, found.laboratory_id)),
        layouts=paper.layouts(tongue),
        **counter.about(session, found, tongue),
    )


@blueprint.post("/samples/<uuid:sample_id>/withdraw")
def withdraw(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw a sample."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.withdraw_sample(
            session,
            actor,
            operations.WithdrawSample(sample_id, schemas.ReasonSchema().read(typed)["reason"]),
        ),
        url_for("intake.sample", sample_id=sample_id),
        _("The sample is withdrawn."),
    )


@blueprint.post("/samples/<uuid:sample_id>/not-analysed")
def not_analysed(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Say that a sample will not be analysed, and why."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.mark_not_analysed(
            session,
            actor,
            operations.MarkNotAnalysed(sample_id, schemas.ReasonSchema().read(typed)["reason"]),
        ),
        url_for("intake.sample", sample_id=sample_id),
        _("It is noted that the sample is not analysed."),
    )


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
            pages=_pages("intake.blocks", page, total),
            layouts=paper.layouts(browser.language()),
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
        then=lambda _block: url_for("intake.blocks"),
        done=lambda block: _("Block %(number)s is made.", number=block.number),
        show=show,
    )


@blueprint.post("/codes/<int:number>/labels.pdf")
def blank_labels(number: int) -> ResponseReturnValue:
    """Return the blank labels of a block as PDF."""
    session, actor = browser.session(), browser.actor()
    told = schemas.PrintBlockSchema().read(browser.typed())
    paper.layout_named(told["layout"])
    command = operations.PrintBlock(number, told["layout"], told["most"])
    free = operations.print_blank_labels(session, actor, command)
    demo = house().settings.demonstration
    document = paper.blank_labels(free, told["layout"], browser.language(), demo)
    session.commit()
    return _pdf(document, f"labels-{number}.pdf")
