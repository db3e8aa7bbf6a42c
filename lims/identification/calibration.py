"""From scores to likelihood ratios: logistic regression on a network's own confirmed samples.

Each confirmed list gives its confirmed candidates (right) and its best rival (wrong). The fit is
logistic in score and gap, by Newton's method with a ridge, so that separated data stay finite;
the log-odds less the log-odds of the examples are the log-likelihood ratio (Morrison, Aust J
Forensic Sci 2013). No ratio may exceed what n samples carry: n + 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lims.foundation.errors import Refused
from lims.foundation.shares import wilson
from lims.foundation.words import _

ALGORITHM_VERSION = "logistic-ridge-1"
FEWEST = 50
RIDGE = 1.0
FOLDS = 5
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_STEPS, _NEARLY = 100, 1e-10
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """A candidate of a list on a confirmed sample: its score, its lead over the best other one."""

    sample: str
    score: float
    gap: float
    right: bool
    #: stands first on its list, so that the default ratio speaks for it
    first: bool = False


@dataclass(frozen=True)
class Coefficients:
    """A fitted calibration; score and gap are centred and scaled before they are weighed."""

    intercept: float
    score: float
    gap: float
    score_centre: float
    score_width: float
    gap_centre: float
    gap_width: float
    #: log-odds of right among the examples, taken off again
    log_odds: float
    #: greatest log-likelihood ratio that the samples carry: ln(n + 1)
    bound: float

    def log_ratio(self, score: float, gap: float) -> float:
        """Return the log-likelihood ratio of a score and gap, within the bound."""
        return max(-self.bound, min(self.bound, self.logit(score, gap) - self.log_odds))

    def logit(self, score: float, gap: float) -> float:
        """Return the fitted log-odds."""
        near = (score - self.score_centre) / self.score_width
        lead = (gap - self.gap_centre) / self.gap_width
        return self.intercept + self.score * near + self.gap * lead

    def as_document(self) -> dict[str, float]:
        """Return the coefficients as a record keeps them."""
        return asdict(self)


def coefficients_of(document: Mapping[str, float]) -> Coefficients:
    """Return the coefficients that a record keeps."""
    return Coefficients(**document)


def samples_in(examples: Sequence[Example]) -> int:
    """Return how many confirmed samples the examples come from."""
    return len({one.sample for one in examples})


def refuse_too_few(examples: Sequence[Example]) -> None:
    """Raise Refused below 50 confirmed samples, or without both right and wrong candidates."""
    n = samples_in(examples)
    if n < FEWEST:
        words = _(
            "Confirmed samples: %(n)s. A calibration needs %(fewest)s; the default stays in use.",
            n=n,
            fewest=FEWEST,
        )
        raise Refused(words)
    if len({one.right for one in examples}) < 2:
        raise Refused(_("There is nothing to tell apart: no list has a rival candidate."))


def fit(examples: Sequence[Example]) -> Coefficients:
    """Fit a calibration; raises Refused below 50 confirmed samples."""
    refuse_too_few(examples)
    return _fit(examples, samples_in(examples))


def _fit(examples: Sequence[Example], samples: int) -> Coefficients:
    scores = np.array([one.score for one in examples])
    gaps = np.array([one.gap for one in examples])
    right = np.array([one.right for one in examples], dtype=np.float64)
    middles = [float(column.mean()) for column in (scores, gaps)]
    widths = [float(column.std()) or 1.0 for column in (scores, gaps)]
    design = np.column_stack(
        (np.ones_like(right), (scores - middles[0]) / widths[0], (gaps - middles[1]) / widths[1])
    )
    weights = newton(design, right)
    # Half an example of each kind keeps the log-odds finite in every fold.
    odds = (right.sum() + 0.5) / (len(right) - right.sum() + 0.5)
    return Coefficients(
        intercept=float(weights[0]),
        score=float(weights[1]),
        gap=float(weights[2]),
        score_centre=middles[0],
        score_width=widths[0],
        gap_centre=middles[1],
        gap_width=widths[1],
        log_odds=log(float(odds)),
        bound=log(samples + 1),
    )


def newton(design: Array, right: Array, ridge: float = RIDGE) -> Array:
    """Return the weights of a ridge logistic regression; the first column is not penalised much."""
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = ridge * 1e-3
    weights = np.zeros(design.shape[1])
    for _step in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -500, 500)))
        slope = design.T @ (right - chance) - penalty * weights
        spread = chance * (1 - chance)
        bend = (design * spread[:, None]).T @ design + np.diag(penalty)
        change = np.linalg.solve(bend, slope)
        weights = weights + change * min(1.0, 5.0 / max(float(np.abs(change).max()), 1e-300))
        if float(np.abs(change).max()) < _NEARLY:
            break
    return np.asarray(weights, dtype=np.float64)


def log_loss(chances: Array, right: Array) -> float:
    """Return the mean of -ln of the chance that was given to what turned out true."""
    kept = np.clip(chances, 1e-12, 1 - 1e-12)
    return float(-(right * np.log(kept) + (1 - right) * np.log(1 - kept)).mean())


def reliability(examples: Sequence[Example], default: float | None) -> dict[str, Any]:
    """Return how the calibration would have done on samples that it had not seen (five folds).

    `default` is the stated likelihood ratio; without one the technique is neutral.
    """
    right = np.array([one.right for one in examples], dtype=np.float64)
    chances = _unseen(examples)
    odds = log(float((right.sum() + 0.5) / (len(right) - right.sum() + 0.5)))
    said = log(default) if default else 0.0
    plain = np.array([_chance(odds + (said if one.first else 0.0)) for one in examples])
    return {
        "log_loss": round(log_loss(chances, right), 4),
        "log_loss_default": round(log_loss(plain, right), 4),
        "table": _table(chances, right),
    }


def _unseen(examples: Sequence[Example]) -> Array:
    """Return the chance of each example from a fit without the samples of its own fold."""
    places = {key: place for place, key in enumerate(sorted({one.sample for one in examples}))}
    folds = np.array([places[one.sample] % FOLDS for one in examples])
    chances = np.empty(len(examples))
    for fold in range(FOLDS):
        others = [one for one, mine in zip(examples, folds, strict=True) if mine != fold]
        found = _fit(others, max(1, samples_in(others)))
        for place in np.flatnonzero(folds == fold):
            one = examples[int(place)]
            ratio = found.log_ratio(one.score, one.gap)
            chances[place] = _chance(ratio + found.log_odds)
    return chances


def _chance(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def _table(chances: Array, right: Array) -> list[dict[str, Any]]:
    rows = []
    for low, high in pairwise(EDGES):
        inside = (chances >= low) & ((chances < high) | (high == EDGES[-1]))
        n, hits = int(inside.sum()), int(right[inside].sum())
        interval = wilson(hits, n)
        rows.append(
            {
                "from": low,
                "to": high,
                "n": n,
                "said": round(float(chances[inside].mean()), 3) if n else None,
                "was": round(hits / n, 3) if n else None,
                "was_ci": [round(interval[0], 3), round(interval[1], 3)],
            }
        )
    return rows
