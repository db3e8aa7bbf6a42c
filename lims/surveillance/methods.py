"""The methods of the watch in their order of trust, each with its parameters and its patience.

Parameters are those of the methods' papers and of R `surveillance` (see each detector); none was
tuned on data. A method that has too little history is silent, and says why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lims.foundation.words import Message, _
from lims.surveillance import mixes
from lims.surveillance.counting import Counts
from lims.surveillance.detectors import DETECTORS, Detection

WINDOW = 4
"""Weeks that are judged together."""
LEAST_SAMPLES = 2
"""One sample is a danger rule's or a first sighting's matter, never a statistic."""
FALSE_DISCOVERIES = 0.05
"""Share of false ones among what is kept of many tests (Benjamini and Hochberg)."""
CUSUM_PATH, CUSUM_BEFORE = 26, 104
"""Weeks of the path of a slow rise, and of the two years before it that say what is usual."""


@dataclass(frozen=True)
class Method:
    """One method: its detector, how much history it needs, and its parameters.

    `fresh` are the last weeks of which only what came in time is judged; `reach` the weeks that go
    in (0: all). `raises` False: it is shown beside others and never raises a signal by itself.
    """

    key: str
    detector: str
    fresh: int
    least_weeks: int
    least_history: int
    name: Message
    parameters: Mapping[str, Any] = field(default_factory=dict)
    reach: int = 0
    raises: bool = True


BETA_BINOMIAL = Method(
    key="beta-binomial",
    detector="beta_binomial",
    fresh=WINDOW,
    least_weeks=12 + WINDOW,
    least_history=30,
    reach=52 + WINDOW,
    name=_("beta-binomial, four weeks"),
    parameters={"window": WINDOW, "history": 52, "prior": [0.5, 0.5], "alpha": 0.01},
)
CUSUM = Method(
    key="binomial-cusum",
    detector="binomial_cusum",
    fresh=CUSUM_PATH,
    least_weeks=52 + CUSUM_PATH,
    least_history=100,
    reach=CUSUM_BEFORE + CUSUM_PATH,
    name=_("slow rise, CUSUM"),
    parameters={"odds_ratio": 1.5, "limit": 5.0},
)
FARRINGTON = Method(
    key="farrington-flexible",
    detector="farrington_flexible",
    fresh=1,
    least_weeks=3 * 52 + 8,
    least_history=0,
    name=_("Farrington flexible, with the season"),
    parameters={
        **{"w": 3, "periods": 10, "weights_threshold": 2.58, "past_weeks_not_included": 26},
        **{"p_threshold_trend": 1.0, "threshold_method": "nbPlugin", "alpha": 0.005},
        **{"limit54": [5, 4], "trend": True},
    },
)
LOOKED = 0.5
"""Share of the weeks in which anything was analysed, below which there is no season to speak of."""
# Burkom suggests a least spread of 0.5 or 1 for sparse series (help page of R surveillance, earsC).
EARS = tuple(
    Method(
        key=f"ears-{name.lower()}",
        detector="ears",
        fresh=fresh,
        least_weeks=14,
        least_history=0,
        reach=16,
        name=_("EARS %(name)s", name=name),
        parameters={"method": name, "baseline": 7, "alpha": 0.001, "min_sigma": 0.5},
        raises=False,
    )
    for name, fresh in (("C1", 1), ("C2", 1), ("C3", 3))
)
DOSE = Method(
    key="dose-drift",
    detector="dose_drift",
    fresh=WINDOW,
    least_weeks=12 + WINDOW,
    least_history=20,
    reach=52 + WINDOW,
    name=_("dose, four weeks"),
    parameters={"window": WINDOW, "history": 52, "alpha": 0.01},
)
LEAST_DOSES = 5
"""Amounts in the window: fewer are one batch."""

SHARES = (BETA_BINOMIAL, CUSUM, FARRINGTON, *EARS)
"""What judges shares and counts, in the order of trust."""
ALL = (*SHARES, DOSE)
BY_KEY: Mapping[str, Method] = {one.key: one for one in ALL}

NOTHING = 0.01
"""Population of a week without a sample: near to none, so that it says nothing of the share."""

Judged = dict[str, float | int | None]


def offered(method: Method) -> bool:
    """Tell whether the detectors of this program include the method's."""
    return method.detector in DETECTORS


def parameters_of(method: Method, weeks: int) -> dict[str, Any]:
    """Return the parameters for a series of so many weeks, as they are kept with a signal."""
    given = dict(method.parameters)
    if method is FARRINGTON:
        given["b"] = max(3, min(5, (weeks - given["w"] - 1) // 52))
    return given


def judge(
    method: Method, parameters: Mapping[str, Any], positives: Counts, totals: Counts
) -> Detection:
    """Judge the last week of one series, or of many at once (series × weeks)."""
    function, last = DETECTORS[method.detector].function, positives.shape[-1] - 1
    given = {name: _plain(value) for name, value in parameters.items()}
    if method is BETA_BINOMIAL:
        return function(positives, totals, [last], **given)
    if method is CUSUM:
        path = np.arange(max(last + 1 - CUSUM_PATH, 0), last + 1)
        usual = usual_share(positives, totals)
        return function(positives, totals, path, p0=usual, **given)
    if method is FARRINGTON:
        return function(positives, [last], population=np.maximum(totals, NOTHING), **given)
    return function(positives, [last], **given)


def usual_share(positives: Counts, totals: Counts) -> NDArray[np.float64]:
    """Return the share before the path of the CUSUM, with half a case and one sample added.

    Jeffreys' prior keeps it away from 0 and 1, where a ratio of likelihoods has no meaning.
    """
    y = positives[..., :-CUSUM_PATH].sum(axis=-1)
    n = totals[..., :-CUSUM_PATH].sum(axis=-1)
    return np.asarray((y + 0.5) / (n + 1.0))


def told(method: Method, detection: Detection, place: int | None = None) -> Judged:
    """Return what a detection says of its last week as plain values; nan becomes None."""
    one = detection if place is None else detection.of_series(place)
    p = float(one.p_value[-1])
    if method is CUSUM:
        p = chance_of_path(float(one.statistic[-1]))
    return {
        "alarm": int(one.alarm[-1]),
        "upper": _number(one.upper[-1]),
        "expected": _number(one.expected[-1]),
        "statistic": _number(one.statistic[-1]),
        "p": _number(p),
    }


def chance_of_path(value: float) -> float:
    """Return an upper bound of the chance that a quiet CUSUM stands as high: exp(-value).

    Seen backwards from the judged week, the likelihood ratio is a martingale of mean 1, and the
    CUSUM its largest logarithm: Ville's inequality (Étude critique, 1939).
    """
    return math.exp(-max(value, 0.0))


def judge_doses(parameters: Mapping[str, Any], values: Sequence[Sequence[float]]) -> Judged:
    """Judge the last week of the amounts of one substance in one product line."""
    amounts = [np.asarray(week, np.float64) for week in values]
    function = DETECTORS[DOSE.detector].function
    return told(DOSE, function(amounts, [len(amounts) - 1], **parameters))


def silence(method: Method, positives: Counts, totals: Counts, since: int) -> str:
    """Return why a method says nothing of a series: its code, or nothing when it can."""
    weeks = positives.shape[-1] - since
    if weeks < method.least_weeks:
        return "weeks"
    if method is FARRINGTON and (totals[since:] > 0).mean() < LOOKED:
        return "samples"
    before = totals[: -method.fresh] if method.fresh else totals
    if before[-method.reach or None :].sum() < method.least_history:
        return "samples"
    return ""


SILENT: Mapping[str, Message] = {
    "weeks": _("too few weeks of history"),
    "samples": _("too few samples before"),
    "doses": _("too few amounts measured"),
    "absent": _("not offered by this program"),
}


def computed(
    algorithm: str, parameters: Mapping[str, Any], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Compute again from what was kept with a signal; the mix where services were kept."""
    method = BY_KEY[algorithm]
    if method is DOSE:
        return dict(judge_doses(parameters, inputs["values"]))
    positives, totals = (np.asarray(inputs[name], np.int64) for name in ("positives", "totals"))
    found = dict(told(method, judge(method, parameters, positives, totals)))
    if "services" in inputs:
        return {**found, "mix": mixes.judged(inputs["services"])}
    return found


def windows(method: Method) -> tuple[int, int]:
    """Return the weeks of now and of before between which services are compared."""
    now = max(method.fresh, WINDOW)
    return now, method.reach - method.fresh if method.reach else 52


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
