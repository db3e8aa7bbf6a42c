"""A full run of the watch on 1,000,000 samples, 500 series, five years; SQLite and PostgreSQL.

Ours reads the flat table, builds every series with its margins, and judges the last week by all
methods, doses included. Bare is the aggregate over the same rows and nothing else, all groups
fetched. Neither writes.
"""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

from sqlalchemy import Column, Date, Engine, Integer, MetaData, Table, Uuid, insert, text

from bench.measures import NotMeasured, Outcome, in_turns, seconds
from lims.foundation import clock
from lims.foundation.database import Base, make_engine, open_session
from lims.foundation.register import all_tables
from lims.library.records import Substance
from lims.surveillance import looking, methods
from lims.surveillance.weeks import WEEK, last_complete

SAMPLES, WEEKS = 1_000_000, 5 * 52 + 8
SUBSTANCES = 20
ROUNDS, LONGEST = 3, 10.0
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
    last = last_complete(clock.today())
    with engine.begin() as connection:
        for table in (NUMBERED, WEEKS_OF):
            table.create(connection)
        connection.execute(insert(NUMBERED), [{"n": n, "id": one} for n, one in enumerate(ids)])
        weeks = [{"n": n, "week": last - n * WEEK} for n in range(WEEKS)]
        connection.execute(insert(WEEKS_OF), weeks)
        words = WORDS[engine.dialect.name]
        for statement in (ANALYSED, FOUND):
            connection.execute(text(statement.format(**words, weeks=WEEKS)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


SCRATCH = MetaData()
NUMBERED = Table("bench_substance", SCRATCH, Column("n", Integer), Column("id", Uuid))
WEEKS_OF = Table("bench_week", SCRATCH, Column("n", Integer), Column("week", Date))
# Numbers are spread by multiplying with primes: the same rows in every run, in no order.
WORDS = {
    "sqlite": {
        "uuid": "lower(hex(randomblob(16)))",
        "numbers": "(WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s "
        "WHERE i + 1 < {samples}) SELECT i FROM s)".replace("{samples}", str(SAMPLES)),
    },
    "postgresql": {
        "uuid": "gen_random_uuid()",
        "numbers": f"(SELECT CAST(i AS bigint) AS i FROM generate_series(0, {SAMPLES - 1}) s(i))",
    },
}
COLUMNS = (
    "id, origin, origin_id, arrived_on, analysed_on, week, handed_in, region, service, form, "
    "declared_id, lot, substance_id, counted_as_id, counts, in_time, kind, amount, unit, "
    "expressed_as, confidence, role"
)
SHARED = (
    "INSERT INTO observation ("
    + COLUMNS
    + ") SELECT {{uuid}}, 'own', {{uuid}}, w.week, w.week, w.week, '', "
    "CASE (i / 268) % 4 WHEN 0 THEN 'North' WHEN 1 THEN 'East' WHEN 2 THEN 'South' "
    "ELSE 'West' END, "
    "'', '', d.id, i, {found}, {found}, true, true, '', {amount}, {unit}, '', 'identified', '' "
    "FROM {{numbers}} AS numbers JOIN bench_week w ON w.n = (i * 7919) % {{weeks}} "
    "JOIN bench_substance d ON d.n = (i / 1072) % 4 "
)
ANALYSED = SHARED.format(found="NULL", amount="NULL", unit="''")
FOUND = (
    SHARED.format(
        found="f.id",
        amount="CASE WHEN i % 4 = 0 THEN (80 + (i * 13) % 40) * 1000000 END",
        unit="CASE WHEN i % 4 = 0 THEN 'mg/unit' ELSE '' END",
    )
    + "JOIN bench_substance f ON f.n = ((i * 104729) / 11) % 20 WHERE i % 3 > 0"
)
