"""Detection and false alarms on simulated series, of the detectors and of R on the same weeks.

The scenarios are those of Noufaily et al., Stat Med 2013;32:1206-1222. A series counts as detected
when one of its outbreak weeks alarmed; a week that cannot be judged counts as no alarm there, and
not at all among the quiet weeks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lims.identification.trials import share_with_interval
from lims.surveillance.agreement import Rows, compared, numbers, table
from lims.surveillance.method_names import NotOffered, judge_of

FILES = ("series.csv", "R_alarms.csv")
Matrix = NDArray[np.float64]


def simulation(folder: Path) -> dict[str, Any]:
    """Return the rates of each method, beside those of R, with 95 % intervals (Wilson)."""
    if not all((folder / name).exists() for name in FILES):
        return {"not_measured": f"{folder.name}: {' or '.join(FILES)} is missing"}
    rows = table(folder / "series.csv")
    keys = list(dict.fromkeys((row["scenario"], row["rep"]) for row in rows))
    counts, outbreak = (_matrix(rows, keys, column) for column in ("y", "outbreak_cases"))
    theirs: dict[str, Rows] = {}
    for row in table(folder / "R_alarms.csv"):
        theirs.setdefault(row["method"], []).append(row)
    return {
        "series": len(keys),
        "methods": {
            method: _one_method(method, some, keys, counts, outbreak)
            for method, some in theirs.items()
        },
        "r_summary": _summary(folder / "R_summary.csv"),
    }


def rates(alarm: Matrix, outbreak: NDArray[np.bool_]) -> dict[str, Any]:
    """Return detection and false alarms of series × weeks; alarm nan: cannot be said."""
    rang = np.nan_to_num(alarm) == 1
    struck = outbreak.any(axis=1)
    quiet = ~outbreak & ~np.isnan(alarm)
    seen = outbreak & ~np.isnan(alarm)
    detected = int((rang & outbreak).any(axis=1).sum())
    return {
        "series_with_outbreak": int(struck.sum()),
        **share_with_interval("probability_of_detection", detected, int(struck.sum())),
        "outbreak_weeks": int(seen.sum()),
        **share_with_interval("week_sensitivity", int((rang & seen).sum()), int(seen.sum())),
        "quiet_weeks": int(quiet.sum()),
        **share_with_interval("false_positive_rate", int((rang & quiet).sum()), int(quiet.sum())),
    }


def _matrix(rows: Rows, keys: list[tuple[str, str]], column: str) -> Matrix:
    return numbers(rows, column).reshape(len(keys), -1)


def _one_method(
    method: str, rows: Rows, keys: list[tuple[str, str]], counts: Matrix, outbreak: Matrix
) -> dict[str, Any]:
    weeks = np.array(sorted({int(row["t"]) for row in rows})) - 1
    place = {key: at for at, key in enumerate(keys)}
    series = np.array([place[row["scenario"], row["rep"]] for row in rows])
    week = numbers(rows, "t").astype(np.int64) - 1 - weeks[0]
    alarm, upper = (np.full((len(keys), len(weeks)), np.nan) for _ in range(2))
    alarm[series, week] = numbers(rows, "alarm")
    upper[series, week] = numbers(rows, "upperbound")
    struck = outbreak[:, weeks] > 0
    told: dict[str, Any] = {"r": rates(alarm, struck)}
    try:
        found = judge_of(method)(counts, weeks, None)
    except NotOffered as reason:
        return {**told, "not_offered": str(reason)}
    ours = np.where(found.alarm < 0, np.nan, found.alarm)
    agreed = compared(method, "noufaily_sim", found, alarm, upper)
    return {
        "ours": rates(ours, struck),
        **told,
        **{key: value for key, value in agreed.as_document().items() if key not in OF_THE_WHOLE},
    }


OF_THE_WHOLE = {"method", "series"}


def _summary(path: Path) -> dict[str, dict[str, float]]:
    """Return what came with the data as R's own scores, to be checked against the ones above."""
    if not path.exists():
        return {}
    wanted = ("probability_of_detection", "false_positive_rate")
    return {row["method"]: {key: float(row[key]) for key in wanted} for row in table(path)}
