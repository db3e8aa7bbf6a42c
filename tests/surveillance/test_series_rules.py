from __future__ import annotations

import uuid
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.surveillance import looks, methods
from lims.surveillance.counting import Cell, Key, Series, build
from lims.surveillance.evidence import Sameness, compare, compute, hash_of
from lims.surveillance.judging import alarms_of, judge_all, rises
from lims.surveillance.weeks import WEEK

MONDAY = date(2025, 1, 6)
A, B, LINE = (uuid.UUID(int=n) for n in (1, 2, 3))


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
