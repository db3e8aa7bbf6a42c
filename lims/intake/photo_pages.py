"""Pages beside a sample: its photos, the scale card to lie beside it, agreements taken back."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.house import house
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.words import _
from lims.intake import consents, counter, photo_schemas, photos, pictured, scale_card, schemas
from lims.network.rules import Permission

blueprint = Blueprint("photos", __name__)


@blueprint.app_context_processor
def _photos() -> dict[str, Any]:
    return {"photos_of": lambda sample_id: pictured.photos_of(browser.session(), sample_id)}


@blueprint.post("/samples/<uuid:sample_id>/photos")
def attach(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a photo of a sample."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = photo_schemas.AttachPhotoSchema().read(typed)
        given = request.files.get("photo")
        data = given.read() if given else b""
        command = photo_schemas.photo_of(
            uuid.uuid4(), sample_id, house().settings.data_dir, told, data
        )
        return photos.attach_photo(session, actor, command)

    return browser.act_and_go(act, _beside(sample_id), _("The photo is kept."))


def _beside(sample_id: uuid.UUID) -> str:
    return url_for("intake.sample", sample_id=sample_id, _anchor="photos")


@blueprint.get("/samples/<uuid:sample_id>/photos/<uuid:photo_id>.jpg")
def image(sample_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Give a photo as it is kept."""
    found = pictured.photo(browser.session(), browser.actor(), photo_id)
    data = files.fetch(house().settings.data_dir, found.sha256)
    return Response(data, mimetype="image/jpeg")


@blueprint.post("/samples/<uuid:sample_id>/photos/<uuid:photo_id>/removal")
def remove(sample_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Take a photo off a sample."""
    return browser.act_and_go(
        lambda session, actor, _typed: photos.remove_photo(
            session, actor, photos.RemovePhoto(photo_id)
        ),
        _beside(sample_id),
        _("The photo is off this sample."),
    )


@blueprint.post("/samples/<uuid:sample_id>/agreements")
def withdraw_consent(sample_id: uuid.UUID) -> ResponseReturnValue:
    """Take back one agreement."""
    return browser.act_and_go(
        lambda session, actor, typed: consents.withdraw_consent(
            session,
            actor,
            consents.WithdrawConsent(sample_id, schemas.ConsentSchema().read(typed)["consent"]),
        ),
        url_for("intake.sample", sample_id=sample_id),
        _("The agreement is taken back."),
    )


@blueprint.get("/scale-card.pdf")
def card() -> ResponseReturnValue:
    """Give the card to lie beside a sample on a photo, to be printed at 100 %."""
    browser.actor().must(Permission.CONSULT)
    shown = {"Content-Disposition": 'inline; filename="scale-card.pdf"'}
    tongue = browser.language()
    document = scale_card.scale_card(tongue, counter.card_patches(browser.session(), tongue))
    return Response(document, mimetype="application/pdf", headers=shown)
