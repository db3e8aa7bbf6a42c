"""Reading a plate: hRf and corrected hRf of every spot, its references, and its acceptance.

All of it is derived from distances each time it is asked for; nothing of it is stored.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from lims.analysis import queries, rules
from lims.analysis.records import Lane, Plate, Run, Spot
from lims.analysis.states import ULTRAVIOLET, LaneRole, RunState
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.library.records import ReferenceLot, Substance
from lims.protocols.rules import Technique
from lims.quality.records import ReagentLot

NOTHING = Decimal(0)


@dataclass(frozen=True)
class PlateReference:
    """A reference that the protocol puts on each plate."""

    id: str
    name: str
    tabulated: Decimal
    window: Decimal


@dataclass(frozen=True)
class SpotRead:
    """A spot with what follows from its distance; None where nothing can follow."""

    spot: Spot
    lane: Lane
    hrf: Decimal | None
    corrected: Decimal | None

    @property
    def colours(self) -> dict[str, tuple[str, ...]]:
        """Colours per reagent, in order; what is seen under ultraviolet is not a colour."""
        return {
            seen.step: tuple(filter(None, seen.colours.split(">")))
            for seen in self.spot.observations
            if seen.step not in ULTRAVIOLET
        }

    @property
    def seen(self) -> dict[str, Any]:
        """What a conclusion on this spot stands on, as plain values."""
        return {
            "hrf": None if self.hrf is None else str(self.hrf),
            "corrected": None if self.corrected is None else str(self.corrected),
            "colours": {step: list(colours) for step, colours in sorted(self.colours.items())},
        }


@dataclass(frozen=True)
class ReferenceRead:
    """A plate reference as found in one lane."""

    reference: PlateReference
    seen: SpotRead


@dataclass(frozen=True)
class PlateRead:
    """A plate as it reads now."""

    plate: Plate
    expected: tuple[PlateReference, ...]
    spots: tuple[SpotRead, ...]
    references: tuple[ReferenceRead, ...]
    checks: tuple[rules.PlateCheck, ...]
    #: reference lot → what it is
    standards: Mapping[uuid.UUID, Substance]

    @property
    def is_accepted(self) -> bool:
        return rules.is_accepted(self.checks)

    def spot(self, spot_id: uuid.UUID) -> SpotRead | None:
        """Return one spot, or None."""
        return next((seen for seen in self.spots if seen.spot.id == spot_id), None)


def plate_of(session: Session, run_id: uuid.UUID) -> Plate:
    """Return the plate of a run with lanes, spots and observations, in few queries."""
    query = select(Plate).where(Plate.run_id == run_id)
    whole = selectinload(Plate.lanes).selectinload(Lane.spots).selectinload(Spot.observations)
    query = query.options(whole, selectinload(Plate.lanes).joinedload(Lane.sample))
    return session.scalars(query).one()


def plate_references(document: Mapping[str, Any], language: str = "en") -> list[PlateReference]:
    """Return the references that a protocol asks for on each plate."""
    plate = document["acceptance"]["plate"]
    return [
        PlateReference(
            id=item["id"],
            name=(item.get("name") or {}).get(language) or item["id"],
            tabulated=Decimal(str(item["tabulated"]["value"])),
            window=Decimal(str(item["window"]["value"])),
        )
        for item in plate["references"]
    ]


def read_plate(session: Session, run: Run, language: str = "en") -> PlateRead:
    """Return a plate as it reads now, its acceptance in words."""
    plate = plate_of(session, run.id)
    document = run.protocol.document
    asked = plate_references(document, language)
    expected = [rules.ExpectedReference(one.name, one.tabulated, one.window) for one in asked]
    names = {one.id: one.name for one in asked}
    raw = {spot.id: _hrf(spot, plate) for lane in plate.lanes for spot in lane.spots}
    found = [
        rules.ReferenceSpot(names[spot.reference], hrf)
        for spot in _spots(plate)
        if spot.reference in names and (hrf := raw[spot.id]) is not None
    ]
    spots = tuple(
        SpotRead(spot, lane, hrf, _corrected(hrf, expected, found))
        for lane in plate.lanes
        for spot in lane.spots
        for hrf in (raw[spot.id],)
    )
    by_id = {one.id: one for one in asked}
    return PlateRead(
        plate=plate,
        expected=tuple(asked),
        spots=spots,
        references=tuple(
            ReferenceRead(by_id[seen.spot.reference], seen)
            for seen in spots
            if seen.spot.reference in by_id
        ),
        checks=rules.plate_acceptance(_facts(session, run, plate, expected, found)),
        standards=_standards(session, plate),
    )


def plate_before(session: Session, run: Run) -> tuple[str, Decimal | None] | None:
    """Return number and front of the last verified plate of this protocol at this laboratory."""
    query = (
        select(Run.number, Plate.front_mm)
        .join(Plate, Plate.run_id == Run.id)
        .where(
            Run.protocol_id == run.protocol_id,
            Run.site_id == run.site_id,
            Run.state == RunState.VERIFIED,
            Run.id != run.id,
        )
        .order_by(Run.started_at.desc(), Run.number.desc())
    )
    row = session.execute(query.limit(1)).first()
    return (row[0], row[1]) if row else None


def plate(session: Session, actor: Actor, run_id: uuid.UUID) -> PlateRead:
    """Return the plate of a run that the actor may read; raises NotFound."""
    run = queries.run(session, actor, run_id)
    if run.technique != Technique.TLC:
        raise NotFound(_("This run has no plate."))
    return read_plate(session, run)


def _spots(plate: Plate) -> Iterable[Spot]:
    return (spot for lane in plate.lanes for spot in lane.spots)


def _hrf(spot: Spot, plate: Plate) -> Decimal | None:
    front = plate.front_mm
    if front is None or not 0 <= spot.distance_mm <= front or front == 0:
        return None
    return rules.hrf(spot.distance_mm, front)


def _corrected(
    hrf: Decimal | None,
    expected: Sequence[rules.ExpectedReference],
    found: Sequence[rules.ReferenceSpot],
) -> Decimal | None:
    return None if hrf is None else rules.corrected_hrf(hrf, expected, found)


def _facts(
    session: Session,
    run: Run,
    plate: Plate,
    expected: Sequence[rules.ExpectedReference],
    found: Sequence[rules.ReferenceSpot],
) -> rules.PlateFacts:
    asked = run.protocol.document["acceptance"]["plate"]
    return rules.PlateFacts(
        front_mm=plate.front_mm or NOTHING,
        shortest_front_mm=Decimal(str(asked["shortest_front"]["value"])),
        longest_front_mm=Decimal(str(asked["longest_front"]["value"])),
        expected=tuple(expected),
        found=tuple(found),
        spots_in_blanks=tuple(
            len(lane.spots) for lane in plate.lanes if lane.role == LaneRole.BLANK
        ),
        lots=_lots(session, plate),
        developed_on=run.started_at.date(),
        blank_required=bool(asked["blank_required"]),
    )


def _lots(session: Session, plate: Plate) -> tuple[rules.LotUsed, ...]:
    reagents = {seen.lot_id for spot in _spots(plate) for seen in spot.observations if seen.lot_id}
    standards = {lane.lot_id for lane in plate.lanes if lane.lot_id}
    used = []
    if reagents:
        query = select(ReagentLot).where(ReagentLot.id.in_(reagents)).order_by(ReagentLot.reagent)
        for lot in session.scalars(query):
            used.append(rules.LotUsed(f"{lot.reagent} {lot.lot}", lot.expires))
    if standards:
        wanted = select(ReferenceLot).where(ReferenceLot.id.in_(standards))
        for bottle in session.scalars(wanted.order_by(ReferenceLot.lot)):
            used.append(rules.LotUsed(bottle.lot, bottle.expires))
    return tuple(used)


def _standards(session: Session, plate: Plate) -> dict[uuid.UUID, Substance]:
    ids = {lane.lot_id for lane in plate.lanes if lane.lot_id}
    if not ids:
        return {}
    query = select(ReferenceLot.id, Substance).join(
        Substance, Substance.id == ReferenceLot.substance_id
    )
    return {row[0]: row[1] for row in session.execute(query.where(ReferenceLot.id.in_(ids)))}
