"""Raising a signal that was computed, together with all that is needed to compute it again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from lims import journal
from lims.findings.statements import keep
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.numbers import next_number
from lims.surveillance.evidence import hash_of
from lims.surveillance.matters import under_verification, under_work
from lims.surveillance.noticed import Noticed, is_held_off
from lims.surveillance.observed import SignalEvidence
from lims.surveillance.operations import SignalRaised
from lims.surveillance.records import Signal
from lims.surveillance.rules import SignalState


def raise_noticed(session: Session, actor: Actor, noticed: Sequence[Noticed]) -> list[Signal]:
    """Raise what was noticed, unless its matter is under work; returns the signals raised."""
    if not noticed:
        return []
    session.flush()
    worked_on, verified = under_work(session), under_verification(session)
    raised = []
    for one in noticed:
        matters = {one.matter, *one.held_by}
        if not is_held_off(matters, one.about, worked_on, verified):
            raised.append(_raise(session, actor, one))
            worked_on.add(one.matter)
    return raised


def _raise(session: Session, actor: Actor, one: Noticed) -> Signal:
    signal = _signal(session, one)
    session.add(signal)
    session.flush()
    session.add(_evidence(signal, one))
    subjects: list[tuple[str, uuid.UUID | str]] = [("signal", signal.id)]
    named = (("sample", one.sample_id), ("product", one.product_id))
    subjects += [(kind, known) for kind, known in named if known is not None]
    journal.record(
        session, actor, "raise signal", subjects, level=signal.level, algorithm=one.algorithm
    )
    happenings.announce(session, actor, SignalRaised(signal.id))
    return signal


def _signal(session: Session, one: Noticed) -> Signal:
    return Signal(
        id=uuid.uuid4(),
        number=next_number(session, Signal.number, "S-"),
        source=one.source,
        level=one.level,
        state=SignalState.OPEN,
        sample_id=one.sample_id,
        product_id=one.product_id,
        substance_id=one.substance_id,
        reason=keep(one.reason),
        data_hash=hash_of(one.algorithm, one.version, one.parameters, one.inputs),
        opened_at=clock.now(),
        area=one.region,
    )


def _evidence(signal: Signal, one: Noticed) -> SignalEvidence:
    return SignalEvidence(
        id=uuid.uuid4(),
        signal_id=signal.id,
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
