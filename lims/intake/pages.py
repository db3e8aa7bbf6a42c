"""The pages of the testing point: one screen to register, then the visit; samples."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Problem, Refusal
from lims.foundation.words import _, say
from lims.intake import (
    completeness,
    counter,
    label_queries,
    operations,
    paper,
    queries,
    rules,
    schemas,
)
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
        choices=counter.choices(session, browser.language(), growing=True),
        needs=completeness.needs(session),
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
        printing=paper.print_form(
            browser.session(), browser.actor(), made.samples, browser.language()
        ),
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
        printing=paper.print_form(session, actor, [found], tongue),
        prints=label_queries.prints_of(session, found.code),
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
