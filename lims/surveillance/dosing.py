"""Amounts of one substance in one product line, judged against the year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lims.surveillance import methods
from lims.surveillance.counting import Key
from lims.surveillance.detectors import benjamini_hochberg
from lims.surveillance.judging import Verdict

REACH = methods.DOSE.reach
"""Weeks of amounts that go in."""


class Amounts(Protocol):
    """What is judged: amounts week by week, in one unit and expression."""

    @property
    def key(self) -> Key: ...
    @property
    def unit(self) -> str: ...
    @property
    def expressed_as(self) -> str: ...
    @property
    def weeks(self) -> Sequence[Sequence[float]]: ...


@dataclass(frozen=True)
class JudgedDoses:
    """The verdict on one run of amounts, and what went in."""

    doses: Amounts
    verdict: Verdict
    inputs: dict[str, Any]


def judge_doses(listed: Sequence[Amounts]) -> list[JudgedDoses]:
    """Judge the last week of every run of amounts, corrected for the number of tests."""
    found = [JudgedDoses(one, Verdict(), inputs_of(one)) for one in listed]
    p = np.full(len(found), np.nan)
    for place, one in enumerate(found):
        one.verdict.silent = _silence(one.doses)
        if not one.verdict.silent:
            parameters = dict(methods.DOSE.parameters)
            one.verdict.judged = methods.judge_doses(parameters, one.inputs["values"])
            if one.verdict.judged["p"] is not None:
                p[place] = float(one.verdict.judged["p"])
    kept = benjamini_hochberg(p, methods.FALSE_DISCOVERIES)
    for place, one in enumerate(found):
        if not one.verdict.silent and one.verdict.judged["alarm"] == 1:
            one.verdict.kept = bool(kept[place])
    return found


def inputs_of(doses: Amounts) -> dict[str, Any]:
    """Return what goes into the method as plain values."""
    return {
        "values": [list(week) for week in doses.weeks],
        "unit": doses.unit,
        "expressed_as": doses.expressed_as,
    }


def _silence(doses: Amounts) -> str:
    if not methods.offered(methods.DOSE):
        return "absent"
    now = sum(len(week) for week in doses.weeks[-methods.WINDOW :])
    before = sum(len(week) for week in doses.weeks[: -methods.WINDOW])
    too_few = now < methods.LEAST_DOSES or before < methods.DOSE.least_history
    return "doses" if too_few else ""
