"""All series judged by all methods in one run, corrected for the number of tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lims.surveillance import methods
from lims.surveillance.counting import Counts, Key, Series
from lims.surveillance.detectors import benjamini_hochberg
from lims.surveillance.methods import Judged, Method


@dataclass
class Verdict:
    """What one method says of the judged week of one series.

    `kept`: an alarm that stands after the correction for many tests, of two samples or more.
    """

    judged: Judged = field(default_factory=dict)
    silent: str = ""
    kept: bool = False

    def told(self) -> dict[str, Any]:
        return {"silent": self.silent} if self.silent else {**self.judged, "kept": self.kept}


@dataclass
class Judgement:
    """All verdicts of one week: method → one for each series, in the order of the series."""

    week: int
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)

    def of_series(self, place: int) -> dict[str, Verdict]:
        return {method: listed[place] for method, listed in self.verdicts.items()}


def judge_all(series: Sequence[Series], week: int) -> Judgement:
    """Judge one week of every series by every method that judges shares and counts."""
    found = Judgement(week)
    for method in methods.SHARES:
        if not methods.offered(method):
            found.verdicts[method.key] = [Verdict(silent="absent") for _one in series]
            continue
        verdicts = [Verdict() for _one in series]
        _judge(method, series, week, verdicts)
        _correct(method, series, week, verdicts)
        found.verdicts[method.key] = verdicts
    return found


def numbers_for(method: Method, one: Series, week: int) -> tuple[Counts, Counts]:
    """Return what goes into a method: the weeks that it reaches, late rows left out at the end."""
    positives, totals = one.mixed(week, method.fresh)
    if method.reach:
        return positives[-method.reach :], totals[-method.reach :]
    return positives, totals


def _judge(
    method: Method,
    series: Sequence[Series],
    week: int,
    verdicts: list[Verdict],
) -> None:
    """Judge together the series that go in with the same parameters."""
    groups: dict[int, list[int]] = {}
    numbers = {}
    for place, one in enumerate(series):
        since = min(one.since(), week + 1)
        positives, totals = one.mixed(week, method.fresh)
        verdicts[place].silent = methods.silence(method, positives, totals, since)
        if not verdicts[place].silent:
            numbers[place] = numbers_for(method, one, week)
            weeks = week + 1 - since if method is methods.FARRINGTON else 0
            groups.setdefault(_years(method, weeks), []).append(place)
    for years, places in groups.items():
        parameters = methods.parameters_of(method, years)
        positives = np.stack([numbers[place][0] for place in places])
        totals = np.stack([numbers[place][1] for place in places])
        detection = methods.judge(method, parameters, positives, totals)
        for row, place in enumerate(places):
            verdicts[place].judged = methods.told(method, detection, row)


def _years(method: Method, weeks: int) -> int:
    """Return weeks rounded to what changes the parameters: one group for each number of years."""
    if method is not methods.FARRINGTON:
        return 0
    b = methods.parameters_of(method, weeks)["b"]
    return int(b) * 52 + 4


def _correct(
    method: Method, series: Sequence[Series], week: int, verdicts: Sequence[Verdict]
) -> None:
    """Keep the alarms that mean something among so many tests (Benjamini and Hochberg)."""
    p: NDArray[np.float64] = np.full(len(verdicts), np.nan)
    for place, verdict in enumerate(verdicts):
        if not verdict.silent and verdict.judged["p"] is not None:
            p[place] = verdict.judged["p"]
    kept = benjamini_hochberg(p, methods.FALSE_DISCOVERIES) if len(p) else p
    begin = max(week + 1 - methods.WINDOW, 0)
    for place, verdict in enumerate(verdicts):
        if verdict.silent or verdict.judged["alarm"] != 1:
            continue
        enough = series[place].timely[begin : week + 1].sum() >= methods.LEAST_SAMPLES
        verdict.kept = bool(enough and (kept[place] or np.isnan(p[place])))


@dataclass(frozen=True)
class Alarm:
    """One method in alarm on one series."""

    key: Key
    method: Method
    judged: Judged
    place: int = -1

    @property
    def trust(self) -> tuple[int, float]:
        p = self.judged["p"]
        return methods.ALL.index(self.method), 1.0 if p is None else float(p)


def alarms_of(series: Sequence[Series], judgement: Judgement) -> list[Alarm]:
    """Return every alarm that stands, EARS included."""
    return [
        Alarm(one.key, methods.BY_KEY[name], verdict.judged, place)
        for place, one in enumerate(series)
        for name, verdict in judgement.of_series(place).items()
        if verdict.kept
    ]


@dataclass(frozen=True)
class Rise:
    """One matter: the alarm that is trusted most, and what else says the same."""

    best: Alarm
    supporting: tuple[Alarm, ...]


def rises(alarms: Sequence[Alarm]) -> list[Rise]:
    """Return one rise for each substance of an origin, or one for each region where it rises.

    When the whole network rises, its regions are part of that. EARS supports and never leads.
    """
    matters: dict[tuple[str, str, str], list[Alarm]] = {}
    wide = {
        (one.key.origin, str(one.key.substance))
        for one in alarms
        if one.method.raises and not one.key.region
    }
    for one in alarms:
        name = (one.key.origin, str(one.key.substance))
        region = "" if name in wide else one.key.region
        matters.setdefault((*name, region), []).append(one)
    found = []
    for (_origin, _substance, region), listed in sorted(matters.items()):
        leading = [one for one in listed if one.method.raises and one.key.region == region]
        if leading:
            best = min(leading, key=lambda one: (*one.trust, str(one.key)))
            rest = tuple(sorted((o for o in listed if o is not best), key=lambda o: o.trust))
            found.append(Rise(best, rest))
    return found


def leading(rise: Rise) -> list[Rise]:
    """Return a rise as each of its alarms that may lead would tell it, the most trusted first."""
    alarms = (rise.best, *rise.supporting)
    return [
        Rise(one, tuple(other for other in alarms if other is not one))
        for one in alarms
        if one.method.raises
    ]
