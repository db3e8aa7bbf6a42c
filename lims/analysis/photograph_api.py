"""The photograph of a plate through the machine door: kept, placed, proposed, confirmed."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from lims.analysis import confirming, photographing, queries, readings, shown
from lims.analysis import photograph_schemas as schemas
from lims.analysis.measured import PlatePhoto
from lims.doors import browser, machine
from lims.doors.house import house
from lims.foundation import files
from lims.foundation.errors import NotFound
from lims.foundation.words import _

blueprint = Blueprint(
    "photograph-api",
    __name__,
    url_prefix="/api/analysis/runs/<uuid:run_id>/plate/photograph",
    description="The photograph of a plate and what is proposed from it",
)


def _photo(run_id: uuid.UUID) -> PlatePhoto:
    found = browser.session().get(PlatePhoto, machine.read(queries.run, run_id).id)
    if found is None:
        raise NotFound(_("This plate has no photograph."))
    return found


@blueprint.route("")
class Photograph(MethodView):
    """The photograph itself."""

    @blueprint.response(200, schemas.PhotographSchema)
    @blueprint.alt_response(404, description="No such run, or no photograph")
    def get(self, run_id: uuid.UUID) -> Any:
        """Read where corners and lines stand, and which lanes and spots are proposed."""
        return _photo(run_id)

    @blueprint.doc(
        requestBody={
            "required": True,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    )
    @blueprint.response(200, schemas.PhotographSchema)
    @blueprint.alt_response(404, description="No such run")
    @blueprint.alt_response(409, description="Not an open plate of one's own")
    @blueprint.alt_response(422, description="Not a photograph that can be read")
    def put(self, run_id: uuid.UUID) -> Any:
        """Keep a photograph (JPEG, PNG or WebP as the body) in place of the one before."""
        folder, data = house().settings.data_dir, request.get_data()
        command = photographing.PutPhotograph(run_id, folder, data)
        return machine.act(photographing.put_photograph, command)

    @blueprint.response(200, shown.RunSchema)
    @blueprint.alt_response(404, description="No such run, or no photograph")
    @blueprint.alt_response(409, description="Not an open plate of one's own")
    def delete(self, run_id: uuid.UUID) -> Any:
        """Take the photograph off; what was confirmed of it stays on the plate."""
        command = photographing.RemovePhotograph(run_id)
        return machine.act(photographing.remove_photograph, command)


@blueprint.route("/image")
class Image(MethodView):
    """The bytes of the photograph."""

    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
    @blueprint.alt_response(404, description="No such run, or no photograph")
    def get(self, run_id: uuid.UUID) -> Any:
        """Give the photograph as it is kept."""
        data = files.fetch(house().settings.data_dir, _photo(run_id).sha256)
        return Response(data, mimetype="image/jpeg")


@blueprint.route("/lines")
class Lines(MethodView):
    """Corners, origin and front."""

    @blueprint.arguments(schemas.LinesSchema)
    @blueprint.response(200, schemas.PhotographSchema)
    @blueprint.alt_response(404, description="No such run, or no photograph")
    @blueprint.alt_response(409, description="Not an open plate of one's own")
    def put(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Place corners and lines in per cent; lanes and spots are proposed in the answer."""
        command = schemas.lines_of(run_id, house().settings.data_dir, told)
        return machine.act(photographing.place_lines, command)


@blueprint.route("/spots")
class Spots(MethodView):
    """Confirmed spots."""

    @blueprint.arguments(schemas.ConfirmSpotsSchema)
    @blueprint.response(200, shown.PlateReadSchema)
    @blueprint.alt_response(404, description="No such run, or no photograph")
    @blueprint.alt_response(409, description="Not an open plate of one's own, or it has changed")
    def post(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Write confirmed spots on the plate, as proposed or moved."""
        machine.act(confirming.confirm_spots, schemas.spots_of(run_id, told))
        return machine.read(readings.plate, run_id)
