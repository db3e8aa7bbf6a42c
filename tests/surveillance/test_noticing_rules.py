from __future__ import annotations

import uuid
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.surveillance import effects, first_seen, looks
from lims.surveillance.arrivals import ArrivedFound, ArrivedSample, delivered, rows_of
from lims.surveillance.first_seen import Answer, Looked, Sighting
from lims.surveillance.looks import Difference
from lims.surveillance.noticed import is_held_off
from lims.surveillance.power import power_of
from lims.surveillance.weeks import WEEK, last_complete, monday_of, week_name, weeks_between

MONDAY = date(2025, 1, 6)
A, B, LINE = (uuid.UUID(int=n) for n in (1, 2, 3))


def test_weeks_are_those_of_iso_8601() -> None:
    assert week_name(date(2026, 1, 1)) == "2026-W01"
    assert week_name(date(2021, 1, 3)) == "2020-W53"
    assert weeks_between(date(2020, 12, 28), date(2021, 1, 4)) == 2


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_the_present_week_is_never_judged(today: date) -> None:
    assert last_complete(today) + WEEK == monday_of(today) <= today


# ------------------------------------------------------------------------------------ arrivals


def sample(arrived: date, analysed: date, *found: ArrivedFound, **more: object) -> ArrivedSample:
    values: dict[str, object] = {"origin": "own", "origin_id": uuid.uuid4(), "region": "North"}
    return ArrivedSample(
        **(values | more),  # type: ignore[arg-type]
        arrived_on=arrived,
        analysed_on=analysed,
        found=tuple(found),
    )


@pytest.mark.parametrize(("days", "in_time"), [(0, True), (28, True), (29, False), (700, False)])
def test_what_arrives_after_the_window_is_back_dated(days: int, in_time: bool) -> None:
    assert sample(MONDAY + timedelta(days=days), MONDAY).in_time() is in_time


def test_a_sample_from_an_old_stock_raises_nothing() -> None:
    old = sample(MONDAY, MONDAY, handed_in_on=MONDAY - timedelta(days=91))
    assert not old.in_time()


def test_a_delivery_of_more_than_four_weeks_is_a_bulk_import_as_a_whole() -> None:
    late = MONDAY + 5 * WEEK
    one, other = sample(late, late), sample(late, MONDAY)
    assert not any(each.in_time() for each in delivered([one, other]))
    assert all(each.in_time() for each in delivered([one]))


def test_a_sample_is_counted_once_under_one_name_and_only_when_identified() -> None:
    found = [
        ArrivedFound(A, "found"),
        ArrivedFound(B, "measured"),
        ArrivedFound(LINE, "found", confidence="presumptive"),
        ArrivedFound(uuid.UUID(int=9), "not-detected"),
    ]
    rows = rows_of(sample(MONDAY, MONDAY, *found), {A: A, B: A})
    assert [(row["counted_as_id"], row["counts"]) for row in rows] == [
        (None, True),
        (A, True),
        (A, False),
        (LINE, False),
        (uuid.UUID(int=9), False),
    ]


def test_what_an_amended_finding_adds_arrives_with_the_amendment() -> None:
    later = MONDAY + timedelta(days=60)
    found = [ArrivedFound(A, "found"), ArrivedFound(B, "found", arrived_on=later)]
    rows = rows_of(sample(MONDAY, MONDAY, *found), {})
    assert [(row["in_time"], row["week"]) for row in rows[1:]] == [(True, MONDAY), (False, MONDAY)]


# -------------------------------------------------------------------------- what is noticed at once

ENOUGH = Looked(MONDAY - timedelta(days=900), 100)


def seen(**given: object) -> Answer:
    facts: dict[str, object] = {
        "seen_on": MONDAY,
        "confidence": "identified",
        "last_seen": None,
        "isomer_seen": None,
        "looked": ENOUGH,
    }
    sighting = Sighting(**(facts | given))  # type: ignore[arg-type]
    kept = first_seen.inputs_of(sighting)
    assert first_seen.sighting_of(kept) == sighting
    return first_seen.judge(sighting, first_seen.Parameters())


def test_a_substance_is_new_when_nobody_saw_it_for_two_years() -> None:
    assert seen() is Answer.NEW
    assert seen(last_seen=MONDAY - timedelta(days=729)) is Answer.KNOWN
    assert seen(last_seen=MONDAY - timedelta(days=730)) is Answer.NEW


def test_nothing_is_new_where_too_little_was_looked_at() -> None:
    assert seen(looked=Looked(ENOUGH.since, 99)) is Answer.TOO_EARLY
    assert seen(looked=Looked(MONDAY - timedelta(weeks=11), 500)) is Answer.TOO_EARLY
    assert seen(looked=Looked(None, 0)) is Answer.TOO_EARLY


def test_a_new_isomer_of_a_known_substance_needs_to_be_confirmed() -> None:
    isomer = MONDAY - timedelta(days=30)
    assert seen(isomer_seen=isomer) is Answer.UNSURE
    assert seen(isomer_seen=isomer, confidence="confirmed") is Answer.NEW


@pytest.mark.parametrize(
    ("now", "earlier", "difference"),
    [
        (["mdma"], [["mdma"]], Difference.NONE),
        (["pmma"], [["mdma"]], Difference.OTHER),
        (["mdma", "pmma"], [["mdma"]], Difference.NONE),
        (["mdma", "pmma"], [["mdma"], ["mdma"]], Difference.ADDED),
        (["pmma"], [], Difference.NONE),
        ([], [["mdma"]], Difference.NONE),
        (["pmma"], [["mdma"], ["pmma"]], Difference.NONE),
    ],
)
def test_a_look_whose_content_differs_is_told(
    now: list[str], earlier: list[list[str]], difference: Difference
) -> None:
    assert looks.compare(now, earlier, looks.Parameters())[0] is difference


def test_three_reports_within_four_weeks_count_and_older_ones_do_not() -> None:
    parameters = {"reports": 3, "days": 28}
    days = [MONDAY, MONDAY + timedelta(days=10), MONDAY + timedelta(days=27)]
    told = {"days": [day.isoformat() for day in days]}
    assert effects.computed(told, parameters) == {"reports": 3, "raised": True}
    far = {"days": [*told["days"][:2], (MONDAY + timedelta(days=28)).isoformat()]}
    assert effects.computed(far, parameters)["raised"] is False


def test_a_tablet_without_a_logo_is_known_by_what_it_is_sold_as() -> None:
    assert effects.look_of("powder", "white", "", "Ketamine ") == effects.look_of(
        "powder", "white", "", "ketamine"
    )
    assert effects.look_of("tablet", "pink", "buoy", "MDMA").mark == "buoy"


def test_an_event_holds_off_its_own_matter_and_no_other() -> None:
    product, other = uuid.UUID(int=50), uuid.UUID(int=51)
    substance_event = {(None, A)}
    assert is_held_off({"m"}, (None, A), set(), substance_event)
    assert not is_held_off({"m"}, (None, B), set(), substance_event)
    assert is_held_off({"m"}, (product, A), set(), {(product, A)})
    assert not is_held_off({"m"}, (other, A), set(), {(product, A)})
    assert not is_held_off({"m"}, (None, A), set(), {(product, A)})
    assert is_held_off({"m", "wider"}, (None, B), {"wider"}, set())


def test_the_power_of_a_series_is_told_from_its_volume() -> None:
    busy = power_of(np.full(52, 2), np.full(52, 40), 0)
    calm = power_of(np.full(52, 0), np.full(52, 1), 0)
    assert busy and calm and busy.seen and 0.05 < busy.seen < 0.15
    assert calm.seen is None or calm.seen > 0.3
    assert power_of(np.zeros(5, np.int64), np.zeros(5, np.int64), 0) is None
