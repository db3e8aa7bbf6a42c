"""Poster and pocket card of an alert, on screen and as PDF, and the picture on them."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.alerts import editor, picturing, posters, queries, schemas, sheets
from lims.alerts.audiences import TLP, Audience
from lims.alerts.posters import Poster
from lims.alerts.records import AlertVersion
from lims.alerts.sheets import Foot
from lims.doors import browser
from lims.doors.house import house
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _, day

blueprint = Blueprint("sheets", __name__)


def _poster(version: AlertVersion) -> Poster:
    public = [one for one in version.messages if one.audience == Audience.PUBLIC]
    texts = {one.language: (one.headline, one.body) for one in public}
    return posters.poster(version.facts, version.level, version.kind, texts)


@blueprint.get("/alerts/<uuid:version_id>/poster")
def poster(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show the public message as a poster in three languages."""
    version = queries.version(browser.session(), browser.actor(), version_id)
    return browser.render(
        "alerts/poster.html",
        version=version,
        poster=_poster(version),
        tlp=TLP[Audience.PUBLIC],
        review_week=editor.week_of(version.review_on),
    )


@blueprint.get("/alerts/<uuid:version_id>/poster.pdf")
def poster_pdf(version_id: uuid.UUID) -> ResponseReturnValue:
    """Give the poster as a PDF of A4 or A5."""
    version = queries.version(browser.session(), browser.actor(), version_id)
    size = request.args.get("size", "a4")
    made = sheets.poster_pdf(_poster(version), _foot(version), size if size == "a5" else "a4")
    return _pdf(made, f"poster-{version.alert.number}.pdf")


@blueprint.get("/alerts/<uuid:version_id>/card.pdf")
def card_pdf(version_id: uuid.UUID) -> ResponseReturnValue:
    """Give the pocket card as a PDF: one card a page, or eight to cut on A4."""
    version = queries.version(browser.session(), browser.actor(), version_id)
    draw = sheets.cards_pdf if request.args.get("size") == "a4" else sheets.card_pdf
    return _pdf(draw(_poster(version), _foot(version)), f"card-{version.alert.number}.pdf")


@blueprint.get("/alerts/<uuid:version_id>/picture.jpg")
def picture(version_id: uuid.UUID) -> ResponseReturnValue:
    """Give the picture of an alert."""
    version = queries.version(browser.session(), browser.actor(), version_id)
    data = _picture(version)
    if data is None:
        raise NotFound(_("This alert has no picture."))
    return Response(data, mimetype="image/jpeg")


@blueprint.post("/alerts/<uuid:version_id>/picture")
def set_picture(version_id: uuid.UUID) -> ResponseReturnValue:
    """Give a draft a picture."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> AlertVersion:
        given = request.files.get("picture")
        told = schemas.PictureBody().read(typed)
        data = given.read() if given else b""
        folder = house().settings.data_dir
        command = picturing.SetPicture(version_id, folder=folder, data=data, **told)
        return picturing.set_picture(session, actor, command)

    return browser.act_and_go(act, _version_url(version_id), _("The picture is kept."))


@blueprint.post("/alerts/<uuid:version_id>/picture/removal")
def remove_picture(version_id: uuid.UUID) -> ResponseReturnValue:
    """Take the picture off a draft."""
    return browser.act_and_go(
        lambda session, actor, typed: picturing.remove_picture(
            session,
            actor,
            picturing.RemovePicture(version_id, **schemas.VersionBody().read(typed)),
        ),
        _version_url(version_id),
        _("The picture is off this alert."),
    )


def _version_url(version_id: uuid.UUID) -> str:
    return url_for("alerts.alert", version_id=version_id, _anchor="h-p")


def _picture(version: AlertVersion) -> bytes | None:
    if version.picture is None:
        return None
    return files.fetch(house().settings.data_dir, version.picture.sha256)


def _foot(version: AlertVersion) -> Foot:
    settings, tongue = house().settings, browser.language()
    return Foot(
        brand=settings.network_name,
        number=version.alert.number,
        day=day(version.published_at, tongue) if version.published_at else "",
        review_week=editor.week_of(version.review_on),
        tlp=TLP[Audience.PUBLIC],
        level=version.level,
        state=" · ".join(posters.stands(version.state)),
        demonstration=settings.demonstration,
        picture=_picture(version),
    )


def _pdf(document: bytes, name: str) -> Response:
    shown = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(document, mimetype="application/pdf", headers=shown)
