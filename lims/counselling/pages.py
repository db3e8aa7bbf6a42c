"""The counsellor's pages: opening what a visitor shows, one result per screen, the talk.

No address and no title holds a code, a product or a substance: a browser's history must not tell.
What a counsellor opened by a code shown is remembered in the browser's signed session, by its
meaningless identifier, until the browser is closed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from flask import session as kept
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.counselling import operations, queries, resemblances, results, rules, schemas
from lims.counselling.cards import shipped_cards
from lims.doors import browser
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotPermitted, Problem, Refusal
from lims.foundation.words import LANGUAGES, _, language_name
from lims.intake.records import Sample
from lims.library.queries import terms
from lims.network.rules import Permission

blueprint = Blueprint("counselling", __name__)
MOST_SHOWN = 30
AUDIENCE = "rdr-network"


@blueprint.route("/counselling", methods=["GET", "POST"])
def look_up() -> ResponseReturnValue:
    """Open what the visitor shows, or look for products by what one sees."""
    browser.actor().must(Permission.READ_FINDINGS)
    if request.method == "GET":
        return _look_up_page({}, browser.Problems())
    what = browser.typed()
    try:
        command = schemas.LookUpSchema().read(what)
        samples = operations.look_up(browser.session(), browser.actor(), command)
        browser.session().commit()
    except NotPermitted:
        raise
    except Refusal as refusal:
        browser.close_session()
        problems = getattr(refusal, "problems", None) or [Problem("code", refusal.message)]
        return _look_up_page(what, browser.said(problems, refusal.message)), refusal.status
    _remember(samples)
    return redirect(url_for("counselling.result", sample_id=samples[0].id), 303)


@blueprint.post("/counselling/look")
def find_by_look() -> ResponseReturnValue:
    """List the products that look like what one sees; by POST, so that no address tells."""
    what = schemas.LookSchema().read(browser.typed())
    found = resemblances.products_like(
        browser.session(), browser.actor(), _look_of(what), browser.language(), what["page"] or 1
    )
    return _look_up_page(browser.typed(), browser.Problems(), found=found)


def _look_of(what: dict[str, Any]) -> resemblances.Look:
    return resemblances.Look(what["form"], what["colour"], what["logo"], what["shape"])


def _look_up_page(
    typed: dict[str, Any],
    problems: browser.Problems,
    found: resemblances.LikeProducts | None = None,
) -> str:
    opened = browser.session()
    return browser.render(
        "counselling/look_up.html",
        typed=typed,
        problems=problems,
        found=found,
        forms=terms(opened, "dosage_form"),
        colours=terms(opened, "colour"),
        may_talk=browser.actor().may(Permission.RECORD_TALK),
    )


def _remember(samples: Sequence[Sample]) -> None:
    """Keep which samples a visitor has shown, the last ones, by identifier."""
    known = [one for one in kept.get("shown", []) if isinstance(one, str)]
    kept["shown"] = [*known, *(str(sample.id) for sample in samples)][-MOST_SHOWN:]


def _shown() -> frozenset[uuid.UUID]:
    return frozenset(uuid.UUID(one) for one in kept.get("shown", []))


def _sample(sample_id: uuid.UUID) -> Sample:
    return queries.sample_to_tell(browser.session(), browser.actor(), sample_id, _shown())


def _result(sample: Sample) -> results.Result:
    return results.results_of(browser.session(), [sample], browser.language(), AUDIENCE)[0]


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"level_words": rules.level_words}


@blueprint.get("/counselling/results/<uuid:sample_id>")
def result(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Tell one result, with the other samples of the visit as tabs."""
    sample = _sample(sample_id)
    told = _result(sample)
    shown = _shown()
    beside = [
        one
        for one in queries.visit_samples(browser.session(), sample.visit_id)
        if queries.may_read(browser.actor(), one, shown)
    ]
    return browser.render(
        "counselling/result.html",
        result=told,
        beside=beside,
        visit_language=sample.visit.language,
        languages={code: language_name(code) for code in LANGUAGES},
        likeness=resemblances.likeness(browser.session(), told.product_id, browser.language()),
        may_talk=browser.actor().may(Permission.RECORD_TALK),
        report_url=_report_url(browser.actor()),
    )


def _report_url(actor: Actor) -> str:
    """Return where an effect is reported, where this installation has that page."""
    endpoint = "surveillance.report"
    known = endpoint in current_app.view_functions and actor.may(Permission.REPORT_EFFECT)
    return url_for(endpoint) if known else ""


@blueprint.get("/counselling/results/<uuid:sample_id>/card")
def card(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Show a card to print: what was found and what to do, without brand, code or date."""
    return browser.render("counselling/card.html", result=_result(_sample(sample_id)))


@blueprint.route("/counselling/results/<uuid:sample_id>/talk", methods=["GET", "POST"])
def talk(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Record the talk about one sample."""
    sample = _sample(sample_id)

    def act(session: Session, actor: Actor, what: dict[str, Any]) -> Any:
        given = {**what, "sample_id": str(sample_id), "code": sample.code}
        return operations.record_talk(session, actor, schemas.RecordTalkSchema().read(given))

    def show(
        session: Session, actor: Actor, what: dict[str, Any], problems: browser.Problems
    ) -> str:
        actor.must(Permission.RECORD_TALK)
        return browser.render(
            "counselling/talk.html",
            typed=what,
            problems=problems,
            result=_result(sample),
            visit_language=sample.visit.language,
            talk_id=what.get("id") or str(uuid.uuid4()),
            cards=shipped_cards(),
            intention_words=_intentions(session),
            languages=[(code, language_name(code)) for code in LANGUAGES],
        )

    return browser.form_page(
        act=act,
        then=lambda _talk: url_for("counselling.result", sample_id=sample_id),
        show=show,
        done=lambda _talk: _("The talk is recorded."),
    )


@blueprint.get("/counselling/talks")
def talks() -> ResponseReturnValue:
    """List the talks of a day at the person's sites."""
    day, page = _day(request.args.get("day", "")), browser.page_number()
    rows, total = queries.talks(browser.session(), browser.actor(), day, page)
    return browser.render(
        "counselling/talks.html",
        rows=rows,
        total=total,
        day=day,
        page=page,
        size=queries.SIZE,
        intentions=dict(_intentions(browser.session())),
    )


def _intentions(session: Session) -> list[tuple[str, str]]:
    said = browser.language()
    return [(term.code, term.label(said)) for term in terms(session, "intention_after_result")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.today()
