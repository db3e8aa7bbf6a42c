"""The list of logos through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.intake import logo_lists, logo_schemas, logos

blueprint = Blueprint(
    "logos-api",
    __name__,
    url_prefix="/api/intake/logos",
    description="The growing list of logos",
)


@blueprint.route("")
class Logos(MethodView):
    """The logos that stand for themselves."""

    @blueprint.arguments(logo_schemas.LogoArguments, location="query")
    @blueprint.response(200, logo_schemas.LogoPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List logos by name, fifty a page, with what was merged into each."""
        filters = logo_lists.LogoFilters(asked["words"], asked["state"])
        page = asked["page"] or 1
        rows, total = machine.read(logo_lists.logos, filters, page)
        return {"logos": rows, "total": total, "page": page}


@blueprint.route("/<uuid:logo_id>")
class OneLogo(MethodView):
    """One logo."""

    @blueprint.response(200, logo_schemas.LogoSchema)
    def get(self, logo_id: uuid.UUID) -> Any:
        """Read a logo with its other words."""
        return machine.read(logo_lists.logo, logo_id)

    @blueprint.arguments(logo_schemas.NameLogoSchema)
    @blueprint.response(200, logo_schemas.LogoSchema)
    def put(self, told: dict[str, Any], logo_id: uuid.UUID) -> Any:
        """Give a logo its name; the former one stays a word for it."""
        return machine.act(logos.name_logo, logos.NameLogo(logo_id, **told))


@blueprint.route("/<uuid:logo_id>/words")
class LogoWords(MethodView):
    """Other words for a logo."""

    @blueprint.arguments(logo_schemas.LogoWordsSchema)
    @blueprint.response(200, logo_schemas.LogoSchema)
    def post(self, told: dict[str, Any], logo_id: uuid.UUID) -> Any:
        """Add a word; adding it again changes nothing."""
        return machine.act(logos.add_alias, logos.AddAlias(logo_id, told["words"]))


@blueprint.route("/<uuid:logo_id>/words/<uuid:alias_id>")
class OneWord(MethodView):
    """One word for a logo."""

    @blueprint.response(200, logo_schemas.LogoSchema)
    def delete(self, logo_id: uuid.UUID, alias_id: uuid.UUID) -> Any:
        """Take a word off a logo."""
        return machine.act(logos.remove_alias, logos.RemoveAlias(alias_id))


@blueprint.route("/<uuid:logo_id>/merge")
class Merging(MethodView):
    """A logo that another stands for."""

    @blueprint.arguments(logo_schemas.MergeSchema)
    @blueprint.response(200, logo_schemas.LogoSchema)
    def post(self, told: dict[str, Any], logo_id: uuid.UUID) -> Any:
        """Merge a logo into another, which is the answer."""
        return machine.act(logos.merge_logos, logos.MergeLogos(logo_id, **told))

    @blueprint.response(200, logo_schemas.LogoSchema)
    def delete(self, logo_id: uuid.UUID) -> Any:
        """Undo a merge: the logo stands for itself again."""
        return machine.act(logos.undo_merge, logos.UndoMerge(logo_id))
