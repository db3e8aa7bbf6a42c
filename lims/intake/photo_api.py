"""Photos, agreements taken back, refusals and completeness through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.doors.house import house
from lims.foundation import files
from lims.intake import (
    completeness,
    consents,
    photo_schemas,
    photos,
    pictured,
    queries,
    refusals,
    refusing,
    schemas,
    shown,
)
from lims.network.rules import Permission

blueprint = Blueprint(
    "intake-beside-api",
    __name__,
    url_prefix="/api/intake",
    description="Photos, agreements, what was not accepted, what the laboratory needs",
)


@blueprint.route("/samples/<uuid:sample_id>/photos")
class Photos(MethodView):
    """The photos of a sample."""

    @blueprint.response(200, photo_schemas.PhotosSchema)
    def get(self, sample_id: uuid.UUID) -> Any:
        """List the photos of a sample, the front first."""
        found = machine.read(queries.sample, sample_id)
        return {"photos": pictured.photos_of(browser.session(), found.id)}


@blueprint.route("/samples/<uuid:sample_id>/photos/<uuid:photo_id>")
class OnePhoto(MethodView):
    """A photo, under an identifier that the client makes."""

    @blueprint.arguments(photo_schemas.AttachPhotoSchema, location="query")
    @blueprint.doc(
        requestBody={
            "required": True,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    )
    @blueprint.response(200, photo_schemas.PhotoSchema)
    def put(self, told: dict[str, Any], sample_id: uuid.UUID, photo_id: uuid.UUID) -> Any:
        """Keep a photo (JPEG, PNG or WebP as the body), re-encoded without metadata."""
        folder, data = house().settings.data_dir, request.get_data()
        command = photo_schemas.photo_of(photo_id, sample_id, folder, told, data)
        return machine.act(photos.attach_photo, command)

    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
    def get(self, sample_id: uuid.UUID, photo_id: uuid.UUID) -> Any:
        """Give a photo as it is kept."""
        found = machine.read(pictured.photo, photo_id)
        data = files.fetch(house().settings.data_dir, found.sha256)
        return Response(data, mimetype="image/jpeg")

    @blueprint.response(200, shown.SampleSchema)
    def delete(self, sample_id: uuid.UUID, photo_id: uuid.UUID) -> Any:
        """Take a photo off a sample."""
        return machine.act(photos.remove_photo, photos.RemovePhoto(photo_id))


@blueprint.route("/samples/<uuid:sample_id>/agreements/<consent>")
class Agreement(MethodView):
    """An agreement of the person: data, second_laboratory or photo."""

    @blueprint.response(200, shown.SampleSchema)
    def delete(self, sample_id: uuid.UUID, consent: str) -> Any:
        """Take back one agreement, with its consequence."""
        return machine.act(consents.withdraw_consent, consents.WithdrawConsent(sample_id, consent))


@blueprint.route("/samples/<uuid:sample_id>/lacking")
class SampleLacking(MethodView):
    """What a sample lacks."""

    @blueprint.response(200, shown.LackingSchema)
    def get(self, sample_id: uuid.UUID) -> Any:
        """Say what the laboratory lacks of a sample, under the protocols in force."""
        found = machine.read(queries.sample, sample_id)
        return completeness.lacking(browser.session(), [found])[found.id]


@blueprint.route("/needs")
class Needs(MethodView):
    """What the laboratory needs."""

    @blueprint.response(200, shown.NeedsSchema)
    def get(self) -> Any:
        """Say what the protocols in force need of a sample, in three languages."""
        machine.actor().must(Permission.CONSULT)
        return completeness.needs(browser.session())


@blueprint.route("/not-accepted")
class AllNotAccepted(MethodView):
    """What was not accepted."""

    @blueprint.arguments(schemas.ListArguments(only=("page",)), location="query")
    @blueprint.response(200, shown.RefusalPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """Count what was not accepted by site, week and reason, newest week first."""
        page = asked["page"] or 1
        rows, total = machine.read(refusals.counted, page)
        return {"counts": rows, "total": total, "page": page}


@blueprint.route("/not-accepted/<uuid:refusal_id>")
class OneNotAccepted(MethodView):
    """Something that was not accepted, under an identifier that the client makes."""

    @blueprint.arguments(schemas.NotAcceptedBodySchema)
    @blueprint.response(200, shown.NotAcceptedSchema)
    def put(self, told: dict[str, Any], refusal_id: uuid.UUID) -> Any:
        """Count something that was not taken in; sending the same again changes nothing."""
        command = refusing.NoteNotAccepted(**told, id=refusal_id)
        return machine.act(refusing.note_not_accepted, command)
