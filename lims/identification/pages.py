"""The pages of identification: what fits each spot, the decision on it, and the unknowns."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.analysis import forms, readings, standing
from lims.analysis import operations as analysis
from lims.analysis import queries as runs
from lims.analysis import schemas as bench
from lims.analysis.readings import PlateRead
from lims.analysis.records import Run
from lims.analysis.states import ULTRAVIOLET, RunState
from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.identification import operations, plate_view, queries, schemas, unknowns
from lims.identification.cards import cards
from lims.identification.records import Decision, Unknown
from lims.intake import queries as intake
from lims.library import queries as library
from lims.library.rules import refuse_name
from lims.network.rules import Permission

blueprint = Blueprint("identification", __name__)
PAGE = 50
DONE: dict[str, Message] = {
    operations.Verdict.ACCEPT: _("The candidate is accepted: the run answers with it."),
    operations.Verdict.REJECT: _("The candidates are rejected, with your reason."),
    operations.Verdict.UNDECIDED: _("Left undecided, with your reason."),
}


@blueprint.get("/runs/<uuid:run_id>/candidates")
def candidates(run_id: uuid.UUID) -> ResponseReturnValue:
    """Show what fits each spot or sample of a run."""
    return _show(browser.session(), browser.actor(), run_id, {}, browser.Problems())


@blueprint.route("/runs/<uuid:run_id>/candidates/decisions", methods=["GET", "POST"])
def decide(run_id: uuid.UUID) -> ResponseReturnValue:
    """Decide on what fits one spot or sample."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Decision:
        command = schemas.DecideNowSchema().read({**typed, "run_id": str(run_id)})
        return operations.decide_now(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda _made: _back(run_id),
        done=lambda made: DONE[made.verdict],
        show=lambda session, actor, typed, problems: _show(session, actor, run_id, typed, problems),
    )


@blueprint.route("/runs/<uuid:run_id>/candidates/unknowns", methods=["GET", "POST"])
def number_unknown(run_id: uuid.UUID) -> ResponseReturnValue:
    """Number a spot that nothing explains."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Unknown:
        command = schemas.NumberUnknownSchema().read({**typed, "run_id": str(run_id)})
        return unknowns.number_unknown(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda _made: _back(run_id),
        done=lambda made: _("It is unknown %(number)s from now on.", number=made.number),
        show=lambda session, actor, typed, problems: _show(session, actor, run_id, typed, problems),
    )


@blueprint.route("/runs/<uuid:run_id>/plate", methods=["GET", "POST"])
def plate(run_id: uuid.UUID) -> ResponseReturnValue:
    """Show a plate drawn to scale with its spots and candidates; its analyst edits it here."""
    found = runs.run(browser.session(), browser.actor(), run_id)

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Run:
        told = {"row_version": found.row_version, **forms.plate_told(typed)}
        data = bench.PlateSchema().read(told)
        return analysis.record_plate(session, actor, bench.recording_of("plate", run_id, data))

    return browser.form_page(
        act=act,
        then=lambda _run: _next(run_id),
        show=lambda session, actor, typed, problems: _show_plate(
            session, actor, run_id, typed, problems
        ),
    )


def _next(run_id: uuid.UUID) -> str:
    """Return the page with the spot and step that the analyst goes on with."""
    spot, step = request.form.get("spot", ""), request.form.get("step", "")
    if request.form.get("go"):
        spot, _colon, step = request.form["go"].partition(":")
    step = request.form.get("new_step") or step
    kept: dict[str, Any] = {name: request.args.get(name) or None for name in ("prior", "together")}
    return url_for(".plate", run_id=run_id, spot=spot or None, step=step or None, **kept)


def _show_plate(
    session: Session,
    actor: Actor,
    run_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    tongue, with_prior = browser.language(), request.args.get("prior", "") != "off"
    together = request.values.get("together", "") in ("on", "true")
    fits = queries.preview(session, actor, run_id, with_prior, tongue, together=together)
    read = readings.read_plate(session, fits.run, tongue)
    form = forms.plate_typed(fits.run, read, tongue)
    if problems:
        form = {**forms.plate_kept(typed), "row_version": fits.run.row_version}
    return browser.render(
        "identification/plate.html",
        form=form,
        form_problems=problems,
        plate=read,
        obstacles=[say(one, tongue) for one in fits.obstacles],
        may_decide=_may_decide(actor, fits.run),
        with_prior=with_prior,
        together=together,
        together_url=_together_url(".plate", run_id, together),
        typed={},
        problems={},
        before=readings.plate_before(session, fits.run),
        **_looked_at(session, fits, read, form, with_prior),
        **plate_view.choices(session, fits.run, read, tongue),
        **standing.about_run(session, actor, fits.run, tongue),
    )


def _looked_at(
    session: Session, fits: queries.Fits, read: PlateRead, form: dict[str, Any], with_prior: bool
) -> dict[str, Any]:
    """Return the spot and step that the page looks at, with its card and the drawing."""
    tongue = browser.language()
    shown = cards(session, fits, tongue)
    labels = {one.key: plate_view.label_of(one.fit.seen) for one in shown if one.fit.seen}
    steps = plate_view.steps_shown(form, request.values.get("step", ""))
    selected = request.values.get("spot", "") or next(iter(labels.values()), "")
    colours = (one for one in steps if one not in ULTRAVIOLET)
    step = request.values.get("step", "") or next(colours, "")
    prior = "off" if with_prior else None
    on = "on" if request.values.get("together", "") in ("on", "true") else None
    return {
        "all_cards": shown,
        "cards": [one for one in shown if labels.get(one.key) == selected],
        "labels": labels,
        "answered": {labels[one.key]: True for one in shown if one.fit.answer},
        "reads": {plate_view.label_of(one): one for one in read.spots},
        "drawing": plate_view.drawing(fits.run, read, selected, step, tongue),
        "selected": selected,
        "step": step,
        "steps_shown": steps,
        "prior_url": url_for(
            ".plate", run_id=fits.run.id, spot=selected or None, prior=prior, together=on
        ),
    }


def _back(run_id: uuid.UUID) -> str:
    together = "on" if request.form.get("together") == "true" else None
    if request.form.get("spot"):
        return url_for(".plate", run_id=run_id, spot=request.form["spot"], together=together)
    prior = "off" if request.form.get("with_prior") == "false" else None
    return url_for("identification.candidates", run_id=run_id, prior=prior, together=together)


def _show(
    session: Session,
    actor: Actor,
    run_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    return browser.render(
        "identification/candidates.html",
        run_url=_link("analysis.run", run_id=run_id),
        runs_url=_link("analysis.runs"),
        **about_candidates(session, actor, run_id, typed, problems),
    )


def about_candidates(
    session: Session,
    actor: Actor,
    run_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> dict[str, Any]:
    """Return all that the part `_candidates.html` shows, for any page that includes it."""
    tongue = browser.language()
    asked = typed.get("with_prior", request.args.get("prior", ""))
    with_prior = asked not in ("off", "false")
    together = typed.get("together", request.args.get("together", "")) in ("on", "true")
    fits = queries.preview(session, actor, run_id, with_prior, tongue, together=together)
    return {
        "run": fits.run,
        "cards": cards(session, fits, tongue),
        "obstacles": [say(one, tongue) for one in fits.obstacles],
        "may_decide": _may_decide(actor, fits.run),
        "with_prior": with_prior,
        "prior_url": url_for(
            "identification.candidates",
            run_id=run_id,
            prior="off" if with_prior else None,
            together="on" if together else None,
        ),
        "together": together,
        "together_url": _together_url("identification.candidates", run_id, together),
        "typed": typed,
        "problems": problems,
    }


def _together_url(endpoint: str, run_id: uuid.UUID, together: bool) -> str:
    """Return this page with the other plates and tests of a sample counted, or not."""
    kept: dict[str, Any] = {
        name: request.values[name] for name in ("spot", "step", "prior") if request.values.get(name)
    }
    return url_for(endpoint, run_id=run_id, together=None if together else "on", **kept)


def _may_decide(actor: Actor, run: Run) -> bool:
    mine = run.analyst == actor.account and actor.may(Permission.ANALYSE, run.site_id)
    return mine and run.state == RunState.RECORDED


def _link(endpoint: str, **values: Any) -> str | None:
    """Return the address of an endpoint, None where this application does not have it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


@blueprint.get("/unknowns")
def unknowns_page() -> ResponseReturnValue:
    """List what no method names yet, and what unknowns turned out to be."""
    return _show_unknowns(browser.session(), browser.actor(), {}, browser.Problems())


@blueprint.route("/unknowns/<uuid:unknown_id>/solution", methods=["GET", "POST"])
def solve(unknown_id: uuid.UUID) -> ResponseReturnValue:
    """Name an unknown."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Unknown:
        meant = library.resolve_name(session, str(typed.get("substance", "")))
        if meant.substance is None:
            raise refuse_name([one.name(browser.language()) for one in meant.candidates])
        command = unknowns.SolveUnknown(unknown_id, meant.substance.id)
        return unknowns.solve_unknown(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda _made: url_for("identification.unknowns_page"),
        done=lambda made: _("Unknown %(number)s is solved.", number=made.number),
        show=lambda session, actor, typed, problems: _show_unknowns(
            session, actor, {**typed, "unknown_id": unknown_id}, problems
        ),
    )


def _show_unknowns(
    session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    page = browser.page_number()
    state, text = request.args.get("state", ""), request.args.get("text", "")[:100]
    filters = queries.UnknownFilters(state if state in ("open", "solved") else "", text)
    found, total = queries.unknowns(session, actor, filters, page, PAGE)
    return browser.render(
        "identification/unknowns.html",
        unknowns=found,
        follows=partial(intake.may_follow, actor),
        filters=filters,
        pages=_pages(page, total, filters),
        may_solve=actor.may(Permission.CONCLUDE),
        suggestions=library.suggestions(session, browser.language()),
        language=browser.language(),
        typed=typed,
        problems=problems,
    )


def _pages(page: int, total: int, filters: queries.UnknownFilters) -> dict[str, Any]:
    """Return what the pagination macro needs."""
    kept: dict[str, Any] = {"state": filters.state or None, "text": filters.text or None}
    more = page * PAGE < total
    return {
        "first": min((page - 1) * PAGE + 1, total),
        "last": min(page * PAGE, total),
        "total": total,
        "previous_url": url_for(".unknowns_page", **kept, page=page - 1) if page > 1 else None,
        "next_url": url_for(".unknowns_page", **kept, page=page + 1) if more else None,
    }
