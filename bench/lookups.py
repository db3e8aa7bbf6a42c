"""Look-ups on 100,000 samples against the bare SQL that answers the same question.

Ours is the query as a page calls it: permission, objects, words. Bare is every statement that it
sends, sent again without objects on a connection of the same engine, all rows fetched.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from bench import filling
from bench.measures import Outcome, in_turns, seconds
from bench.servers import CHECKOUT
from lims.alerts.queries import AlertFilters, alerts
from lims.counselling.operations import LookUp, look_up
from lims.counselling.results import results_of
from lims.foundation.database import make_engine, open_session
from lims.network.queries import actor_by_account

SAMPLES = 100_000
ROUNDS = 15
MOST = 3.0


def compare(name: str, engine: Engine, ours: Callable[[Session], object]) -> Outcome:
    """Time a query of the product and the SQL behind it, in turns, in milliseconds."""
    sent = statements(engine, ours)
    bare = bare_of(engine, sent)

    def asked() -> None:
        with open_session(engine, reading=True) as session:
            ours(session)

    mine, theirs = in_turns(lambda: 1000 * seconds(asked), lambda: 1000 * seconds(bare), ROUNDS)
    promise = f"at most {MOST:g} x the SQL ({len(sent)} statements)"
    return Outcome(name, "ms", mine, theirs, promise, mine <= MOST * theirs)


def bare_of(engine: Engine, sent: list[tuple[str, Any]]) -> Callable[[], None]:
    """Return the act of sending statements again without objects, all rows fetched."""

    def bare() -> None:
        with engine.execution_options(reading=True).connect() as connection:
            for statement, parameters in sent:
                connection.exec_driver_sql(statement, parameters).fetchall()

    return bare


def statements(engine: Engine, ours: Callable[[Session], object]) -> list[tuple[str, Any]]:
    """Return every reading statement that a query sends, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append((statement, parameters))

    with open_session(engine, reading=True) as session:
        ours(session)  # what is cached for good is cached before we listen
    event.listen(engine, "before_cursor_execute", hear)
    with open_session(engine, reading=True) as session:
        ours(session)
    event.remove(engine, "before_cursor_execute", hear)
    return sent


def measure() -> list[Outcome]:
    """Measure the alert list and the counselling look-up on a synthetic network."""
    with tempfile.TemporaryDirectory(prefix="balise-bench-") as name:
        folder = Path(name)
        environment = {**os.environ, "LIMS_DATA_DIR": name, "LIMS_DATABASE_URL": ""}
        lims = [sys.executable, "-m", "lims", "init"]
        subprocess.run(lims, cwd=CHECKOUT, env=environment, check=True, capture_output=True)
        engine = make_engine(f"sqlite:///{folder / 'balise.sqlite'}")
        code = filling.fill(engine, SAMPLES)
        with open_session(engine, reading=True) as session:
            worker = actor_by_account(session, "bench")
        outcomes = [
            compare(
                "alert list, 50 of a page",
                engine,
                lambda session: alerts(session, worker, AlertFilters(), 1, "fr"),
            ),
            compare(
                "counselling look-up by code",
                engine,
                lambda session: results_of(
                    session, look_up(session, worker, LookUp(code)), "fr", "rdr-network"
                ),
            ),
        ]
        engine.dispose()
        return outcomes
