"""The indicators on a million samples in PostgreSQL: each statement of a half-year and of a year.

The network is that of the bench of products; talks and runs are added to it. Promise: no statement
takes a second. Every row is invented.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event, text

from bench.measures import Outcome
from bench.products import _database as filled_database
from lims.foundation import clock
from lims.foundation.database import make_engine, open_session
from lims.intake.rules import day_in_belgium
from lims.network.queries import actor_by_account
from lims.overview import indicators
from lims.overview.indicator_periods import Period, between, half_of, monday

ROUNDS = 5
MOST_SECONDS = 1.0
TALKS = """
INSERT INTO talk (id, sample_id, visit_id, site_id, day, language, finding_id, advice, intention,
                  material, referral, minutes, note, by, recorded_at)
SELECT md5('talk' || f.id)::uuid, s.id, s.visit_id, s.site_id, f.released_at::date + 1, 'fr', f.id,
       '[]', (ARRAY['as-planned','less','not-take',''])[1 + (abs(hashtext(f.id::text)) % 4)],
       '', '', abs(hashtext(f.id::text)) % 30, '', 'bench', f.released_at
FROM finding f JOIN sample s ON s.id = f.sample_id
WHERE abs(hashtext(s.id::text)) % 2 = 0 AND f.released_at IS NOT NULL AND f.version = 1
ON CONFLICT DO NOTHING
"""
RUNS = """
INSERT INTO run (id, number, technique, protocol_id, protocol_hash, site_id, analyst,
                 library_version, state, started_at, verified_by, reason, deviation, note,
                 row_version)
SELECT md5('run' || s.id)::uuid, 'R-' || md5(s.id::text)::varchar(16), p.technique, p.id, '0',
       s.laboratory_id, 'bench', 1, 'verified', s.recorded_at, 'bench', '',
       CASE WHEN abs(hashtext(s.id::text)) % 20 = 0 THEN 'x' ELSE '' END, '', 1
FROM sample s
CROSS JOIN (SELECT id, technique FROM protocol_version WHERE name = 'tlc-ta' LIMIT 1) p
WHERE s.laboratory_id IS NOT NULL
ON CONFLICT DO NOTHING
"""


def measure() -> list[Outcome]:
    """Measure the slowest statement of each period, and the whole page's figures."""
    with filled_database() as url:
        engine = make_engine(url)
        with engine.begin() as connection:
            for sentence in (TALKS, RUNS, "ANALYZE"):
                connection.execute(text(sentence))
        today = day_in_belgium(clock.now())
        periods = {
            "half-year": half_of(today).before(),
            "year": between(monday(today) - timedelta(weeks=52), today),
            "five years": between(monday(today) - timedelta(weeks=260), today),
        }
        found = [outcome for name, one in periods.items() for outcome in _of(engine, name, one)]
        engine.dispose()
        return found


def _of(engine: Engine, name: str, period: Period) -> list[Outcome]:
    with open_session(engine, reading=True) as session:
        reader = actor_by_account(session, "bench")
        slowest, whole, statements = 0.0, [], 0
        for _round in range(ROUNDS):
            with _timed(engine) as told:
                begin = time.perf_counter()
                indicators.board(session, reader, period)
                whole.append(time.perf_counter() - begin)
            statements, slowest = len(told), max(slowest, *told)
    kept = slowest < MOST_SECONDS
    words = f"each of {statements} statements < {MOST_SECONDS:g} s"
    return [
        Outcome(f"indicators, {name}: slowest", "s", slowest, promise=words, kept=kept),
        Outcome(f"indicators, {name}, with before", "s", sorted(whole)[ROUNDS // 2]),
    ]


@contextmanager
def _timed(engine: Engine) -> Iterator[list[float]]:
    """Give the seconds of each statement while something is asked."""
    begun: list[float] = []
    told: list[float] = []

    def begin(*_given: Any) -> None:
        begun.append(time.perf_counter())

    def end(*_given: Any) -> None:
        told.append(time.perf_counter() - begun[-1])

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", begin)
        event.remove(engine, "after_cursor_execute", end)
