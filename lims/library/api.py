"""The library through the machine door: searching substances, reading one, reference lots."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.library import operations, queries, references, schemas

blueprint = Blueprint(
    "library-api", __name__, url_prefix="/api/library", description="Substances and references"
)


@blueprint.route("/substances")
class Substances(MethodView):
    """The substances of the library."""

    @blueprint.arguments(schemas.PagedSearchSchema, location="query")
    @blueprint.response(200, schemas.SubstancePageSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> dict[str, Any]:
        """Search by part of a name, InChIKey or CAS number, and by class."""
        page = given.pop("page") or 1
        filters = queries.SubstanceFilters(**given)
        found, total = machine.read(queries.substances, filters, page)
        return {"items": found, "total": total, "page": page}


@blueprint.route("/substances/<uuid:substance_id>")
class OneSubstance(MethodView):
    """One substance."""

    @blueprint.response(200, schemas.WholeSubstanceSchema)
    @blueprint.alt_response(404, description="Not in the library")
    def get(self, substance_id: uuid.UUID) -> references.KnownOf:
        """Return a substance with its names and references, cited and measured apart."""
        return machine.read(references.known_of, substance_id)


@blueprint.route("/lots")
class Lots(MethodView):
    """The reference lots of a laboratory."""

    @blueprint.arguments(schemas.LotsOfSchema, location="query")
    @blueprint.response(200, schemas.ReferenceLotSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> Any:
        """List the reference lots of a laboratory."""
        found = machine.read(references.lots_of_laboratory, given["site_id"])
        return [lot for lot, _substance in found]

    @blueprint.arguments(schemas.AddReferenceLotSchema)
    @blueprint.response(201, schemas.ReferenceLotSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such substance or site")
    def post(self, command: operations.AddReferenceLot) -> Any:
        """Add a reference lot; the same identifier twice keeps one."""
        return machine.act(operations.add_reference_lot, command)
