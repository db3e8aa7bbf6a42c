"""The watch through the machine door: series, runs, and what a signal was computed from."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.surveillance import evidence_shown, watched, watching
from lims.surveillance import watch_schemas as schemas

blueprint = Blueprint(
    "watch-api", __name__, url_prefix="/api/surveillance", description="Weekly series"
)
SIZE = 50


@blueprint.route("/series")
class SeriesList(MethodView):
    """The series of the last run."""

    @blueprint.arguments(schemas.SeriesListSchema, location="query")
    @blueprint.response(200, schemas.SeriesPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List series, those in alarm first; region "all" and no line ask for the sums."""
        line = asked.pop("line_id")
        page = asked.pop("page") or 1
        filters = watched.SeriesFilters(**asked, line=str(line) if line else "")
        rows, total = machine.read(watched.series, filters, page, SIZE)
        return {"total": total, "series": rows}


@blueprint.route("/series/<uuid:series_id>")
class OneSeries(MethodView):
    """One series."""

    @blueprint.response(200, schemas.SeriesSchema)
    def get(self, series_id: uuid.UUID) -> Any:
        """Read a series week by week, and what each method says of it."""
        return machine.read(watched.one_series, series_id)


@blueprint.route("/runs")
class Runs(MethodView):
    """The runs of the watch."""

    @blueprint.arguments(schemas.PageSchema, location="query")
    @blueprint.response(200, schemas.WatchRunPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List runs, the newest first."""
        rows, total = machine.read(watched.runs, asked["page"] or 1, SIZE)
        return {"total": total, "runs": rows}

    @blueprint.response(202, schemas.AskedSchema)
    def post(self) -> Any:
        """Ask the worker for a run; while one waits, that one is given."""
        return machine.act(watching.ask_watch, watching.AskWatch())


@blueprint.route("/evidence/<uuid:signal_id>")
class Evidence(MethodView):
    """What a signal was computed from."""

    @blueprint.response(200, schemas.SignalBasisSchema)
    def get(self, signal_id: uuid.UUID) -> Any:
        """Read inputs, parameters and outcome; `again` says what computing it again gives."""
        found = machine.read(watched.evidence, signal_id)
        names = schemas.SignalBasisSchema().fields
        told = {name: getattr(found, name, None) for name in names if name != "again"}
        return {**told, "signal": found.signal, "again": evidence_shown.sameness(found).value}
