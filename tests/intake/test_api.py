from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation import codes
from lims.intake.records import Sample, Visit
from tests.makers import Network, api_headers, load_vocabularies, log_in_client, make_block
from tests.makers import make_samples as made

FORM = {
    "then": "register",
    "language": "fr",
    "samples-0-id": "",
    "samples-0-form": "tablet",
    "samples-0-form_other": "",
    "samples-0-sold_as": "MDMA",
    "samples-0-consent_destroy": "yes",
}


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give the counter lists and codes, committed."""
    load_vocabularies(session)
    make_block(session, network)
    session.commit()
    return network


@pytest.fixture
def counter(app: Any, session: Session, ready: Network) -> Any:
    """Give a browser at the counter."""
    return log_in_client(app, session, "worker")


def form(**changed: str) -> dict[str, str]:
    return {"id": str(uuid.uuid4()), **FORM, **changed}


def body(network: Network, **changed: Any) -> dict[str, Any]:
    sample = {"form": "tablet", "sold_as": "MDMA", "consent_destroy": True}
    return {
        "site_id": str(network.counter.id),
        "samples": [{**sample, **changed.pop("sample", {})}],
        **changed,
    }


def visits(session: Session) -> int:
    session.commit()
    counted = session.scalar(select(func.count()).select_from(Visit)) or 0
    session.commit()  # an open session would keep SQLite's only writer waiting
    return counted


def test_a_visit_is_registered_through_the_api(app: Any, session: Session, ready: Network) -> None:
    headers, address = api_headers(session, "worker"), f"/api/intake/visits/{uuid.uuid4()}"
    first = app.test_client().put(address, json=body(ready), headers=headers)
    assert first.status_code == 200 and first.json["ticket"]
    again = app.test_client().put(address, json=body(ready), headers=headers)
    assert again.json["ticket"] is None and again.json["samples"] == first.json["samples"]
    other = app.test_client().put(address, json=body(ready, gender="f"), headers=headers)
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("sample", "field"),
    [
        ({"mass_mg": "-5"}, "samples.0.mass_mg"),
        ({"form": "spoon"}, "samples.0.form"),
        ({"consent_destroy": False}, "samples.0.consent_destroy"),
        ({"code": "2222-2223"}, "samples.0.code"),
        ({"note": "x" * 5000}, "samples.0.note"),
        ({"effects": ["flying"]}, "samples.0.effects"),
    ],
)
def test_the_api_names_the_field_that_is_wrong(
    app: Any, session: Session, ready: Network, sample: dict[str, Any], field: str
) -> None:
    answer = app.test_client().put(
        f"/api/intake/visits/{uuid.uuid4()}",
        json=body(ready, sample=sample),
        headers=api_headers(session, "worker"),
    )
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json["errors"]}


def test_twenty_that_send_one_visit_at_once_leave_one(
    app: Any, session: Session, ready: Network
) -> None:
    headers, address = api_headers(session, "worker"), f"/api/intake/visits/{uuid.uuid4()}"
    told = body(ready, with_ticket=False)

    def send(_number: int) -> tuple[int, Any]:
        answer = app.test_client().put(address, json=told, headers=headers)
        return answer.status_code, answer.json

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert [status for status, _body in answers] == [200] * 20
    assert len({answer["samples"][0]["code"] for _status, answer in answers}) == 1
    assert visits(session) == 1
    assert session.scalar(select(func.count()).select_from(Sample)) == 1


def test_the_api_lists_finds_and_corrects_samples(
    app: Any, session: Session, ready: Network
) -> None:
    sample = made(session, ready)[0]
    client, headers = app.test_client(), api_headers(session, "worker")
    listed = client.get("/api/intake/samples?state=registered", headers=headers).json
    assert [one["id"] for one in listed["samples"]] == [str(sample.id)]
    found = client.get(f"/api/intake/codes/{sample.code}", headers=headers)
    assert found.json["code"] == codes.shown(sample.code)
    told = {"form": "powder", "sold_as": "speed", "consent_destroy": True}
    command = {"answers": told, "row_version": sample.row_version}
    address = f"/api/intake/samples/{sample.id}"
    assert client.put(address, json=command, headers=headers).json["form"] == "powder"
    assert client.put(address, json=command, headers=headers).status_code == 409


def test_a_sample_is_withdrawn_or_set_aside_through_both_doors(
    counter: Any, app: Any, session: Session, ready: Network
) -> None:
    first, second = made(session, ready)[0], made(session, ready)[0]
    counter.post(f"/samples/{first.id}/not-analysed", data={"reason": "capacity"})
    headers = api_headers(session, "worker")
    address = f"/api/intake/samples/{second.id}/withdraw"
    answer = app.test_client().post(address, json={"reason": "changed mind"}, headers=headers)
    assert answer.json["state"] == "withdrawn"
    assert app.test_client().post(address, json={"reason": "x"}, headers=headers).status_code == 409
    session.expire_all()
    assert first.state == "not analysed"


def test_blocks_are_made_and_printed_through_both_doors(
    counter: Any, app: Any, session: Session, ready: Network
) -> None:
    assert counter.post("/codes", data={"device": "pad 2", "count": "5"}).status_code == 303
    assert counter.post("/codes", data={"count": "many"}).status_code == 422
    assert counter.post("/codes/2/labels.pdf", data={"layout": "a4-3x8"}).data[:4] == b"%PDF"
    client, headers = app.test_client(), api_headers(session, "worker")
    told = {"site_id": str(ready.counter.id), "count": 3}
    number = client.post("/api/intake/blocks", json=told, headers=headers).json["number"]
    printed = client.post(f"/api/intake/blocks/{number}/labels", json={}, headers=headers)
    assert printed.mimetype == "application/pdf"
    other = {**told, "site_id": str(ready.festival.id)}
    assert client.post("/api/intake/blocks", json=other, headers=headers).status_code == 403
    listed = client.get("/api/intake/blocks", headers=headers).json
    assert [one["free"] for one in listed["blocks"]] == [3, 5, 50]


def test_a_new_ticket_is_made_through_both_doors(
    counter: Any, app: Any, session: Session, ready: Network
) -> None:
    told = form()
    counter.post("/register", data=told)
    page = counter.post(f"/visits/{told['id']}/ticket")
    assert 'name="ticket"' in page.text
    address, headers = f"/api/intake/visits/{told['id']}/ticket", api_headers(session, "worker")
    assert app.test_client().post(address, headers=headers).json["ticket"]
    assert 'name="ticket"' not in counter.get(f"/visits/{told['id']}").text


def test_ten_megabytes_of_text_are_refused_in_words(
    counter: Any, session: Session, ready: Network
) -> None:
    answer = counter.post("/register", data=form(**{"samples-0-note": "x" * 10_000_000}))
    assert answer.status_code in (413, 422)
    assert visits(session) == 0


def test_labels_of_a_block_are_written_at_the_command_line(
    session: Session, ready: Network, settings: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    from click.testing import CliRunner

    from lims.cli import main

    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    session.rollback()
    out = tmp_path / "labels.pdf"
    done = CliRunner().invoke(main, ["labels", "blank", "--block", "1", "--out", str(out)])
    assert done.exit_code == 0 and out.read_bytes().startswith(b"%PDF")
    refused = CliRunner().invoke(main, ["labels", "blank", "--block", "99", "--out", str(out)])
    assert refused.exit_code == 4
