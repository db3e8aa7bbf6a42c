from __future__ import annotations

import json
from math import isclose, log

import numpy as np
import pytest

from lims.foundation.errors import Refused
from lims.identification.calibration import (
    FEWEST,
    Example,
    coefficients_of,
    fit,
    newton,
    reliability,
)


def synthetic(n: int, apart: float = 2.0, seed: int = 1) -> list[Example]:
    """Return scores whose true log-likelihood ratio is known: normal, equal widths of 1.

    Right scores have mean `apart`, wrong ones 0, so that ln LR = apart × score - apart² / 2.
    The gap is pure noise.
    """
    chance = np.random.default_rng(seed)
    found = []
    for place in range(n):
        for right in (True, False):
            score = chance.normal(apart if right else 0.0)
            found.append(Example(f"S{place}", score, chance.normal(), right, first=right))
    return found


def test_the_likelihood_ratio_of_synthetic_scores_is_recovered() -> None:
    found = fit(synthetic(4000))
    for score in (-0.5, 0.0, 1.0, 2.0, 2.5):
        assert isclose(found.log_ratio(score, 0.0), 2 * score - 2, abs_tol=0.25)
    assert abs(found.gap) < 0.15  # noise weighs nothing


def test_fewer_than_fifty_confirmed_samples_are_refused() -> None:
    with pytest.raises(Refused):
        fit(synthetic(FEWEST - 1))
    assert fit(synthetic(FEWEST))


def test_several_lists_of_one_sample_do_not_make_more_samples() -> None:
    one = [Example("S1", 1.0, 0.5, True), Example("S1", 0.0, -0.5, False)]
    with pytest.raises(Refused):
        fit(one * 100)


def test_only_right_candidates_teach_nothing() -> None:
    right = [one for one in synthetic(80) if one.right]
    with pytest.raises(Refused):
        fit(right)


def test_perfectly_separated_scores_stay_finite_and_within_the_bound() -> None:
    examples = [
        Example(f"S{place}", 100.0 if right else 0.0, 50.0 if right else -50.0, right, right)
        for place in range(60)
        for right in (True, False)
    ]
    found = fit(examples)
    assert np.isfinite(list(found.as_document().values())).all()
    assert isclose(found.log_ratio(1e9, 1e9), log(61))
    assert isclose(found.log_ratio(-1e9, -1e9), -log(61))
    told = reliability(examples, 5.0)
    assert told["log_loss"] < told["log_loss_default"]


def test_scores_without_any_spread_are_fitted_all_the_same() -> None:
    found = fit([Example(f"S{n}", 7.0, 0.0, right) for n in range(60) for right in (True, False)])
    assert isclose(found.log_ratio(7.0, 0.0), 0.0, abs_tol=0.05)


def test_newton_finds_where_the_slope_is_nothing() -> None:
    chance = np.random.default_rng(2)
    design = np.column_stack((np.ones(300), chance.normal(size=(300, 2))))
    right = (chance.random(300) < 0.5).astype(float)
    weights = newton(design, right)
    fitted = 1 / (1 + np.exp(-design @ weights))
    penalty = np.array([1e-3, 1.0, 1.0])
    assert np.allclose(design.T @ (right - fitted) - penalty * weights, 0, atol=1e-6)


def test_reliability_counts_every_example_once() -> None:
    examples = synthetic(100)
    told = reliability(examples, None)
    assert sum(row["n"] for row in told["table"]) == 200
    assert isclose(told["log_loss_default"], log(2), abs_tol=0.01)  # neutral, half right
    assert told["log_loss"] < 0.5


def test_kept_coefficients_give_the_same_ratios() -> None:
    found = fit(synthetic(60))
    again = coefficients_of(json.loads(json.dumps(found.as_document())))
    assert again.log_ratio(1.3, 0.2) == found.log_ratio(1.3, 0.2)
