"""The photograph of a plate: kept, straightened, its proposals confirmed into the plate.

What is proposed is never an observation: it becomes one when the analyst accepts it, moved or as it
is. Origin, front and spots are fractions of the straightened plate until then; a spot on the plate
is in mm from the origin, as if it had been typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.analysis import readings
from lims.analysis.colours import Lab
from lims.analysis.lanes import MOST_SPOTS, LaneGiven, Sighting, SpotGiven
from lims.analysis.measured import PlatePhoto
from lims.analysis.noting import Notes, own_open_run, record_in_journal, refuse_all
from lims.analysis.records import Lane, Run, Spot
from lims.analysis.spotting import RecordPlate, record_plate
from lims.analysis.states import LaneRole
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Problem, Refused, refuse_field
from lims.foundation.words import _
from lims.library import queries as library
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.protocols.rules import Technique

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
#: A confirmed spot this near to one on the plate is the same spot, seen at another step.
SAME_SPOT = Decimal("0.025")
LEAST_PLATE = 0.02
MOST_CONFIRMED = 200


@dataclass(frozen=True)
class PutPhotograph:
    """A photograph of the plate of a run; `folder` is where this installation keeps its files."""

    run_id: uuid.UUID
    folder: Path
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class PlaceLines:
    """Corners as fractions of the photograph, clockwise from top left; lines of the plate."""

    run_id: uuid.UUID
    folder: Path
    corners: tuple[tuple[float, float], ...] = WHOLE
    origin: float | None = None
    front: float | None = None


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


@dataclass(frozen=True)
class RemovePhotograph:
    """A photograph that does not help."""

    run_id: uuid.UUID


def put_photograph(session: Session, actor: Actor, command: PutPhotograph) -> PlatePhoto:
    """Keep a photograph of the plate in place of the one before; raises Invalid for another file.

    Place, time and device, which a camera writes into its files, are left out of what is kept.
    """
    actor.must(Permission.ANALYSE)
    run = _own_plate(session, actor, command.run_id)
    from lims.analysis import photographs  # pictures are not read when the program starts

    found = photographs.clean(command.data)
    photo = session.get(PlatePhoto, run.id) or PlatePhoto(run_id=run.id)
    photo.sha256 = files.store(command.folder, found.data)
    photo.width, photo.height, photo.by = found.width, found.height, actor.account
    photo.corners, photo.origin, photo.front, photo.proposal = [], None, None, {}
    session.add(photo)
    session.flush()
    record_in_journal(session, actor, "put photograph", run, sha256=photo.sha256)
    return photo


def place_lines(session: Session, actor: Actor, command: PlaceLines) -> PlatePhoto:
    """Place corners, origin and front; lanes and spots are proposed once both lines stand.

    Raises Invalid for corners that are no plate, or lines that leave nothing between them.
    """
    actor.must(Permission.ANALYSE)
    run = _own_plate(session, actor, command.run_id)
    photo = _photo(session, run.id)
    _refuse_places(command)
    photo.corners = [list(one) for one in command.corners]
    photo.origin, photo.front, photo.proposal = command.origin, command.front, {}
    if command.origin is not None and command.front is not None:
        photo.proposal = _proposal(session, run, photo, command)
    session.flush()
    record_in_journal(session, actor, "place lines", run, sha256=photo.sha256)
    return photo


def confirm_spots(session: Session, actor: Actor, command: ConfirmSpots) -> Run:
    """Write confirmed spots on the plate: a spot that stands there gains a step, others are new.

    Raises Invalid as recording a plate does, with each problem at its spot.
    """
    actor.must(Permission.ANALYSE)
    run = _own_plate(session, actor, command.run_id)
    photo = _photo(session, run.id)
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


def remove_photograph(session: Session, actor: Actor, command: RemovePhotograph) -> Run:
    """Take the photograph off an open run; what was confirmed of it stays on the plate."""
    actor.must(Permission.ANALYSE)
    run = _own_plate(session, actor, command.run_id)
    photo = _photo(session, run.id)
    record_in_journal(session, actor, "remove photograph", run, sha256=photo.sha256)
    session.delete(photo)
    session.flush()
    return run


def _own_plate(session: Session, actor: Actor, run_id: uuid.UUID) -> Run:
    run = own_open_run(session, actor, run_id)
    if run.technique != Technique.TLC:
        raise Refused(_("This run has no plate."))
    return run


def _photo(session: Session, run_id: uuid.UUID) -> PlatePhoto:
    found = session.get(PlatePhoto, run_id)
    if found is None:
        raise NotFound(_("This plate has no photograph."))
    return found


def _refuse_places(command: PlaceLines) -> None:
    """Refuse corners outside the photograph or out of order, and lines that are upside down."""
    problems = []
    if len(command.corners) != 4:
        raise refuse_field("corners", _("A plate has four corners."))
    for at, (x, y) in enumerate(command.corners):
        if not (-0.001 <= x <= 1.001 and -0.001 <= y <= 1.001):
            problems.append(Problem(f"corners.{at}", _("A corner lies on the photograph.")))
    if not problems and not _is_a_plate(command.corners):
        words = _("Corners go clockwise from the top left, each in its own place.")
        problems.append(Problem("corners", words))
    origin, front = command.origin, command.front
    for name, line in (("origin", origin), ("front", front)):
        if line is not None and not 0 <= line <= 1:
            problems.append(Problem(name, _("The line lies on the plate.")))
    if origin is not None and front is not None and origin - front < 0.1:
        problems.append(Problem("front", _("The front lies above the origin.")))
    refuse_all(problems)


def _is_a_plate(corners: Sequence[tuple[float, float]]) -> bool:
    """Tell whether four corners go round clockwise, bulge everywhere, and hold some area."""
    turns = []
    for at in range(4):
        (ax, ay), (bx, by), (cx, cy) = (corners[(at + step) % 4] for step in range(3))
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    return min(turns) > LEAST_PLATE**2


def _proposal(
    session: Session, run: Run, photo: PlatePhoto, command: PlaceLines
) -> dict[str, Any]:
    from lims.analysis import photographs

    assert command.origin is not None and command.front is not None
    lanes = len(readings.plate_of(session, run.id).lanes)
    straight = photographs.straighten(
        photographs.pixels(files.fetch(command.folder, photo.sha256)), command.corners
    )
    found = photographs.propose(straight, command.origin, command.front, _palette(session), lanes)
    return {"lanes": [asdict(one) for one in found], "lanes_asked": lanes}


def _palette(session: Session) -> dict[str, Lab]:
    """Return the palette with its CIELAB values; white is the plate itself."""
    found: dict[str, Lab] = {}
    for term in library.terms(session, "palette"):
        lab = term.extra.get("lab")
        if lab and term.code != "white":
            found[term.code] = (float(lab[0]), float(lab[1]), float(lab[2]))
    return found


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
