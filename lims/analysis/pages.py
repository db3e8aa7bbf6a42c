"""The pages of the analyses: runs, a new run, one run with its form, and the buttons on it.

A plate has its own page, with candidates beside it, in identification.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.analysis import forms, holdings, operations, queries, schemas, standing
from lims.analysis.answers import UNITS
from lims.analysis.instruments import KIND_OF, ROLE_WORDS
from lims.analysis.records import Run
from lims.analysis.states import (
    ABUNDANCES,
    KIND_WORDS,
    STATE_WORDS,
    STRIP_WORDS,
    AnswerKind,
    RunState,
    StripResult,
)
from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid
from lims.foundation.words import _, say
from lims.library import queries as library
from lims.network.rules import Permission
from lims.protocols import queries as protocols
from lims.protocols.rules import Technique
from lims.protocols.techniques import technique_words
from lims.quality import queries as quality

blueprint = Blueprint("analysis", __name__, url_prefix="/runs")
PAGE = 50
Options = list[tuple[str, str]]


@blueprint.get("")
def runs() -> ResponseReturnValue:
    """List the runs of one's laboratories."""
    session, tongue, typed = browser.session(), browser.language(), request.args.to_dict()
    problems, filters = browser.Problems(), queries.RunFilters()
    try:
        filters = schemas.RunFiltersSchema().read(typed)
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
    page = browser.page_number()
    listed, total = queries.runs(session, browser.actor(), filters, page, PAGE)
    kept: dict[str, Any] = {k: v for k, v in typed.items() if k not in ("page", "lang")}
    last = min(page * PAGE, total)
    shown = browser.render(
        "analysis/runs.html",
        runs=listed,
        typed=typed,
        problems=problems,
        states=[(str(one), say(STATE_WORDS[one], tongue)) for one in RunState],
        techniques=_techniques(tongue),
        technique_words=technique_words,
        may_start=browser.actor().may(Permission.ANALYSE),
        pages={
            "first": (page - 1) * PAGE + 1,
            "last": last,
            "total": total,
            "previous_url": url_for(".runs", page=page - 1, **kept) if page > 1 else None,
            "next_url": url_for(".runs", page=page + 1, **kept) if last < total else None,
        },
    )
    return shown, 422 if problems else 200


def _techniques(tongue: str) -> Options:
    wanted = [one for one in Technique if one != Technique.GUIDELINE]
    return [(str(one), say(technique_words(one), tongue)) for one in wanted]


@blueprint.route("/new", methods=["GET", "POST"])
def new_run() -> ResponseReturnValue:
    """Start a run: the protocol in force, and the samples as scanned or typed."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Run:
        told = {**typed, "samples": str(typed.get("samples", "")).split()}
        data = schemas.StartRunSchema().read(told)
        return operations.start_run(session, actor, schemas.start_of(None, data))

    return browser.form_page(
        act=act,
        then=lambda run: url_for(".run", run_id=run.id),
        done=lambda run: _("Run %(number)s has begun.", number=run.number),
        show=_show_new,
    )


def _show_new(
    session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    actor.must(Permission.ANALYSE)
    tongue = browser.language()
    samples = typed.get("samples") or typed.get("code") or ""
    site_id = actor.site_id
    return browser.render(
        "analysis/new_run.html",
        typed={**typed, "samples": samples},
        problems=problems,
        protocols=[
            (str(one.id), f"{one.titles.get(tongue, one.name)} ({one.label})")
            for one in protocols.current(session)
            if one.technique != Technique.GUIDELINE
        ],
        instruments=[
            (str(one.id), f"{one.name} ({say(technique_words(one.technique), tongue)})")
            for one in (quality.instruments(session, site_id) if site_id else [])
            if not one.out_of_service
        ],
    )


@blueprint.route("/<uuid:run_id>", methods=["GET", "POST"])
def run(run_id: uuid.UUID) -> ResponseReturnValue:
    """Show a run; its analyst records in it while it is open."""
    found = queries.run(browser.session(), browser.actor(), run_id)
    if found.technique == Technique.TLC:
        return redirect(url_for("identification.plate", run_id=run_id))
    part = schemas.PARTS[found.technique]

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Run:
        told = {"row_version": found.row_version, **forms.tidied(typed)}
        data = schemas.COMMANDS[part][0]().read(told)
        made: Run = schemas.ACTS[part](session, actor, schemas.recording_of(part, run_id, data))
        return made

    return browser.form_page(
        act=act,
        then=lambda _run: url_for(".run", run_id=run_id),
        done=lambda _run: _("Saved."),
        show=lambda session, actor, typed, problems: _show_run(
            session, actor, queries.run(session, actor, run_id), typed, problems
        ),
    )


def _show_run(
    session: Session, actor: Actor, found: Run, typed: dict[str, Any], problems: browser.Problems
) -> str:
    tongue, part = browser.language(), schemas.PARTS[found.technique]
    typed = (
        {**forms.tidied(typed), "row_version": found.row_version}
        if problems
        else forms.run_typed(session, found, part, tongue)
    )
    editable = found.state == RunState.RECORDED and found.analyst == actor.account
    return browser.render(
        "analysis/run.html",
        part=part,
        typed=typed,
        problems=problems,
        editable=editable,
        choices=_choices(session, found, tongue),
        spare=forms.with_spare,
        takes_files=found.technique in KIND_OF,
        uploads=holdings.uploads_of(session, found.id),
        role_words=ROLE_WORDS,
        name_of=holdings.name_of,
        typed_peaks=holdings.peaks_with_ions(session, found.id) if editable else [],
        codes={one.sample_id: one.sample.code for one in found.samples},
        **standing.about_run(session, actor, found, tongue),
    )


def _choices(session: Session, found: Run, tongue: str) -> dict[str, Any]:
    """Return what the selects of the forms offer."""
    lots = quality.reagent_lots(session, found.site_id)
    reagents = {one.code: one.label(tongue) for one in library.terms(session, "reagent")}
    return {
        "samples": [
            (str(one.sample_id), f"{one.sample.code[:4]}-{one.sample.code[4:]}")
            for one in found.samples
        ],
        "palette": [(one.code, one.label(tongue)) for one in library.terms(session, "palette")],
        "reagents": list(reagents.items()),
        "lots": [
            (str(one.id), f"{reagents.get(one.reagent, one.reagent)} {one.lot}") for one in lots
        ],
        "targets": list(standing.group_words(session, found, tongue).items()),
        "results": [(str(one), say(STRIP_WORDS[one], tongue)) for one in StripResult],
        "kinds": [
            (str(one), say(KIND_WORDS[one], tongue))
            for one in AnswerKind
            if one != AnswerKind.NOT_LOOKED_FOR
        ],
        "units": [(one, one) for one in UNITS],
        "abundances": [
            (one, library.term_label(session, "abundance", one, tongue)) for one in ABUNDANCES
        ],
        "substances": library.suggestions(session, tongue),
        "salts": sorted(
            {"base", "HCl", *(s for a in found.answers if a.substance for s in a.substance.salts)}
        ),
    }


@blueprint.post("/<uuid:run_id>/submit")
def submit(run_id: uuid.UUID) -> ResponseReturnValue:
    """Send a run to verification."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.submit_run(
            session, actor, operations.SubmitRun(run_id, **schemas.RunVersionSchema().read(typed))
        ),
        url_for(".run", run_id=run_id),
        _("The run waits for another person’s eyes."),
    )


@blueprint.post("/<uuid:run_id>/verify")
def verify(run_id: uuid.UUID) -> ResponseReturnValue:
    """Verify another person's run."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.verify_run(
            session, actor, operations.VerifyRun(run_id, **schemas.RunVersionSchema().read(typed))
        ),
        url_for(".run", run_id=run_id),
        _("The run is verified."),
    )


@blueprint.post("/<uuid:run_id>/send-back")
def send_back(run_id: uuid.UUID) -> ResponseReturnValue:
    """Send a run back to its author."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.send_back_run(
            session, actor, operations.SendBackRun(run_id, **schemas.RunReasonSchema().read(typed))
        ),
        url_for(".run", run_id=run_id),
        _("The run is back with its analyst."),
    )


@blueprint.post("/<uuid:run_id>/withdraw")
def withdraw(run_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw one's own run."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.withdraw_run(
            session, actor, operations.WithdrawRun(run_id, **schemas.RunReasonSchema().read(typed))
        ),
        url_for(".run", run_id=run_id),
        _("The run is withdrawn; it stays readable."),
    )


@blueprint.route("/<uuid:run_id>/retest", methods=["GET", "POST"])
def retest(run_id: uuid.UUID) -> ResponseReturnValue:
    """Do a run again, with the reason."""
    return browser.form_page(
        act=lambda session, actor, typed: operations.retest(
            session, actor, operations.Retest(run_id, **schemas.RetestSchema().read(typed))
        ),
        then=lambda made: url_for(".run", run_id=made.id),
        done=lambda made: _("Run %(number)s has begun.", number=made.number),
        show=lambda session, actor, typed, problems: browser.render(
            "analysis/retest.html",
            run=queries.run(session, actor, run_id),
            typed=typed,
            problems=problems,
        ),
    )
