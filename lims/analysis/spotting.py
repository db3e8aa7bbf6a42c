"""Recording a plate: lanes, spots in mm, what is seen of each spot, all of it in one act."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import readings
from lims.analysis.lanes import LABELS, Known, LaneGiven, Sighting, SpotGiven, lane_problems
from lims.analysis.noting import (
    Notes,
    named_substance,
    note,
    open_run,
    record_in_journal,
    refuse_all,
)
from lims.analysis.records import Lane, Plate, Run, Spot, SpotObservation
from lims.foundation.actors import Actor
from lims.foundation.errors import Problem, Refused, refuse_field
from lims.foundation.words import _
from lims.library import queries as library
from lims.library.records import ReferenceLot, Substance
from lims.network.rules import Permission
from lims.protocols.rules import Technique
from lims.quality.queries import reagent_lots

MOST_LANES = 30
LONGEST_PLATE_MM = Decimal(300)


@dataclass(frozen=True)
class RecordPlate:
    """A whole plate as it stands; what is left out is taken off the plate."""

    run_id: uuid.UUID
    row_version: int
    front_mm: Decimal | None
    lanes: tuple[LaneGiven, ...]
    notes: Notes = Notes()


def record_plate(session: Session, actor: Actor, command: RecordPlate) -> Run:
    """Record a whole plate; an accepted answer whose spot reads otherwise now falls.

    Raises Invalid with each problem at its place, Stale, Refused for a run that is not open.
    """
    actor.must(Permission.ANALYSE)
    run = open_run(session, actor, command.run_id, command.row_version)
    if run.technique != Technique.TLC:
        raise Refused(_("This run has no plate."))
    note(run, command.notes)
    _refuse_front(command)
    named = _named(session, command.lanes)
    known, standards = _known(session, run, named)
    refuse_all(_problems(command, known))
    plate = readings.plate_of(session, run.id)
    plate.front_mm = command.front_mm
    setter = _Setter(plate, known, named, standards)
    setter.set_lanes(command.lanes)
    session.flush()
    for lane in plate.lanes:
        session.expire(lane, ["sample"])
    fallen = _drop_fallen(session, run)
    record_in_journal(session, actor, "record plate", run, answers_fallen=fallen)
    return run


def _refuse_front(command: RecordPlate) -> None:
    front = command.front_mm
    if front is not None and not (front.is_finite() and 0 < front <= LONGEST_PLATE_MM):
        words = _("The front lies up to %(most)s mm above the origin.", most=LONGEST_PLATE_MM)
        raise refuse_field("front_mm", words)
    if not 1 <= len(command.lanes) <= MOST_LANES:
        raise refuse_field("lanes", _("A plate has 1 to %(n)s lanes.", n=MOST_LANES))


def _named(session: Session, lanes: Sequence[LaneGiven]) -> dict[str, Substance]:
    """Return the substances that the spots name, by what was typed."""
    found = {}
    for what in {spot.what for lane in lanes for spot in lane.spots if spot.what}:
        one = named_substance(session, what)
        if one is not None:
            found[what] = one
    return found


def _known(
    session: Session, run: Run, named: Mapping[str, Substance]
) -> tuple[Known, dict[uuid.UUID, uuid.UUID]]:
    """Return what may be referred to, and what each reference lot of the laboratory is."""
    query = select(ReferenceLot).where(ReferenceLot.site_id == run.site_id)
    standards = {lot.id: lot.substance_id for lot in session.scalars(query)}
    asked = readings.plate_references(run.protocol.document)
    known = Known(
        samples=frozenset(item.sample_id for item in run.samples),
        standards=frozenset(standards),
        references=frozenset(one.id for one in asked),
        substances=frozenset(named),
        palette=frozenset(term.code for term in library.terms(session, "palette")),
        reagent_lots={lot.id: lot.reagent for lot in reagent_lots(session, run.site_id)},
    )
    return known, standards


def _problems(command: RecordPlate, known: Known) -> Iterator[Problem]:
    front = command.front_mm or LONGEST_PLATE_MM
    for place, lane in enumerate(command.lanes):
        yield from lane_problems(f"lanes.{place}", lane, front, known)


class _Setter:
    """Brings a plate to what was given, keeping the rows of what stays."""

    def __init__(
        self,
        plate: Plate,
        known: Known,
        named: Mapping[str, Substance],
        standards: Mapping[uuid.UUID, uuid.UUID],
    ) -> None:
        self.plate, self.known, self.named, self.standards = plate, known, named, standards

    def set_lanes(self, given: Sequence[LaneGiven]) -> None:
        """Set lanes by their place."""
        there = {lane.position: lane for lane in self.plate.lanes}
        for place, one in enumerate(given, start=1):
            lane = there.pop(place, None) or Lane(position=place)
            lane.role = one.role
            lane.sample_id = one.sample_id if one.role in ("sample", "co-spot") else None
            lane.lot_id = one.lot_id if one.role in ("reference", "co-spot") else None
            if lane not in self.plate.lanes:
                self.plate.lanes.append(lane)
            self._set_spots(lane, one.spots)
        for gone in there.values():
            self.plate.lanes.remove(gone)

    def _set_spots(self, lane: Lane, given: Sequence[SpotGiven]) -> None:
        there = {spot.label: spot for spot in lane.spots}
        free = iter([label for label in LABELS if label not in {one.label for one in given}])
        for one in given:
            label = one.label or next(free)
            spot = there.pop(label, None) or Spot(label=label)
            spot.distance_mm, spot.intensity, spot.tailing = (
                one.distance_mm,
                one.intensity,
                one.tailing,
            )
            spot.reference, spot.substance_id = self._what(lane, one.what)
            if spot not in lane.spots:
                lane.spots.append(spot)
            _set_sightings(spot, one.sightings)
        for gone in there.values():
            lane.spots.remove(gone)

    def _what(self, lane: Lane, what: str) -> tuple[str, uuid.UUID | None]:
        """Return which plate reference and which substance a spot of a reference lane is."""
        if lane.role != "reference":
            return "", None
        named = self.named.get(what)
        if what in self.known.references:
            return what, named.id if named else None
        if named is None and lane.lot_id is not None:
            return "", self.standards[lane.lot_id]
        return "", named.id if named else None


def _set_sightings(spot: Spot, given: Sequence[Sighting]) -> None:
    there = {seen.step: seen for seen in spot.observations}
    for place, one in enumerate(given, start=1):
        seen = there.pop(one.step, None) or SpotObservation(step=one.step)
        seen.position, seen.colours, seen.lot_id = place, ">".join(one.colours), one.lot_id
        if seen not in spot.observations:
            spot.observations.append(seen)
    for gone in there.values():
        spot.observations.remove(gone)


def _drop_fallen(session: Session, run: Run) -> int:
    """Drop each answer that stands on a spot which is gone or reads otherwise now."""
    plate = readings.read_plate(session, run)
    fallen = 0
    for answer in list(run.answers):
        on = answer.evidence.get("spot_id")
        if on is None:
            continue
        seen = plate.spot(uuid.UUID(on))
        if seen is None or seen.seen != answer.evidence.get("seen"):
            run.answers.remove(answer)
            fallen += 1
    return fallen
