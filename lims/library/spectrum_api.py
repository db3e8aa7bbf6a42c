"""Reference spectra through the machine door: libraries, spectra, imports, names to decide."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.fields import Upload
from marshmallow import Schema

from lims.doors import machine
from lims.doors.house import house
from lims.foundation import files
from lims.library import (
    collecting,
    collection,
    exporting,
    importing,
    imports,
    naming,
    outgoing,
    own_spectra,
)
from lims.library import spectra_shown as shown
from lims.library import spectrum_schemas as schemas
from lims.network.rules import Permission

blueprint = Blueprint(
    "spectra-api",
    __name__,
    url_prefix="/api/library/spectra",
    description="Libraries of reference spectra, their imports and review",
)


class LibraryFileSchema(Schema):
    """A file of reference spectra."""

    file = Upload(required=True, metadata={"description": "MSP, MSL, SDF, MassBank, JCAMP …"})


@blueprint.route("/libraries")
class Libraries(MethodView):
    """The libraries of reference spectra."""

    @blueprint.response(200, shown.CountedLibrarySchema(many=True))
    def get(self) -> Any:
        """List the libraries with their counts."""
        return machine.read(collection.libraries)

    @blueprint.arguments(schemas.AddSpectrumLibrarySchema)
    @blueprint.response(201, shown.SpectrumLibrarySchema)
    def post(self, command: collecting.AddSpectrumLibrary) -> Any:
        """Add an empty library; the same identifier twice keeps one."""
        return machine.act(collecting.add_spectrum_library, command)


@blueprint.route("/libraries/<uuid:library_id>")
class OneLibrary(MethodView):
    """One library."""

    @blueprint.response(200, shown.CountedLibrarySchema)
    def get(self, library_id: uuid.UUID) -> Any:
        """Return a library with its counts."""
        return machine.read(collection.library, library_id)


@blueprint.route("/libraries/<uuid:library_id>/review")
class LibraryReview(MethodView):
    """The review of a library."""

    @blueprint.arguments(schemas.SeenSpectraSchema)
    @blueprint.response(200, shown.SpectrumLibrarySchema)
    def post(self, told: dict[str, Any], library_id: uuid.UUID) -> Any:
        """Put a library in use, as another person than who brought it in."""
        return machine.act(collecting.review_library, collecting.ReviewLibrary(library_id, **told))


@blueprint.route("/libraries/<uuid:library_id>/retire")
class LibraryRetirement(MethodView):
    """The end of a library."""

    @blueprint.arguments(schemas.WhyRetiredSchema)
    @blueprint.response(200, shown.SpectrumLibrarySchema)
    def post(self, told: dict[str, Any], library_id: uuid.UUID) -> Any:
        """Take a library out of use, with the reason."""
        return machine.act(collecting.retire_library, collecting.RetireLibrary(library_id, **told))


@blueprint.route("/libraries/<uuid:library_id>/exportable")
class LibraryExportable(MethodView):
    """Whether a library may leave the network."""

    @blueprint.arguments(schemas.ExportableSchema)
    @blueprint.response(200, shown.SpectrumLibrarySchema)
    def post(self, told: dict[str, Any], library_id: uuid.UUID) -> Any:
        """Say whether the spectra of a library may leave the network."""
        return machine.act(collecting.decide_export, collecting.DecideExport(library_id, **told))


@blueprint.route("/libraries/<uuid:library_id>/export")
class LibraryExport(MethodView):
    """A library as a file."""

    @blueprint.response(200, content_type="text/plain")
    @blueprint.alt_response(409, description="its licence does not allow it")
    def post(self, library_id: uuid.UUID) -> Any:
        """Return the spectra of a library as MSP or JCAMP-DX text, if they may leave."""
        export = machine.act(exporting.export_library, library_id)
        texts = outgoing.texts(house().engine, export.library_id)
        return Response(texts, mimetype="text/plain")


@blueprint.route("")
class Spectra(MethodView):
    """The reference spectra of all libraries."""

    @blueprint.arguments(schemas.PagedFindSchema, location="query")
    @blueprint.response(200, shown.SpectrumPageSchema)
    def get(self, told: dict[str, Any]) -> Any:
        """Search by name, InChIKey, nominal ion among the ten strongest, or precursor (10 ppm)."""
        page = told.pop("page") or 1
        filters = collection.SpectrumFilters(**told)
        found, total = machine.read(collection.spectra, filters, page)
        return {"items": found, "total": total, "page": page}


@blueprint.route("/<uuid:spectrum_id>")
class OneSpectrum(MethodView):
    """One reference spectrum."""

    @blueprint.response(200, shown.WholeSpectrumSchema)
    def get(self, spectrum_id: uuid.UUID) -> Any:
        """Return a spectrum; x and y are null when its licence does not let them leave."""
        return machine.read(collection.spectrum, spectrum_id)


@blueprint.route("/<uuid:spectrum_id>/review")
class SpectrumReview(MethodView):
    """The review of an own spectrum."""

    @blueprint.arguments(schemas.SeenSpectraSchema)
    @blueprint.response(200, shown.ReferenceSpectrumSchema)
    def post(self, told: dict[str, Any], spectrum_id: uuid.UUID) -> Any:
        """Put an own spectrum in use, as another person than who added it."""
        command = own_spectra.ReviewSpectrum(spectrum_id, **told)
        return machine.act(own_spectra.review_spectrum, command)


@blueprint.route("/<uuid:spectrum_id>/retire")
class SpectrumRetirement(MethodView):
    """The end of a spectrum."""

    @blueprint.arguments(schemas.WhyRetiredSchema)
    @blueprint.response(200, shown.ReferenceSpectrumSchema)
    def post(self, told: dict[str, Any], spectrum_id: uuid.UUID) -> Any:
        """Take one spectrum out of use, with the reason."""
        command = own_spectra.RetireSpectrum(spectrum_id, **told)
        return machine.act(own_spectra.retire_spectrum, command)


@blueprint.route("/imports")
class Imports(MethodView):
    """Files of reference spectra that were brought in."""

    @blueprint.arguments(schemas.PageSchema, location="query")
    @blueprint.response(200, shown.ImportPageSchema)
    def get(self, told: dict[str, Any]) -> Any:
        """List the files, newest first."""
        page = told["page"] or 1
        found, total = machine.read(imports.imports, page)
        return {"items": found, "total": total, "page": page}

    @blueprint.arguments(LibraryFileSchema, location="files")
    @blueprint.response(201, shown.SpectrumImportSchema)
    def post(self, given: dict[str, Any]) -> Any:
        """Keep a file and look at it; nothing is imported yet."""
        machine.actor().must(Permission.ADD_REFERENCE)
        folder = house().settings.data_dir
        sha256, size = files.store_stream(folder, given["file"].stream)
        name = given["file"].filename or "spectra"
        command = importing.LookAtFile(name, sha256, size, folder)
        return machine.act(importing.look_at_file, command)


@blueprint.route("/imports/<uuid:import_id>")
class OneImport(MethodView):
    """One file that was brought in."""

    @blueprint.response(200, shown.ImportStandingSchema)
    def get(self, import_id: uuid.UUID) -> Any:
        """Return how far an import is, and the first records that were refused."""
        return machine.read(imports.one_import, import_id)


@blueprint.route("/imports/<uuid:import_id>/begin")
class ImportBeginning(MethodView):
    """The beginning of an import."""

    @blueprint.arguments(schemas.WhereToSchema)
    @blueprint.response(200, shown.SpectrumImportSchema)
    def post(self, told: dict[str, Any], import_id: uuid.UUID) -> Any:
        """Say where the spectra go, with their licence; the worker imports them."""
        return machine.act(importing.begin_import, importing.BeginImport(import_id, **told))


@blueprint.route("/imports/<uuid:import_id>/stop")
class ImportStop(MethodView):
    """The stop of an import."""

    @blueprint.response(200, shown.SpectrumImportSchema)
    def post(self, import_id: uuid.UUID) -> Any:
        """Stop an import; what was taken in stays."""
        return machine.act(importing.stop_import, import_id)


@blueprint.route("/imports/<uuid:import_id>/resume")
class ImportResumption(MethodView):
    """The going on of an import."""

    @blueprint.response(200, shown.SpectrumImportSchema)
    def post(self, import_id: uuid.UUID) -> Any:
        """Let a stopped or failed import go on where it was."""
        return machine.act(importing.resume_import, import_id)


@blueprint.route("/names")
class Names(MethodView):
    """Names and structures that no substance of the library bears."""

    @blueprint.arguments(schemas.PageSchema, location="query")
    @blueprint.response(200, shown.UnresolvedPageSchema)
    def get(self, told: dict[str, Any]) -> Any:
        """List what waits for a decision, the most frequent first."""
        page = told["page"] or 1
        found, total = machine.read(imports.unresolved, page)
        return {"items": found, "total": total, "page": page}

    @blueprint.arguments(schemas.IdentitySchema)
    @blueprint.response(200, shown.LinkedSchema)
    def post(self, command: naming.DecideIdentity) -> Any:
        """Link all spectra of a name to a substance, or without one leave them."""
        return {"spectra": machine.act(naming.decide_identity, command)}
