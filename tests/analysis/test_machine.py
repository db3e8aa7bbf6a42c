"""The analyses through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.analysis.bench import REFERENCES, Bench, at_hrf, make_bench
from tests.makers import Network, api_headers


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


@pytest.fixture
def key(session: Session, network: Network) -> dict[str, str]:
    return api_headers(session, "chemist")


@pytest.fixture
def verifier(session: Session, network: Network) -> dict[str, str]:
    return api_headers(session, "verifier")


def lanes(sample_id: str, hrf: float = 31.0) -> list[dict[str, Any]]:
    references = [
        {"distance_mm": str(at_hrf(value)), "what": name} for name, value in REFERENCES.items()
    ]
    seen = [{"step": "marquis", "colours": ["purple", "black"]}]
    spot = {"distance_mm": str(at_hrf(hrf)), "sightings": seen}
    return [
        {"role": "reference", "spots": references},
        {"role": "sample", "sample_id": sample_id, "spots": [spot]},
        {"role": "blank"},
    ]


def started(client: Any, key: dict[str, str], bench: Bench, name: str) -> Any:
    code = bench.sample().code
    bench.session.commit()
    body = {"protocol": name, "samples": [code]}
    answer = client.put(f"/api/analysis/runs/{uuid.uuid4()}", json=body, headers=key)
    assert answer.status_code == 200, answer.json
    return answer.json


def put(client: Any, key: dict[str, str], run: Any, part: str, **body: Any) -> Any:
    now = client.get(f"/api/analysis/runs/{run['id']}", headers=key).json
    told = {"row_version": now["row_version"], **body}
    return client.put(f"/api/analysis/runs/{run['id']}/{part}", json=told, headers=key)


def post(client: Any, key: dict[str, str], run: Any, act: str, **body: Any) -> Any:
    now = client.get(f"/api/analysis/runs/{run['id']}", headers=key).json
    told = {"row_version": now["row_version"], **body}
    return client.post(f"/api/analysis/runs/{run['id']}/{act}", json=told, headers=key)


def test_a_plate_goes_from_start_to_verified(
    client: Any, key: dict[str, str], verifier: dict[str, str], bench: Bench
) -> None:
    run = started(client, key, bench, "tlc-ta")
    sample = run["samples"][0]["id"]
    plate = put(client, key, run, "plate", front_mm="80", lanes=lanes(sample)).json
    assert plate["accepted"] is True
    spot = next(one for one in plate["spots"] if one["role"] == "sample")
    assert (spot["hrf"], spot["corrected"]) == ("31.0", "31.0")
    seen = client.get(f"/api/analysis/runs/{run['id']}/plate", headers=verifier).json
    assert [one["id"] for one in seen["spots"]] == [one["id"] for one in plate["spots"]]
    assert post(client, key, run, "submit").json["state"] == "to verify"
    assert post(client, key, run, "verify").status_code == 403
    verified = post(client, verifier, run, "verify").json
    assert (verified["state"], verified["verified_by"]) == ("verified", "verifier")
    assert put(client, key, run, "plate", front_mm="80", lanes=lanes(sample)).status_code == 409


def test_sending_the_same_run_twice_changes_nothing(
    client: Any, key: dict[str, str], bench: Bench
) -> None:
    code, identifier = bench.sample().code, uuid.uuid4()
    bench.session.commit()
    body = {"protocol": "ftir", "samples": [code]}
    first = client.put(f"/api/analysis/runs/{identifier}", json=body, headers=key)
    again = client.put(f"/api/analysis/runs/{identifier}", json=body, headers=key)
    assert first.json == again.json
    other = {"protocol": "gc-ms", "samples": [code]}
    refused = client.put(f"/api/analysis/runs/{identifier}", json=other, headers=key)
    assert refused.status_code == 409


def test_each_wrong_field_is_named(client: Any, key: dict[str, str], bench: Bench) -> None:
    run = started(client, key, bench, "tlc-ta")
    sample = run["samples"][0]["id"]
    wrong = put(client, key, run, "plate", front_mm="20", lanes=lanes(sample, 60))
    assert wrong.status_code == 422
    assert "lanes.1.spots.0.distance_mm" in {one["field"] for one in wrong.json["errors"]}
    bad = put(client, key, run, "plate", front_mm="far", lanes=[{"role": "tray"}])
    assert {one["field"] for one in bad.json["errors"]} >= {"front_mm", "lanes.0.role"}


def test_an_old_version_is_refused(client: Any, key: dict[str, str], bench: Bench) -> None:
    run = started(client, key, bench, "tlc-ta")
    body = {"row_version": 0, "front_mm": "80", "lanes": lanes(run["samples"][0]["id"])}
    late = client.put(f"/api/analysis/runs/{run['id']}/plate", json=body, headers=key)
    assert late.status_code == 409


def test_strips_results_reagents_and_weighings_are_recorded(
    client: Any, key: dict[str, str], bench: Bench
) -> None:
    def record(name: str, part: str, **lines: Any) -> Any:
        run = started(client, key, bench, name)
        sample = run["samples"][0]["id"]
        told = {
            what: [{"sample_id": sample, **one} for one in rows] for what, rows in lines.items()
        }
        answer = put(client, key, run, part, **told)
        assert answer.status_code == 200, answer.json
        return answer.json["answers"]

    strip = record("strip-fentanyl", "strips", strips=[{"result": "negative"}])
    assert [(one["group"], one["kind"]) for one in strip] == [("fentanyls", "not-detected")]
    measured = {"substance": "mdma", "kind": "measured", "value": "121", "unit": "mg/unit"}
    salt = {"expressed_as": "HCl", "uncertainty": "12"}
    quantity = record("hplc-uv", "results", answers=[measured | salt])
    assert (quantity[0]["value"], quantity[0]["expressed_as"]) == ("121", "HCl")
    peak = record("gc-ms", "results", peaks=[{"place": "8.2", "substance": "mdma"}])
    assert [(one["substance"], one["kind"]) for one in peak] == [("mdma", "found")]
    assert (
        record("colour-reagents", "reagents", tests=[{"reagent": "marquis", "at_0": "none"}]) == []
    )
    assert record("weighing", "weighings", weighings=[{"mg": "301.5"}]) == []


def test_a_run_is_sent_back_withdrawn_and_done_again(
    client: Any, key: dict[str, str], verifier: dict[str, str], bench: Bench
) -> None:
    run = started(client, key, bench, "weighing")
    weighed = [{"sample_id": run["samples"][0]["id"], "mg": "301.5"}]
    put(client, key, run, "weighings", weighings=weighed)
    assert post(client, key, run, "submit").status_code == 200
    assert post(client, verifier, run, "send-back").status_code == 422
    assert post(client, verifier, run, "send-back", reason="Why?").json["state"] == "recorded"
    again = client.post(
        f"/api/analysis/runs/{run['id']}/retest", json={"reason": "Other balance"}, headers=key
    )
    assert again.json["parent_id"] == run["id"]
    gone = post(client, key, again.json, "withdraw", reason="Spilled")
    assert gone.json["state"] == "withdrawn"


def test_runs_are_listed_for_ones_own_laboratory(
    client: Any, key: dict[str, str], session: Session, bench: Bench
) -> None:
    started(client, key, bench, "ftir")
    started(client, key, bench, "weighing")
    listed = client.get("/api/analysis/runs?technique=ftir", headers=key).json
    assert (listed["total"], listed["runs"][0]["technique"]) == (1, "ftir")
    other = api_headers(session, "other_chemist")
    assert client.get("/api/analysis/runs", headers=other).json["total"] == 0
    worker = api_headers(session, "worker")
    assert client.get("/api/analysis/runs", headers=worker).status_code == 403
    assert client.get(f"/api/analysis/runs/{uuid.uuid4()}", headers=key).status_code == 404
    assert client.get("/api/analysis/runs").status_code == 401
