from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.app import make_app
from lims.cli import main
from lims.exchange.records import PartnerSample, UnresolvedName
from lims.foundation.settings import Settings
from tests.exchange.deliveries import ECSTASY, WEDINOS
from tests.exchange.library import load_library
from tests.kept import kept_application
from tests.makers import Network, api_headers, log_in_client, make_network


@pytest.fixture
def network(session: Session) -> Network:
    made = make_network(session)
    load_library(session)
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


def sent(act: str, source: str, **files: bytes) -> dict[str, Any]:
    listed = [(io.BytesIO(content), f"{name}.csv") for name, content in files.items()]
    return {"source": source, "act": act, "files": listed}


def how_many(session: Session) -> int:
    found = session.scalar(select(func.count()).select_from(PartnerSample)) or 0
    session.rollback()
    return found


def test_a_coordinator_looks_first_then_imports_the_same_delivery(
    client: Any, session: Session
) -> None:
    page = client.post("/partners", data=sent("look", "wedinos", samples=WEDINOS))
    assert page.status_code == 200
    assert how_many(session) == 0
    carried = re.search(r'name="delivery" value="([^"]+)"', page.text)
    assert carried and "Implausible date" in page.text
    form = {"source": "wedinos", "act": "import", "delivery": carried.group(1)}
    done = client.post("/partners", data=form, follow_redirects=True)
    assert done.status_code == 200 and "Samples added: 5." in done.text
    assert how_many(session) == 5
    again = client.post("/partners", data=form)
    assert again.status_code == 200 and "Nothing new" in again.text
    assert how_many(session) == 5


def test_a_delivery_that_was_cut_off_is_refused_beside_the_form(
    client: Any, session: Session
) -> None:
    page = client.post("/partners", data=sent("import", "wedinos", samples=WEDINOS[:-60]))
    assert page.status_code == 409
    assert "was cut off" in page.text and 'id="f-files-e"' in page.text
    assert how_many(session) == 0


@pytest.mark.parametrize(
    "form",
    [
        {"source": "wedinos", "act": "import"},
        {"source": "nowhere", "act": "import", "delivery": "x"},
        {"source": "wedinos", "act": "import", "delivery": "not base64 at all!"},
        {"source": "wedinos", "act": "import", "delivery": "eJw="},
        {},
    ],
)
def test_a_form_without_a_usable_delivery_is_refused(client: Any, form: dict[str, str]) -> None:
    assert client.post("/partners", data=form).status_code == 422


def test_two_files_that_were_renamed_are_told_apart(client: Any, session: Session) -> None:
    files = {"one": ECSTASY["detections.csv"], "two": ECSTASY["samples.csv"]}
    page = client.post("/partners", data=sent("import", "ecstasydata", **files))
    assert page.status_code == 303
    assert how_many(session) == 3


@pytest.mark.parametrize("account", ["worker", "chemist", "approver", "administrator"])
def test_others_may_not_import(app: Any, session: Session, account: str) -> None:
    client = log_in_client(app, session, account)
    assert client.get("/partners").status_code == 403
    form = sent("import", "wedinos", samples=WEDINOS)
    assert client.post("/partners", data=form).status_code == 403
    assert how_many(session) == 0


def test_every_page_says_that_these_are_not_our_results(client: Any, session: Session) -> None:
    client.post("/partners", data=sent("import", "wedinos", samples=WEDINOS))
    found = session.scalars(select(PartnerSample).where(PartnerSample.source_id == "X4")).one()
    one, imported = f"/partners/samples/{found.id}", f"/partners/imports/{found.import_id}"
    session.rollback()
    for address in ("/partners", "/partners/samples", "/partners/review", one, imported):
        page = client.get(address)
        assert page.status_code == 200, address
        assert "shown apart from our own" in page.text, address
    assert "Public Health Wales" in client.get(one).text


@pytest.mark.parametrize(
    "address",
    [
        "/partners/samples?page=99999999999999999999&since=never&flag=x&text=%00",
        "/partners/review?source=%27&page=-1",
        "/partners/names?state=x&page=x",
    ],
)
def test_nonsense_in_an_address_breaks_no_page(client: Any, address: str) -> None:
    assert client.get(address).status_code in (200, 422)


def test_the_review_list_and_the_names_are_worked_off_in_pages(
    client: Any, session: Session
) -> None:
    more = WEDINOS + b"Y1,1,,2025-03-04,Pill,Nosuchamine,,ZZ1,,Blue,Tablet,,,0,,0\n"
    client.post("/partners", data=sent("import", "wedinos", samples=more))
    name = session.scalars(select(UnresolvedName)).one()
    address = f"/partners/names/{name.id}/resolve"
    session.rollback()
    wrong = client.post(address, data={"substance": "?"}, follow_redirects=True)
    assert "no such substance" in wrong.text
    client.post(address, data={"substance": "Isotonitazene"})
    assert "Nosuchamine" not in client.get("/partners/names").text
    page = client.get("/partners/review").text
    ids = re.findall(r'name="sample_ids\[\]" value="([^"]+)"', page)
    assert len(ids) == 3
    client.post("/partners/review", data={"sample_ids[]": ids[:2]})
    assert client.get("/partners/review").text.count('name="sample_ids[]"') == 1
    nothing = client.post("/partners/review", data={}, follow_redirects=True)
    assert nothing.status_code == 200


def test_the_same_through_the_machine_door(app: Any, session: Session) -> None:
    client, key = app.test_client(), api_headers(session, "coordinator")
    address = "/api/exchange/imports?source=wedinos"
    data = lambda: {"samples": (io.BytesIO(WEDINOS), "any.csv")}  # noqa: E731
    looked = client.post(f"{address}&dry_run=true", data=data(), headers=key)
    assert looked.status_code == 200 and looked.json["added"] == 5 and how_many(session) == 0
    done = client.post(address, data=data(), headers=key)
    assert done.json["counts"]["flagged"]["nitazene"] == 1 and how_many(session) == 5
    listed = client.get("/api/exchange/samples?flag=nitazene", headers=key)
    assert [row["source_id"] for row in listed.json["rows"]] == ["X4"]
    cut = client.post(
        address, data={"samples": (io.BytesIO(WEDINOS[:-70]), "any.csv")}, headers=key
    )
    assert cut.status_code == 409 and cut.mimetype == "application/problem+json"
    assert client.post(address, data={}, headers=key).status_code == 409
    strange = client.post("/api/exchange/review", json={"sample_ids": ["x"]}, headers=key)
    assert strange.status_code == 422
    other = api_headers(session, "chemist")
    assert client.post(address, data=data(), headers=other).status_code == 403
    assert client.get("/api/exchange/samples").status_code == 401


def run(settings: Settings, *arguments: str) -> Any:
    environment = {
        "LIMS_DATABASE_URL": settings.database_url,
        "LIMS_DATA_DIR": str(settings.data_dir),
    }
    return CliRunner().invoke(main, ["import", "results", *arguments], env=environment)


def test_the_same_at_the_command_line(
    settings: Settings, network: Network, session: Session, tmp_path: Path
) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    for name, content in ECSTASY.items():
        (folder / name).write_bytes(content)
    given = (str(folder), "--source", "ecstasydata", "--json")
    looked = run(settings, *given, "--dry-run")
    assert looked.exit_code == 0 and how_many(session) == 0
    done = json.loads(run(settings, *given).stdout)
    assert (done["samples"], done["detections"], done["added"]) == (3, 5, 3)
    assert done["mdma_mg"] == {"n": 2, "over_120_mg": 1, "over_200_mg": 1}
    assert json.loads(run(settings, *given).stdout)["added"] == 0
    (folder / "detections.csv").write_bytes(ECSTASY["detections.csv"][:-20])
    cut = run(settings, *given)
    assert cut.exit_code == 5 and cut.stdout == "" and "cut off" in cut.stderr
    assert run(settings, str(tmp_path / "no"), "--source", "wedinos").exit_code == 4
    assert how_many(session) == 3
