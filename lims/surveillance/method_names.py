"""Names of methods as comparisons with R write them: the family, then one part per parameter.

`FarringtonFlexible_delta_noPeriods10_b4_w3_alpha0.01` is the flexible method of Farrington with
four years, three weeks on either side, ten periods and the delta bound. A name that says something
that is not offered gets the reason in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lims.surveillance import detectors
from lims.surveillance.detectors import Detection

Counts = NDArray[np.float64]
Judge = Callable[[Counts, NDArray[np.int64], Any], Detection]

NOT_OFFERED = {
    "boda": "needs Bayesian computing with INLA, which no package of ours brings",
    "hmm": "a hidden Markov model fitted anew each week: the fit ends where its optimiser happens"
    " to end, so that neither we nor R could repeat it",
}
# Parts that are a number behind letters.
NUMBER = re.compile(r"(alpha|noPeriods|minSigma|np|OR|a|b|c|h|k|m|w)(\d+(?:\.\d+)?(?:e-?\d+)?)")
LONG_NAMES = {"a": "alpha", "np": "noPeriods"}
# How few cases hold an alarm back: the comparisons switched the rule off for the flexible method.
ALL_ALARM, FIVE_IN_FOUR = (0, 4), (5, 4)


class NotOffered(Exception):
    """A method or parameter that the product has not; its text is the reason."""


def judge_of(name: str) -> Judge:
    """Return the detector with the parameters that a name says, or raise NotOffered."""
    family, *parts = name.split("_")
    numbers: dict[str, float] = {}
    words: set[str] = set()
    for part in parts:
        found = NUMBER.fullmatch(part)
        if found:
            numbers[LONG_NAMES.get(found[1], found[1])] = float(found[2])
        else:
            words.add(part)
    if family.lower() in NOT_OFFERED:
        raise NotOffered(NOT_OFFERED[family.lower()])
    if family.lower() not in FAMILIES:
        raise NotOffered("no detector of this name")
    function, takes, fixed = FAMILIES[family.lower()](words)
    unknown = [*(words - SAID.get(family.lower(), set())), *(set(numbers) - set(takes))]
    if unknown:
        raise NotOffered(f"parameter not known: {', '.join(sorted(unknown))}")
    chosen = {
        takes[key]: int(value) if takes[key] in WHOLE else value for key, value in numbers.items()
    }

    def judge(y: Counts, at: NDArray[np.int64], dates: Any) -> Detection:
        return function(y, at, **{**fixed, **chosen})

    return judge


WHOLE = {"b", "w", "m", "periods", "baseline"}
SAID = {
    "ears": {"C1", "C2", "C3"},
    "farringtonflexible": {"delta", "nbPlugin", "muan"},
    "ff": {"delta", "nbPlugin", "muan"},
    "cusum": {"rossi", "standard"},
    "bayes": {"actY"},
    "rki": {"actY"},
}
Family = tuple[Callable[..., Detection], Mapping[str, str], Mapping[str, Any]]


def _one_of(words: set[str], family: str) -> str:
    chosen = words & SAID[family]
    if len(chosen) != 1:
        raise NotOffered(f"none of {', '.join(sorted(SAID[family]))} named")
    return chosen.pop()


def _ears(words: set[str]) -> Family:
    takes = {"alpha": "alpha", "b": "baseline", "minSigma": "min_sigma"}
    return detectors.ears, takes, {"method": _one_of(words, "ears")}


def _flexible(words: set[str]) -> Family:
    takes = {"alpha": "alpha", "b": "b", "w": "w", "noPeriods": "periods"}
    fixed = {"threshold_method": _one_of(words, "farringtonflexible"), "limit54": ALL_ALARM}
    return detectors.farrington_flexible, takes, fixed


def _first_farrington(words: set[str]) -> Family:
    takes = {"alpha": "alpha", "b": "b", "w": "w"}
    return detectors.farrington, takes, {"limit54": FIVE_IN_FOUR}


def _cusum(words: set[str]) -> Family:
    return detectors.cusum, {"k": "k", "h": "h"}, {"transform": _one_of(words, "cusum")}


def _bayes(words: set[str]) -> Family:
    # The names of this method do not say it: R was asked with the current year.
    return detectors.bayes, {"alpha": "alpha", "b": "b", "w": "w"}, {"current_year": True}


def _rki(words: set[str]) -> Family:
    return detectors.rki, {"b": "b", "w": "w"}, {"current_year": "actY" in words}


FAMILIES: dict[str, Callable[[set[str]], Family]] = {
    "ears": _ears,
    "farringtonflexible": _flexible,
    "ff": _flexible,
    "farrington": _first_farrington,
    "cusum": _cusum,
    "bayes": _bayes,
    "rki": _rki,
    "cdc": lambda words: (detectors.cdc, {"alpha": "alpha", "b": "b", "m": "m"}, {}),
    "outbreakp": lambda words: (detectors.outbreak_p, {"k": "limit"}, {}),
    "glrpoisson": lambda words: (detectors.glr, {"c": "limit"}, {}),
    "glrnegativebinomial": lambda words: (
        detectors.glr,
        {"c": "limit", "alpha": "dispersion"},
        {},
    ),
}

# The parameters that the package epysurv gives when it is told none, by the name of its method.
EPYSURV: dict[str, Judge] = {
    "EarsC1": lambda y, at, dates: detectors.ears(y, at, method="C1"),
    "EarsC2": lambda y, at, dates: detectors.ears(y, at, method="C2"),
    "EarsC3": lambda y, at, dates: detectors.ears(y, at, method="C3"),
    "FarringtonFlexible": lambda y, at, dates: detectors.farrington_flexible(
        *(y, at),
        dates=dates,
        b=3,
        periods=1,
        threshold_method="delta",
        p_threshold_trend=0.05,
        alpha=0.01,
    ),
    "Farrington": lambda y, at, dates: detectors.farrington(y, at, b=3, dates=dates),
    "Bayes": lambda y, at, dates: detectors.bayes(y, at),
    "RKI": lambda y, at, dates: detectors.rki(y, at, b=0),
    "Cusum": lambda y, at, dates: detectors.cusum(y, at, transform="standard"),
    "CDC": lambda y, at, dates: detectors.cdc(y, at, alpha=0.001),
    "OutbreakP": lambda y, at, dates: detectors.outbreak_p(y, at),
    "GLRPoisson": lambda y, at, dates: detectors.glr(y, at),
    "GLRNegativeBinomial": lambda y, at, dates: detectors.glr(y, at),
}


def epysurv_judge(name: str) -> Judge:
    """Return the detector of a method of epysurv with its defaults, or raise NotOffered."""
    if name in EPYSURV:
        return EPYSURV[name]
    raise NotOffered(NOT_OFFERED.get(name.lower(), "no detector of this name"))
