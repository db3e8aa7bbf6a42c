from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.cli import main
from lims.foundation import clock
from lims.foundation.settings import Settings
from lims.surveillance.observed import SignalEvidence, WatchedSeries
from lims.surveillance.watching import RunWatch, run_watch
from lims.wiring import connect
from tests.makers import Network, api_headers, log_in_client, make_substance
from tests.surveillance.counted import SOURCE, bring, week_of

MONDAY, WEEK = date(2025, 6, 2), timedelta(weeks=1)
END = datetime(2026, 4, 6, 9, tzinfo=UTC)


@pytest.fixture
def risen(session: Session, network: Network) -> WatchedSeries:
    """A series with a rise in it, watched."""
    connect()
    substance = make_substance(session, "synthetic-a").id
    for n in range(44):
        positives = n % 2 if n < 40 else 6
        bring(session, network.coordinator, week_of(MONDAY + n * WEEK, substance, positives, 20))
    with clock.stopped_at(END):
        run_watch(session, network.coordinator, RunWatch())
        session.commit()
    found = session.scalars(select(WatchedSeries).where(WatchedSeries.region == "")).one()
    session.commit()
    return found


def test_the_pages_show_the_list_the_series_the_runs_and_the_signal(
    session: Session, network: Network, app: Any, risen: WatchedSeries
) -> None:
    evidence = session.scalars(select(SignalEvidence)).one()
    client = log_in_client(app, session, "coordinator")
    listed = client.get(f"/surveillance?origin={SOURCE}&in_alarm=yes")
    assert listed.status_code == 200 and "SYNTHETIC-A" in listed.text and "spark" in listed.text
    one = client.get(f"/surveillance/series/{risen.id}")
    assert "would be seen in four weeks" in one.text and 'role="img"' in one.text
    assert "2026-W14" in one.text
    assert client.get("/surveillance/runs").status_code == 200
    signal = client.get(f"/signals/{evidence.signal_id}")
    assert "Computed again: the same." in signal.text
    asked = client.post("/surveillance/runs", follow_redirects=True)
    assert "A run waits or is under way" in asked.text


def test_without_a_run_the_page_says_what_to_do(
    session: Session, network: Network, app: Any
) -> None:
    client = log_in_client(app, session, "coordinator")
    assert "The watch has not run yet" in client.get("/surveillance").text
    odd = client.get("/surveillance?substance=odd&line=odd&region=nowhere&page=x")
    assert odd.status_code == 200
    assert client.get(f"/surveillance/series/{uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("address", ["/surveillance", "/surveillance/runs"])
def test_a_chemist_does_not_see_the_watch(
    session: Session, network: Network, app: Any, address: str
) -> None:
    client = log_in_client(app, session, "chemist")
    assert client.get(address).status_code == 403
    assert client.post("/surveillance/runs").status_code == 403


def test_programs_read_series_runs_and_evidence(
    session: Session, network: Network, app: Any, risen: WatchedSeries
) -> None:
    evidence = session.scalars(select(SignalEvidence)).one()
    client, headers = app.test_client(), api_headers(session, "coordinator")
    listed = client.get(f"/api/surveillance/series?origin={SOURCE}", headers=headers).get_json()
    assert listed["total"] == 2 and "beta-binomial" in listed["series"][0]["alarms"]
    one = client.get(f"/api/surveillance/series/{risen.id}", headers=headers).get_json()
    assert sum(one["numbers"]["positives"][-4:]) == 24
    runs = client.get("/api/surveillance/runs", headers=headers).get_json()
    assert runs["runs"][0]["fired"] == 1
    address = f"/api/surveillance/evidence/{evidence.signal_id}"
    told = client.get(address, headers=headers).get_json()
    assert (told["again"], told["algorithm"]) == ("same", "beta-binomial")
    assert client.post("/api/surveillance/runs", headers=headers).status_code == 202
    chemist = api_headers(session, "chemist")
    assert client.get("/api/surveillance/runs", headers=chemist).status_code == 403
    assert client.get(address).status_code == 401


def test_the_command_line_watches_rebuilds_and_computes_again(
    session: Session, network: Network, risen: WatchedSeries, settings: Settings, monkeypatch: Any
) -> None:
    monkeypatch.setenv("LIMS_DATABASE_URL", settings.database)
    monkeypatch.setenv("LIMS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIMS_SECRET_KEY", "not-a-secret-but-long-and-varied-0123456789")
    run = CliRunner().invoke
    watched = run(main, ["surveillance", "watch", "--json"])
    assert watched.exit_code == 0, watched.output
    assert json.loads(watched.output)["series"] == 2
    again = run(main, ["surveillance", "recompute", "--json"])
    assert (again.exit_code, json.loads(again.output)["same"]) == (0, 1)
    evidence = session.scalars(select(SignalEvidence)).one()
    evidence.outcome = {**evidence.outcome, "statistic": 0.25}
    session.commit()
    changed = run(main, ["surveillance", "recompute"])
    assert changed.exit_code == 1 and "different" in changed.output
    rebuilt = run(main, ["surveillance", "rebuild"])
    assert (rebuilt.exit_code, rebuilt.output) == (0, "rows: 0\n")
