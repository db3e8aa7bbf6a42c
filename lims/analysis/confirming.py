"""Confirming the spots that a photograph proposed: from then on they are observations of the plate.

A spot on the plate is in mm from the origin, as if it had been typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from lims.analysis import readings
from lims.analysis.lanes import MOST_SPOTS, LaneGiven, Sighting, SpotGiven
from lims.analysis.noting import Notes, own_plate, photo_of, record_in_journal, refuse_all
from lims.analysis.records import Lane, Run, Spot
from lims.analysis.spotting import RecordPlate, record_plate
from lims.analysis.states import LaneRole
from lims.foundation.actors import Actor
from lims.foundation.errors import Problem, refuse_field
from lims.foundation.words import _
from lims.library.records import Substance
from lims.network.rules import Permission

#: A confirmed spot this near to one on the plate is the same spot, seen at another step.
SAME_SPOT = Decimal("0.025")
MOST_CONFIRMED = 200


@dataclass(frozen=True)
class ConfirmedSpot:
    """A spot that the analyst confirmed: its lane from the left, from 1, and its raw hRf."""

    lane: int
    hrf: Decimal
    intensity: str = "medium"
    tailing: bool = False
    colour: str = ""


@dataclass(frozen=True)
class ConfirmSpots:
    """Confirmed spots; `step` is what the photograph shows: a reagent, uv254, or nothing."""

    run_id: uuid.UUID
    row_version: int
    front_mm: Decimal
    spots: tuple[ConfirmedSpot, ...]
    step: str = ""


def confirm_spots(session: Session, actor: Actor, command: ConfirmSpots) -> Run:
    """Write confirmed spots on the plate: a spot that stands there gains a step, others are new.

    Raises Invalid as recording a plate does, with each problem at its spot.
    """
    actor.must(Permission.ANALYSE)
    run = own_plate(session, actor, command.run_id)
    photo = photo_of(session, run.id)
    plate = readings.read_plate(session, run)
    lanes = [_given(session, lane) for lane in plate.plate.lanes]
    _refuse_spots(command, len(lanes))
    taken = _Taken(command, plate)
    for spot in command.spots:
        lanes[spot.lane - 1] = taken.with_spot(lanes[spot.lane - 1], spot)
    if any(len(lane.spots) > MOST_SPOTS for lane in lanes):
        raise refuse_field("spots", _("At most %(n)s spots on one lane.", n=MOST_SPOTS))
    notes = Notes((), run.deviation, run.note)
    wanted = RecordPlate(run.id, command.row_version, command.front_mm, tuple(lanes), notes)
    record_plate(session, actor, wanted)
    photo.proposal = {**photo.proposal, "confirmed": len(command.spots), "step": command.step}
    record_in_journal(session, actor, "confirm spots", run, spots=len(command.spots))
    return run


def _refuse_spots(command: ConfirmSpots, lanes: int) -> None:
    problems = []
    if len(command.spots) > MOST_CONFIRMED or not command.spots:
        raise refuse_field("spots", _("Choose from 1 to %(n)s spots.", n=MOST_CONFIRMED))
    for at, spot in enumerate(command.spots):
        if not 1 <= spot.lane <= lanes:
            problems.append(Problem(f"spots.{at}.lane", _("The plate has no such lane.")))
        if not (spot.hrf.is_finite() and 0 <= spot.hrf <= 100):
            words = _("A spot lies between the origin and the front.")
            problems.append(Problem(f"spots.{at}.hrf", words))
    refuse_all(problems)


def _given(session: Session, lane: Lane) -> LaneGiven:
    """Return a lane of the plate as it would be told again."""
    return LaneGiven(
        role=lane.role,
        sample_id=lane.sample_id,
        lot_id=lane.lot_id,
        spots=tuple(_spot_given(session, spot) for spot in lane.spots),
    )


def _spot_given(session: Session, spot: Spot) -> SpotGiven:
    named = session.get(Substance, spot.substance_id) if spot.substance_id else None
    return SpotGiven(
        distance_mm=spot.distance_mm,
        label=spot.label,
        intensity=spot.intensity,
        tailing=spot.tailing,
        what=spot.reference or (named.key if named else ""),
        sightings=tuple(
            Sighting(seen.step, tuple(seen.colours.split(">")), seen.lot_id)
            for seen in spot.observations
        ),
    )


class _Taken:
    """Puts confirmed spots where they belong on the lanes of a plate."""

    def __init__(self, command: ConfirmSpots, plate: readings.PlateRead) -> None:
        self.command = command
        self.expected = plate.expected
        self.lots: Mapping[str, uuid.UUID | None] = {
            seen.step: seen.lot_id for one in plate.spots for seen in one.spot.observations
        }

    def with_spot(self, lane: LaneGiven, confirmed: ConfirmedSpot) -> LaneGiven:
        """Return a lane with a confirmed spot: one that stands there moves, else it is new."""
        at = (confirmed.hrf * self.command.front_mm / 100).quantize(Decimal("0.1"))
        near = SAME_SPOT * self.command.front_mm
        same = [spot for spot in lane.spots if abs(spot.distance_mm - at) <= near]
        old = min(same, key=lambda spot: abs(spot.distance_mm - at), default=None)
        base = old or SpotGiven(at, what=self._reference(lane, confirmed.hrf))
        seen = [one for one in base.sightings if one.step != self.command.step]
        if self.command.step and confirmed.colour:
            lot = self.lots.get(self.command.step)
            seen.append(Sighting(self.command.step, (confirmed.colour,), lot))
        made = replace(
            base,
            distance_mm=at,
            intensity=confirmed.intensity,
            tailing=confirmed.tailing,
            sightings=tuple(seen),
        )
        others = tuple(spot for spot in lane.spots if spot is not old)
        return replace(lane, spots=(*others, made))

    def _reference(self, lane: LaneGiven, hrf: Decimal) -> str:
        """Return the plate reference that a new spot of a reference lane must be, or nothing."""
        if lane.role != LaneRole.REFERENCE or lane.lot_id is not None:
            return ""
        used = {spot.what for spot in lane.spots}
        free = [
            one
            for one in self.expected
            if one.id not in used and abs(one.tabulated - hrf) <= one.window
        ]
        return min(free, key=lambda one: abs(one.tabulated - hrf)).id if free else ""
