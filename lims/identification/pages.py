"""The plate with its candidates, decisions on them, what fits a colour test, numbered unknowns."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.analysis import forms, readings, standing
from lims.analysis import operations as analysis
from lims.analysis import queries as runs
from lims.analysis import schemas as bench
from lims.analysis.readings import PlateRead
from lims.analysis.records import Run
from lims.analysis.states import (
    INTENSITY_WORDS,
    ROLE_WORDS,
    ULTRAVIOLET,
    ULTRAVIOLET_WORDS,
    LaneRole,
    RunState,
)
from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.words import _, say
from lims.identification import cards, operations, queries, schemas
from lims.library import queries as library
from lims.library.references import reference_lots
from lims.network.rules import Permission
from lims.quality.queries import reagent_lots

blueprint = Blueprint("identification", __name__)
PAGE = 50
FIRST_STEPS = ("uv254", "marquis")


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
    prior = request.args.get("prior") or None
    return url_for(".plate", run_id=run_id, spot=spot or None, step=step or None, prior=prior)


def _show_plate(
    session: Session,
    actor: Actor,
    run_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    tongue, found = browser.language(), runs.run(session, actor, run_id)
    read = readings.read_plate(session, found, tongue)
    use_prior = request.args.get("prior", "") != "no"
    ranked = queries.rankings(session, found, use_prior=use_prior, language=tongue)
    shown = cards.cards(session, ranked, tongue)
    form = (
        {**forms.plate_kept(typed), "row_version": found.row_version}
        if problems
        else forms.plate_typed(found, read, tongue)
    )
    steps = _steps(form, request.values.get("step", ""))
    selected = request.values.get("spot", "") or (shown[0].label if shown else "")
    step = request.values.get("step", "") or next((s for s in steps if s not in ULTRAVIOLET), "")
    about = standing.about_run(session, actor, found, tongue)
    return browser.render(
        "identification/plate.html",
        typed=form,
        problems=problems,
        plate=read,
        reads={f"{one.lane.position}{one.spot.label}": one for one in read.spots},
        drawing=cards.drawing(found, read, selected, step, tongue),
        cards=shown,
        card=next((one for one in shown if one.label == selected), None),
        selected=selected,
        step=step,
        steps_shown=steps,
        steps_of_protocol=about["steps"],
        use_prior=use_prior,
        editable=found.state == RunState.RECORDED and found.analyst == actor.account,
        before=readings.plate_before(session, found),
        decided=_decided(session, found, tongue),
        **_plate_choices(session, found, read, tongue),
        **about,
    )


def _steps(form: dict[str, Any], wanted: str) -> list[str]:
    """Return the steps that the table shows: those with observations, and the one asked for."""
    held = [str(one.get("step", "")) for one in form["steps"]]
    steps = [one for one in dict.fromkeys([*held, wanted]) if one]
    return sorted(steps or FIRST_STEPS, key=lambda one: (one not in ULTRAVIOLET, one))


def _plate_choices(session: Session, found: Run, read: PlateRead, tongue: str) -> dict[str, Any]:
    standards = reference_lots(session, found.site_id)
    reagents = {one.code: one.label(tongue) for one in library.terms(session, "reagent")}
    names = {"uv254": "UV254", "uv365": "UV365", **reagents}
    lots: dict[str, list[tuple[str, str]]] = {}
    for lot in reagent_lots(session, found.site_id):
        lots.setdefault(lot.reagent, []).append((str(lot.id), lot.lot))
    whats = {one.id: one.name for one in read.expected}
    whats |= {what.key: what.name(tongue) for _lot, what in standards}
    palette = {one.code: one.label(tongue) for one in library.terms(session, "palette")}
    return {
        "samples": [
            (str(one.sample_id), f"{one.sample.code[:4]}-{one.sample.code[4:]}")
            for one in found.samples
        ],
        "roles": [(str(one), say(ROLE_WORDS[one], tongue)) for one in LaneRole],
        "standards": [(str(lot.id), f"{what.name(tongue)} {lot.lot}") for lot, what in standards],
        "whats": list(whats.items()),
        "intensities": [(one, say(words, tongue)) for one, words in INTENSITY_WORDS.items()],
        "uv": [(one, say(words, tongue)) for one, words in ULTRAVIOLET_WORDS.items()],
        "palette": list(palette.items()),
        "pairs": lambda colours: [(code, palette.get(code, code)) for code in colours.split(">")],
        "step_names": names,
        "lots": lots,
        "key_of": forms.key_of,
    }


def _decided(session: Session, found: Run, tongue: str) -> dict[str, dict[str, Any]]:
    """Return the last decision on each spot, by its label on the plate."""
    kept: dict[str, dict[str, Any]] = {}
    for decision, listed, substance in queries.decisions(session, found.id):
        kept[str(listed.observed.get("label", ""))] = {
            "verdict": decision.verdict,
            "why": decision.why,
            "name": substance.name(tongue) if substance else "",
            "stands": any(
                one.evidence.get("candidate_list") == str(listed.id) for one in found.answers
            ),
        }
    return kept


@blueprint.post("/runs/<uuid:run_id>/decisions")
def decide(run_id: uuid.UUID) -> ResponseReturnValue:
    """Accept, reject or leave the candidates of a spot."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Any:
        told = schemas.DecideSchema().read(typed)
        use_prior = told.pop("use_prior") is not False
        command = operations.Decide(run_id=run_id, use_prior=use_prior, **told)
        return operations.decide(session, actor, command)

    return browser.act_and_go(act, _back(run_id), _("The decision is kept with its list."))


def _back(run_id: uuid.UUID) -> str:
    if request.form.get("spot_id"):
        spot = request.form.get("spot", "") or None
        return url_for(".plate", run_id=run_id, spot=spot, step=request.form.get("step") or None)
    return url_for(".candidates", run_id=run_id)


@blueprint.post("/runs/<uuid:run_id>/unknowns")
def number_unknown(run_id: uuid.UUID) -> ResponseReturnValue:
    """Number a spot that fits nothing."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Any:
        told = schemas.NumberUnknownSchema().read(typed)
        command = operations.NumberUnknown(run_id=run_id, **told)
        return operations.number_unknown(session, actor, command)

    return browser.act_and_go(act, _back(run_id), _("The spot has its number."))


@blueprint.get("/runs/<uuid:run_id>/candidates")
def candidates(run_id: uuid.UUID) -> ResponseReturnValue:
    """Show what fits the observations of a run, sample by sample."""
    session, tongue = browser.session(), browser.language()
    use_prior = request.args.get("prior", "") != "no"
    found = runs.run(session, browser.actor(), run_id)
    ranked = queries.rankings(session, found, use_prior=use_prior, language=tongue)
    return browser.render(
        "identification/candidates.html",
        run=found,
        use_prior=use_prior,
        cards=cards.cards(session, ranked, tongue),
        codes={str(one.sample_id): one.sample.code for one in found.samples},
    )


@blueprint.get("/unknowns")
def unknowns() -> ResponseReturnValue:
    """List what no method has named yet."""
    session, page = browser.session(), browser.page_number()
    listed, total = queries.unknowns(session, browser.actor(), page, PAGE)
    last = min(page * PAGE, total)
    return browser.render(
        "identification/unknowns.html",
        unknowns=listed,
        may_solve=browser.actor().may(Permission.CONCLUDE),
        suggestions=library.suggestions(session, browser.language()),
        pages={
            "first": (page - 1) * PAGE + 1,
            "last": last,
            "total": total,
            "previous_url": url_for(".unknowns", page=page - 1) if page > 1 else None,
            "next_url": url_for(".unknowns", page=page + 1) if last < total else None,
        },
    )


@blueprint.post("/unknowns/<uuid:unknown_id>")
def solve_unknown(unknown_id: uuid.UUID) -> ResponseReturnValue:
    """Say what an unknown turned out to be."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.solve_unknown(
            session,
            actor,
            operations.SolveUnknown(unknown_id, **schemas.SolveUnknownSchema().read(typed)),
        ),
        url_for(".unknowns"),
        _("The unknown has a name."),
    )
