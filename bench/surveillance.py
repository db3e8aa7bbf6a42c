"""A full run of the watch on 1,000,000 samples, 500 series, five years; SQLite and PostgreSQL.

Ours reads the flat table, builds every series with its margins, and judges the last week by all
methods, doses included. Bare is the aggregate over the same rows and nothing else, all groups
fetched. Neither writes.
"""

from __future__ import annotations

import random
import tempfile
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, text

from bench.measures import NotMeasured, Outcome, in_turns, seconds
from lims.foundation import clock
from lims.foundation.database import Base, make_engine, open_session
from lims.foundation.register import all_tables
from lims.library.records import Substance
from lims.surveillance import looking, methods
from lims.surveillance.observed import Observation
from lims.surveillance.weeks import WEEK, last_complete

SAMPLES, WEEKS, PART = 1_000_000, 5 * 52 + 8, 20_000
SUBSTANCES, LINES = 20, 4
REGIONS = ("North", "East", "South", "West")
ROUNDS, LONGEST = 3, 10.0
TABLE: Any = Observation.__table__
BARE = text(
    "SELECT origin, counted_as_id, region, declared_id, week, count(*) FROM observation "
    "WHERE counts GROUP BY origin, counted_as_id, region, declared_id, week"
)


def measure() -> list[Outcome]:
    """Measure a run on both kinds of database."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'watch.sqlite'}")
        found += _measured("sqlite", engine)
    try:
        from tests.postgres import Cluster
    except ImportError as absent:
        raise NotMeasured(str(absent)) from absent
    cluster = Cluster()
    try:
        found += _measured("postgresql", make_engine(cluster.create("watch")))
    finally:
        cluster.stop()
    return found


def _measured(kind: str, engine: Engine) -> list[Outcome]:
    _fill(engine)
    series = 0

    def ours() -> None:
        nonlocal series
        with open_session(engine, reading=True) as session:
            looked = looking.look(session)
        series = len(looked.series)

    def bare() -> None:
        with engine.execution_options(reading=True).connect() as connection:
            connection.execute(BARE).fetchall()

    mine, theirs = in_turns(lambda: seconds(ours), lambda: seconds(bare), ROUNDS)
    engine.dispose()
    offered = sum(methods.offered(one) for one in methods.ALL)
    promise = f"under {LONGEST:g} s: {SAMPLES} samples, {series} series, {offered} methods"
    return [Outcome(f"watch, {kind}", "s", mine, theirs, promise, mine < LONGEST)]


def _fill(engine: Engine) -> None:
    all_tables()
    Base.metadata.create_all(engine)
    with open_session(engine) as session:
        substances = [
            Substance(
                id=uuid.uuid4(),
                key=f"bench-{number}",
                **dict.fromkeys(("name_en", "name_fr", "name_nl"), f"Bench {number}"),
                chemical_class="bench",
                role="psychoactive",
            )
            for number in range(SUBSTANCES)
        ]
        session.add_all(substances)
        session.commit()
        ids = [one.id for one in substances]
    with engine.begin() as connection:
        part: list[dict[str, Any]] = []
        for rows in _samples(ids):
            part += rows
            if len(part) >= PART:
                connection.execute(insert(TABLE), part)
                part = []
        connection.execute(insert(TABLE), part)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _samples(ids: list[uuid.UUID]) -> Iterator[list[dict[str, Any]]]:
    """Give samples of five years, one substance in two of three, an amount in one of four."""
    chance = random.Random(20261122)
    last = last_complete(clock.today())
    for number in range(SAMPLES):
        week = last - chance.randrange(WEEKS) * WEEK
        shared = _shared(week, chance, ids)
        rows = [{**shared, "id": uuid.uuid4(), "substance_id": None, "counted_as_id": None}]
        if number % 3:
            found = ids[min(int(chance.expovariate(0.25)), SUBSTANCES - 1)]
            amount = None if number % 4 else chance.gauss(100, 20)
            row = {**shared, "id": uuid.uuid4(), "substance_id": found, "counted_as_id": found}
            rows.append({**row, "amount": amount, "unit": "mg/unit" if amount else ""})
        yield [{"amount": None, "unit": "", **row} for row in rows]


def _shared(week: date, chance: random.Random, ids: list[uuid.UUID]) -> dict[str, Any]:
    day = week + timedelta(days=chance.randrange(5))
    return {
        "origin": "own",
        "origin_id": uuid.uuid4(),
        "arrived_on": day + timedelta(days=3),
        "analysed_on": day,
        "week": week,
        "region": chance.choice(REGIONS),
        "declared_id": ids[chance.randrange(LINES)],
        "counts": True,
        "in_time": True,
        "confidence": "identified",
    }
