import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import nbinom, norm, poisson

from lims.surveillance.detectors import bayes, cdc, cusum, farrington, glr, outbreak_p, rki
from lims.surveillance.detectors.rki import CROW_GARDNER
from tests.surveillance.detectors.r_oracle import answers

RANDOM = np.random.default_rng(11)
COUNTS = RANDOM.poisson(6, 320)


def test_bayes_predicts_from_the_last_weeks_and_the_same_weeks_of_the_years_before():
    found = bayes(COUNTS, [200], b=1, w=2, alpha=0.05)
    values = [*COUNTS[198:200], *COUNTS[146:151]]
    size, chance = sum(values) + 0.5, 7 / 8
    assert found.upper[0] == nbinom.ppf(0.95, size, chance)
    assert found.p_value[0] == pytest.approx(nbinom.sf(COUNTS[200] - 1, size, chance))


def test_bayes_without_the_current_year_leaves_the_last_weeks_out():
    counts = COUNTS.copy()
    counts[194:200] = 500
    one, other = (bayes(c, [200], b=2, current_year=False) for c in (COUNTS, counts))
    assert one.upper[0] == other.upper[0]


def test_rki_takes_its_limit_from_the_table_and_above_it_from_the_spread():
    assert rki([1, 2, 3, 2], [3], b=0, w=3).upper[0] == 6.686
    assert rki([20, 20, 20, 2], [3], b=0, w=3).upper[0] == 30.017
    assert rki([20, 22, 24, 2], [3], b=0, w=3).upper[0] == pytest.approx(22 + 2 * 2)


def test_each_limit_of_the_table_has_at_most_a_twentieth_of_the_probability_beyond_it():
    for count, limit in enumerate(CROW_GARDNER):
        assert 0.0125 < poisson.cdf(count, limit) < 0.05


def test_cdc_compares_four_weeks_with_fifteen_blocks_of_the_past():
    found = cdc(COUNTS, [310], alpha=0.05)
    blocks = [
        COUNTS[end - 3 : end + 1].sum()
        for year in range(1, 6)
        for end in (310 - 52 * year - 4, 310 - 52 * year, 310 - 52 * year + 4)
    ]
    mean, spread = np.mean(blocks), np.std(blocks, ddof=1) * np.sqrt(1 + 1 / 15)
    assert found.expected[0] == pytest.approx(mean)
    assert found.upper[0] == pytest.approx(mean + norm.ppf(0.975) * spread)


@pytest.mark.parametrize("transform", ["standard", "rossi"])
def test_the_bound_of_a_cusum_is_the_count_that_would_make_it_alarm(transform):
    counts = np.array([4, 4, 4, 4, 5, 6, 4, 0], float)
    bound = cusum(counts, range(4, 8), transform=transform).upper
    for place, week in enumerate(range(4, 8)):
        for change, expected in ((1e-9, 1), (-1e-6, 0)):
            other = counts.copy()
            other[week] = bound[place] + change
            told = cusum(other, range(4, week + 1), transform=transform).alarm[-1]
            assert told == expected or (transform == "standard" and change < 0)


def test_a_cusum_adds_what_exceeds_the_reference_value():
    found = cusum([4, 4, 12, 12], [2, 3], k=1, h=5, transform="standard")
    assert list(found.statistic) == pytest.approx([3, 6])
    assert list(found.alarm) == [0, 1]
    assert cusum([4, 4, 12], [2], mean=9, transform="standard").statistic[0] == 0


def test_a_cusum_without_cases_before_it_cannot_say():
    assert list(cusum([0, 0, 3], [2]).alarm) == [-1]
    assert list(cusum([3, 3], [0]).alarm) == [-1]


def test_outbreak_p_is_the_likelihood_of_a_rising_course_against_a_constant():
    found = outbreak_p([1, 3, 2, 6], [3])
    rising = [1, 2.5, 2.5, 6]
    ratio = np.prod([(m / 3) ** y for m, y in zip(rising, [1, 3, 2, 6], strict=True)])
    assert found.statistic[0] == pytest.approx(ratio)
    assert outbreak_p([6, 5, 4, 3], [3]).statistic[0] == pytest.approx(1)
    assert outbreak_p([0, 0], [1]).alarm[0] == 0


@pytest.mark.parametrize("dispersion", [0.0, 0.3])
def test_the_likelihood_ratio_is_the_largest_over_beginnings_and_rises(dispersion):
    counts = np.r_[COUNTS[:150], 6, 14, 15, 9]
    found = glr(counts, range(150, 154), limit=1e9, dispersion=dispersion)
    mean, y = found.expected, counts[150:]

    def likelihood(rise, start):
        m = mean[start:] * np.exp(rise)
        if not dispersion:
            return poisson.logpmf(y[start:], m).sum()
        size = 1 / dispersion
        return nbinom.logpmf(y[start:], size, size / (size + m)).sum()

    best = max(
        likelihood(0, start) * -1
        - minimize_scalar(
            lambda rise, start=start: -likelihood(rise, start), bounds=(0, 3), method="bounded"
        ).fun
        for start in range(4)
    )
    assert found.statistic[-1] == pytest.approx(best, rel=1e-4)


def test_the_expected_wave_follows_the_season_and_the_path_forgets_after_an_alarm():
    weeks = np.arange(260)
    season = np.round(20 + 15 * np.cos(2 * np.pi * weeks / 52))
    season[210:213] *= 4
    found = glr(season, range(208, 220))
    assert list(np.flatnonzero(found.alarm == 1)) == [2, 3, 4]
    assert found.expected[0] > 1.5 * found.expected[11]
    assert found.statistic[5] < 5


def test_the_first_farrington_uses_the_same_season_only():
    found = farrington(COUNTS, [300], b=2, reweight=False, alpha=0.05)
    y = np.r_[COUNTS[193:200], COUNTS[245:252]]
    mean = y.mean()
    dispersion = max(1, ((y - mean) ** 2 / mean).sum() / 13)
    wide = dispersion + dispersion * mean / 14 / mean
    spread = np.sqrt(4 / 9 * mean ** (1 / 3) * wide)
    bound = (mean ** (2 / 3) + norm.ppf(0.975) * spread) ** 1.5
    assert found.expected[0] == pytest.approx(mean)
    assert found.upper[0] == pytest.approx(bound)


JUDGES = {
    "bayes": lambda y, at: bayes(y, at, b=1),
    "rki": lambda y, at: rki(y, at, b=1),
    "cdc": lambda y, at: cdc(y, at, b=1),
    "rossi": cusum,
    "standard": lambda y, at: cusum(y, at, transform="standard"),
    "glr": glr,
    "glr negative binomial": lambda y, at: glr(y, at, dispersion=0.2),
    "outbreak_p": outbreak_p,
    "farrington": lambda y, at: farrington(y, at, b=1),
}
series = st.one_of(
    st.lists(st.integers(0, 3), min_size=70, max_size=75),
    st.lists(st.integers(0, 10**5), min_size=1, max_size=75),
    st.integers(0, 50).map(lambda n: [n] * 70),
)


@settings(max_examples=30, deadline=None)
@given(series)
@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES.keys())
def test_any_series_is_judged_or_said_to_be_too_short(judge, counts):
    found = judge(counts, range(max(0, len(counts) - 12), len(counts)))
    assert set(found.alarm.tolist()) <= {-1, 0, 1}
    known = found.alarm >= 0
    assert not np.isnan(found.upper[known]).any()


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES.keys())
def test_a_week_without_a_number_is_refused(judge):
    with pytest.raises(ValueError, match="counts"):
        judge([1.0, np.nan, 2.0], [2])


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES.keys())
def test_several_series_are_judged_as_each_alone(judge):
    many = np.random.default_rng(12).poisson(3, (3, 150))
    together = judge(many, range(140, 150))
    for place, one in enumerate(many):
        np.testing.assert_allclose(together.upper[place], judge(one, range(140, 150)).upper)
        np.testing.assert_array_equal(
            together.of_series(place).alarm, judge(one, range(140, 150)).alarm
        )


@pytest.mark.data
@pytest.mark.parametrize(
    ("method", "judge"),
    [
        ("Bayes_b2_w6_alpha0.05", lambda y, at: bayes(y, at, b=2)),
        ("RKI_b2_w6_actY", lambda y, at: rki(y, at, b=2)),
        ("CUSUM_k1.04_h2.26_rossi", cusum),
        ("CUSUM_k1.04_h2.26_standard", lambda y, at: cusum(y, at, transform="standard")),
        ("Farrington_b2", lambda y, at: farrington(y, at, b=2)),
        ("Farrington_b4", lambda y, at: farrington(y, at, b=4)),
    ],
)
def test_bounds_and_alarms_equal_those_of_r(method, judge):
    compared = 0
    for one in answers(method):
        found = judge(one.counts, one.at)
        # R tells no bound of a week that Farrington's rule of five cases holds back.
        told = one.upper > 0
        np.testing.assert_allclose(found.upper[told], one.upper[told], rtol=0, atol=1e-9)
        np.testing.assert_array_equal(found.alarm, one.alarm)
        compared += len(one.at)
    assert compared > 100
