from __future__ import annotations

import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.cli import main
from lims.foundation import files
from lims.foundation.errors import Invalid
from lims.foundation.settings import Settings
from lims.intake.device_records import Device, OutboxReceipt
from lims.intake.queue_files import read_queue
from lims.intake.records import Visit
from tests.intake.tablets import Tablet
from tests.makers import Network, api_headers, log_in_client


def visits(session: Session) -> int:
    session.rollback()
    counted = session.scalar(select(func.count()).select_from(Visit)) or 0
    session.rollback()
    return counted


def lose(tablet: Tablet) -> Any:
    address = f"/devices/{tablet.id}/withdraw"
    return tablet.client.post(address, data={"reason": "lost at the festival"})


def rows(answer: Any) -> list[tuple[int, str]]:
    return [(row["seq"], row["outcome"]) for row in answer.json["rows"]]


# ---------------------------------------------------------------------------------------- losing


def test_a_device_is_withdrawn_after_a_page_that_says_what_that_means(
    session: Session, tablet: Tablet
) -> None:
    listed = tablet.client.get("/devices").get_data(as_text=True)
    assert "tablet 1" in listed and f"/devices/{tablet.id}/withdraw" in listed
    asked = tablet.client.get(f"/devices/{tablet.id}/withdraw").get_data(as_text=True)
    assert "void: 5" in asked
    without = tablet.client.post(f"/devices/{tablet.id}/withdraw", data={"reason": ""})
    assert without.status_code == 422
    assert lose(tablet).status_code == 303
    session.rollback()
    assert session.get_one(Device, uuid.UUID(tablet.id)).withdrawn_at is not None
    session.rollback()
    assert "lost at the festival" in tablet.client.get("/devices").get_data(as_text=True)


def test_what_a_withdrawn_device_sends_is_refused_and_it_is_told_so(
    session: Session, tablet: Tablet
) -> None:
    before, after = tablet.visit(), tablet.visit()
    assert tablet.send(before).status_code == 201
    lose(tablet)
    refused = tablet.send(after)
    assert (refused.status_code, refused.json["withdrawn"]) == (403, True)
    assert "opened" not in refused.json
    assert tablet.send(before).json["hash"] == before.hash  # what arrived has arrived
    asked = {"id": str(uuid.uuid4()), "codes": 1}
    again = tablet.client.post(f"/table/devices/{tablet.id}/reserve", json=asked)
    assert (again.status_code, again.json["withdrawn"]) == (403, True)
    told = tablet.client.get(f"/table/devices/{tablet.id}.json").json
    assert told["withdrawn"] is True and told["seal_key"]["raw"] == tablet.key["raw"]
    assert visits(session) == 1


# ------------------------------------------------------------------------------------- rescuing


def test_a_local_coordinator_brings_in_the_queue_of_a_lost_tablet(
    app: Any, session: Session, tablet: Tablet
) -> None:
    printed, ticket = tablet.ticket()
    queue = tablet.exported(tablet.visit(ticket=ticket), tablet.visit())
    lose(tablet)
    by_worker = tablet.client.post("/table/import", data=queue)
    assert rows(by_worker) == [(1, "refused"), (2, "refused")]
    coordinator = log_in_client(app, session, "local_coordinator")
    dry = coordinator.post("/table/import?dry=1", data=queue)
    assert rows(dry) == [(1, "taken"), (2, "taken")] and visits(session) == 0
    done = coordinator.post("/table/import", data=queue)
    assert rows(done) == [(1, "taken"), (2, "taken")] and visits(session) == 2
    again = coordinator.post("/table/import", data=queue)
    assert rows(again) == [(1, "known"), (2, "known")] and visits(session) == 2
    assert printed  # the visitor's ticket was taken with its visit
    stranger = log_in_client(app, session, "auditor").post("/table/import", data=queue)
    assert stranger.status_code == 403


def test_a_row_that_is_refused_stops_no_other(session: Session, tablet: Tablet) -> None:
    sealed = [tablet.visit(), tablet.visit(sample={"form": "spoon"}), tablet.visit()]
    tablet.send(sealed[0])
    other = tablet.visit(id=sealed[0].id, sample={"sold_as": "ketamine"})
    answer = tablet.client.post("/table/import", data=tablet.exported(*sealed, other))
    assert [one for _seq, one in rows(answer)] == ["known", "refused", "taken", "conflict"]
    wrong = answer.json["rows"][1]
    assert wrong["errors"][0]["field"] == "samples.0.form" and wrong["detail"]
    assert visits(session) == 2


def test_a_code_that_stands_twice_in_a_queue_is_named_before_anything_is_taken(
    session: Session, tablet: Tablet
) -> None:
    code = tablet.codes[0]
    queue = tablet.exported(tablet.visit(code=code), tablet.visit(code=code))
    answer = tablet.client.post("/table/import?dry=1", data=queue)
    assert [one for _seq, one in rows(answer)] == ["taken", "refused"]
    assert visits(session) == 0


def test_the_page_shows_first_and_takes_then(
    session: Session, tablet: Tablet, settings: Settings
) -> None:
    queue = tablet.exported(tablet.visit(), tablet.visit(sample={"form": "spoon"}))
    given = {"file": (io.BytesIO(queue), "queue.json")}
    shown = tablet.client.post("/devices/import", data=given).get_data(as_text=True)
    assert "Taken" in shown and "Refused" in shown and "samples.0.form" in shown
    assert visits(session) == 0
    sha256 = files.store(settings.data_dir, queue)
    assert sha256 in shown
    taken = tablet.client.post("/devices/import", data={"sha256": sha256, "then": "take"})
    assert taken.status_code == 200 and visits(session) == 1
    nothing = tablet.client.post("/devices/import", data={"file": (io.BytesIO(b"hello"), "x")})
    assert nothing.status_code == 422
    assert "not the exported queue" in nothing.get_data(as_text=True)
    none = tablet.client.post("/devices/import", data={})
    assert none.status_code == 422


def test_the_machine_door_lists_withdraws_and_imports(
    app: Any, session: Session, tablet: Tablet
) -> None:
    key, client = api_headers(session, "worker"), app.test_client()
    queue = tablet.exported(tablet.visit())
    for dry, expected in (("yes", 0), ("no", 1)):
        address = f"/api/intake/outbox?dry={dry}"
        answer = client.post(address, data=queue, headers=key)
        assert answer.status_code == 200 and visits(session) == expected, answer.json
    listed = client.get("/api/intake/devices", headers=key).json
    assert (listed["total"], listed["devices"][0]["codes"]) == (1, 4)
    address = f"/api/intake/devices/{tablet.id}"
    assert client.get(address, headers=key).json["bundle_key"]["raw"]
    told = client.post(f"{address}/withdraw", json={"reason": "broken"}, headers=key)
    assert told.json["withdrawn"] is True
    assert client.put(address, json={"site_id": tablet.site_id}, headers=key).status_code == 403


@given(st.binary(max_size=200) | st.text(max_size=60).map(str.encode))
def test_any_other_file_is_no_queue(data: bytes) -> None:
    with pytest.raises(Invalid):
        read_queue(data)


@pytest.mark.parametrize(
    "rows_told",
    [
        *(None, {}, [1], [{}], [{"id": "x", "envelope": "y"}]),
        [{"id": str(uuid.UUID(int=1))}],
        [{"id": str(uuid.UUID(int=1)), "envelope": 5}],
        [{"id": str(uuid.UUID(int=1)), "envelope": "x", "seq": "1"}],
    ],
    ids=["none", "no list", "number", "empty", "no id", "no envelope", "number inside", "text seq"],
)
def test_rows_that_are_none_make_no_queue(rows_told: Any) -> None:
    with pytest.raises(Invalid):
        read_queue(json.dumps({"balise_outbox": 1, "rows": rows_told}).encode())


# ------------------------------------------------------------------------------ the command line


@pytest.fixture
def lims(settings: Settings, session: Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))

    def run(*words: str) -> Result:
        session.rollback()
        return CliRunner().invoke(main, ["devices", *words])

    return run


def test_the_operator_lists_withdraws_and_brings_in(
    session: Session, tablet: Tablet, lims: Any, tmp_path: Path
) -> None:
    assert "tablet 1  Counter" in lims("list").output
    place = tmp_path / "queue.json"
    place.write_bytes(tablet.exported(tablet.visit(), tablet.visit(sample={"form": "spoon"})))
    lost = lims("withdraw", tablet.id, "--reason", "lost at the festival")
    assert lost.exit_code == 0 and "void" in lost.output
    assert lims("withdraw", tablet.id, "--reason", "again").exit_code == 5
    dry = lims("import", str(place), "--dry")
    assert "2 records, 1 refused (nothing was kept)" in dry.output and visits(session) == 0
    done = lims("import", str(place))
    assert "samples.0.form" in done.output and visits(session) == 1
    assert session.scalar(select(func.count()).select_from(OutboxReceipt)) == 1
    session.rollback()
    place.write_bytes(b"hello")
    assert lims("import", str(place)).exit_code == 2


def test_the_operator_changes_the_key_and_nothing_outstanding_is_lost(
    session: Session, tablet: Tablet, lims: Any, at_table: Network
) -> None:
    waiting = tablet.visit()
    told = lims("rotate-key", "--drop-old")
    assert told.exit_code == 0 and "1 devices have sent nothing" in told.output
    assert tablet.send(waiting).status_code == 201
    key = tablet.client.get(f"/table/devices/{tablet.id}.json").json["seal_key"]
    assert key != tablet.key
    tablet.key = key
    assert tablet.send(tablet.visit()).status_code == 201
    assert "is destroyed" in lims("rotate-key", "--drop-old").output
