"""A plate as its page shows it: the drawing, the steps of its table, what its fields offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from lims.analysis import forms, plates
from lims.analysis.readings import PlateRead, SpotRead
from lims.analysis.records import Run
from lims.analysis.states import (
    INTENSITY_WORDS,
    ROLE_WORDS,
    ULTRAVIOLET,
    ULTRAVIOLET_WORDS,
    LaneRole,
)
from lims.foundation.words import _, say
from lims.library import queries as library
from lims.library.references import reference_lots
from lims.quality.queries import reagent_lots

FIRST_STEPS = ("uv254", "marquis")


def steps_shown(form: Mapping[str, Any], wanted: str) -> list[str]:
    """Return the steps that the table shows: those noted, or the usual first, and the one asked."""
    held = [step for one in form["steps"] if (step := str(one.get("step", "")))]
    steps = {step for step in (*(held or FIRST_STEPS), wanted) if step}
    return sorted(steps, key=lambda one: (one not in ULTRAVIOLET, one))


def label_of(seen: SpotRead) -> str:
    """Return how a spot is called on its plate: lane and letter, such as 2a."""
    return f"{seen.lane.position}{seen.spot.label}"


def choices(session: Session, found: Run, read: PlateRead, tongue: str) -> dict[str, Any]:
    """Return what the fields of a plate offer, in one language."""
    standards = reference_lots(session, found.site_id)
    reagents = {one.code: one.label(tongue) for one in library.terms(session, "reagent")}
    names = {"uv254": "UV254", "uv365": "UV365", **reagents}
    lots: dict[str, list[tuple[str, str]]] = {}
    for lot in reagent_lots(session, found.site_id):
        lots.setdefault(lot.reagent, []).append((str(lot.id), lot.lot))
    whats = {one.id: one.name for one in read.expected}
    whats |= {what.key: what.name(tongue) for _lot, what in standards}
    palette = {one.code: one.label(tongue) for one in library.terms(session, "palette")}
    return {
        "samples": [
            (str(one.sample_id), f"{one.sample.code[:4]}-{one.sample.code[4:]}")
            for one in found.samples
        ],
        "roles": [(str(one), say(ROLE_WORDS[one], tongue)) for one in LaneRole],
        "standards": [(str(lot.id), f"{what.name(tongue)} {lot.lot}") for lot, what in standards],
        "whats": list(whats.items()),
        "intensities": [(one, say(words, tongue)) for one, words in INTENSITY_WORDS.items()],
        "uv": [(one, say(words, tongue)) for one, words in ULTRAVIOLET_WORDS.items()],
        "palette": list(palette.items()),
        "pairs": lambda colours: [(code, palette.get(code, code)) for code in colours.split(">")],
        "step_names": names,
        "lots": lots,
        "key_of": forms.key_of,
    }


def drawing(
    run: Run,
    plate: PlateRead,
    selected: str,
    step: str,
    tongue: str,
) -> Markup:
    """Return the drawing of a plate, its selected spot marked, coloured as the step shows it."""
    lanes = [
        plates.DrawnLane(
            position=lane.position,
            words=_lane_words(lane.role, tongue),
            spots=[
                _drawn(seen, lane.position, selected, step)
                for seen in plate.spots
                if seen.lane is lane
            ],
            selected=selected[:-1] == str(lane.position),
        )
        for lane in plate.plate.lanes
    ]
    width, height = plates.plate_size(len(lanes), plate.plate.front_mm)
    words = plates.Words(
        title=say(_("Plate %(number)s drawn to scale", number=run.number), tongue),
        description=_described(plate, tongue),
        size=say(_("plate %(width)s × %(height)s mm", width=width, height=height), tongue),
    )
    return plates.draw(plate.plate.front_mm, lanes, words)


def _lane_words(role: str, tongue: str) -> str:
    if role == LaneRole.REFERENCE:
        return say(_("ref."), tongue)
    return say(ROLE_WORDS[LaneRole(role)], tongue)


def _drawn(seen: SpotRead, lane: int, selected: str, step: str) -> plates.DrawnSpot:
    colours = seen.colours.get(step) or next(iter(seen.colours.values()), ())
    label = "" if seen.lane.role == LaneRole.REFERENCE else seen.spot.label
    return plates.DrawnSpot(
        label=label,
        distance_mm=seen.spot.distance_mm,
        intensity=seen.spot.intensity,
        colour=colours[0] if colours else "",
        tailing=seen.spot.tailing,
        selected=selected == f"{lane}{seen.spot.label}",
        key=f"{lane}{seen.spot.label}",
    )


def _described(plate: PlateRead, tongue: str) -> str:
    """Say a plate in words, for whoever does not see the drawing."""
    parts = [
        say(
            _(
                "Lane %(lane)s (%(role)s): spots at %(places)s mm.",
                lane=lane.position,
                role=ROLE_WORDS[LaneRole(lane.role)],
                places=[spot.distance_mm for spot in lane.spots],
            ),
            tongue,
        )
        for lane in plate.plate.lanes
        if lane.spots
    ]
    if plate.plate.front_mm is not None:
        words = _("The front is %(mm)s mm above the origin.", mm=plate.plate.front_mm)
        parts.append(say(words, tongue))
    return " ".join(parts)
