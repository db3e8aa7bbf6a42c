"""The intake through the machine door."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.intake import operations, queries, schemas, shown

blueprint = Blueprint(
    "intake-api",
    __name__,
    url_prefix="/api/intake",
    description="Visits, samples, codes, tickets",
)


@blueprint.route("/visits/<uuid:visit_id>")
class Visits(MethodView):
    """A visit, under an identifier that the client makes."""

    @blueprint.arguments(schemas.RegisterVisitSchema())  # made once, not at every request
    @blueprint.response(200, shown.RegistrationSchema)
    def put(self, told: Mapping[str, Any], visit_id: uuid.UUID) -> Any:
        """Register a visit and its samples; sending the same again changes nothing.

        The ticket is in the first answer only.
        """
        command = operations.RegisterVisit(
            **{**told, "id": visit_id, "samples": tuple(told["samples"])}
        )
        return machine.act(operations.register_visit, command)

    @blueprint.response(200, shown.RegistrationSchema)
    def get(self, visit_id: uuid.UUID) -> Any:
        """Read a visit and its samples."""
        visit = machine.read(queries.visit, visit_id)
        return operations.Registration(visit, list(visit.samples))


@blueprint.route("/visits/<uuid:visit_id>/ticket")
class VisitTicket(MethodView):
    """The ticket of a visit."""

    @blueprint.response(200, shown.TicketSchema)
    def post(self, visit_id: uuid.UUID) -> Any:
        """Make a new ticket; the old one opens nothing any more."""
        return {"ticket": machine.act(operations.renew_ticket, visit_id)}


@blueprint.route("/samples")
class Samples(MethodView):
    """The samples of one's sites."""

    @blueprint.arguments(schemas.ListArguments, location="query")
    @blueprint.response(200, shown.SamplePageSchema)
    def get(self, asked: Mapping[str, Any]) -> Any:
        """List samples, newest first, fifty a page."""
        page = asked["page"] or 1
        rows, total = machine.read(queries.samples, schemas.filters_of(asked), page)
        return {"samples": rows, "total": total, "page": page}


@blueprint.route("/samples/<uuid:sample_id>")
class OneSample(MethodView):
    """One sample."""

    @blueprint.response(200, shown.SampleSchema)
    def get(self, sample_id: uuid.UUID) -> Any:
        """Read a sample."""
        return machine.read(queries.sample, sample_id)

    @blueprint.arguments(schemas.CorrectSampleSchema)
    @blueprint.response(200, shown.SampleSchema)
    def put(self, told: Mapping[str, Any], sample_id: uuid.UUID) -> Any:
        """Correct all answers of a sample, as of a version that was read."""
        command = operations.CorrectSample(sample_id, told["row_version"], told["answers"])
        return machine.act(operations.correct_sample, command)


@blueprint.route("/codes/<code>")
class Codes(MethodView):
    """A sample by what stands on its tube."""

    @blueprint.response(200, shown.SampleSchema)
    def get(self, code: str) -> Any:
        """Find a sample by its code, or by a partner's own barcode."""
        return machine.read(queries.sample_by_code, code)


@blueprint.route("/samples/<uuid:sample_id>/withdraw")
class Withdrawal(MethodView):
    """A sample that its person takes back."""

    @blueprint.arguments(schemas.ReasonSchema)
    @blueprint.response(200, shown.SampleSchema)
    def post(self, told: Mapping[str, Any], sample_id: uuid.UUID) -> Any:
        """Withdraw a sample."""
        command = operations.WithdrawSample(sample_id, told["reason"])
        return machine.act(operations.withdraw_sample, command)


@blueprint.route("/samples/<uuid:sample_id>/not-analysed")
class NotAnalysed(MethodView):
    """A sample that will not be analysed."""

    @blueprint.arguments(schemas.ReasonSchema)
    @blueprint.response(200, shown.SampleSchema)
    def post(self, told: Mapping[str, Any], sample_id: uuid.UUID) -> Any:
        """Say why a sample is not analysed."""
        command = operations.MarkNotAnalysed(sample_id, told["reason"])
        return machine.act(operations.mark_not_analysed, command)


@blueprint.route("/blocks")
class Blocks(MethodView):
    """Blocks of codes."""

    @blueprint.arguments(schemas.ListArguments(only=("page",)), location="query")
    @blueprint.response(200, shown.BlockPageSchema)
    def get(self, asked: Mapping[str, Any]) -> Any:
        """List the blocks of one's sites, newest first."""
        page = asked["page"] or 1
        rows, total = machine.read(queries.blocks, page)
        return {"blocks": rows, "total": total, "page": page}

    @blueprint.arguments(schemas.MakeCodeBlockSchema)
    @blueprint.response(201, shown.BlockSchema)
    def post(self, command: operations.MakeCodeBlock) -> Any:
        """Make a block of fresh codes."""
        return machine.act(operations.make_code_block, command)
