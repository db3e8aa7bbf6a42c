"""A share over a rolling window against the weeks before it, from the first months on.

History: y0 of n0 samples in up to `history` weeks before the window. With the prior Beta(a, b) the
share is Beta(a + y0, b + n0 - y0), and the number of positives in the N samples of the window has
the beta-binomial distribution (Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, ch. 2). The p
value is P(Y >= y); a week alarms at p <= alpha. The bound is the largest share that would not
alarm; expected is the mean of the posterior.

When to trust it: right with few weeks and few samples, because it knows how little it knows. It
takes the weeks of the history as one: a season or a slow trend looks like a change, and an
outbreak in the history hides the next one. Windows overlap, so weeks are not independent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, betaln

from lims.surveillance.detectors.detection import (
    Detection,
    Floats,
    Weeks,
    checked_parts,
    checked_share,
    checked_weeks,
    checked_whole,
    judged,
)

PRIOR = (0.5, 0.5)
# A sum of probabilities ends where the next one no longer changes it.
NEGLIGIBLE = 1e-17


def beta_binomial(
    positives: ArrayLike,
    totals: ArrayLike,
    at: ArrayLike,
    *,
    window: int = 4,
    history: int = 52,
    prior: tuple[float, float] = PRIOR,
    alpha: float = 0.01,
) -> Detection:
    """Judge the share of the `window` weeks that end with each asked week."""
    y, n = checked_parts(positives, totals)
    if (y % 1).any() or (n % 1).any():
        raise ValueError("positives, totals: whole numbers of samples")
    weeks = checked_weeks(at, y.shape[-1])
    window, history = checked_whole(window, "window"), checked_whole(history, "history")
    checked_share(alpha, "alpha")
    begin = np.maximum(weeks - window + 1, 0)
    oldest = np.maximum(begin - history, 0)
    now, size = _summed(y, begin, weeks + 1), _summed(n, begin, weeks + 1)
    a, b = _posterior(_summed(y, oldest, begin), _summed(n, oldest, begin), prior)
    known = (weeks >= window) & (_summed(n, oldest, begin) > 0) & (size > 0)
    p = upper_tail(now, size, a, b)
    share = np.divide(now, size, out=np.full(size.shape, np.nan), where=size > 0)
    bound = np.divide(
        critical_number(size, a, b, alpha) - 1, size, out=np.full(size.shape, np.nan), where=known
    )
    return judged(
        weeks,
        size.shape,
        upper=bound,
        alarm=p <= alpha,
        known=known,
        expected=np.where(known, a / (a + b), np.nan),
        statistic=share,
        p_value=np.where(known, p, np.nan),
    )


def detectable_change(
    positives: ArrayLike,
    total: ArrayLike,
    *,
    weeks: int = 4,
    alpha: float = 0.01,
    power: float = 0.8,
    history: int = 52,
) -> float | None:
    """Return the smallest share that `weeks` weeks at this volume would show; None if none would.

    `positives` and `total` are weekly numbers of the history, or their sums over `history` weeks.
    A share is shown when the detector alarms with probability `power` or more.
    """
    y, n = checked_parts(np.atleast_1d(positives), np.atleast_1d(total))
    length = n.size if np.ndim(total) else checked_whole(history, "history")
    checked_share(power, "power")
    size = np.round(np.asarray([n.sum() * checked_whole(weeks, "weeks") / length]))
    a, b = _posterior(np.asarray([y.sum()]), np.asarray([n.sum()]), PRIOR)
    needed = critical_number(size, a, b, checked_share(alpha, "alpha"))[0]
    if size[0] < 1 or needed > size[0]:
        return None
    # P(at least k of N) at share p is the incomplete beta function I_p(k, N - k + 1).
    return float(betaincinv(needed, size[0] - needed + 1, power))


def upper_tail(y: Floats, size: Floats, a: Floats, b: Floats) -> Floats:
    """Return P(Y >= y) of the beta-binomial distribution."""
    high = y > size * a / (a + b)
    # Summed away from the middle on either side, so that small probabilities keep their digits.
    above = _outwards(np.where(high, y, size + 1), size, a, b)
    below = _outwards(np.where(high, size + 1, size - y + 1), size, b, a)
    return np.clip(np.where(high, above, 1 - below), 0.0, 1.0)


def critical_number(size: Floats, a: Floats, b: Floats, alpha: float) -> Floats:
    """Return the smallest number of positives with P(Y >= number) <= alpha; above size: none."""
    number = np.ceil(size * a / (a + b))
    # In a distribution that leans far to one side the tail is below alpha before its mean.
    while (low := (upper_tail(number, size, a, b) <= alpha) & (number > 0)).any():
        number = np.where(low, np.floor(number / 2), number)
    tail, term = upper_tail(number, size, a, b), _probability(number, size, a, b)
    while (far := (tail > alpha) & (number <= size)).any():
        tail = np.where(far, tail - term, tail)
        term = np.where(far, term * _step(number, size, a, b), term)
        number = np.where(far, number + 1, number)
    return number


def _outwards(start: Floats, size: Floats, a: Floats, b: Floats) -> Floats:
    """Return the sum of the probabilities from `start` up to `size`; 0 where it is beyond."""
    number, term = start.copy(), _probability(start, size, a, b)
    total = term.copy()
    while (term > NEGLIGIBLE * total).any():
        term = term * _step(number, size, a, b)
        number = number + 1
        total = total + term
    return total


def _probability(y: Floats, size: Floats, a: Floats, b: Floats) -> Floats:
    inside = (y >= 0) & (y <= size)
    y = np.where(inside, y, 0.0)
    ways = -np.log1p(size) - betaln(size - y + 1, y + 1)
    found = np.exp(ways + betaln(y + a, size - y + b) - betaln(a, b))
    return np.where(inside, found, 0.0)


def _step(y: Floats, size: Floats, a: Floats, b: Floats) -> Floats:
    """Return P(y + 1) / P(y)."""
    left = np.maximum(size - y, 0.0)
    return left / (y + 1) * (y + a) / np.maximum(left - 1 + b, NEGLIGIBLE)


def _posterior(y: Floats, n: Floats, prior: tuple[float, float]) -> tuple[Floats, Floats]:
    if not (prior[0] > 0 and prior[1] > 0):
        raise ValueError("prior: above 0")
    return prior[0] + y, prior[1] + n - y


def _summed(values: Floats, begin: Weeks, end: Weeks) -> Floats:
    sums = np.concatenate([np.zeros((*values.shape[:-1], 1)), values.cumsum(axis=-1)], axis=-1)
    return np.asarray(sums[..., end] - sums[..., begin])
