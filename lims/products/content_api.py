"""Contents, matches and circulation through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.library.queries import substance
from lims.network.rules import Permission
from lims.products import circulation, contents, matches
from lims.products.content_schemas import (
    DeclaredRowSchema,
    DeclaredSchema,
    MatchingSchema,
    PagedCirculatingSchema,
    SeenPageSchema,
)
from lims.products.content_shown import shown_declared, shown_matching, shown_seen
from lims.products.contents import Declared
from lims.products.schemas import SpreadSchema
from lims.products.shown import shown_spread

blueprint = Blueprint(
    "product-contents-api",
    __name__,
    url_prefix="/api/products",
    description="Contents, matches and what circulates",
)


@blueprint.route("/circulation")
class InCirculation(MethodView):
    """The products handed in lately."""

    @blueprint.arguments(PagedCirculatingSchema, location="query")
    @blueprint.response(200, SeenPageSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> dict[str, Any]:
        """List the products handed in during the last weeks, most dangerous first."""
        session, tongue = browser.session(), browser.language()
        rows, total = machine.read(circulation.circulating, given["chosen"], given["page"])
        items = [shown_seen(session, one, tongue) for one in rows]
        return {"items": items, "total": total, "page": given["page"]}


@blueprint.route("/declared")
class DeclaredSubstances(MethodView):
    """What samples were sold as."""

    @blueprint.arguments(DeclaredSchema, location="query")
    @blueprint.response(200, DeclaredRowSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """List what samples of the last weeks were sold as, most often first."""
        rows = machine.read(matches.declared_substances, given["since"], given["until"])
        return [shown_declared(one, browser.language()) for one in rows]


@blueprint.route("/declared/<uuid:substance_id>/matching")
class MatchingOf(MethodView):
    """What samples sold as one substance turned out to be."""

    @blueprint.arguments(DeclaredSchema, location="query")
    @blueprint.response(200, MatchingSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such substance")
    def get(self, given: dict[str, Any], substance_id: uuid.UUID) -> dict[str, Any]:
        """Return shares with denominators and intervals, month by month, and what was unexpected.

        What was not looked for is in no denominator: it is never counted as absent.
        """
        sold = _sold_as(substance_id)
        found = machine.read(matches.matching, Declared(substance_id=sold.id, **given))
        period = {"since": given["since"], "until": given["until"]}
        return shown_matching(found, sold, browser.language()) | period


@blueprint.route("/declared/<uuid:substance_id>/spread")
class SpreadOf(MethodView):
    """What was measured in samples sold as one substance."""

    @blueprint.arguments(DeclaredSchema, location="query")
    @blueprint.response(200, SpreadSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such substance")
    def get(self, given: dict[str, Any], substance_id: uuid.UUID) -> list[dict[str, Any]]:
        """Return every spread: one per substance, unit, and salt or base; never mixed."""
        chosen = Declared(substance_id=_sold_as(substance_id).id, **given)
        found = machine.read(contents.declared_spread, chosen)
        return [shown_spread(one, chosen.form, browser.language()) for one in found]


def _sold_as(substance_id: uuid.UUID) -> Any:
    machine.actor().must(Permission.CONSULT)
    return substance(browser.session(), substance_id)
