from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lims.app import make_app
from lims.foundation.settings import SAMPLE_SECRET, Settings, read_settings
from tests.makers import PASSWORD, Network, api_headers, log_in_client

CANARY = "203.0.113.77"


def test_a_stranger_is_sent_to_the_login_page(app: Any, network: Network) -> None:
    answer = app.test_client().get("/account")
    assert answer.status_code == 302 and "/log-in" in answer.location


def test_an_empty_installation_begins_with_the_set_up_page(app: Any, session: Session) -> None:
    client = app.test_client()
    assert client.get("/account").location == "/set-up"
    typed = {
        "organisation": "Network",
        "kind": "coordination",
        "site": "Office",
        "account": "keeper",
        "password": "short",
    }
    refused = client.post("/set-up", data=typed)
    assert refused.status_code == 422 and b'value="keeper"' in refused.data
    made = client.post("/set-up", data={**typed, "password": "a long first password"})
    assert made.status_code == 303
    assert client.get("/set-up").location == "/log-in"


def test_logging_in_sets_a_cookie_that_scripts_cannot_read(app: Any, network: Network) -> None:
    answer = app.test_client().post("/log-in", data={"account": "worker", "password": PASSWORD})
    assert answer.status_code == 303
    cookie = next(
        line for line in answer.headers.getlist("Set-Cookie") if line.startswith("balise=")
    )
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(
    app: Any, network: Network
) -> None:
    client = app.test_client()
    wrong = client.post("/log-in", data={"account": "worker", "password": "wrong"})
    unknown = client.post("/log-in", data={"account": "worker2", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 401
    bare = [re.sub(rb'value="[^"]*"', b"", one.data) for one in (wrong, unknown)]
    assert bare[0] == bare[1]


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_login_page_never_sends_people_away(app: Any, network: Network, away: str) -> None:
    answer = app.test_client().post(
        "/log-in", query_string={"next": away}, data={"account": "worker", "password": PASSWORD}
    )
    assert answer.location == "/"


def test_a_form_without_its_token_is_refused(settings: Settings, network: Network) -> None:
    app = make_app(settings)
    answer = app.test_client().post("/log-in", data={"account": "worker", "password": PASSWORD})
    assert answer.status_code == 400


def test_logging_out_ends_the_session_for_good(
    app: Any, session: Session, network: Network
) -> None:
    client = log_in_client(app, session, "worker")
    token = client.get_cookie("balise").value
    assert client.get("/account").status_code == 200
    client.post("/log-out")
    client.set_cookie("balise", token)
    assert client.get("/account").status_code == 302


def test_every_answer_carries_the_security_headers(app: Any, network: Network) -> None:
    headers = app.test_client().get("/log-in").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in policy


def test_only_the_offline_screen_and_the_reader_of_codes_may_compile_webassembly(
    app: Any, public_app: Any, network: Network
) -> None:
    paths = {"/log-in", "/register", "/static/js/scan.js", "/static/js/scan/reader.js", "/table/fr"}
    allowed = {
        path
        for path in paths
        if "'wasm-unsafe-eval'" in app.test_client().get(path).headers["Content-Security-Policy"]
    }
    assert allowed == {"/table/fr", "/static/js/scan/reader.js"}
    answer = public_app.test_client().get("/static/js/scan/reader.js")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_no_address_of_a_client_is_kept_anywhere(
    app: Any, public_app: Any, session: Session, network: Network, tmp_path: Path, caplog: Any
) -> None:
    caplog.set_level(0)
    environ = {"REMOTE_ADDR": CANARY, "HTTP_X_FORWARDED_FOR": CANARY, "HTTP_X_REAL_IP": CANARY}
    client = app.test_client()
    client.post("/log-in", data={"account": "worker", "password": PASSWORD}, environ_base=environ)
    for path in ("/account", "/nothing-here", "/api/network/me", "/log-in"):
        client.get(path, environ_base=environ)
    public_app.test_client().get("/", environ_base=environ)
    assert CANARY not in caplog.text
    assert not [path for path in tmp_path.rglob("*") if _holds(path, CANARY)]
    assert not _rows_with(session, CANARY)


def _holds(path: Path, canary: str) -> bool:
    return path.is_file() and canary.encode() in path.read_bytes()


def _rows_with(session: Session, canary: str) -> list[str]:
    from lims.foundation.database import Base

    return [
        table.name
        for table in Base.metadata.sorted_tables
        if any(
            canary in repr(tuple(row))
            for row in session.execute(text(f"SELECT * FROM {table.name}"))
        )
    ]


def test_sample_secrets_are_refused_outside_the_demonstration() -> None:
    for secret in ("", "short", SAMPLE_SECRET, "a" * 40):
        with pytest.raises(ValueError, match="LIMS_SECRET_KEY"):
            make_app(read_settings({"LIMS_SECRET_KEY": secret, "LIMS_DATABASE_URL": "sqlite://"}))


def test_a_key_is_needed_at_the_api_and_a_duty_for_the_act(
    app: Any, session: Session, network: Network
) -> None:
    client = app.test_client()
    stranger = client.get("/api/network/sites")
    assert stranger.status_code == 401 and stranger.mimetype == "application/problem+json"
    site = {"organisation": "Synthetic testing service", "kind": "testing", "name": "Another"}
    headers = api_headers(session, "chemist")
    assert client.post("/api/network/sites", json=site, headers=headers).status_code == 403
    headers = api_headers(session, "administrator")
    assert client.post("/api/network/sites", json=site, headers=headers).status_code == 201
    again = client.post("/api/network/sites", json=site, headers=headers)
    assert again.status_code == 422 and again.json["errors"][0]["field"] == "name"


@pytest.mark.parametrize("path", ["/accounts", "/sites", "/keys"])
def test_pages_of_administration_are_for_administrators(
    app: Any, session: Session, network: Network, path: str
) -> None:
    assert log_in_client(app, session, "chemist").get(path).status_code == 403
    assert log_in_client(app, session, "administrator").get(path).status_code == 200


def test_a_key_is_shown_once(app: Any, session: Session, network: Network) -> None:
    client = log_in_client(app, session, "administrator")
    typed = {
        "name": "partner",
        "member_id": str(network.chemist.member_id),
        "scopes[]": "read released findings",
    }
    made = client.post("/keys", data=typed)
    key = re.search(rb"blk_[\w-]+", made.data)
    assert key is not None and key.group() not in client.get("/keys").data


def test_the_language_is_kept_with_the_page(app: Any, session: Session, network: Network) -> None:
    client = log_in_client(app, session, "administrator")
    assert "Ajouter un compte" in client.get("/accounts?lang=fr").text
    assert "Ajouter un compte" in client.get("/accounts").text
    assert "Account toevoegen" in client.get("/accounts?lang=nl").text


def test_deleted_secrets_leave_no_trace_in_the_file(tmp_path: Path) -> None:
    from lims.foundation.database import make_engine

    engine = make_engine(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    assert sqlite3.sqlite_version_info >= (3, 35)
