"""How far the detectors agree with R: the same series, the same parameters, week by week.

Answers of R stand in a folder of CSV files (`out_NAME.csv` beside `data_NAME.csv`, and the fixtures
of epysurv, `METHOD_pred.csv`). A week that R or the detector cannot judge (NA) is compared as such.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lims.surveillance.detectors import Detection, binomial_cusum, farrington
from lims.surveillance.method_names import NotOffered, epysurv_judge, judge_of

Rows = list[dict[str, str]]
Numbers = NDArray[np.float64]
BINOMIAL = "_binomialCUSUM_"


@dataclass(frozen=True)
class Agreement:
    """One method on one series."""

    method: str
    series: str
    weeks: int = 0
    alarm_disagreements: int = 0
    na_disagreements: int = 0
    max_bound_difference: float | None = None
    #: why it was not compared, in words
    not_offered: str | None = None

    def as_document(self) -> dict[str, Any]:
        """Return what is told of it."""
        told = {key: value for key, value in asdict(self).items() if value is not None}
        if self.not_offered is not None:
            return {"method": self.method, "series": self.series, "not_offered": self.not_offered}
        return {**told, "max_bound_difference": self.max_bound_difference}


def table(path: Path) -> Rows:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbers(rows: Rows, column: str) -> Numbers:
    """Return a column as numbers; nan where it is empty or NA."""
    return np.array([math.nan if row[column] in {"", "NA"} else float(row[column]) for row in rows])


def compared(
    method: str, series: str, found: Detection, alarm: Numbers, upper: Numbers | None
) -> Agreement:
    """Return how far a judgement agrees with R's alarms (nan: NA) and bounds (nan: none)."""
    said, theirs = found.alarm >= 0, ~np.isnan(alarm)
    both = said & theirs
    unequal = both & (found.alarm != np.nan_to_num(alarm))
    missing = said != theirs
    largest = None
    if upper is not None:
        with np.errstate(invalid="ignore"):
            away = np.where(found.upper == upper, 0.0, np.abs(found.upper - upper))
        largest = float(np.nan_to_num(away, posinf=np.inf).max(initial=0.0))
        missing |= np.isnan(found.upper) != np.isnan(upper)
    return Agreement(method, series, alarm.size, int(unequal.sum()), int(missing.sum()), largest)


def with_r(folder: Path) -> Iterator[Agreement]:
    """Compare every method of every `out_*.csv` of a folder."""
    for path in sorted(folder.glob("out_*.csv")):
        if BINOMIAL in path.stem:
            yield _binomial(folder, path)
            continue
        series = path.stem.removeprefix("out_")
        rows = table(path)
        every = folder / f"data_{series}.csv"
        for method in dict.fromkeys(row["method"] for row in rows):
            if not every.exists():
                yield Agreement(method, series, not_offered=f"{every.name} is missing")
                continue
            some = [row for row in rows if row["method"] == method]
            yield _one_method(method, series, numbers(table(every), "observed"), some)


def _one_method(method: str, series: str, counts: Numbers, rows: Rows) -> Agreement:
    at = numbers(rows, "idx").astype(np.int64) - 1
    upper = numbers(rows, "upperbound")
    try:
        found = judge_of(method)(counts, at, None)
    except (NotOffered, ValueError) as reason:
        return Agreement(method, series, not_offered=str(reason))
    if method.startswith("Farrington_"):
        # R writes a bound of 0 for weeks that its rule of few cases holds back: none to compare.
        sums = np.convolve(counts, np.ones(4))[at]
        upper = np.where((upper == 0) & (sums < 5), found.upper, upper)
    return compared(method, series, found, numbers(rows, "alarm"), upper)


def _binomial(folder: Path, path: Path) -> Agreement:
    series, said = path.stem.removeprefix("out_").split(BINOMIAL, 1)
    method = f"binomialCUSUM_{said}"
    every = folder / f"data_{series}.csv"
    parts = {part.rstrip("0123456789."): part for part in said.split("_")}
    if not every.exists() or set(parts) != {"OR", "h"}:
        why = f"{every.name} is missing, or OR and h are not the parameters named"
        return Agreement(method, series, not_offered=why)
    rows, data = table(path), table(every)
    at = numbers(rows, "idx").astype(np.int64) - 1
    found = binomial_cusum(
        numbers(data, "y"),
        numbers(data, "n"),
        at,
        p0=numbers(rows, "p0")[0],
        odds_ratio=float(parts["OR"][2:]),
        limit=float(parts["h"][1:]),
    )
    agreed = compared(method, series, found, numbers(rows, "alarm"), None)
    away = np.abs(found.statistic - numbers(rows, "cusum"))
    return Agreement(
        *(method, series, agreed.weeks, agreed.alarm_disagreements, agreed.na_disagreements),
        max_bound_difference=float(away.max(initial=0.0)),
    )


def with_epysurv(folder: Path) -> Iterator[Agreement]:
    """Compare every `METHOD_pred.csv`: alarms of two years after several of training."""
    paths = sorted(folder.glob("*_pred.csv"))
    training, later = folder / "salmonella_train.csv", folder / "salmonella_test.csv"
    for path in paths:
        method = path.stem.removesuffix("_pred")
        if not (training.exists() and later.exists()):
            yield Agreement(method, "salmonella", not_offered="its series is missing")
            continue
        try:
            judge = epysurv_judge(method)
        except NotOffered as reason:
            yield Agreement(method, "salmonella", not_offered=str(reason))
            continue
        counts, at, dates = _salmonella(training, later)
        alarm = numbers(table(path), "alarm")
        yield compared(method, "salmonella", judge(counts, at, dates), alarm, None)
    path = folder / "farrington_timeseries_predictions.csv"
    if path.exists() and training.exists() and later.exists():
        yield _by_week(path, training, later)


def _salmonella(training: Path, later: Path) -> tuple[Numbers, NDArray[np.int64], list[str]]:
    """Return the counts (of training without outbreak cases), the judged weeks and the dates."""
    before, after = table(training), table(later)
    counts = np.r_[
        numbers(before, "n_cases") - numbers(before, "n_outbreak_cases"), numbers(after, "n_cases")
    ]
    day = next(iter(before[0]))
    at = np.arange(len(before), len(counts))
    return counts, at, [row[day] for row in before + after]


def _by_week(path: Path, training: Path, later: Path) -> Agreement:
    """Compare one call per week, each without the outbreak cases of all weeks before it."""
    counts, at, dates = _salmonella(training, later)
    clean = counts.copy()
    clean[at] -= numbers(table(later), "n_outbreak_cases")
    alarm = []
    for week in at:
        now = clean.copy()
        now[week] = counts[week]
        alarm.append(farrington(now, [week], b=3, alpha=0.1, dates=dates))
    together = [np.concatenate([getattr(one, name) for one in alarm]) for name in FIELDS]
    found = Detection(*together)
    told = numbers(table(path), "alarm")
    return compared("farrington_timeseries", "salmonella", found, told, None)


FIELDS = ("weeks", "upper", "alarm", "expected", "statistic", "p_value")


def totals(found: Iterable[Agreement]) -> dict[str, Any]:
    """Return the weeks compared, the alarms that differ and the largest difference of a bound."""
    offered = [one for one in found if one.not_offered is None]
    bounds = [one.max_bound_difference for one in offered if one.max_bound_difference is not None]
    return {
        "weeks": sum(one.weeks for one in offered),
        "alarm_disagreements": sum(one.alarm_disagreements for one in offered),
        "max_bound_difference": max(bounds, default=None),
    }
