import datetime
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import nbinom, norm, poisson

from lims.surveillance.detectors import farrington_flexible
from lims.surveillance.detectors.detection import checked_weeks
from lims.surveillance.detectors.reference_weeks import baselines, year_before
from tests.surveillance.detectors.r_oracle import answers

WEEK = 280
SEASONS = np.random.default_rng(3).poisson(6 + 3 * np.cos(np.arange(300) * 2 * np.pi / 52))


def used(**more):
    asked = {"b": 5, "w": 3, "periods": 10, "left_out": 26, **more}
    return baselines(checked_weeks([WEEK], 300), 300, **asked)[0]


def test_the_baseline_is_five_years_in_ten_periods_without_the_last_half_year():
    found = used()
    weeks = np.sort(WEEK + found.shifts)
    assert list(weeks) == list(range(WEEK - 5 * 52 - 3, WEEK - 26))
    assert found.lengths[-1] == 5 * 7
    assert list(found.lengths[:4]) == [25, 25, 25, 25]


def test_without_periods_only_the_same_season_counts():
    weeks = np.sort(WEEK + used(periods=1, b=2).shifts)
    assert list(weeks) == [
        *range(WEEK - 107, WEEK - 100),
        *range(WEEK - 55, WEEK - 48),
    ]


def test_weeks_that_cannot_be_shared_out_equally_make_the_first_periods_longer():
    found = used(w=2, b=1, left_out=0)
    assert list(found.lengths) == [6, 6, 5, 5, 5, 5, 5, 5, 5, 5]


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        ("2011-01-03", 1, "2010-01-04"),
        ("2009-12-28", 1, "2008-12-29"),
        ("2016-02-29", 1, "2015-03-02"),
        ("2011-01-03", 7, "2004-01-05"),
        ("2009-09-28", 3, "2006-09-25"),
    ],
)
def test_a_year_before_is_the_nearest_week_of_the_same_date(day, years, expected):
    found = year_before(datetime.date.fromisoformat(day), years)
    assert found.isoformat() == expected


def by_likelihood(y, times, weights, periods=None):
    """Maximise the quasi-likelihood by other means than the regression does."""
    periods = np.zeros(len(y), int) if periods is None else periods

    def loss(terms):
        eta = terms[0] * times / 100 + terms[1:][periods]
        return float((weights * (np.exp(eta) - y * eta)).sum())

    start = np.r_[0.0, np.full(periods.max() + 1, np.log(y.mean()))]
    return minimize(loss, start, method="BFGS", options={"gtol": 1e-10}).x


def test_the_expected_count_maximises_the_likelihood_of_the_baseline():
    found = farrington_flexible(SEASONS, [WEEK], reweight=False)
    base = used()
    y, periods = SEASONS[WEEK + base.shifts], np.repeat(np.arange(10), base.lengths)
    terms = by_likelihood(y, base.shifts, np.ones(len(y)), periods)
    assert found.expected[0] == pytest.approx(exp(terms[10]), rel=1e-4)


def test_without_trend_the_expected_count_is_the_mean_and_the_bound_follows():
    found = farrington_flexible(
        SEASONS, [WEEK], periods=1, trend=False, reweight=False, alpha=0.01, b=3
    )
    y = SEASONS[WEEK + used(periods=1, b=3).shifts]
    dispersion = max(1.0, ((y - y.mean()) ** 2 / y.mean()).sum() / (len(y) - 1))
    assert found.expected[0] == pytest.approx(y.mean())
    size = y.mean() / (dispersion - 1) if dispersion > 1 else None
    bound = nbinom.ppf(0.99, size, 1 / dispersion) if size else poisson.ppf(0.99, y.mean())
    assert found.upper[0] == bound


def test_the_delta_bound_is_normal_in_the_power_two_thirds():
    found = farrington_flexible(
        SEASONS,
        [WEEK],
        periods=1,
        trend=False,
        reweight=False,
        alpha=0.01,
        b=3,
        threshold_method="delta",
    )
    y = SEASONS[WEEK + used(periods=1, b=3).shifts]
    mean = y.mean()
    raw = ((y - mean) ** 2 / mean).sum() / (len(y) - 1)
    error = raw * mean / len(y)
    spread = np.sqrt(4 / 9 * mean ** (1 / 3) * (max(raw, 1) + error / mean))
    bound = (mean ** (2 / 3) + norm.ppf(0.99) * spread) ** 1.5
    assert found.upper[0] == pytest.approx(bound)
    chance = norm.sf((SEASONS[WEEK] ** (2 / 3) - mean ** (2 / 3)) / spread)
    assert found.p_value[0] == pytest.approx(chance)


def test_a_past_outbreak_is_weighed_down():
    counts = SEASONS.copy()
    counts[WEEK - 104 : WEEK - 101] += 60
    judge = dict(b=4, threshold_method="nbPlugin")
    quiet = farrington_flexible(SEASONS, [WEEK], **judge).upper[0]
    kept = farrington_flexible(counts, [WEEK], **judge).upper[0]
    taken = farrington_flexible(counts, [WEEK], reweight=False, **judge).upper[0]
    assert quiet <= kept < taken


def test_outliers_are_weighed_by_their_residual_squared_and_the_error_by_those_weights():
    counts = SEASONS.copy()
    counts[WEEK - 104] = 60
    asked = {"periods": 1, "trend": False, "b": 3, "alpha": 0.01, "threshold_method": "delta"}
    found = farrington_flexible(counts, [WEEK], **asked)
    y = counts[WEEK + used(periods=1, b=3).shifts].astype(float)
    n, mean = len(y), y.mean()
    dispersion = ((y - mean) ** 2 / mean).sum() / (n - 1)
    away = 1.5 * (y ** (2 / 3) * mean ** (-1 / 6) - mean**0.5) / np.sqrt(dispersion * (1 - 1 / n))
    weights = np.maximum(away, 2.58) ** -2
    weights[away <= 2.58] = 1
    assert (weights < 1).sum() == 1
    weights *= n / weights.sum()
    mean = (weights * y).sum() / n
    relative = ((y - mean) / mean) ** 2
    dispersion = max(1, (weights * mean * relative).sum() / (n - 1))
    error = (weights * relative).sum() / (n - 1) / (n * mean) * mean**2
    spread = np.sqrt(4 / 9 * mean ** (1 / 3) * (dispersion + error / mean))
    bound = (mean ** (2 / 3) + norm.ppf(0.99) * spread) ** 1.5
    # The leverage is that of the last step but one, as in R: equal to four digits only.
    assert found.expected[0] == pytest.approx(mean, rel=1e-4)
    assert found.upper[0] == pytest.approx(bound, rel=1e-4)


def test_a_trend_is_used_where_it_is_clear_and_does_not_run_away():
    rising = np.random.default_rng(4).poisson(np.exp(0.5 + 0.008 * np.arange(300)))
    with_trend = farrington_flexible(rising, [WEEK], p_threshold_trend=0.05).expected[0]
    without = farrington_flexible(rising, [WEEK], trend=False).expected[0]
    assert without < 0.7 * with_trend
    assert with_trend <= rising[: WEEK - 26].max()
    steep = np.floor(np.exp(0.03 * np.arange(300)))
    top = steep[: WEEK - 26].max()
    assert farrington_flexible(steep, [WEEK]).expected[0] <= top


def test_few_cases_never_alarm():
    counts = np.zeros(300)
    counts[WEEK] = 4
    counts[::40] = 1
    assert farrington_flexible(counts, [WEEK], limit54=(5, 4)).alarm[0] == 0
    counts[WEEK] = 5
    assert farrington_flexible(counts, [WEEK], limit54=(5, 4)).alarm[0] == 1


def test_a_series_without_any_case_before_cannot_be_judged():
    counts = np.zeros(300)
    counts[WEEK] = 9
    found = farrington_flexible(counts, [WEEK])
    assert found.alarm[0] == -1
    assert np.isnan(found.upper[0])


def test_a_week_without_years_before_it_cannot_be_judged():
    found = farrington_flexible(SEASONS, [100, 259, 260], b=5)
    assert list(found.alarm[:2]) == [-1, -1]
    assert found.alarm[2] >= 0
    assert np.isnan(found.upper[:2]).all()


def test_more_people_are_expected_to_make_more_cases():
    people = np.full(300, 1000.0)
    same = farrington_flexible(SEASONS, [WEEK], population=people)
    assert same.upper[0] == farrington_flexible(SEASONS, [WEEK]).upper[0]
    people[WEEK] = 2000
    more = farrington_flexible(SEASONS, [WEEK], population=people)
    assert more.expected[0] == pytest.approx(2 * same.expected[0])


def test_several_series_are_judged_as_each_alone():
    random = np.random.default_rng(5)
    many = random.poisson(random.gamma(1, 2, (7, 1)), (7, 300))
    together = farrington_flexible(many, [260, 270, 299])
    for place, one in enumerate(many):
        alone = farrington_flexible(one, [260, 270, 299])
        np.testing.assert_allclose(together.expected[place], alone.expected)
        np.testing.assert_array_equal(together.of_series(place).alarm, alone.alarm)


@pytest.mark.parametrize(
    "wrong",
    [
        {"alpha": 0},
        {"b": 0},
        {"w": 26},
        {"periods": 0},
        {"threshold_method": "best"},
        {"population": np.zeros(300)},
        {"dates": ["2020-01-06"] * 300},
        {"dates": ["2020-01-06"]},
    ],
)
def test_parameters_without_a_meaning_are_refused(wrong):
    with pytest.raises(ValueError):
        farrington_flexible(SEASONS, [WEEK], **wrong)


series = st.one_of(
    st.lists(st.integers(0, 3), min_size=120, max_size=120),
    st.lists(st.integers(0, 10**6), min_size=120, max_size=120),
    st.integers(0, 1000).map(lambda n: [n] * 120),
    st.integers(0, 119).map(lambda place: [int(week == place) for week in range(120)]),
)


@settings(max_examples=40, deadline=None)
@given(series, st.sampled_from(["nbPlugin", "delta", "muan"]), st.sampled_from([1, 10]))
def test_any_counts_are_judged_and_an_alarm_is_above_its_bound(counts, method, periods):
    found = farrington_flexible(
        counts, range(100, 120), b=1, periods=periods, threshold_method=method, limit54=(0, 4)
    )
    known = found.alarm >= 0
    above = np.array(counts[100:]) > found.upper
    assert (above[known] == (found.alarm[known] == 1)).all()
    assert not (np.isnan(found.upper) & known).any()


@pytest.mark.data
def test_bounds_and_alarms_equal_those_of_r():
    compared = 0
    for one in answers("FarringtonFlexible_"):
        _, method, periods, b, w, alpha = one.method.split("_")
        found = farrington_flexible(
            one.counts,
            one.at,
            b=int(b[1:]),
            w=int(w[1:]),
            periods=int(periods.removeprefix("noPeriods")),
            threshold_method=method,
            alpha=float(alpha.removeprefix("alpha")),
            limit54=(0, 4),
        )
        np.testing.assert_allclose(found.upper, one.upper, rtol=0, atol=1e-9)
        np.testing.assert_array_equal(found.alarm, one.alarm)
        compared += len(one.at)
    assert compared > 1900
