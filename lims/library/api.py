"""The library through the machine door: substances, reference lots, thin-layer systems."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.library import (
    adding,
    confirming,
    measuring,
    operations,
    references,
    schemas,
    search,
    shown,
    stock,
    systems,
)

blueprint = Blueprint(
    "library-api", __name__, url_prefix="/api/library", description="Substances and references"
)


@blueprint.route("/substances")
class Substances(MethodView):
    """The substances of the library."""

    @blueprint.arguments(schemas.PagedSearchSchema, location="query")
    @blueprint.response(200, shown.SubstancePageSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> dict[str, Any]:
        """Search by name, identifier, formula, mass or m/z, structure, class, role and group."""
        page = given.pop("page") or 1
        found = machine.read(search.search, search.SubstanceFilters(**given), page)
        kept = {one.id: found.similarity.get(one.id) for one in found.substances}
        similarity = {one: value for one, value in kept.items() if value is not None}
        told = {"items": found.substances, "total": found.total, "page": page}
        return {**told, "similarity": similarity}

    @blueprint.arguments(schemas.AddSubstanceSchema)
    @blueprint.response(201, shown.SubstanceSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(422, description="Not a structure, or one that is there already")
    def post(self, command: adding.AddSubstance) -> Any:
        """Add a substance; the same identifier twice keeps one."""
        return machine.act(adding.add_substance, command)


@blueprint.route("/substances/<uuid:substance_id>")
class OneSubstance(MethodView):
    """One substance."""

    @blueprint.response(200, shown.WholeSubstanceSchema)
    @blueprint.alt_response(404, description="Not in the library")
    def get(self, substance_id: uuid.UUID) -> references.KnownOf:
        """Return a substance with its names and references, cited and measured apart."""
        return machine.read(references.known_of, substance_id)


@blueprint.route("/substances/<uuid:substance_id>/confirmations")
class Confirmations(MethodView):
    """Who vouches for a structure."""

    @blueprint.arguments(schemas.ConfirmSchema)
    @blueprint.response(201, shown.ConfirmationSchema)
    @blueprint.alt_response(404, description="Not in the library")
    @blueprint.alt_response(409, description="Own work, the same person twice, or confirmed")
    def post(self, given: dict[str, Any], substance_id: uuid.UUID) -> Any:
        """Vouch for a structure; the second person's word makes it confirmed."""
        command = confirming.ConfirmStructure(substance_id, **given)
        return machine.act(confirming.confirm_structure, command)


@blueprint.route("/confirmations/<uuid:confirmation_id>/withdrawal")
class ConfirmationWithdrawal(MethodView):
    """Taking a confirmation back."""

    @blueprint.arguments(schemas.TakeBackSchema)
    @blueprint.response(201, shown.ConfirmationSchema)
    @blueprint.alt_response(404, description="No such confirmation")
    @blueprint.alt_response(409, description="Taken back already")
    def post(self, given: dict[str, Any], confirmation_id: uuid.UUID) -> Any:
        """Take back a confirmation with the reason."""
        command = confirming.WithdrawConfirmation(confirmation_id, **given)
        return machine.act(confirming.withdraw_confirmation, command)


@blueprint.route("/substances/<uuid:substance_id>/names")
class SubstanceNames(MethodView):
    """The names of a substance."""

    @blueprint.arguments(schemas.SynonymSchema)
    @blueprint.response(201, shown.NameRowSchema)
    @blueprint.alt_response(404, description="Not in the library")
    def post(self, given: dict[str, Any], substance_id: uuid.UUID) -> Any:
        """Add a synonym; the same name twice keeps one."""
        return machine.act(adding.add_synonym, adding.AddSynonym(substance_id, **given))


@blueprint.route("/substances/<uuid:substance_id>/names/<uuid:name_id>")
class OneName(MethodView):
    """One name of a substance."""

    @blueprint.response(204)
    @blueprint.alt_response(404, description="No such name")
    @blueprint.alt_response(409, description="A name that stays")
    def delete(self, substance_id: uuid.UUID, name_id: uuid.UUID) -> None:
        """Remove a synonym that a person added."""
        machine.act(adding.remove_synonym, adding.RemoveSynonym(substance_id, name_id))


@blueprint.route("/measurements/<uuid:run_id>/withdrawal")
class MeasurementWithdrawal(MethodView):
    """Taking back what a plate taught."""

    @blueprint.arguments(schemas.TakeBackSchema)
    @blueprint.response(204)
    @blueprint.alt_response(404, description="This plate gave no value")
    @blueprint.alt_response(409, description="Taken back already")
    def post(self, given: dict[str, Any], run_id: uuid.UUID) -> None:
        """Let the values of a plate count nowhere any more."""
        command = measuring.TakeBackMeasurements(run_id, **given)
        machine.act(measuring.take_back_measurements, command)


@blueprint.route("/lots")
class Lots(MethodView):
    """The reference lots of a laboratory."""

    @blueprint.arguments(schemas.LotsOfSchema, location="query")
    @blueprint.response(200, shown.ReferenceLotSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> Any:
        """List the reference lots of a laboratory, what needs care first."""
        found = machine.read(references.bottles, given["site_id"], given["state"], given["text"])
        return [bottle.lot for bottle in found]

    @blueprint.arguments(schemas.AddReferenceLotSchema)
    @blueprint.response(201, shown.ReferenceLotSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such substance or site")
    def post(self, command: operations.AddReferenceLot) -> Any:
        """Add a reference lot; the same identifier twice keeps one."""
        return machine.act(operations.add_reference_lot, command)


@blueprint.route("/lots/<uuid:lot_id>")
class OneLot(MethodView):
    """One reference lot."""

    @blueprint.response(200, shown.BottleSchema)
    @blueprint.alt_response(404, description="No such lot")
    def get(self, lot_id: uuid.UUID) -> Any:
        """Return a lot with how it stands and what was taken from it."""
        return machine.read(references.bottle, lot_id)


@blueprint.route("/lots/<uuid:lot_id>/uses")
class LotUses(MethodView):
    """What is taken from a lot."""

    @blueprint.arguments(schemas.UseReferenceSchema)
    @blueprint.response(201, shown.ReferenceLotSchema)
    @blueprint.alt_response(404, description="No such lot")
    def post(self, given: dict[str, Any], lot_id: uuid.UUID) -> Any:
        """Take an amount out of a bottle, in mg, with what for."""
        return machine.act(stock.use_reference, stock.UseReference(lot_id, **given))


@blueprint.route("/lots/<uuid:lot_id>/corrections")
class LotCorrections(MethodView):
    """What a lot really holds."""

    @blueprint.arguments(schemas.CorrectReferenceLotSchema)
    @blueprint.response(201, shown.ReferenceLotSchema)
    @blueprint.alt_response(404, description="No such lot")
    def post(self, given: dict[str, Any], lot_id: uuid.UUID) -> Any:
        """Write down what a bottle really holds, with the reason."""
        command = stock.CorrectReferenceLot(lot_id, **given)
        return machine.act(stock.correct_reference_lot, command)


@blueprint.route("/systems")
class Systems(MethodView):
    """The thin-layer systems."""

    @blueprint.arguments(schemas.WindowSchema, location="query")
    @blueprint.response(200, shown.SystemSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> Any:
        """List the systems with what each separates, on cited and on measured values apart."""
        return machine.read(systems.systems, window=_window(given))


@blueprint.route("/systems/<code>")
class OneSystem(MethodView):
    """One thin-layer system."""

    @blueprint.arguments(schemas.WindowSchema, location="query")
    @blueprint.response(200, shown.SystemSchema)
    @blueprint.alt_response(404, description="No such system")
    def get(self, given: dict[str, Any], code: str) -> Any:
        """Return a system with its pairs that stay together, and each other system beside it."""
        return machine.read(systems.system, code, window=_window(given))


def _window(given: dict[str, Any]) -> float | None:
    return None if given["window"] is None else float(given["window"])
