"""Synthetic samples that wait, arrive, are analysed and released, for the overview."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from lims.custody.records import Parcel, ParcelItem
from lims.findings.records import Finding
from lims.foundation import clock
from lims.intake.records import Sample
from tests.findings import makers
from tests.makers import Network


def waiting_sample(session: Session, network: Network, **more: Any) -> Sample:
    return makers.sample(session, network, makers.mdma(session), **{"state": "received", **more})


def run_to_verify(session: Session, network: Network, on: Sample, analyst: str = "chemist") -> Any:
    run = makers.run(session, network, on, "tlc", [], state="to verify")
    run.analyst, run.ended_at = analyst, clock.now()
    session.flush()
    return run


def receive(session: Session, network: Network, sample: Sample, hours: int) -> None:
    """Let a sample arrive some hours after it was handed in."""
    at = sample.recorded_at + timedelta(hours=hours)
    parcel = Parcel(
        number=f"C-{uuid.uuid4().hex[:6]}",
        from_site_id=network.counter.id,
        to_site_id=network.laboratory.id,
    )
    session.add(parcel)
    session.flush()
    session.add(
        ParcelItem(
            parcel_id=parcel.id,
            sample_id=sample.id,
            code=sample.code,
            scan="received",
            scanned_at=at,
        )
    )
    session.flush()


def release(session: Session, network: Network, sample: Sample, days: float, danger: str) -> None:
    """Let a sample have a released finding some days after it was handed in."""
    words = {f"text_{language}": "x" for language in ("fr", "nl", "en")}
    sample.state = "released"
    session.add(
        Finding(
            sample_id=sample.id,
            version=1,
            state="released",
            site_id=network.laboratory.id,
            match="as-expected",
            danger=danger,
            confidence="identified",
            author="chemist",
            released_at=sample.recorded_at + timedelta(days=days),
            co_authors=[],
            decided=[],
            composed={},
            **words,
        )
    )
    session.flush()
