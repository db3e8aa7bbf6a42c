"""The public pages of testing points through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.overview import describing, point_schemas, points

blueprint = Blueprint(
    "points-api", __name__, url_prefix="/api/overview/points", description="Pages of points"
)


@blueprint.route("/<uuid:site_id>")
class Point(MethodView):
    """The page of one testing point."""

    @blueprint.response(200, point_schemas.PointPageSchema)
    @blueprint.alt_response(404, description="No such testing point for this key, or no draft")
    def get(self, site_id: uuid.UUID) -> Any:
        """Return the draft and what is published."""
        _site, page = machine.read(points.point, site_id)
        if page is None:
            raise NotFound(_("Nothing is written for this testing point yet."))
        return page

    @blueprint.arguments(point_schemas.DraftSchema)
    @blueprint.response(200, point_schemas.PointPageSchema)
    @blueprint.alt_response(404, description="No such testing point for this key")
    def put(self, draft: point_schemas.Draft, site_id: uuid.UUID) -> Any:
        """Write the draft, whole."""
        return machine.act(describing.describe_point, draft.of(site_id))


@blueprint.route("/<uuid:site_id>/publish")
class Publish(MethodView):
    """Publishing a page."""

    @blueprint.arguments(point_schemas.PublishPointSchema)
    @blueprint.response(200, point_schemas.PointPageSchema)
    @blueprint.alt_response(409, description="Nothing written, or no hours")
    def post(self, told: dict[str, Any], site_id: uuid.UUID) -> Any:
        """Let the public read the draft."""
        return machine.act(describing.publish_point, describing.PublishPoint(site_id, **told))


@blueprint.route("/<uuid:site_id>/unpublish")
class Unpublish(MethodView):
    """Taking a page down."""

    @blueprint.arguments(point_schemas.PublishPointSchema)
    @blueprint.response(200, point_schemas.PointPageSchema)
    @blueprint.alt_response(409, description="Not published")
    def post(self, told: dict[str, Any], site_id: uuid.UUID) -> Any:
        """Take the page down; its draft stays."""
        return machine.act(describing.unpublish_point, describing.PublishPoint(site_id, **told))
