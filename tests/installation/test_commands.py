from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from lims.cli import main
from lims.findings.records import DangerRule
from lims.foundation.database import make_engine, open_session
from lims.foundation.errors import Refused
from lims.foundation.settings import SAMPLE_SECRET
from lims.installation import demonstration, servers, stories
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.journal import queries as journal
from lims.migrations import moves
from lims.network.queries import OPERATOR
from lims.network.records import Member
from lims.overview import queries
from lims.protocols.records import ProtocolVersion
from tests.conftest import SECRET
from tests.makers import Network


def lims(*words: str, **environment: str) -> Result:
    """Run the `lims` command in this process."""
    return CliRunner().invoke(main, list(words), env=environment)


def counted(url: str, *tables: Any) -> list[int]:
    engine = make_engine(url)
    with open_session(engine, reading=True) as session:
        found = [session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]
    engine.dispose()
    return found


@pytest.fixture
def here(empty_database_url: str, tmp_path: Path) -> dict[str, str]:
    """Give the environment of an installation whose database is empty."""
    return {"LIMS_DATABASE_URL": empty_database_url, "LIMS_DATA_DIR": str(tmp_path / "data")}


def free_port() -> int:
    """Return a port that is free, and whose next one is free too."""
    while True:
        with socket.socket() as one, socket.socket() as next_one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                next_one.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


# ------------------------------------------------------------------------------------------ init


def test_init_makes_a_database_ready_and_may_be_repeated(here: dict[str, str]) -> None:
    first = lims("init", **here)
    assert first.exit_code == 0, first.output
    url = here["LIMS_DATABASE_URL"]
    published = counted(url, ProtocolVersion, DangerRule)
    assert all(published)
    second = lims("init", **here)
    assert second.exit_code == 0 and counted(url, ProtocolVersion, DangerRule) == published
    assert counted(url, Member, Sample) == [0, 0]


def test_a_demonstration_is_added_once_whole_and_says_what_it_is(here: dict[str, str]) -> None:
    told = lims("init", "--demo", **here)
    assert told.exit_code == 0, told.output
    assert "LIMS_DEMONSTRATION=1" in told.output
    url = here["LIMS_DATABASE_URL"]
    before = counted(url, Member, Sample)
    assert lims("init", "--demo", **here).exit_code == 0
    assert counted(url, Member, Sample) == before
    engine = make_engine(url)
    with open_session(engine, reading=True) as session:
        states = set(session.scalars(select(Sample.state)))
        assert states == {str(state) for state in SampleState} - {"amended"}
        assert all(
            name.startswith("Demo") for name in session.scalars(text("SELECT name FROM site"))
        )
        assert len(queries.demonstration_accounts(session)) == before[0]
        assert journal.verify_chain(session).is_whole
        code = session.scalars(select(Sample.code).where(Sample.state == "released")).first()
    engine.dispose()
    told = lims("samples", "life", str(code), "--language", "fr", **here)
    assert (
        told.exit_code == 0 and "Enregistré" in told.output and "Conclusion libérée" in told.output
    )


def test_a_demonstration_never_comes_into_a_real_network(
    session: Session, network: Network
) -> None:
    with pytest.raises(Refused, match="already works"):
        demonstration.fill(session, OPERATOR)


def test_a_demonstration_that_breaks_leaves_nothing(
    here: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(self: Any) -> Any:
        raise RuntimeError("the lamp went out")

    monkeypatch.setattr(stories.Stories, "all", breaks)
    assert isinstance(lims("init", "--demo", **here).exception, RuntimeError)
    assert counted(here["LIMS_DATABASE_URL"], Member, Sample, ProtocolVersion) == [0, 0, 0]


# ----------------------------------------------------------------------------------------- serve


@pytest.mark.parametrize("secret", ["", "short", SAMPLE_SECRET])
def test_a_real_installation_is_not_served_with_a_sample_secret(
    here: dict[str, str], secret: str
) -> None:
    told = lims("serve", **here, LIMS_SECRET_KEY=secret)
    assert told.exit_code == 2 and "LIMS_SECRET_KEY" in told.output


def test_nothing_is_served_before_the_database_is_up_to_date(here: dict[str, str]) -> None:
    told = lims("serve", **here, LIMS_SECRET_KEY=SECRET)
    assert told.exit_code == 5 and "lims init" in told.output


def test_a_demonstration_is_not_served_as_a_real_network(
    here: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories.Stories, "all", lambda self: iter(()))
    assert lims("init", "--demo", **here).exit_code == 0
    told = lims("serve", **here, LIMS_SECRET_KEY=SECRET)
    assert told.exit_code == 5 and "LIMS_DEMONSTRATION" in told.output


def test_nothing_is_served_when_no_alert_could_be_signed(here: dict[str, str]) -> None:
    engine = make_engine(here["LIMS_DATABASE_URL"])
    moves.upgrade(engine)
    engine.dispose()
    told = lims("serve", **here, LIMS_SECRET_KEY=SECRET, LIMS_CAP_KEY_FILE="/nowhere/alerts.pem")
    assert told.exit_code == 5 and "LIMS_CAP_KEY_FILE" in told.output


def test_a_taken_port_is_said_in_words(here: dict[str, str]) -> None:
    engine = make_engine(here["LIMS_DATABASE_URL"])
    moves.upgrade(engine)
    engine.dispose()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        told = lims("serve", **here, LIMS_SECRET_KEY=SECRET, LIMS_BIND=taken)
        assert told.exit_code == 5 and "choose another port" in told.output


@pytest.mark.parametrize("address", ["", "8000", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(servers.NotServed, match="no address"):
        servers.refuse_taken_address(address)


def test_servers_get_no_settings_of_another_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMS_DATABASE_URL", "postgresql://real")
    monkeypatch.setenv("PATH_OF_THE_TEST", "kept")
    found = servers.environment_with({"LIMS_DEMONSTRATION": "1"})
    assert "LIMS_DATABASE_URL" not in found and found["PATH_OF_THE_TEST"] == "kept"


# ------------------------------------------------------------------------------------------ demo


def test_the_demonstration_serves_both_applications_and_stops_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent)}
    command = [sys.executable, "-m", "lims", "demo", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--data-dir", str(tmp_path / "demo")],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        staff = answer_of(f"http://127.0.0.1:{port}/log-in", process)
        public = answer_of(f"http://127.0.0.1:{port + 1}/", process)
    finally:
        process.send_signal(signal.SIGTERM)
        said, _nothing = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "accueil.bruxelles" in staff and "Démonstration" in staff
    assert "Balise" in public
    assert f"http://127.0.0.1:{port + 1}" in said and "password" in said
    there = sorted(path.name for path in (tmp_path / "demo").iterdir())
    assert there == ["balise.sqlite", "files", "keys", "unsent-messages"]


def answer_of(url: str, process: Any, patience: float = 120) -> str:
    """Return the page at an address as soon as something answers."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"nothing answers at {url}")
