"""Alerts of other countries through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.fields import Upload
from marshmallow import Schema

from lims.alerts.cap.reading import LARGEST
from lims.alerts.cap.signing import pinned_in
from lims.doors import machine
from lims.doors.house import house
from lims.exchange import foreign_alerts, foreign_queries, foreign_schemas

blueprint = Blueprint(
    "foreign-api",
    __name__,
    url_prefix="/api/exchange/foreign-alerts",
    description="Alerts of other countries, not verified by us",
)


class FileSchema(Schema):
    """A CAP 1.2 file."""

    file = Upload(required=True, metadata={"description": "one CAP 1.2 message (XML)"})


@blueprint.route("")
class ForeignAlerts(MethodView):
    """Alerts of other countries."""

    @blueprint.arguments(foreign_schemas.WantedForeignSchema, location="query")
    @blueprint.response(200, foreign_schemas.ForeignPartSchema)
    def get(self, wanted: dict[str, Any]) -> Any:
        """List alerts of other countries, newest first."""
        page = wanted.pop("page")
        asked = foreign_queries.ForeignFilter(**wanted)
        return machine.read(foreign_queries.foreign_alerts, asked, page)

    @blueprint.arguments(foreign_schemas.SourceSchema, location="query")
    @blueprint.arguments(FileSchema, location="files")
    @blueprint.response(200, foreign_schemas.ForeignAlertSchema)
    @blueprint.alt_response(409, description="not public, or our own: nothing was brought in")
    def post(self, said: dict[str, Any], files: dict[str, Any]) -> Any:
        """Bring in a CAP 1.2 file; the same file twice is kept once."""
        content = files["file"].stream.read(LARGEST + 1)
        pinned = pinned_in(house().settings.cap_pinned_dir)
        command = foreign_alerts.BringForeignAlert(content, pinned=pinned, **said)
        return machine.act(foreign_alerts.bring_foreign_alert, command).alert


@blueprint.route("/<uuid:foreign_id>")
class ForeignAlert(MethodView):
    """One alert of another country."""

    @blueprint.response(200, foreign_schemas.ForeignAlertSchema)
    @blueprint.alt_response(404, description="no such alert")
    def get(self, foreign_id: uuid.UUID) -> Any:
        """Show one alert of another country."""
        return machine.read(foreign_queries.foreign_alert, foreign_id)


@blueprint.route("/<uuid:foreign_id>/signal")
class ForeignSignal(MethodView):
    """The signal made of an alert of another country."""

    @blueprint.arguments(foreign_schemas.WantedSignalSchema)
    @blueprint.response(200, foreign_schemas.RaisedSchema)
    @blueprint.alt_response(404, description="no such alert")
    @blueprint.alt_response(409, description="an exercise or a cancel")
    def post(self, wanted: dict[str, Any], foreign_id: uuid.UUID) -> Any:
        """Make a signal of an alert that concerns us; a second time gives the same."""
        command = foreign_alerts.SignalFromAlert(foreign_id, **wanted)
        return machine.act(foreign_alerts.make_signal, command)
