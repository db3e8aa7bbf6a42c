from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.outbox import Delivery, Recipient
from lims.alerts.records import Alert
from lims.counselling.purging import PurgeOldNotes, purge_old_notes
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotPermitted
from lims.network.records import Organisation, Site
from lims.overview import feedback_making, indicators
from lims.overview.indicator_definitions import definitions
from lims.overview.indicator_figures import Figure, Standing
from lims.overview.indicator_periods import named
from lims.overview.indicators import Board
from tests.makers import Network
from tests.overview.counted_by_hand import BY_HAND
from tests.overview.counted_network import NOW, Counted, at, counted_network
from tests.overview.test_queries import counted as statements

PERIOD = named("2026-1")
# key: (value, n, missing), counted by hand in tests/overview/counted_network.py
NOT_YET = ("alert-to-acknowledgement",)


@pytest.fixture
def made(session: Session, network: Network) -> Iterator[Counted]:
    """Give the network that was counted by hand, on its day."""
    with clock.stopped_at(NOW):
        yield counted_network(session, network)


def seen(made: Counted, actor: Actor | None = None) -> Board:
    made.session.expire_all()
    return indicators.board(made.session, actor or made.network.coordinator, PERIOD)


def figures(board: Board) -> dict[str, Figure]:
    return {row.definition.key: row.now.figure for row in board.rows}


def part(board: Board, key: str, by: str) -> dict[str, float | None]:
    (split,) = [one for one in board.of(key).now.splits if one.by == by]
    return {line.label["en"]: line.figure.value for line in split.lines}


def test_every_indicator_is_as_it_was_counted_by_hand(made: Counted) -> None:
    found = figures(seen(made))
    told = {
        key: (pytest.approx(one.value), one.n, one.missing)
        for key, one in found.items()
        if one.is_told
    }
    assert told == BY_HAND
    assert {key for key, one in found.items() if not one.is_told} == set(NOT_YET)
    assert all(found[key].standing is Standing.NOT_MEASURED for key in NOT_YET)


def test_every_definition_of_the_file_has_its_number(made: Counted) -> None:
    assert {one.key for one in definitions().indicators} == {*BY_HAND, *NOT_YET}


def test_quartiles_are_beside_the_median(made: Counted) -> None:
    found = figures(seen(made))
    assert (found["time-to-result"].quarter, found["time-to-result"].three_quarters) == (3.5, 8.75)
    assert (found["weeks-to-result"].quarter, found["weeks-to-result"].three_quarters) == (1, 2)
    assert (found["time-to-talk"].quarter, found["time-to-talk"].three_quarters) == (1.5, 3.5)


def test_the_parts_are_as_they_were_counted_by_hand(made: Counted) -> None:
    board = seen(made)
    assert part(board, "encodings", "month") == {"2026-01": 4, "2026-02": 1, "2026-03": 0}
    assert part(board, "encodings", "site") == {"Counter": 4, "Festival": 1}
    assert part(board, "encodings", "laboratory") == {"Laboratory one": 4, "Laboratory two": 1}
    assert part(board, "forms", "form") == {"tablet": 3, "powder": 2}
    assert part(board, "declared", "declared product") == {
        "MDMA": 3,
        "does not know": 1,
        "names that the library does not hold": 1,
    }
    assert part(board, "handed-in", "site") == {"Counter": 4, "Festival": 2}
    assert part(board, "adherence", "laboratory") == {
        "Laboratory one": pytest.approx(2 / 3),
        "Laboratory two": 1,
    }
    assert part(board, "coverage", "kind of site") == {
        "testing points": pytest.approx(2 / 3),
        "laboratories": 1,
    }
    assert part(board, "coverage", "site without anything") == {"Idle": 0}
    assert part(board, "alerts", "level")["Warning"] == 2
    assert part(board, "alert-messages", "kind") == {"alerts": 2, "updates": 1}


def test_small_parts_about_visitors_are_kept_back(made: Counted) -> None:
    board = seen(made)
    # Four visits at the counter, two at the festival: both would tell.
    assert part(board, "visits", "site") == {"Counter": None, "Festival": None}
    # Four visits with an age band in all: not split at all.
    assert part(board, "age-bands", "age band") == {}


def test_the_period_before_stands_beside_it(made: Counted) -> None:
    before = {row.definition.key: row.before.figure for row in seen(made).rows}
    assert (before["visits"].value, before["alerts"].value, before["meetings"].value) == (1, 1, 1)
    assert before["encodings"].value == 0
    assert before["first-visits"].standing is Standing.NO_DATA
    assert before["first-visits"].missing == 1


def test_an_empty_network_has_no_data_where_there_is_nothing_to_count_in(
    session: Session, network: Network
) -> None:
    found = figures(indicators.board(session, network.coordinator, PERIOD))
    assert found["visits"].value == 0
    for key in ("talks", "adherence", "time-to-result", "first-visits", "alerts-from-points"):
        assert found[key].standing is Standing.NO_DATA
    assert found["coverage"].value == 0


def test_a_local_coordinator_counts_own_sites_alone(made: Counted) -> None:
    board = seen(made, made.network.local_coordinator)
    found = figures(board)
    assert board.sites == ("Counter",)
    assert (found["visits"].n, found["points"].n, found["handed-in"].n) == (4, 1, 4)
    assert (found["encodings"].n, found["coverage"].n) == (4, 1)
    assert found["alerts"].n == 2  # the whole network's, for every reader
    assert part(board, "encodings", "site") == {"Counter": 4}
    assert "Festival" not in str(board.rows)


def test_a_head_counts_what_the_own_laboratory_did(made: Counted) -> None:
    found = figures(seen(made, made.network.head))
    assert (found["encodings"].n, found["adherence"].n, found["trained"].n) == (4, 3, 3)
    assert found["visits"].n == 0


def test_the_auditor_counts_the_whole_network(made: Counted) -> None:
    assert figures(seen(made, made.network.auditor)) == figures(seen(made))


@pytest.mark.parametrize("duty", ["worker", "counsellor", "chemist", "approver", "administrator"])
def test_others_read_no_indicators(made: Counted, duty: str) -> None:
    with pytest.raises(NotPermitted):
        seen(made, made.network.actors[duty])


def changed(made: Counted, before: Board) -> set[str]:
    one, other = figures(before), figures(seen(made))
    return {key for key in one if one[key] != other[key]}


def test_a_sample_of_another_time_changes_nothing(made: Counted) -> None:
    before = seen(made)
    made.sample("old", made.visit(made.network.counter, "2024-05-06", first_visit=True), "MDMA")
    assert changed(made, before) == set()


def test_a_waiting_sample_changes_what_it_must_and_nothing_else(made: Counted) -> None:
    before = seen(made)
    made.sample("new", made.visit(made.network.festival, "2026-03-02"), "MDMA")
    assert changed(made, before) == {
        *("visits", "first-visits", "age-bands", "service-types"),
        *("handed-in", "not-analysed"),
    }


def test_a_talk_changes_what_it_must_and_nothing_else(made: Counted) -> None:
    before = seen(made)
    made.talk("early", "2026-03-02", "less", 12)
    made.session.flush()
    assert changed(made, before) == {
        *("talks", "time-to-talk", "talk-minutes", "intention", "intention-match"),
        *("risk-lowering", "referrals", "material"),
    }


def test_a_run_changes_what_it_must_and_nothing_else(made: Counted) -> None:
    before = seen(made)
    protocol = made.protocol("strips", 1, "strip", "2026-03-01")
    made.run(made.network.laboratory, protocol, "2026-03-02")
    made.session.flush()
    assert changed(made, before) == {"protocols", "adherence", "deviations"}


def test_an_amended_finding_changes_nothing(made: Counted) -> None:
    before = seen(made)
    made.finding("other", "2026-03-01", "as-expected", version=2)
    made.session.flush()
    assert changed(made, before) == set()


def test_letting_go_of_days_changes_no_number(made: Counted) -> None:
    """Months later the days of visits and talks become weeks; every number stays as it was."""
    with clock.stopped_at(datetime(2026, 9, 1, 12, tzinfo=UTC)):
        before = seen(made)
        purge_old_notes(made.session, made.network.administrator, PurgeOldNotes())
        made.session.flush()
        assert changed(made, before) == set()
        found = figures(before)
        assert found["time-to-result"].standing is Standing.NO_DATA
        assert (found["time-to-result"].missing, found["weeks-to-result"].n) == (5, 5)


def test_the_board_asks_the_database_as_often_for_many_samples_as_for_few(made: Counted) -> None:
    def asked() -> int:
        made.session.commit()
        made.session.expire_all()
        with statements(made.session) as told:
            indicators.board(made.session, made.network.coordinator, PERIOD)
        return len(told)

    few = asked()
    for number in range(30):
        visit = made.visit(made.network.counter, "2026-02-10", first_visit=bool(number % 2))
        made.sample(f"more {number}", visit, "MDMA")
        made.finding(f"more {number}", "2026-02-12", "as-expected")
        made.talk(f"more {number}", "2026-02-13", "less", number)
        made.alert("2026-02-14", "rule", f"more {number}")
    assert asked() == few <= 75


def test_a_withdrawn_protocol_gives_way_to_the_version_before(made: Counted) -> None:
    (new,) = [
        one
        for one in made.session.query(indicators.indicator_practice.ProtocolVersion)
        if (one.name, one.version) == ("plates", 2)
    ]
    new.withdrawn_at = datetime(2026, 2, 4, tzinfo=UTC)
    made.session.flush()
    # The run of 5 February under version 1 is right again, the one under version 2 is not.
    assert figures(seen(made))["adherence"].counted == 3
    assert part(seen(made), "adherence", "laboratory") == {
        "Laboratory one": 1,
        "Laboratory two": 0,
    }


def test_a_report_of_an_effect_counts_as_ours_only_with_a_sample(made: Counted) -> None:
    made.alert("2026-03-01", "human-report")
    assert figures(seen(made))["alerts-from-points"].counted == 1
    made.alert("2026-03-02", "human-report", "tablet")
    assert figures(seen(made))["alerts-from-points"].counted == 2


def test_acknowledgements_are_timed_when_somebody_was_asked(made: Counted) -> None:
    (alert,) = [one for one in made.session.scalars(select(Alert)) if len(one.versions) == 2]
    recipient = Recipient(number="R-0001", name="An office", kind="mail", address="x@example.org")
    recipient.audience, recipient.language = "health", "fr"
    recipient.tlp_ceiling, recipient.added_by = "TLP:AMBER", "coordinator"
    made.session.add(recipient)
    made.session.flush()
    # Published on 9 January at ten: confirmed after 2 and after 6 hours, once not at all.
    for hours in (2, 6, None):
        told = at("2026-01-09") + timedelta(hours=hours) if hours else None
        given = {"purpose": "alert", "audience": "health", "state": "sent"}
        made.session.add(
            Delivery(
                version_id=alert.versions[0].id,
                recipient_id=recipient.id,
                about=str(hours),
                acknowledged_at=told,
                **given,
            )
        )
    made.session.flush()
    board = seen(made)
    figure = figures(board)["alert-to-acknowledgement"]
    assert (figure.value, figure.n, figure.missing) == (4, 2, 1)
    assert part(board, "alert-to-acknowledgement", "audience") == {"Health professionals": 4}


def test_a_feedback_report_counts_when_it_was_made_and_once_for_its_institution(
    made: Counted,
) -> None:
    other = Organisation(name="Another service", kind="testing")
    point = Site(organisation=other, name="Another point", service_type="event")
    made.session.add_all([other, point])
    made.session.flush()
    made.visit(point, "2026-02-10")
    found = figures(seen(made))["feedback"]
    assert (found.counted, found.n, found.low) == (1, 2, None)
    make = feedback_making.make_feedback
    for day in (7, 8):
        with clock.stopped_at(datetime(2026, 3, day, 12, tzinfo=UTC)):
            make(made.session, made.network.coordinator, feedback_making.MakeFeedback(other.id))
    found = figures(seen(made))["feedback"]
    assert (found.counted, found.n) == (2, 2)
    own = seen(made, made.network.local_coordinator)
    assert figures(own)["feedback"].n == 1
