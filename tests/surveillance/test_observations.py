from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.findings.acts import FindingReleased
from lims.findings.records import Detection, Finding
from lims.foundation import clock
from lims.foundation.codes import shown
from lims.foundation.errors import NotPermitted
from lims.foundation.happenings import announce
from lims.intake.corrections import SampleWithdrawn
from lims.library.records import Substance
from lims.surveillance import observations
from lims.surveillance.arrivals import PartnerArrived
from lims.surveillance.evidence_shown import sameness
from lims.surveillance.observed import Observation
from lims.surveillance.operations import ReportEffect, report_effect
from lims.surveillance.records import Signal
from lims.surveillance.watched import every_evidence
from lims.surveillance.watching import RunWatch, run_watch
from lims.wiring import connect
from tests.makers import Network, make_sample, make_substance
from tests.surveillance.counted import arrived, bring, week_of

MONDAY = date(2025, 6, 2)
WEEK = timedelta(weeks=1)


def on(day: date) -> Any:
    return clock.stopped_at(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


@pytest.fixture(autouse=True)
def wired() -> None:
    connect()


def signals(session: Session, source: str) -> list[Signal]:
    query = select(Signal).where(Signal.source == source).order_by(Signal.number)
    return list(session.scalars(query))


# ------------------------------------------------------------------------------ own findings


def released(
    session: Session, network: Network, sample: Any, *found: uuid.UUID, **given: Any
) -> Finding:
    """Release a finding with these substances and tell everybody."""
    version = given.pop("version", 1)
    for old in session.scalars(select(Finding).where(Finding.sample_id == sample.id)):
        old.state = "superseded"
    values: dict[str, Any] = {
        "site_id": network.laboratory.id,
        "match": "as-expected",
        "confidence": "identified",
        "author": "chemist",
        "verified_by": "verifier",
        "released_at": clock.now(),
        **dict.fromkeys(("text_fr", "text_nl", "text_en"), ""),
    }
    finding = Finding(sample_id=sample.id, version=version, state="released", **values | given)
    finding.detections = [
        Detection(substance_id=one, role="active-expected", abundance="major", kind="found")
        for one in found
    ]
    session.add(finding)
    session.flush()
    announce(session, network.verifier, FindingReleased(finding.id, sample.id, version))
    session.commit()
    return finding


def counted(session: Session) -> list[tuple[str, bool, str]]:
    query = select(Observation).where(Observation.counted_as_id.is_not(None))
    names = {row.id: row.key for row in session.scalars(select(Substance))}
    found = session.scalars(query)
    return sorted((names[one.counted_as_id], one.counts, one.confidence) for one in found)


def test_a_released_finding_is_counted_and_an_amended_one_gives_way(
    session: Session, network: Network
) -> None:
    a, b = (make_substance(session, key).id for key in ("synthetic-a", "synthetic-b"))
    sample = make_sample(session, network)
    with on(MONDAY):
        released(session, network, sample, a)
    with on(MONDAY + 10 * WEEK):
        released(session, network, sample, a, b, version=2)
    rows = session.scalars(select(Observation).order_by(Observation.arrived_on)).all()
    told = {(row.counted_as_id, row.week, row.in_time) for row in rows}
    assert told == {(None, MONDAY, True), (a, MONDAY, True), (b, MONDAY, False)}


def test_what_is_only_presumed_is_kept_and_not_counted(session: Session, network: Network) -> None:
    a = make_substance(session, "synthetic-a").id
    released(session, network, make_sample(session, network), a, confidence="presumptive")
    assert counted(session) == [("synthetic-a", False, "presumptive")]


def test_a_withdrawn_sample_leaves_and_rebuilding_changes_nothing(
    session: Session, network: Network
) -> None:
    a = make_substance(session, "synthetic-a").id
    kept, gone = make_sample(session, network), make_sample(session, network)
    for sample in (kept, gone):
        released(session, network, sample, a)
    observations.forget_withdrawn(session, network.worker, SampleWithdrawn(gone.id))
    gone.state = "withdrawn"
    session.commit()
    before = {(row.sample_id, row.counted_as_id, row.week) for row in rows_of(session)}
    assert {row[0] for row in before} == {kept.id}
    command = observations.RebuildObservations()
    for _time in range(2):
        assert observations.rebuild_observations(session, network.coordinator, command) == 2
        session.commit()
    assert {(row.sample_id, row.counted_as_id, row.week) for row in rows_of(session)} == before


def rows_of(session: Session) -> list[Observation]:
    return list(session.scalars(select(Observation)))


def test_stereoisomers_are_counted_as_one(session: Session, network: Network) -> None:
    same = "ABCDEFGHIJKLMN"
    one = make_substance(session, "synthetic-r", inchikey=f"{same}-AAAAAAAAAA-N").id
    other = make_substance(session, "synthetic-s", inchikey=f"{same}-BBBBBBBBBB-N").id
    released(session, network, make_sample(session, network), other, one)
    assert [row[:2] for row in counted(session)] == [
        ("synthetic-r", False),
        ("synthetic-r", True),
    ]


def test_a_look_with_another_content_raises_a_signal_at_once(
    session: Session, network: Network
) -> None:
    a, b = (make_substance(session, key).id for key in ("synthetic-a", "synthetic-b"))
    for n, found in enumerate((a, b, b)):
        with on(MONDAY + n * WEEK):
            released(session, network, make_sample(session, network), found)
    [signal] = signals(session, "same-look")
    assert signal.product_id is not None and signal.substance_id == b
    assert [sameness(one) for one in every_evidence(session)] == ["same"]


# ----------------------------------------------------------------------- first seen, and effects


def test_a_new_substance_is_told_in_the_widest_scope_and_once(
    session: Session, network: Network
) -> None:
    known, new = (make_substance(session, key).id for key in ("synthetic-a", "synthetic-b"))
    for n in range(14):
        bring(session, network.coordinator, week_of(MONDAY + n * WEEK, known, 2, 8))
    assert not signals(session, "first-seen")
    day = MONDAY + 14 * WEEK
    bring(session, network.coordinator, [arrived(day, new), arrived(day, new, region="South")])
    [signal] = signals(session, "first-seen")
    [evidence] = every_evidence(session)
    assert (evidence.inputs["scope"], signal.level) == ("network", "caution")
    assert sameness(evidence) == "same"
    bring(session, network.coordinator, [arrived(day, known, region="South")])
    assert len(signals(session, "first-seen")) == 1


def test_a_presumed_new_substance_waits_for_its_identification(
    session: Session, network: Network
) -> None:
    known, new = (make_substance(session, key).id for key in ("synthetic-a", "synthetic-b"))
    for n in range(14):
        bring(session, network.coordinator, week_of(MONDAY + n * WEEK, known, 2, 8))
    day = MONDAY + 14 * WEEK
    presumed = arrived(day, new, confidence="presumptive")
    bring(session, network.coordinator, [presumed])
    assert not signals(session, "first-seen")
    sure = arrived(day, new, origin_id=presumed.origin_id)
    bring(session, network.coordinator, [sure])
    assert len(signals(session, "first-seen")) == 1


def test_three_reports_of_one_look_raise_a_signal_before_any_result(
    session: Session, network: Network
) -> None:
    for n in range(4):
        sample = make_sample(session, network, form="powder", colour="white", logo="")
        command = ReportEffect("very ill", "warning", shown(sample.code), is_another=True)
        report_effect(session, network.worker, command)
        session.commit()
        assert len(signals(session, "effects")) == (1 if n >= 2 else 0)
    [signal] = signals(session, "effects")
    assert (signal.level, signal.reason["params"]["n"]) == ("warning", "3")


def test_only_the_coordination_rebuilds_or_runs(session: Session, network: Network) -> None:
    with pytest.raises(NotPermitted):
        run_watch(session, network.chemist, RunWatch())
    with pytest.raises(NotPermitted):
        command = observations.RebuildObservations()
        observations.rebuild_observations(session, network.worker, command)
    with pytest.raises(NotPermitted):
        happening = PartnerArrived("synthetic", ())
        observations.observe_partner(session, network.worker, happening)
