"""A partner's delivery told again week by week: import, count, watch, with a clock that moves.

Everything happens in a database of its own that is thrown away. Each week is imported on the
Monday after it, and the watch runs at once. Signals are discarded as soon as they are raised, so
that nothing but the four weeks of the window holds the next one off: the most that could fire.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lims.exchange.operations import ImportResults, import_results
from lims.exchange.sources import files_at, read_files
from lims.findings import rulebook
from lims.findings.statements import tell
from lims.foundation import clock
from lims.foundation.database import Base, make_engine, open_session
from lims.foundation.register import all_tables
from lims.library import operations as library
from lims.network.queries import OPERATOR
from lims.surveillance import methods
from lims.surveillance.observed import SignalEvidence
from lims.surveillance.records import Signal
from lims.surveillance.rules import SignalState
from lims.surveillance.watching import RunWatch, run_watch
from lims.surveillance.weeks import WEEK, monday_of, week_name

REFERENCES: Mapping[str, str] = {
    "wedinos": "reference_code",
    "ecstasydata": "sample_id",
    "bc_quant": "Sample ID",
    "csv": "sample_id",
}
"""The column of each source's files that names the sample."""
Say = Callable[[str], None]


@dataclass
class Told:
    """What a replay found."""

    source: str
    samples: int = 0
    weeks: int = 0
    runs: int = 0
    series_weeks: int = 0
    tested: Counter[str] = field(default_factory=Counter)
    fired: list[dict[str, Any]] = field(default_factory=list)
    held_off: int = 0
    at_once: dict[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the figures and the list as plain values."""
        statistic = [one for one in self.fired if one["source"] == "statistic"]
        weeks = max(self.series_weeks, 1)
        return {
            "source": self.source,
            "samples": self.samples,
            "weeks": self.weeks,
            "series_weeks": self.series_weeks,
            "tested": dict(self.tested),
            "signals": dict(Counter(one["source"] for one in self.fired)),
            "by_algorithm": dict(Counter(one["algorithm"] for one in self.fired)),
            "statistics_per_100_series_weeks": round(100 * len(statistic) / weeks, 4),
            "held_off": self.held_off,
            "at_once": self.at_once,
            "fired": self.fired,
        }


def replay(folder: Path, source: str, say: Say = lambda _text: None) -> Told:
    """Tell a delivery week by week, then bring it in at once; returns what fired when."""
    files = files_at(folder, source)
    reading = read_files(files, source)
    weeks: dict[date, set[str]] = {}
    for sample in reading.samples:
        if sample.received is not None and sample.received <= clock.today():
            weeks.setdefault(monday_of(sample.received), set()).add(sample.source_id)
    told = Told(source, samples=sum(map(len, weeks.values())))
    parts = _parts(files, REFERENCES[source])
    with _scratch() as engine:
        for week in _every(weeks):
            _one_week(engine, told, week, parts, weeks.get(week, set()))
            if told.runs % 52 == 0:
                say(f"{week_name(week)}: {len(told.fired)} signals")
    with _scratch() as engine:
        told.at_once = _at_once(engine, source, files, max(weeks))
    return told


def _every(weeks: Mapping[date, object]) -> Iterator[date]:
    week = min(weeks)
    while week <= max(weeks):
        yield week
        week += WEEK


@contextmanager
def _scratch() -> Iterator[Engine]:
    """Give an empty database with the library in it."""
    with tempfile.TemporaryDirectory() as place:
        all_tables()
        engine = make_engine(f"sqlite:///{Path(place) / 'replay.sqlite'}")
        Base.metadata.create_all(engine)
        with open_session(engine) as session:
            library.load_library(session, OPERATOR)
            session.flush()
            rulebook.publish_shipped_rules(session, OPERATOR)
            session.commit()
        yield engine
        engine.dispose()


def _moment(week: date) -> datetime:
    """Return nine o'clock on the Monday after a week."""
    monday = week + WEEK
    return datetime(monday.year, monday.month, monday.day, 9, tzinfo=UTC)


@dataclass
class _Part:
    """One file of a delivery, its records by sample."""

    header: list[str]
    rows: dict[str, list[list[str]]]

    def of(self, wanted: set[str]) -> bytes:
        """Return the file with the records of some samples only."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.header)
        for reference in sorted(wanted):
            writer.writerows(self.rows.get(reference, ()))
        return text.getvalue().encode()


def _parts(files: Mapping[str, bytes], reference: str) -> dict[str, _Part]:
    found = {}
    for name, content in files.items():
        if name.lower().endswith(".csv"):
            records = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
            place = records[0].index(reference)
            rows: dict[str, list[list[str]]] = {}
            for record in records[1:]:
                rows.setdefault(record[place].strip(), []).append(record)
            found[name] = _Part(records[0], rows)
    return found


def _one_week(
    engine: Engine, told: Told, week: date, parts: Mapping[str, _Part], wanted: set[str]
) -> None:
    with clock.stopped_at(_moment(week)), open_session(engine) as session:
        if wanted:
            files = {name: part.of(wanted) for name, part in parts.items()}
            import_results(session, OPERATOR, ImportResults(told.source, files))
            session.commit()
            told.weeks += 1
        run = run_watch(session, OPERATOR, RunWatch())
        told.runs += 1
        told.tested.update(run.tested)
        raising = [one.key for one in methods.ALL if one.raises]
        told.series_weeks += max(run.tested.get(name, 0) for name in raising)
        told.held_off += run.held_off
        told.fired += _fired(session, week)
        session.commit()


def _fired(session: Session, week: date) -> list[dict[str, Any]]:
    """Return the signals that stand open, and discard them."""
    query = (
        select(Signal, SignalEvidence)
        .join(SignalEvidence, SignalEvidence.signal_id == Signal.id)
        .where(Signal.state == SignalState.OPEN)
        .order_by(Signal.number)
    )
    found = []
    for signal, evidence in session.execute(query):
        found.append(
            {
                "week": week_name(week),
                "number": signal.number,
                "source": signal.source,
                "algorithm": evidence.algorithm,
                "substance": signal.substance.key if signal.substance else "",
                "region": evidence.region,
                "level": signal.level,
                "reason": tell(signal.reason, "en"),
                "outcome": evidence.outcome,
                "supporting": [one["method"] for one in evidence.supporting],
            }
        )
        signal.state, signal.decided_at = SignalState.DISCARDED, clock.now()
        signal.decision_reason = "replay"
    session.flush()
    return found


def _at_once(engine: Engine, source: str, files: Mapping[str, bytes], last: date) -> dict[str, int]:
    """Import a whole delivery on the Monday after its last week; count what fires."""
    with clock.stopped_at(_moment(last)), open_session(engine) as session:
        report = import_results(session, OPERATOR, ImportResults(source, files))
        session.commit()
        run = run_watch(session, OPERATOR, RunWatch())
        session.commit()
        signals = len(session.scalars(select(Signal.id)).all())
        return {"samples": report.added, "series": run.series, "signals": signals}
