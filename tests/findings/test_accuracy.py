from __future__ import annotations

import uuid
from decimal import Decimal
from math import isclose
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.analysis.records import Answer, Run, RunSample
from lims.findings import calibrating, confirmations
from lims.findings.accuracy import Judged, independent, place_of, rows_of
from lims.findings.calibrating import Calibrate
from lims.findings.records import Detection
from lims.foundation.errors import NotFound, NotPermitted, Refused
from lims.identification.gathering import newest_calibrations
from lims.identification.records import CandidateList, Decision
from lims.protocols.records import ProtocolVersion
from tests.makers import (
    Network,
    api_headers,
    log_in_client,
    make_released_finding,
    make_sample,
    make_substance,
)

MDMA = frozenset({"mdma"})
FTIR = Calibrate("ftir", "ftir", "bands-1")


def judged(place: int | None = 1, verdict: str = "accept", **given: Any) -> Judged:
    values: dict[str, Any] = {"truth": MDMA, "accepted": "mdma", **given}
    return Judged("ftir", "ftir", "Laboratory one", verdict, place, **values)


# --------------------------------------------------------------------------------------- rules


def test_shares_are_counted_over_what_is_confirmed_and_unknowns_over_what_is_decided() -> None:
    lists = [
        judged(1),
        judged(3),
        judged(None, accepted="pma"),
        judged(9, verdict="reject", accepted=""),
        judged(1, truth=frozenset()),
    ]
    (row,) = rows_of(lists)
    assert (row.unknown.hits, row.unknown.n) == (1, 5)
    assert (row.top1.hits, row.top3.hits, row.top1.n) == (1, 2, 4)
    assert (row.accepted_right.hits, row.accepted_right.n) == (2, 3)
    assert row.is_small and row.top1.value == 0.25


def test_a_share_of_nothing_has_no_value() -> None:
    (row,) = rows_of([judged(truth=frozenset())])
    assert row.top1.value is None and row.top1.interval == (0.0, 1.0)


def test_laboratories_and_protocols_are_counted_apart() -> None:
    other = Judged("ftir", "ftir", "Laboratory two", "accept", 1, MDMA, "mdma")
    assert [row.site for row in rows_of([other, judged()])] == ["Laboratory one", "Laboratory two"]


def test_only_a_structural_technique_that_is_not_correlated_confirms_another() -> None:
    assert independent("tlc", ["tlc", "ftir"])
    assert not independent("ftir", ["ftir", "tlc"])
    assert independent("ftir", ["ftir", "gcms"])
    assert not independent("hplc_uv", ["lcms"])
    assert not independent("gcms", ["gcms"])


def test_several_lines_of_one_substance_count_as_one_place() -> None:
    ranked = [{"substance": "mda"}, {"substance": "mda"}, {"substance": "mdma"}]
    assert place_of(ranked, MDMA) == 2
    assert place_of(ranked, frozenset({"pma"})) is None


# ---------------------------------------------------------------------------------- operations


class Records:
    """Makes decided infrared lists on samples that GC-MS confirmed; all of it synthetic."""

    def __init__(self, session: Session, network: Network) -> None:
        self.session, self.network = session, network
        self.substances = {key: make_substance(session, key) for key in ("mdma", "pma")}
        self.protocols = {name: self.protocol(name) for name in ("ftir", "gcms")}

    def protocol(self, technique: str) -> ProtocolVersion:
        made = ProtocolVersion(
            name=technique,
            version=1,
            technique=technique,
            titles={"en": technique},
            content_hash=str(uuid.uuid4()),
            document={},
            published_by="synthetic",
        )
        self.session.add(made)
        self.session.flush()
        return made

    def run(self, sample: Any, technique: str) -> Run:
        run = Run(
            number=f"R-{uuid.uuid4()}"[:20],
            technique=technique,
            protocol_id=self.protocols[technique].id,
            protocol_hash="-",
            site_id=self.network.laboratory.id,
            analyst="chemist",
            state="verified",
        )
        run.samples.append(RunSample(sample_id=sample.id, used_mg=Decimal(1)))
        run.answers.append(
            Answer(sample_id=sample.id, substance_id=self.substances["mdma"].id, kind="found")
        )
        self.session.add(run)
        self.session.flush()
        return run

    def decided(self, score: float, rival: float, *, confirm: bool = True) -> CandidateList:
        sample = make_sample(self.session, self.network)
        run = self.run(sample, "ftir")
        lines = sorted((("mdma", score), ("pma", rival)), key=lambda pair: -pair[1])
        kept = CandidateList(
            run_id=run.id,
            sample_id=sample.id,
            method="search",
            library_version=1,
            algorithm="bands-1",
            parameters={},
            observed={},
            ranked=[
                {"rank": place, "substance": key, "score": value}
                for place, (key, value) in enumerate(lines, start=1)
            ],
        )
        self.session.add(kept)
        self.session.flush()
        self.session.add(
            Decision(
                candidate_list_id=kept.id,
                substance_id=self.substances["mdma"].id,
                verdict="accept",
                by="chemist",
            )
        )
        if confirm:
            self.run(sample, "gcms")
        found = make_released_finding(
            self.session, self.network, sample, confidence="confirmed" if confirm else "identified"
        )
        self.session.add(
            Detection(
                finding_id=found.id,
                substance_id=self.substances["mdma"].id,
                role="active-expected",
                abundance="major",
                kind="found",
            )
        )
        self.session.flush()
        return kept

    def many(self, n: int) -> None:
        for place in range(n):
            wrong = place % 5 == 0
            self.decided(0.60 if wrong else 0.90, 0.70 if wrong else 0.50 + place / 1000)
        self.session.commit()


@pytest.fixture
def records(session: Session, network: Network) -> Records:
    return Records(session, network)


def test_lists_on_confirmed_samples_make_the_accuracy_of_their_laboratory(records: Records) -> None:
    records.many(5)
    records.decided(0.9, 0.5, confirm=False)
    (row,) = confirmations.accuracy(records.session, records.network.head)
    assert (row.technique, row.site) == ("ftir", "Laboratory one")
    assert (row.unknown.n, row.top1.n, row.top1.hits, row.top3.hits) == (6, 5, 4, 5)


def test_another_laboratory_reads_its_own_figures_only(records: Records) -> None:
    records.many(1)
    assert not confirmations.accuracy(records.session, records.network.other_chemist)
    assert confirmations.accuracy(records.session, records.network.coordinator)
    with pytest.raises(NotPermitted):
        confirmations.accuracy(records.session, records.network.worker)


def test_a_calibration_is_refused_below_fifty_confirmed_samples(records: Records) -> None:
    records.many(49)
    with pytest.raises(Refused):
        calibrating.calibrate(records.session, records.network.head, FTIR)


def test_a_calibration_is_kept_with_its_reliability_and_serves_its_algorithm(
    records: Records,
) -> None:
    records.many(50)
    made = calibrating.calibrate(records.session, records.network.coordinator, FTIR)
    records.session.commit()
    assert (made.samples, made.confirmed, made.rivals, made.made_by) == (50, 50, 50, "coordinator")
    assert made.reliability["log_loss"] < made.reliability["log_loss_default"]
    found = newest_calibrations(records.session)
    assert found["ftir", "ftir", "bands-1"].id == made.id
    (group,) = confirmations.groups(records.session)
    assert group.newest is not None and isclose(group.default or 0, 5)


def test_only_the_head_and_the_coordinator_calibrate(records: Records) -> None:
    for actor in (records.network.chemist, records.network.verifier, records.network.auditor):
        with pytest.raises(NotPermitted):
            calibrating.calibrate(records.session, actor, FTIR)
    with pytest.raises(NotFound):
        calibrating.calibrate(records.session, records.network.head, FTIR)


# --------------------------------------------------------------------------------------- doors


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_the_pages_teach_what_to_do_while_there_is_nothing(
    app: Any, session: Session, network: Network, language: str
) -> None:
    client = log_in_client(app, session, "head")
    for path in ("/accuracy", "/calibrations"):
        page = client.get(f"{path}?lang={language}")
        assert page.status_code == 200 and 'class="empty' in page.text


def test_the_head_calibrates_on_the_page(app: Any, session: Session, records: Records) -> None:
    records.many(50)
    client = log_in_client(app, session, "head")
    assert "Wilson" in client.get("/accuracy").text
    told = {"technique": "ftir", "protocol": "ftir", "algorithm": "bands-1"}
    assert client.post("/calibrations", data=told).status_code == 303
    page = client.get("/calibrations")
    assert "Calibrated on 50" in page.text and "held back" in page.text
    assert client.post("/calibrations", data={**told, "protocol": "raman"}).status_code == 404


def test_a_chemist_reads_calibrations_and_makes_none(
    app: Any, session: Session, records: Records
) -> None:
    records.many(50)
    client = log_in_client(app, session, "chemist")
    assert '<form method="post">' not in client.get("/calibrations").text
    told = {"technique": "ftir", "protocol": "ftir", "algorithm": "bands-1"}
    assert client.post("/calibrations", data=told).status_code == 403


def test_the_api_refuses_a_calibration_on_few_samples(
    app: Any, session: Session, records: Records
) -> None:
    records.many(3)
    client, key = app.test_client(), api_headers(session, "head")
    (row,) = client.get("/api/findings/accuracy", headers=key).json
    assert row["top1"]["n"] == 3
    (group,) = client.get("/api/findings/calibrations", headers=key).json
    assert group["samples"] == 3 and not group["may_be_calibrated"] and group["newest"] is None
    told = {"technique": "ftir", "protocol": "ftir", "algorithm": "bands-1"}
    answer = client.post("/api/findings/calibrations", headers=key, json=told)
    assert answer.status_code == 409 and "50" in answer.json["detail"]
