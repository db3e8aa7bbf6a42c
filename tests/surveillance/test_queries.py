from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.surveillance import queries
from lims.surveillance.queries import SignalFilters
from tests.makers import (
    Network,
    danger_outcome,
    make_sample,
)
from tests.surveillance.raising import release, report


def test_the_queue_begins_with_the_gravest_and_finds_what_is_late(
    session: Session, network: Network
) -> None:
    begun = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    with clock.stopped_at(begun):
        report(session, network.worker, level="caution")
        red = report(session, network.worker, level="red")
        session.flush()
    with clock.stopped_at(begun + timedelta(hours=5)):
        listed, total = queries.signals(session, network.coordinator, SignalFilters())
        late, late_total = queries.signals(session, network.coordinator, SignalFilters(late=True))
        counted = queries.queue_count(session, network.coordinator)
    assert (listed[0], total) == (red, 2)
    assert (late, late_total) == ([red], 1)
    assert (counted.open, counted.late) == (2, 1)


def test_the_queue_asks_the_database_equally_often_for_one_signal_and_for_many(
    session: Session, network: Network
) -> None:
    def asked() -> int:
        statements: list[str] = []
        session.commit()
        session.expunge_all()

        def note(_c: Any, _u: Any, statement: str, *_more: Any) -> None:
            statements.append(statement)

        event.listen(session.get_bind(), "before_cursor_execute", note)
        rows, _total = queries.signals(session, network.coordinator, SignalFilters())
        for row in rows:
            assert row.sample is None or row.sample.site.name
        event.remove(session.get_bind(), "before_cursor_execute", note)
        return len(statements)

    release(session, network, make_sample(session, network), danger_outcome())
    few = asked()
    for _n in range(20):
        release(session, network, make_sample(session, network), danger_outcome())
    assert asked() == few
