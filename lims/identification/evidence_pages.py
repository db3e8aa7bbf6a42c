"""The pages of evidence: one kept list with its provenance, and all evidence on a sample."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.words import _
from lims.identification import (
    available,
    evidence_view,
    fusing,
    gathering,
    lists,
    recomputing,
    schemas,
)
from lims.identification.records import BenchTime, CandidateList
from lims.identification.sameness import OUTCOME_WORDS
from lims.network.rules import Permission

blueprint = Blueprint("evidence", __name__)


@blueprint.get("/candidates/<uuid:list_id>")
def kept_list(list_id: uuid.UUID) -> ResponseReturnValue:
    """Show a kept list as it was kept, and what computing it again gives."""
    session, tongue = browser.session(), browser.language()
    found = recomputing.recomputed_list(session, browser.actor(), list_id)
    return browser.render(
        "identification/kept_list.html",
        it=lists.shown_list(session, found, tongue),
        outcome=found.outcome,
        outcome_words=OUTCOME_WORDS,
        run_url=_link("analysis.run", run_id=found.kept.run_id) if found.kept.run_id else None,
        evidence_url=_link("evidence.sample_evidence", sample_id=found.kept.sample_id),
    )


@blueprint.get("/samples/<uuid:sample_id>/evidence")
def sample_evidence(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Show all evidence on a sample: what each technique says, what it adds up to, what is next."""
    return _show(browser.session(), browser.actor(), sample_id, {}, browser.Problems())


@blueprint.route("/samples/<uuid:sample_id>/evidence/kept", methods=["GET", "POST"])
def keep(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Keep all evidence on a sample as it is now."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> CandidateList:
        command = schemas.KeepFusionSchema().read({**typed, "sample_id": str(sample_id)})
        return fusing.keep_fusion(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda kept: url_for("evidence.kept_list", list_id=kept.id),
        done=lambda _kept: _("Kept as it is now. A finding may cite it."),
        show=lambda session, actor, typed, problems: _show(
            session, actor, sample_id, typed, problems
        ),
    )


def _show(
    session: Session,
    actor: Actor,
    sample_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    tongue = browser.language()
    with_prior = typed.get("with_prior", request.args.get("prior", "")) not in ("off", "false")
    found = gathering.sample_evidence(session, actor, sample_id, with_prior=with_prior)
    tests = available.tests_on(session, actor, found)
    kept = gathering.kept_fusions(session, sample_id)
    prior = "off" if with_prior else None
    site_id = gathering.laboratory_of(found)
    return browser.render(
        "identification/evidence.html",
        it=evidence_view.shown_evidence(session, found, tests, tongue),
        with_prior=with_prior,
        prior_url=url_for(".sample_evidence", sample_id=sample_id, prior=prior),
        concludes=actor.may(Permission.CONCLUDE),
        may_keep=actor.may(Permission.ANALYSE, found.sample.laboratory_id),
        may_time=site_id is not None and actor.may(Permission.MANAGE_LABORATORY, site_id),
        times_url=url_for(".bench_times", site_id=site_id) if site_id else None,
        kept=kept,
        problems=problems,
    )


@blueprint.route("/laboratories/<uuid:site_id>/bench-times", methods=["GET", "POST"])
def bench_times(site_id: uuid.UUID) -> ResponseReturnValue:
    """Show how long each protocol takes at the bench of a laboratory; its head records it."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> BenchTime:
        command = schemas.BenchTimeSchema().read({**typed, "site_id": str(site_id)})
        return fusing.record_bench_time(session, actor, command)

    def show(
        session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
    ) -> str:
        return browser.render(
            "identification/bench_times.html",
            times=available.times_of(session, actor, site_id),
            site=available.site_of(session, site_id),
            may_time=actor.may(Permission.MANAGE_LABORATORY, site_id),
            typed=typed,
            problems=problems,
        )

    return browser.form_page(
        act=act,
        then=lambda made: url_for(".bench_times", site_id=made.site_id),
        done=lambda made: _("Recorded: %(protocol)s.", protocol=made.protocol),
        show=show,
    )


def _link(endpoint: str, **values: Any) -> str | None:
    """Return the address of an endpoint, None where this application does not have it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
