from __future__ import annotations

import uuid
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.surveillance import effects, first_seen, looks, methods
from lims.surveillance.arrivals import ArrivedFound, ArrivedSample, delivered, rows_of
from lims.surveillance.counting import Cell, Key, Series, build
from lims.surveillance.evidence import Sameness, compare, compute, hash_of
from lims.surveillance.first_seen import Answer, Looked, Sighting
from lims.surveillance.judging import alarms_of, judge_all, rises
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


# -------------------------------------------------------------------------------------- series


def cell(substance: uuid.UUID | None, week: int, number: int, **more: object) -> Cell:
    given: dict[str, object] = {"region": "North", "declared": None, "in_time": number}
    given |= more
    place = MONDAY + week * WEEK
    return Cell(
        "own",
        substance,
        str(given["region"]),
        given["declared"],  # type: ignore[arg-type]
        place,
        number,
        int(str(given["in_time"])),
    )


def test_series_add_up_over_regions_and_lines_and_weeks_without_a_sample_are_zero() -> None:
    cells = [
        cell(None, 0, 10, declared=LINE),
        cell(None, 2, 5, region="South"),
        cell(A, 0, 2, declared=LINE),
        cell(A, 2, 1, region="South"),
        cell(B, 2, 1),
    ]
    found = {(one.key.region, one.key.declared): one for one in build(cells, MONDAY, 4)}
    assert set(found) == {("", None), ("", LINE), ("North", None), ("North", LINE)}
    assert found["", None].positives.tolist() == [2, 0, 1, 0]
    assert found["", None].totals.tolist() == [10, 0, 5, 0]
    assert found["North", LINE].totals.tolist() == [10, 0, 0, 0]


CELLS = st.lists(
    st.tuples(
        st.sampled_from([None, A, B]),
        st.integers(0, 30),
        st.integers(1, 9),
        st.sampled_from(["North", "South"]),
    ),
    min_size=1,
    max_size=60,
    unique_by=lambda one: (one[0], one[1], one[3]),
)


@given(CELLS, st.randoms(use_true_random=False))
def test_the_same_observations_in_any_order_give_the_same_alarms(
    drawn: list[tuple[uuid.UUID | None, int, int, str]], chance: object
) -> None:
    looked = [cell(None, week, 40, region=region) for week in range(31) for region in ("North",)]
    cells = [cell(what, week, n, region=region) for what, week, n, region in drawn if what] + looked
    cells += [cell(None, week, 9, region="South") for week in range(31)]
    mixed = list(cells)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    first, second = (build(one, MONDAY, 31) for one in (cells, mixed))
    assert [one.key for one in first] == [one.key for one in second]
    told = [
        [(one.key, one.method.key, one.judged) for one in alarms_of(found, judge_all(found, 30))]
        for found in (first, second)
    ]
    assert told[0] == told[1]


def series(positives: list[int], totals: list[int], late: int = 0, **key: object) -> Series:
    y, n = np.asarray(positives, np.int64), np.asarray(totals, np.int64)
    timely, timely_totals = y.copy(), n.copy()
    if late:
        timely[-late:], timely_totals[-late:] = 0, 0
    values: dict[str, object] = {"substance": A, "region": "", "declared": None} | key
    return Series(Key("own", **values), MONDAY, y, n, timely, timely_totals)  # type: ignore[arg-type]


QUIET, JUMP = [1, 0] * 20, [6, 6, 6, 6]


def test_a_planted_jump_is_found_and_a_steady_series_is_not() -> None:
    jump, steady = series(QUIET + JUMP, [20] * 44), series([1, 0] * 22, [20] * 44, substance=B)
    alarms = alarms_of([jump, steady], judge_all([jump, steady], 43))
    assert {one.key.substance for one in alarms if one.method.raises} == {A}


def test_back_dated_rows_never_fire() -> None:
    late = series(QUIET + JUMP, [20] * 44, late=4)
    assert not alarms_of([late], judge_all([late], 43))


def test_one_sample_is_no_statistic() -> None:
    rare = series([0] * 60 + [0, 0, 0, 1], [50] * 60 + [1, 1, 1, 1])
    verdict = judge_all([rare], 63).of_series(0)["beta-binomial"]
    assert verdict.judged["alarm"] == 1 and not verdict.kept


def test_one_alarm_among_many_series_does_not_stand() -> None:
    calm = [series([1, 0] * 22, [20] * 44, substance=uuid.UUID(int=n)) for n in range(10, 400)]
    strong = series([1, 0] * 20 + [3, 2, 2, 2], [20] * 44)
    assert judge_all([strong], 43).verdicts["beta-binomial"][0].kept
    among = judge_all([strong, *calm], 43).verdicts["beta-binomial"][0]
    assert among.judged["alarm"] == 1 and not among.kept


def test_methods_are_silent_until_history_allows_and_say_why() -> None:
    young = series([1] * 10, [20] * 10)
    verdicts = judge_all([young], 9).of_series(0)
    assert {one.silent for one in verdicts.values()} == {"weeks"}
    few = series([0] * 20, [1] * 20)
    assert judge_all([few], 19).of_series(0)["beta-binomial"].silent == "samples"


def test_ears_supports_and_never_leads() -> None:
    quiet = [3, 4] * 20
    spike = series([*quiet, 4, 3, 4, 19], [400] * 43 + [2200])
    alarms = alarms_of([spike], judge_all([spike], 43))
    assert alarms and not any(one.method.raises for one in alarms)
    assert not rises(alarms)


def test_a_rise_of_the_network_is_told_once_with_its_regions_beside() -> None:
    wide = series(QUIET + JUMP, [20] * 44)
    part = series(QUIET + JUMP, [18] * 44, region="North")
    found = rises(alarms_of([wide, part], judge_all([wide, part], 43)))
    assert [(one.best.key.region, one.best.method.key) for one in found] == [("", "beta-binomial")]
    assert "North" in {one.key.region for one in found[0].supporting}


def test_a_steady_network_stays_within_the_promised_rate_of_false_alarms() -> None:
    chance = np.random.default_rng(7)
    weeks, number = 130, 30
    share = chance.uniform(0.02, 0.4, number)
    totals = chance.poisson(15, (number, weeks))
    positives = chance.binomial(totals, share[:, None])
    listed = [
        series(positives[n].tolist(), totals[n].tolist(), substance=uuid.UUID(int=100 + n))
        for n in range(number)
    ]
    noisy = 0
    for week in range(90, weeks):
        alarms = alarms_of(listed, judge_all(listed, week))
        noisy += any(one.method.raises for one in alarms)
    # At a false discovery rate of 5 % a run with no true rise raises anything in 5 of 100.
    assert noisy <= 4


# ------------------------------------------------------------------------- computing it again


@pytest.mark.parametrize("method", [one for one in methods.SHARES if methods.offered(one)])
def test_a_method_computes_the_same_from_what_is_kept(method: methods.Method) -> None:
    chance = np.random.default_rng(11)
    totals = chance.poisson(20, 290)
    inputs = {"positives": chance.binomial(totals, 0.2).tolist(), "totals": totals.tolist()}
    parameters = methods.parameters_of(method, 290)
    outcome = compute(method.key, parameters, inputs)
    assert compute(method.key, parameters, inputs) == outcome
    assert outcome["alarm"] in (0, 1)


def test_one_changed_digit_of_inputs_or_outcome_is_noticed() -> None:
    inputs = {"now": ["mdma"], "earlier": [["pmma"]]}
    parameters = {"days": 730, "least_for_addition": 2}
    outcome = compute(looks.ALGORITHM, parameters, inputs)
    kept = {
        "algorithm": looks.ALGORITHM,
        "version": looks.VERSION,
        "parameters": parameters,
        "inputs": inputs,
        "outcome": outcome,
        "kept_hash": hash_of(looks.ALGORITHM, looks.VERSION, parameters, inputs),
    }
    assert compare(**kept) is Sameness.SAME
    assert compare(**kept | {"outcome": {**outcome, "new": []}}) is Sameness.DIFFERENT
    assert compare(**kept | {"inputs": {**inputs, "now": ["mda"]}}) is Sameness.CHANGED_INPUTS
    old = kept | {"version": 0, "kept_hash": hash_of(looks.ALGORITHM, 0, parameters, inputs)}
    assert compare(**old) is Sameness.OTHER_VERSION


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
