"""The protocols through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.protocols import queries, schemas

blueprint = Blueprint(
    "protocols-api", __name__, url_prefix="/api/protocols", description="Published protocols"
)


@blueprint.route("")
class Protocols(MethodView):
    """The protocols in force."""

    @blueprint.arguments(schemas.ProtocolFilterSchema, location="query")
    @blueprint.response(200, schemas.ProtocolSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, filters: queries.ProtocolFilters) -> Any:
        """List the newest version of each protocol."""
        found, _total = machine.read(queries.protocols, filters)
        return found


@blueprint.route("/<uuid:version_id>")
class OneProtocol(MethodView):
    """One version of a protocol."""

    @blueprint.response(200, schemas.WholeProtocolSchema)
    @blueprint.alt_response(404, description="No such protocol")
    def get(self, version_id: uuid.UUID) -> Any:
        """Return a version with its document as published."""
        return machine.read(queries.protocol, version_id)
