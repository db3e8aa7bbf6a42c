"""Raising a signal that was computed, together with all that is needed to compute it again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.numbers import next_number
from lims.foundation.words import Message, keep
from lims.surveillance.evidence import hash_of
from lims.surveillance.matters import Matter, is_held_off, under_verification, under_work
from lims.surveillance.observed import SignalEvidence
from lims.surveillance.operations import SignalRaised
from lims.surveillance.records import Signal
from lims.surveillance.rules import SignalSource, SignalState


@dataclass(frozen=True)
class Noticed:
    """Something that was computed and is worth a look."""

    matter: str
    source: SignalSource
    level: str
    reason: Message
    algorithm: str
    version: int
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Any]
    outcome: Mapping[str, Any]
    origin: str = "own"
    region: str = ""
    week: date | None = None
    series_id: uuid.UUID | None = None
    substance_id: uuid.UUID | None = None
    product_id: uuid.UUID | None = None
    sample_id: uuid.UUID | None = None
    finding_id: uuid.UUID | None = None
    supporting: Sequence[Any] = field(default_factory=list)

    @property
    def about(self) -> Matter:
        return self.product_id, self.substance_id


def raise_noticed(session: Session, actor: Actor, noticed: Sequence[Noticed]) -> list[Signal]:
    """Raise what was noticed, unless its matter is under work; returns the signals raised."""
    if not noticed:
        return []
    session.flush()
    worked_on, verified = under_work(session), under_verification(session)
    raised = []
    for one in noticed:
        if not is_held_off(one.matter, one.about, worked_on, verified):
            raised.append(_raise(session, actor, one))
            worked_on.add(one.matter)
    return raised


def _raise(session: Session, actor: Actor, one: Noticed) -> Signal:
    evidence = SignalEvidence(
        id=uuid.uuid4(),
        matter=one.matter,
        origin=one.origin,
        region=one.region,
        week=one.week,
        series_id=one.series_id,
        algorithm=one.algorithm,
        version=one.version,
        parameters=dict(one.parameters),
        inputs=dict(one.inputs),
        outcome=dict(one.outcome),
        supporting=list(one.supporting),
    )
    signal = Signal(
        id=uuid.uuid4(),
        number=next_number(session, Signal.number, "S-"),
        source=one.source,
        level=one.level,
        state=SignalState.OPEN,
        finding_id=one.finding_id,
        sample_id=one.sample_id,
        product_id=one.product_id,
        substance_id=one.substance_id,
        rule_key=f"{one.algorithm}:{one.matter}"[:60] if one.finding_id else None,
        reason=keep(one.reason),
        data_hash=hash_of(one.algorithm, one.version, one.parameters, one.inputs),
        opened_at=clock.now(),
    )
    evidence.signal_id = signal.id
    session.add(signal)
    session.flush()
    session.add(evidence)
    subjects: list[tuple[str, uuid.UUID | str]] = [("signal", signal.id)]
    named = (("sample", one.sample_id), ("product", one.product_id))
    subjects += [(kind, known) for kind, known in named if known is not None]
    journal.record(
        session, actor, "raise signal", subjects, level=signal.level, algorithm=one.algorithm
    )
    happenings.announce(session, actor, SignalRaised(signal.id))
    return signal
