"""The network through the machine door."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.foundation.actors import Actor
from lims.network import operations, queries, schemas

blueprint = Blueprint(
    "network-api", __name__, url_prefix="/api/network", description="Sites and who acts"
)


@blueprint.route("/me")
class Me(MethodView):
    """Who this key acts as."""

    @blueprint.response(200, schemas.MeSchema)
    def get(self) -> Actor:
        """Tell who this key acts as, and what it may do."""
        return machine.actor()


@blueprint.route("/sites")
class Sites(MethodView):
    """The sites of the network."""

    @blueprint.response(200, schemas.SiteSchema(many=True))
    def get(self) -> Any:
        """List the sites."""
        machine.actor()
        return queries.sites(browser.session())

    @blueprint.arguments(schemas.AddSiteSchema)
    @blueprint.response(201, schemas.SiteSchema)
    def post(self, command: operations.AddSite) -> Any:
        """Add a site."""
        return machine.act(operations.add_site, command)
