"""The page of a plate's photograph: corners, origin and front placed, spots proposed, confirmed."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.analysis import confirming, photographing, queries, readings, standing
from lims.analysis import photograph_schemas as schemas
from lims.analysis.forms import shown_amount
from lims.analysis.measured import PlatePhoto
from lims.analysis.records import Run
from lims.analysis.states import INTENSITY_WORDS, ROLE_WORDS, LaneRole, RunState
from lims.doors import browser
from lims.doors.house import house
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, refuse_field
from lims.foundation.words import Message, _, number, say
from lims.library import queries as library
from lims.protocols.rules import Technique

blueprint = Blueprint("photograph", __name__, url_prefix="/runs/<uuid:run_id>/plate/photograph")
SPARE = 3
START = ((0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95))
"""Where the corners are drawn before anybody has placed them, each in reach of a finger."""
CORNER_WORDS: dict[str, Message] = {
    "top_left": _("Top left corner"),
    "top_right": _("Top right corner"),
    "bottom_right": _("Bottom right corner"),
    "bottom_left": _("Bottom left corner"),
}


@blueprint.route("", methods=["GET", "POST"])
def of_plate(run_id: uuid.UUID) -> ResponseReturnValue:
    """Show the photograph of a plate; its analyst gives one here."""

    def act(session: Session, actor: Actor, _typed: dict[str, Any]) -> PlatePhoto:
        given = request.files.get("photo")
        if given is None or not given.filename:
            raise refuse_field("photo", _("Choose a photograph."))
        command = photographing.PutPhotograph(run_id, house().settings.data_dir, given.read())
        return photographing.put_photograph(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda _made: url_for(".of_plate", run_id=run_id),
        show=lambda session, actor, typed, problems: _show(session, actor, run_id, typed, problems),
    )


@blueprint.route("/lines", methods=["GET", "POST"])
def lines(run_id: uuid.UUID) -> ResponseReturnValue:
    """Place the corners, the origin and the front."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> PlatePhoto:
        told = schemas.LinesSchema().read(typed)
        command = schemas.lines_of(run_id, house().settings.data_dir, told)
        return photographing.place_lines(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda made: url_for(
            ".of_plate", run_id=run_id, _anchor="spots-h" if made.proposal else "lines-h"
        ),
        show=lambda session, actor, typed, problems: _show(
            session, actor, run_id, {"lines": typed}, problems
        ),
    )


@blueprint.route("/spots", methods=["GET", "POST"])
def spots(run_id: uuid.UUID) -> ResponseReturnValue:
    """Write the confirmed spots on the plate."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Run:
        told = schemas.ConfirmSpotsSchema().read(schemas.confirmed_only(typed))
        return confirming.confirm_spots(session, actor, schemas.spots_of(run_id, told))

    return browser.form_page(
        act=act,
        then=lambda _made: url_for("identification.plate", run_id=run_id),
        done=lambda _made: _("The confirmed spots are on the plate."),
        show=lambda session, actor, typed, problems: _show(
            session, actor, run_id, {"confirm": schemas.ticked_first(typed)}, problems
        ),
    )


@blueprint.post("/removal")
def remove(run_id: uuid.UUID) -> ResponseReturnValue:
    """Take the photograph off an open run."""
    return browser.act_and_go(
        lambda session, actor, _typed: photographing.remove_photograph(
            session, actor, photographing.RemovePhotograph(run_id)
        ),
        url_for(".of_plate", run_id=run_id),
        _("The photograph is off this plate."),
    )


@blueprint.get("/image")
def image(run_id: uuid.UUID) -> ResponseReturnValue:
    """Give the photograph as it is kept."""
    photo = _photo(browser.session(), browser.actor(), run_id)
    return _picture(files.fetch(house().settings.data_dir, photo.sha256))


@blueprint.get("/straight")
def straight(run_id: uuid.UUID) -> ResponseReturnValue:
    """Give the plate as seen from above."""
    from lims.analysis import photographs

    photo = _photo(browser.session(), browser.actor(), run_id)
    if not photo.corners:
        raise NotFound(_("The corners are not placed yet."))
    kept = photographs.pixels(files.fetch(house().settings.data_dir, photo.sha256))
    return _picture(photographs.picture(photographs.straighten(kept, photo.corners)))


def _picture(data: bytes) -> Response:
    answer = Response(data, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def _photo(session: Session, actor: Actor, run_id: uuid.UUID) -> PlatePhoto:
    found = session.get(PlatePhoto, queries.run(session, actor, run_id).id)
    if found is None:
        raise NotFound(_("This plate has no photograph."))
    return found


def _show(
    session: Session,
    actor: Actor,
    run_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    tongue = browser.language()
    run = queries.run(session, actor, run_id)
    if run.technique != Technique.TLC:
        raise NotFound(_("This run has no plate."))
    photo = session.get(PlatePhoto, run.id)
    read = readings.read_plate(session, run, tongue)
    return browser.render(
        "analysis/photograph.html",
        photo=photo,
        rows=schemas.rows_of(photo) if photo else [],
        aspect=schemas.aspect_of(photo) if photo else 1.0,
        straight_of=_version(photo),
        spare=[{}] * SPARE,
        start=START,
        lines=typed.get("lines") or (_lines(photo, tongue) if photo else {}),
        confirm=typed.get("confirm") or _confirm(photo, read, run, tongue),
        problems=problems,
        editable=run.state == RunState.RECORDED and run.analyst == actor.account,
        largest=house().settings.max_upload_mb,
        **_offers(session, read, tongue),
        **standing.about_run(session, actor, run, tongue),
    )


def _version(photo: PlatePhoto | None) -> str:
    """Return a text that changes with the straightened picture, for the browser's memory."""
    if photo is None:
        return ""
    return hashlib.sha256(f"{photo.sha256}{photo.corners}".encode()).hexdigest()[:12]


def _offers(session: Session, read: readings.PlateRead, tongue: str) -> dict[str, Any]:
    """Return what the selects of the page offer, in words."""
    reagents = {one.code: one.label(tongue) for one in library.terms(session, "reagent")}
    return {
        "corner_words": CORNER_WORDS,
        "lanes": [
            (one.position, f"{one.position} {say(ROLE_WORDS[LaneRole(one.role)], tongue)}")
            for one in read.plate.lanes
        ],
        "shown_steps": reagents,
        "palette": {one.code: one.label(tongue) for one in library.terms(session, "palette")},
        "intensities": [(one, say(words, tongue)) for one, words in INTENSITY_WORDS.items()],
        "said_number": lambda value: number(value, tongue),
    }


def _lines(photo: PlatePhoto, tongue: str) -> dict[str, Any]:
    """Return corners and lines as the form shows them, in per cent."""
    placed = photo.corners or START
    return {
        "corners": [
            {"x": _shown(schemas.percent(x), tongue), "y": _shown(schemas.percent(y), tongue)}
            for x, y in placed
        ],
        "origin": "" if photo.origin is None else _shown(schemas.percent(photo.origin), tongue),
        "front": "" if photo.front is None else _shown(schemas.percent(photo.front), tongue),
    }


def _confirm(
    photo: PlatePhoto | None, read: readings.PlateRead, run: Run, tongue: str
) -> dict[str, Any]:
    """Return the proposed spots as the form shows them, each ticked."""
    rows = schemas.rows_of(photo) if photo else []
    return {
        "row_version": run.row_version,
        "front_mm": shown_amount(read.plate.front_mm, tongue),
        "step": "",
        "spots": [
            {
                **row,
                "take": "yes",
                "hrf": _shown(row["hrf"], tongue),
                "tailing": "yes" if row["tailing"] else "",
            }
            for row in rows
        ],
    }


def _shown(value: float, tongue: str) -> str:
    return f"{value:g}".replace(".", "," if tongue != "en" else ".")
