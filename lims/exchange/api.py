"""Other services' results through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.fields import Upload
from marshmallow import Schema

from lims.doors import machine
from lims.exchange import operations, queries, schemas
from lims.exchange.sources import named

blueprint = Blueprint(
    "exchange-api",
    __name__,
    url_prefix="/api/exchange",
    description="Results of other services, apart from our own",
)
FILE_NAMES = {
    "samples": "samples.csv",
    "detections": "detections.csv",
    "records": "wedinos_raw.json",
}


class FilesSchema(Schema):
    """The files of a delivery."""

    samples = Upload(metadata={"description": "table of samples (CSV or XLSX)"})
    detections = Upload(metadata={"description": "table of detections (CSV or XLSX)"})
    records = Upload(metadata={"description": "upstream records (JSON)"})


@blueprint.route("/imports")
class Imports(MethodView):
    """Deliveries."""

    @blueprint.arguments(schemas.WantedPageSchema, location="query")
    @blueprint.response(200, schemas.ImportsPartSchema)
    def get(self, wanted: dict[str, Any]) -> Any:
        """List the imports, newest first."""
        return machine.read(queries.imports, wanted["page"])

    @blueprint.arguments(schemas.DeliverySchema, location="query")
    @blueprint.arguments(FilesSchema, location="files")
    @blueprint.response(200, schemas.ReportSchema)
    @blueprint.alt_response(409, description="cut off, not readable: nothing was added")
    def post(self, said: dict[str, Any], files: dict[str, Any]) -> Any:
        """Import a delivery, or with `dry_run` only look at it; twice adds nothing."""
        contents = {FILE_NAMES[part]: file.read() for part, file in files.items()}
        contents = {named(name, content): content for name, content in contents.items()}
        command = operations.ImportResults(
            said["source"], contents, said["dry_run"], said["fetched_on"]
        )
        return machine.act(operations.import_results, command)


@blueprint.route("/imports/<uuid:import_id>")
class Import(MethodView):
    """One delivery."""

    @blueprint.response(200, schemas.ImportSchema)
    @blueprint.alt_response(404, description="no such import")
    def get(self, import_id: uuid.UUID) -> Any:
        """Show one import with its report."""
        return machine.read(queries.one_import, import_id)


@blueprint.route("/samples")
class Samples(MethodView):
    """Samples of other services."""

    @blueprint.arguments(schemas.WantedSamplesSchema, location="query")
    @blueprint.response(200, schemas.SamplesPartSchema)
    def get(self, wanted: dict[str, Any]) -> Any:
        """List partner samples, newest first."""
        page = wanted.pop("page")
        return machine.read(queries.partner_samples, queries.SampleFilter(**wanted), page)


@blueprint.route("/samples/<uuid:sample_id>")
class Sample(MethodView):
    """One sample of another service."""

    @blueprint.response(200, schemas.PartnerSampleSchema)
    @blueprint.alt_response(404, description="no such sample")
    def get(self, sample_id: uuid.UUID) -> Any:
        """Show one partner sample."""
        return machine.read(queries.one_sample, sample_id)


@blueprint.route("/review")
class Review(MethodView):
    """Samples that danger rules or flags point to."""

    @blueprint.arguments(schemas.WantedPageSchema, location="query")
    @blueprint.response(200, schemas.SamplesPartSchema)
    def get(self, wanted: dict[str, Any]) -> Any:
        """List the samples that nobody has looked at yet."""
        return machine.read(queries.review_list, wanted["source"], wanted["page"])

    @blueprint.arguments(schemas.MarkReviewedSchema)
    @blueprint.response(204)
    @blueprint.alt_response(409, description="none of these waits")
    def post(self, command: operations.MarkReviewed) -> None:
        """Note that samples were read."""
        machine.act(operations.mark_reviewed, command)


@blueprint.route("/names")
class Names(MethodView):
    """Names without a substance."""

    @blueprint.arguments(schemas.WantedNamesSchema, location="query")
    @blueprint.response(200, schemas.NamesPartSchema)
    def get(self, wanted: dict[str, Any]) -> Any:
        """List the names that wait for a person."""
        asked = (wanted["source"], wanted["state"], wanted["page"])
        return machine.read(queries.unresolved_names, *asked)


class MeaningSchema(Schema):
    """What a name means."""

    substance = schemas.ResolveNameSchema._declared_fields["substance"]


@blueprint.route("/names/<uuid:name_id>")
class Name(MethodView):
    """One name without a substance."""

    @blueprint.arguments(MeaningSchema)
    @blueprint.response(200, schemas.NameSchema)
    @blueprint.alt_response(404, description="no such name")
    def put(self, meaning: dict[str, Any], name_id: uuid.UUID) -> Any:
        """Decide that the name means a substance."""
        command = operations.ResolveName(name_id, meaning["substance"])
        return machine.act(operations.resolve_name, command)

    @blueprint.response(200, schemas.NameSchema)
    @blueprint.alt_response(404, description="no such name")
    def delete(self, name_id: uuid.UUID) -> Any:
        """Decide that the name stays without a substance."""
        return machine.act(operations.ignore_name, operations.IgnoreName(name_id))
