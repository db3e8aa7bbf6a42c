from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from lims.alerts.cap import signing
from lims.cli import main
from lims.foundation.settings import Settings
from tests.alerts.capping import station, told
from tests.exchange.foreign import file_of, message
from tests.exchange.library import load_library
from tests.makers import Network, api_headers, log_in_client


@pytest.fixture
def client(app: Any, session: Session, network: Network) -> Any:
    load_library(session)
    session.commit()
    return log_in_client(app, session, "coordinator")


def form(content: bytes, **given: str) -> dict[str, Any]:
    return {"source": "France", "licence": "", "file": (io.BytesIO(content), "a.xml"), **given}


def test_the_page_brings_in_shows_and_makes_a_signal(client: Any, session: Session) -> None:
    empty = client.get("/foreign-alerts?lang=en")
    assert "No alert of another country fits" in empty.text
    odd = told("en-GB", headline="Tablets <b>&</b>", web="https://evil.example/x")
    done = client.post("/foreign-alerts", data=form(file_of(message(told=(odd,)))))
    assert done.status_code == 303
    page = client.get(done.location + "?lang=en")
    assert "From another country, not verified by us." in page.text
    assert 'href="https://evil.example' not in page.text and "https://evil.example/x" in page.text
    assert "<b>&" not in page.text
    made = client.post(f"{done.location}/signal", data={"level": "warning"}, follow_redirects=True)
    assert made.status_code == 200 and "Alert of another country, not verified by us" in made.text
    again = client.post("/foreign-alerts?lang=en", data=form(file_of(message(told=(odd,)))))
    assert again.location == done.location


def test_a_refused_file_is_told_with_its_reasons(client: Any) -> None:
    page = client.post("/foreign-alerts?lang=en", data=form(b"<a/>"))
    assert page.status_code == 422 and "not a CAP 1.2 alert" in page.text
    assert client.post("/foreign-alerts", data={"source": "x"}).status_code == 422
    assert client.get("/foreign-alerts?state=odd").status_code == 422


def test_no_foreign_alert_reaches_our_feeds(client: Any, public_app: Any) -> None:
    client.post("/foreign-alerts", data=form(file_of(message())))
    for path in ("/alerts", "/alerts.atom", "/alerts.rss"):
        answer = public_app.test_client().get(path)
        assert "d’essai" not in answer.text and "ministry" not in answer.text


def test_a_program_brings_in_and_reads(app: Any, session: Session, network: Network) -> None:
    client, headers = app.test_client(), api_headers(session, "coordinator")
    address = "/api/exchange/foreign-alerts"
    files = {"file": (io.BytesIO(file_of(message())), "a.xml")}
    done = client.post(f"{address}?source=France", data=files, headers=headers)
    assert done.status_code == 200 and done.json["verified_by_us"] is False
    one = client.get(f"{address}/{done.json['id']}", headers=headers)
    assert one.json["identifier"] == "fr-1" and one.json["state"] == "in force"
    assert client.get(address, headers=headers).json["total"] == 1
    wrong = {"file": (io.BytesIO(b"no"), "a.xml")}
    assert client.post(f"{address}?source=x", data=wrong, headers=headers).status_code == 422


def test_the_command_brings_in_files(
    session: Session, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.commit()
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database_url)
    seal, pinned = station(tmp_path / "seal").seal(), tmp_path / "pinned"
    pinned.mkdir()
    (pinned / "fr.pem").write_bytes(signing.pem(seal.certificate))
    (pinned / "notes.txt").write_text("nothing")
    monkeypatch.setenv("LIMS_CAP_PINNED_DIR", str(pinned))
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(file_of(message(), seal))
    bad.write_bytes(b"<alert/>")

    def run(*files: Path) -> Any:
        words = ["import", "alerts", "--source", "France", *(str(one) for one in files)]
        return CliRunner().invoke(main, words)

    first = run(good)
    assert first.exit_code == 0, first.output
    assert "brought in; signed by a sender whom we know; not verified by us" in first.output
    second = run(bad, good)
    assert second.exit_code == 2 and "known already" in second.output
    assert run(tmp_path / "none.xml").exit_code == 4


def test_every_reason_of_a_refusal_is_told(client: Any) -> None:
    cut = b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>x</identifier></alert>'
    page = client.post("/foreign-alerts?lang=en", data=form(cut))
    assert "sender is missing." in page.text and "msgType is missing." in page.text
