"""What is told of a plate's lanes and spots, and what cannot be right about it.

A spot lies between origin and front; what is seen is a colour of the palette or, under ultraviolet,
dark, bright or nothing; a lot is of this laboratory and of that reagent.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from lims.analysis.states import INTENSITIES, ULTRAVIOLET, UNDER_ULTRAVIOLET, LaneRole
from lims.foundation.errors import Problem
from lims.foundation.words import Message, _

MOST_SPOTS = 12
MOST_COLOURS = 6
LABELS = "abcdefghijkl"


@dataclass(frozen=True)
class Sighting:
    """What a spot shows at one step: uv254, uv365 or a reagent; colours in their order."""

    step: str
    colours: tuple[str, ...]
    lot_id: uuid.UUID | None = None


@dataclass(frozen=True)
class SpotGiven:
    """A spot by its distance from the origin in mm; `what` names a reference or a substance."""

    distance_mm: Decimal
    label: str = ""
    intensity: str = "medium"
    tailing: bool = False
    what: str = ""
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True)
class LaneGiven:
    """A lane from the left, with what was put on it."""

    role: str
    sample_id: uuid.UUID | None = None
    lot_id: uuid.UUID | None = None
    spots: tuple[SpotGiven, ...] = ()


@dataclass(frozen=True)
class Known:
    """What the codes and names on a plate may refer to."""

    samples: frozenset[uuid.UUID]
    standards: frozenset[uuid.UUID]
    references: frozenset[str]
    substances: frozenset[str]
    palette: frozenset[str]
    #: reagent lot → its reagent
    reagent_lots: Mapping[uuid.UUID, str] = field(default_factory=dict)


def lane_problems(
    place: str, lane: LaneGiven, front_mm: Decimal, known: Known
) -> Iterator[Problem]:
    """Find what cannot be right about one lane; each problem's field begins with `place`."""
    if lane.role not in set(LaneRole):
        yield Problem(f"{place}.role", _("Choose one of the list."))
    holds_sample = lane.role in (LaneRole.SAMPLE, LaneRole.CO_SPOT)
    if holds_sample and lane.sample_id not in known.samples:
        yield Problem(f"{place}.sample_id", _("Say which sample of this run is on the lane."))
    if lane.lot_id is not None and lane.lot_id not in known.standards:
        yield Problem(f"{place}.lot_id", _("This laboratory has no such reference lot."))
    if len(lane.spots) > MOST_SPOTS:
        yield Problem(f"{place}.spots", _("At most %(n)s spots on one lane.", n=MOST_SPOTS))
    labels = [spot.label for spot in lane.spots if spot.label]
    for at, spot in enumerate(lane.spots):
        where = f"{place}.spots.{at}"
        if spot.label and (labels.count(spot.label) > 1 or spot.label not in LABELS):
            yield Problem(f"{where}.label", _("Spots of a lane are called a to l, each once."))
        yield from _spot_problems(where, spot, front_mm, known)


def _spot_problems(
    place: str, spot: SpotGiven, front_mm: Decimal, known: Known
) -> Iterator[Problem]:
    if not (spot.distance_mm.is_finite() and 0 <= spot.distance_mm <= front_mm):
        words = _("A spot lies between the origin and the front.")
        yield Problem(f"{place}.distance_mm", words)
    if spot.intensity not in INTENSITIES:
        yield Problem(f"{place}.intensity", _("Choose one of the list."))
    if spot.what and spot.what not in known.references | known.substances:
        yield Problem(f"{place}.what", not_in_library(spot.what))
    steps = [seen.step for seen in spot.sightings]
    for at, seen in enumerate(spot.sightings):
        where = f"{place}.sightings.{at}"
        if steps.count(seen.step) > 1 or not 0 < len(seen.step) <= 40:
            yield Problem(f"{where}.step", _("Each step is noted once."))
        yield from sighting_problems(where, seen, known)


def sighting_problems(place: str, seen: Sighting, known: Known) -> Iterator[Problem]:
    """Find what cannot be right about one observation."""
    allowed = set(UNDER_ULTRAVIOLET) if seen.step in ULTRAVIOLET else known.palette
    if any(colour not in allowed for colour in seen.colours):
        yield Problem(f"{place}.colours", _("Choose colours of the list."))
    if not 1 <= len(seen.colours) <= MOST_COLOURS:
        yield Problem(f"{place}.colours", _("From 1 to %(n)s colours.", n=MOST_COLOURS))
    if seen.lot_id is not None and known.reagent_lots.get(seen.lot_id) != seen.step:
        yield Problem(f"{place}.lot_id", wrong_lot())


def wrong_lot() -> Message:
    """Say that a lot is not of this reagent, or not of this laboratory."""
    return _("This laboratory has no such lot of this reagent.")


def not_in_library(name: str) -> Message:
    """Say that a name means nothing, or too much, in the library."""
    return _("“%(name)s” is not one substance of the library.", name=name[:80])
