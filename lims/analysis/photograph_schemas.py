"""From text to the commands about the photograph of a plate; what was proposed as JSON."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from math import dist
from pathlib import Path
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.analysis.confirming import ConfirmedSpot, ConfirmSpots
from lims.analysis.measured import PlatePhoto
from lims.analysis.photographing import WHOLE, PlaceLines
from lims.analysis.states import INTENSITIES
from lims.doors.schema import Amount, Choice, CommandSchema, Text, Tick, Whole

SPOT = ("lane", "hrf", "intensity", "tailing", "colour")


class CornerSchema(CommandSchema):
    """A corner in per cent of the width and height of the photograph."""

    x = Amount(required=True, least="0", most="100")
    y = Amount(required=True, least="0", most="100")


class LinesSchema(CommandSchema):
    """Four corners, and the lines in per cent of the straightened plate from its top."""

    corners = fields.List(
        fields.Nested(CornerSchema), required=True, validate=ma.validate.Length(equal=4)
    )
    origin = Amount(least="0", most="100")
    front = Amount(least="0", most="100")


class ConfirmedSpotSchema(CommandSchema):
    """A confirmed spot: lane from 1, raw hRf, how it looks."""

    lane = Whole(required=True, least=1, most=30)
    hrf = Amount(required=True)
    intensity = Choice(*INTENSITIES, load_default="medium")
    tailing = Tick()
    colour = Text(20, load_default="")


class ConfirmSpotsSchema(CommandSchema):
    """Confirmed spots, the front in mm, and which step the photograph shows."""

    row_version = Whole(required=True, least=0, most=2**31 - 1)
    front_mm = Amount(required=True)
    step = Text(40, load_default="")
    spots = fields.List(fields.Nested(ConfirmedSpotSchema), required=True)


def lines_of(run_id: uuid.UUID, folder: Path, told: Mapping[str, Any]) -> PlaceLines:
    """Return the command that places corners and lines."""
    corners = tuple((float(one["x"]) / 100, float(one["y"]) / 100) for one in told["corners"])
    origin, front = (
        None if told[name] is None else float(told[name]) / 100 for name in ("origin", "front")
    )
    return PlaceLines(run_id, folder, corners, origin, front)


def spots_of(run_id: uuid.UUID, told: Mapping[str, Any]) -> ConfirmSpots:
    """Return the command that writes confirmed spots on the plate."""
    spots = tuple(ConfirmedSpot(**one) for one in told["spots"])
    return ConfirmSpots(run_id, told["row_version"], told["front_mm"], spots, told["step"])


def confirmed_only(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form told of its spots: those that are ticked; an empty row goes."""
    spots: Any = typed.get("spots")
    rows: Sequence[Any] = spots if isinstance(spots, list) else []
    kept = [
        one
        for one in rows
        if isinstance(one, Mapping) and one.get("take") and str(one.get("hrf", "")).strip()
    ]
    return {**typed, "spots": [{k: v for k, v in one.items() if k in SPOT} for one in kept]}


def ticked_first(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form as typed, ticked rows first, so that each problem finds its row."""
    spots: Any = typed.get("spots")
    rows = [one for one in spots if isinstance(one, Mapping)] if isinstance(spots, list) else []
    rows = [one for one in rows if str(one.get("hrf", "")).strip()]
    return {**typed, "spots": sorted(rows, key=lambda one: not one.get("take"))}


class PhotographSchema(ma.Schema):
    """The photograph of a plate with what was placed and proposed; places are fractions."""

    run_id = fields.UUID()
    sha256 = fields.String()
    width = fields.Integer()
    height = fields.Integer()
    corners = fields.List(fields.List(fields.Float()))
    origin = fields.Float(allow_none=True)
    front = fields.Float(allow_none=True)
    proposal = fields.Dict()
    by = fields.String()
    at = fields.AwareDateTime()


def percent(value: float) -> float:
    """Return a fraction in per cent, to a tenth."""
    return round(100 * value, 1)


def aspect_of(photo: PlatePhoto) -> float:
    """Return height over width of the straightened plate: the means of its opposite sides."""
    size = photo.width, photo.height
    placed = [(x * size[0], y * size[1]) for x, y in photo.corners or WHOLE]
    sides = [dist(placed[at], placed[(at + 1) % 4]) for at in range(4)]
    return (sides[1] + sides[3]) / max(sides[0] + sides[2], 1.0)


def rows_of(photo: PlatePhoto) -> list[dict[str, Any]]:
    """Return the proposed spots as rows of a form: lane, hRf, how each looks."""
    return [
        {
            "lane": at,
            "hrf": percent(spot["ran"]),
            "intensity": spot["intensity"],
            "tailing": spot["tailing"],
            "colour": spot["colour"],
            "colour_distance": spot["colour_distance"],
            "middle": lane["middle"],
        }
        for at, lane in enumerate(photo.proposal.get("lanes", []), start=1)
        for spot in lane["spots"]
    ]
