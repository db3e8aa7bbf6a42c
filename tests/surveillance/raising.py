"""How the tests of signals raise, discard and merge them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.findings.acts import FindingReleased
from lims.foundation.actors import Actor
from lims.surveillance import operations
from lims.surveillance.operations import DiscardSignal, MergeSignal, ReportEffect
from lims.surveillance.records import Signal
from tests.makers import (
    Network,
    make_released_finding,
)


def release(
    session: Session, network: Network, sample: Any, *outcomes: Any, version: int = 1
) -> Any:
    finding = make_released_finding(
        session, network, sample, danger_outcomes=list(outcomes), version=version
    )
    happening = FindingReleased(finding.id, sample.id, version)
    operations.raise_danger_signals(session, network.verifier, happening)
    session.flush()
    return finding


def all_signals(session: Session) -> list[Signal]:
    return list(session.scalars(select(Signal).order_by(Signal.number)))


def report(session: Session, actor: Actor, **given: Any) -> Signal:
    values = {"words": "blue crystal, bad effects", "is_another": True} | given
    return operations.report_effect(session, actor, ReportEffect(**values))


def discard(session: Session, network: Network, signal: Signal, **given: Any) -> Signal:
    values: dict[str, Any] = {"reason": "known batch", "row_version": signal.row_version} | given
    command = DiscardSignal(signal_id=signal.id, **values)
    return operations.discard_signal(session, network.coordinator, command)


def merge(session: Session, network: Network, signal: Signal, into: Signal) -> None:
    command = MergeSignal(signal.id, into.id, signal.row_version)
    operations.merge_signal(session, network.coordinator, command)
    session.flush()
