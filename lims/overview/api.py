"""The overview through the machine door: work lists, lives, times, the journal. Read only."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.journal import queries as journal
from lims.network.rules import Permission
from lims.overview import acts, jobs, lives, schemas, times, today, work

blueprint = Blueprint(
    "overview-api", __name__, url_prefix="/api/overview", description="Work, lives, times, journal"
)


@blueprint.route("/work")
class OwnWork(MethodView):
    """What waits for the key's duties."""

    @blueprint.response(200, schemas.WaitingSchema(many=True))
    def get(self) -> Any:
        """Count what waits for each act that the duties allow."""
        return machine.read(today.own_work)


@blueprint.route("/work-list")
class WorkList(MethodView):
    """What waits at a laboratory."""

    @blueprint.arguments(schemas.PageSchema, location="query")
    @blueprint.response(200, schemas.TasksSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List the samples that wait for analysis, the most urgent first."""
        items, total = machine.read(work.work_list, asked["page"])
        return {"items": items, "total": total, "page": asked["page"]}


@blueprint.route("/to-verify")
class ToVerify(MethodView):
    """What waits for a second person."""

    @blueprint.arguments(schemas.PageSchema, location="query")
    @blueprint.response(200, schemas.ChecksSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List the runs and findings that wait for verification, oldest first."""
        items, total = machine.read(work.to_verify, asked["page"])
        return {"items": items, "total": total, "page": asked["page"]}


@blueprint.route("/samples/<uuid:sample_id>/life")
class SampleLife(MethodView):
    """One sample's life."""

    @blueprint.response(200, schemas.LifeSchema)
    @blueprint.alt_response(404, description="No such sample for this key")
    def get(self, sample_id: uuid.UUID) -> Any:
        """Tell the whole life of a sample, drawn from the journal."""
        return machine.read(lives.life, sample_id)


@blueprint.route("/turn-around")
class TurnAround(MethodView):
    """How long things take."""

    @blueprint.response(200, schemas.TimesSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self) -> Any:
        """Give the times of the last twelve weeks, in days, per interval and place."""
        return machine.read(times.turn_around)


@blueprint.route("/journal")
class Journal(MethodView):
    """The journal."""

    @blueprint.arguments(schemas.PageSchema, location="query")
    @blueprint.response(200, schemas.JournalSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List the acts of the journal, newest first."""
        machine.actor().must(Permission.READ_JOURNAL)
        found, total = journal.latest_acts(browser.session(), asked["page"])
        tongue = browser.language()
        items = [
            {
                "seq": one.seq,
                "at": one.at.isoformat(),
                "actor": one.actor,
                "act": one.act,
                "what": acts.said(one.act, tongue),
                "detail": acts.detail(one.act, one.detail, tongue),
            }
            for one in found
        ]
        return {"items": items, "total": total, "page": asked["page"]}


@blueprint.route("/journal/proof")
class JournalProof(MethodView):
    """The proof of the journal's chain."""

    @blueprint.response(200, schemas.ProofSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self) -> Any:
        """Walk the whole chain; name the first entry that does not fit."""
        machine.actor().must(Permission.READ_JOURNAL)
        return journal.verify_chain(browser.session())


@blueprint.route("/long-work")
class LongWork(MethodView):
    """What the worker does."""

    @blueprint.arguments(schemas.PageSchema, location="query")
    @blueprint.response(200, schemas.JobsSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List the long work, newest first, with its progress and why it failed."""
        items, total = machine.read(jobs.long_work, asked["page"])
        return {"items": items, "total": total, "page": asked["page"]}
