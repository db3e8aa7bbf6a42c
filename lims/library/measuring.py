"""What the standards of accepted plates teach: retentions and colours measured in the network."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.words import _
from lims.library.records import ColourMeasurement, RetentionMeasurement
from lims.library.versions import note_library_change
from lims.network.rules import Permission


@dataclass(frozen=True)
class Standard:
    """A spot of known substance: its corrected hRf if it teaches one, its colours by reagent."""

    substance_id: uuid.UUID
    hrf: Decimal | None = None
    #: reagent code → palette codes in order
    colours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class LearnFromStandards:
    """What the reference lanes of an accepted plate show."""

    run_id: uuid.UUID
    protocol_id: uuid.UUID
    site_id: uuid.UUID
    standards: tuple[Standard, ...]


@dataclass(frozen=True)
class TakeBackMeasurements:
    """A plate whose values shall count nowhere any more, with the reason."""

    run_id: uuid.UUID
    reason: str


def learn_from_standards(session: Session, actor: Actor, command: LearnFromStandards) -> int:
    """Keep what the standards of a plate show and return how many values; a demonstration's marked.

    A plate that teaches nothing leaves the library as it is.
    """
    actor.must(Permission.VERIFY, command.site_id)
    where = {
        "protocol_id": command.protocol_id,
        "site_id": command.site_id,
        "run_id": command.run_id,
        "demonstration": actor.demonstration,
    }
    rows: list[RetentionMeasurement | ColourMeasurement] = []
    for one in command.standards:
        what = {**where, "substance_id": one.substance_id}
        if one.hrf is not None:
            rows.append(RetentionMeasurement(**what, hrf=one.hrf))
        for reagent, colours in sorted(one.colours.items()):
            seen = ">".join(colours)
            rows.append(ColourMeasurement(**what, reagent=reagent, colours=seen))
    if rows:
        session.add_all(rows)
        about = [("run", command.run_id), ("site", command.site_id)]
        journal.record(session, actor, "learn from standards", about, values=len(rows))
        note_library_change(session)
    return len(rows)


def take_back_measurements(session: Session, actor: Actor, command: TakeBackMeasurements) -> int:
    """Let the values of a plate count nowhere any more and return how many; they stay readable.

    Raises NotFound when the plate taught nothing, Refused when they were taken back before.
    """
    actor.must(Permission.MANAGE_LABORATORY)
    rows = _of_run(session, command.run_id)
    if not rows:
        raise NotFound(_("This plate gave the library no value."))
    actor.must(Permission.MANAGE_LABORATORY, rows[0].site_id)
    if not command.reason.strip():
        raise refuse_field("reason", _("Say why, in a few words."))
    standing = [row for row in rows if not row.withdrawn]
    if not standing:
        raise Refused(_("The values of this plate have already been taken back."))
    for row in standing:
        row.withdrawn = True
    facts = {"values": len(standing), "reason": command.reason}
    about = [("run", command.run_id), ("site", rows[0].site_id)]
    journal.record(session, actor, "take back measurements", about, **facts)
    note_library_change(session)
    return len(standing)


def _of_run(session: Session, run_id: uuid.UUID) -> list[RetentionMeasurement | ColourMeasurement]:
    """Return all that a plate gave the library, taken back or not."""
    found: list[RetentionMeasurement | ColourMeasurement] = []
    for table in (RetentionMeasurement, ColourMeasurement):
        found += session.scalars(select(table).where(table.run_id == run_id))
    return found
