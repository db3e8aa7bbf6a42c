"""The photograph of a plate: kept, straightened, its proposals confirmed into the plate.

What is proposed is never an observation: it becomes one when the analyst accepts it, moved or as it
is. Origin, front and spots are fractions of the straightened plate until then; a spot on the plate
is in mm from the origin, as if it had been typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.analysis import readings
from lims.analysis.colours import Lab
from lims.analysis.measured import PlatePhoto
from lims.analysis.noting import own_plate, photo_of, record_in_journal, refuse_all
from lims.analysis.records import Run
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.errors import Problem, refuse_field
from lims.foundation.words import _
from lims.library import queries as library
from lims.network.rules import Permission

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
LEAST_PLATE = 0.02


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
class RemovePhotograph:
    """A photograph that does not help."""

    run_id: uuid.UUID


def put_photograph(session: Session, actor: Actor, command: PutPhotograph) -> PlatePhoto:
    """Keep a photograph of the plate in place of the one before; raises Invalid for another file.

    Place, time and device, which a camera writes into its files, are left out of what is kept.
    """
    actor.must(Permission.ANALYSE)
    run = own_plate(session, actor, command.run_id)
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
    run = own_plate(session, actor, command.run_id)
    photo = photo_of(session, run.id)
    _refuse_places(command)
    photo.corners = [list(one) for one in command.corners]
    photo.origin, photo.front, photo.proposal = command.origin, command.front, {}
    if command.origin is not None and command.front is not None:
        photo.proposal = _proposal(session, run, photo, command)
    session.flush()
    record_in_journal(session, actor, "place lines", run, sha256=photo.sha256)
    return photo


def remove_photograph(session: Session, actor: Actor, command: RemovePhotograph) -> Run:
    """Take the photograph off an open run; what was confirmed of it stays on the plate."""
    actor.must(Permission.ANALYSE)
    run = own_plate(session, actor, command.run_id)
    photo = photo_of(session, run.id)
    record_in_journal(session, actor, "remove photograph", run, sha256=photo.sha256)
    session.delete(photo)
    session.flush()
    return run


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


def _proposal(session: Session, run: Run, photo: PlatePhoto, command: PlaceLines) -> dict[str, Any]:
    from lims.analysis import photographs, spot_proposals

    assert command.origin is not None and command.front is not None
    lanes = len(readings.plate_of(session, run.id).lanes)
    straight = photographs.straighten(
        photographs.pixels(files.fetch(command.folder, photo.sha256)), command.corners
    )
    found = spot_proposals.propose(
        straight, command.origin, command.front, _palette(session), lanes
    )
    return {"lanes": [asdict(one) for one in found], "lanes_asked": lanes}


def _palette(session: Session) -> dict[str, Lab]:
    """Return the palette with its CIELAB values; white is the plate itself."""
    found: dict[str, Lab] = {}
    for term in library.terms(session, "palette"):
        lab = term.extra.get("lab")
        if lab and term.code != "white":
            found[term.code] = (float(lab[0]), float(lab[1]), float(lab[2]))
    return found
