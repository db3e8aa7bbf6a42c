from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.app import make_app
from lims.cli import main
from lims.exchange.cube_definitions import quarter_of
from lims.exchange.records import DataExport, OpenRelease
from lims.foundation import clock
from lims.foundation.settings import Settings
from lims.network.records import Member
from lims.public import make_public_app
from tests.exchange.leaving import WEEK, leaving_sample
from tests.kept import kept_application
from tests.makers import PASSWORD, Network, api_headers, log_in_client, make_network

DAYS = {"since": "2026-09-14", "until": "2026-09-20"}
QUARTER = "2026-Q3"


@pytest.fixture
def network(session: Session) -> Network:
    made = make_network(session)
    for _n in range(6):
        leaving_sample(session, made)
    session.commit()
    return made


@pytest.fixture
def app(settings: Settings, network: Network) -> Any:
    made = kept_application(make_app, settings)
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    made.extensions["house"].engine.dispose()


@pytest.fixture
def client(app: Any, session: Session) -> Any:
    return log_in_client(app, session, "coordinator")


@pytest.fixture
def second(app: Any, session: Session) -> Any:
    return log_in_client(app, session, "auditor")


def how_many(session: Session) -> int:
    found = session.scalar(select(func.count()).select_from(DataExport)) or 0
    session.rollback()
    return found


def test_a_coordinator_looks_first_and_takes_the_file_with_the_password(
    client: Any, session: Session
) -> None:
    looked = client.get("/exports", query_string={**DAYS, "format": "tedi", "look": "yes"})
    assert looked.status_code == 200 and "Subst9-Quant" in looked.text
    assert how_many(session) == 0
    form = {**DAYS, "format": "tedi", "kind": "csv"}
    wrong = client.post("/exports", data={**form, "password": "not this one"})
    assert wrong.status_code == 422 and "This is not your password." in wrong.text
    assert how_many(session) == 0
    failures = select(Member.failures).where(Member.account == "coordinator")
    assert session.scalar(failures) == 1
    session.rollback()
    given = client.post("/exports", data={**form, "password": PASSWORD})
    assert given.status_code == 200 and given.mimetype == "text/csv"
    assert "attachment" in given.headers["Content-Disposition"]
    kept = session.scalars(select(DataExport)).one()
    assert kept.file_hash == hashlib.sha256(given.data).hexdigest() and kept.rows == 6
    session.rollback()
    assert kept.file_hash[:12] in client.get("/exports").text


def test_a_workbook_is_given_as_a_workbook(client: Any) -> None:
    form = {**DAYS, "format": "findings", "kind": "xlsx", "password": PASSWORD}
    assert client.post("/exports", data=form).data[:2] == b"PK"


@pytest.mark.parametrize(
    "typed",
    [
        {"look": "yes", "since": "2026-13-01"},
        {"look": "yes", "format": "nothing"},
        {"look": "yes", "since": "2026-09-20", "until": "2026-09-01"},
    ],
)
def test_what_cannot_be_looked_at_is_said_beside_the_field(client: Any, typed: Any) -> None:
    page = client.get("/exports", query_string=typed)
    assert (page.status_code == 422 and 'class="err' in page.text) or "-e" in page.text


@pytest.mark.parametrize("account", ["worker", "chemist", "approver", "administrator"])
def test_others_have_no_export_at_any_door(app: Any, session: Session, account: str) -> None:
    client = log_in_client(app, session, account)
    headers = api_headers(session, account)
    form = {**DAYS, "format": "samples", "password": PASSWORD}
    assert client.get("/exports").status_code == 403
    assert client.post("/exports", data=form).status_code == 403
    assert client.get("/exports/open-data").status_code == 403
    assert client.post("/exports/open-data", data={"period": QUARTER}).status_code == 403
    body = {**DAYS, "format": "samples"}
    assert client.post("/api/exports", json=body, headers=headers).status_code == 403
    assert client.get("/api/exports", headers=headers).status_code == 403
    assert how_many(session) == 0


def test_a_program_looks_takes_and_lists(app: Any, session: Session) -> None:
    client, headers = app.test_client(), api_headers(session, "coordinator")
    asked = {**DAYS, "format": "bewsd"}
    looked = client.get("/api/exports/look", query_string=asked, headers=headers)
    assert looked.json["records"] == 6 and "case_id" in looked.json["unknown_columns"]
    given = client.post("/api/exports", json=asked, headers=headers)
    assert given.status_code == 200 and given.data.startswith(b"nature_of_the_sample;")
    listed = client.get("/api/exports", headers=headers).json
    assert listed["total"] == 1
    assert listed["rows"][0]["file_hash"] == hashlib.sha256(given.data).hexdigest()
    wrong = client.post("/api/exports", json={**asked, "kind": "xlsx"}, headers=headers)
    assert wrong.status_code == 422


def test_the_command_looks_at_every_row_or_writes_the_file(
    settings: Settings, network: Network, session: Session, tmp_path: Path
) -> None:
    run = CliRunner(env={"LIMS_DATABASE_URL": settings.database_url})
    asked = ["export", "findings", "--from", "2026-09-14", "--to", "2026-09-20"]
    looked = run.invoke(main, [*asked, "--dry-run", "--json"])
    assert json.loads(looked.output)["rows"] == 18 and how_many(session) == 0
    out = tmp_path / "rows.csv"
    done = run.invoke(main, [*asked, "--out", str(out)])
    assert done.exit_code == 0 and hashlib.sha256(out.read_bytes()).hexdigest() in done.output
    assert [path.name for path in tmp_path.glob("*rows*")] == ["rows.csv"]
    assert run.invoke(main, asked).exit_code == 2
    backwards = [*asked[:3], "2026-09-20", "--to", "2026-09-01", "--out", str(tmp_path / "no.csv")]
    assert run.invoke(main, backwards).exit_code == 2
    assert not (tmp_path / "no.csv").exists()


# ----------------------------------------------------------------------------------- open data


def counted(client: Any) -> str:
    answer = client.post("/exports/open-data", data={"period": QUARTER})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


@pytest.fixture
def public(settings: Settings, network: Network) -> Any:
    made = kept_application(make_public_app, settings)
    yield made.test_client()
    made.extensions["house"].engine.dispose()


def test_open_data_are_public_only_when_a_second_person_says_so(
    client: Any, second: Any, public: Any, session: Session
) -> None:
    page = counted(client)
    assert QUARTER not in public.get("/open-data").text
    assert public.get(f"/open-data/{QUARTER}/results.csv").status_code == 404
    form = {"password": PASSWORD, "row_version": "1"}
    own = client.post(page, data=form)
    assert own.status_code == 409 and "your own work" in own.text
    wrong = second.post(page, data={**form, "password": "not this one"})
    assert wrong.status_code == 422
    assert second.post(page, data=form).status_code == 303
    assert QUARTER in public.get("/open-data").text
    given = public.get(f"/open-data/{QUARTER}/results.csv")
    assert given.status_code == 200 and b"2026-Q3,BE1,mdma,as-expected,6,told" in given.data
    tag = given.headers["ETag"]
    again = public.get(f"/open-data/{QUARTER}/results.csv", headers={"If-None-Match": tag})
    assert again.status_code == 304 and again.data == b""
    told = public.get(f"/open-data/{QUARTER}/dictionary.json").json
    assert told["smallest_number_told"] == 5 and told["quarter"] == QUARTER
    assert "Set-Cookie" not in given.headers


def test_a_quarter_is_counted_once_for_all_time(
    client: Any, second: Any, public: Any, network: Network, session: Session
) -> None:
    page = counted(client)
    before = second.get(f"{page}/results.csv").data
    assert second.post(page, data={"password": PASSWORD, "row_version": "1"}).status_code == 303
    leaving_sample(session, network)
    session.commit()
    again = client.post("/exports/open-data", data={"period": QUARTER})
    assert again.status_code == 409 and "never counted twice" in again.text
    assert public.get(f"/open-data/{QUARTER}/results.csv").data == before
    gone = client.post(f"{page}/withdraw", data={"reason": "wrong", "row_version": "2"})
    assert gone.status_code == 303
    assert public.get(f"/open-data/{QUARTER}/results.csv").status_code == 404
    assert client.post("/exports/open-data", data={"period": QUARTER}).status_code == 409


def test_what_nobody_outside_has_seen_can_be_thrown_away_and_counted_anew(
    client: Any, session: Session
) -> None:
    page = counted(client)
    assert client.post(f"{page}/discard", data={"row_version": "1"}).status_code == 303
    assert session.scalars(select(OpenRelease)).all() == []
    session.rollback()
    assert counted(client) != page


def test_a_quarter_that_is_not_closed_is_not_counted(client: Any) -> None:
    period = str(quarter_of(clock.today()))
    page = client.post("/exports/open-data", data={"period": period})
    assert page.status_code == 409 and "not closed" in page.text
    assert client.post("/exports/open-data", data={"period": "x"}).status_code == 422


def test_the_operator_prepares_a_quarter_and_cannot_publish_it(
    settings: Settings, network: Network, session: Session
) -> None:
    run = CliRunner(env={"LIMS_DATABASE_URL": settings.database_url})
    done = run.invoke(main, ["open-data", "prepare", QUARTER, "--json"])
    assert done.exit_code == 0 and json.loads(done.output)["results"]["small"] == 0
    assert session.scalars(select(OpenRelease.state)).all() == ["prepared"]
    session.rollback()
    assert run.invoke(main, ["open-data", "prepare", QUARTER]).exit_code == 5
    assert run.invoke(main, ["open-data", "publish", QUARTER]).exit_code == 2


def test_nothing_of_a_few_samples_is_in_a_file(
    client: Any, network: Network, session: Session
) -> None:
    for _n in range(3):
        leaving_sample(session, network, form="powder", sold_as_id=None)
    session.commit()
    page = counted(client)
    assert WEEK.year == 2026
    for line in client.get(f"{page}/results.csv").data.decode().splitlines()[1:]:
        *_place, number, status = line.split(",")
        assert (number == "") is (status == "withheld")
        assert not number or int(number) == 0 or int(number) >= 5
