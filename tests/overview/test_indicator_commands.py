from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.settings import Settings
from lims.overview.indicator_periods import half_of
from tests.makers import PASSWORD, Network, api_headers
from tests.overview.counted_network import NOW, counted_network

OVER = half_of(datetime.now(UTC).date()).before().name
"""The half-year before this one: doors read the real clock of a request."""


@pytest.fixture
def counted(session: Session, network: Network) -> Iterator[None]:
    with clock.stopped_at(NOW):
        counted_network(session, network)
        session.commit()
    yield


@pytest.fixture
def lims(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the command on the test's database."""
    from lims.cli import main

    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database)
    monkeypatch.setenv("LIMS_SECRET_KEY", settings.secret_key)
    return lambda *words: CliRunner().invoke(main, list(words))


def test_the_command_line_counts_the_same(lims: Any, counted: None) -> None:
    done = lims("indicators", "--from", "2026-01-01", "--to", "2026-06-20", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["period"]["first"] == "2025-12-29"
    assert {one["key"]: one["now"]["n"] for one in told["indicators"]}["encodings"] == 5
    words = lims("indicators", "--period", "2026-1", "--language", "nl")
    assert "Bezoeken" in words.output
    assert lims("indicators", "--period", "x").exit_code == 2


def test_the_command_line_writes_a_draft_that_says_so(
    lims: Any, counted: None, tmp_path: Path
) -> None:
    done = lims("report", "--half", "2026-1", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    names = {one.name for one in (tmp_path / "out").iterdir()}
    assert len(names) == 14 and all(name.startswith("draft-") for name in names)
    assert lims("report", "--out", str(tmp_path)).exit_code == 2
    assert lims("report", "--half", "2026-1", "--year", "2026", "--out", "x").exit_code == 2


def test_the_command_line_gives_the_kept_bytes(
    lims: Any, app: Any, session: Session, network: Network, tmp_path: Path
) -> None:
    client = app.test_client()
    made = client.post(
        "/api/overview/reports",
        json={"period": OVER},
        headers=api_headers(session, "coordinator"),
    )
    second = api_headers(session, "approver")
    one = f"/api/overview/reports/{made.json['id']}"
    done = client.post(f"{one}/approval", json={"password": PASSWORD}, headers=second)
    assert lims("report", "--half", OVER, "--out", str(tmp_path)).exit_code == 0
    for file in done.json["files"]:
        kept = client.get(f"{one}/files/{file['name']}", headers=second).data
        assert (tmp_path / file["name"]).read_bytes() == kept
