"""What R `surveillance` answered on public series: read from the development data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.data import shared_data

NAMES = ("ha_berlin", "k1", "m1", "s1", "salmonella_agona")


@dataclass(frozen=True)
class Answer:
    series: str
    method: str
    counts: np.ndarray
    at: np.ndarray
    upper: np.ndarray
    alarm: np.ndarray


def rows(*parts: str) -> list[dict[str, str]]:
    with shared_data("surveillance", *parts).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float:
    return float(text) if text not in ("", "NA") else np.nan


def answers(beginning: str) -> Iterator[Answer]:
    """Give R's answers of the methods whose name begins so, for each series."""
    for name in NAMES:
        counts = np.array([float(row["observed"]) for row in rows("r_oracle", f"data_{name}.csv")])
        found: dict[str, list[dict[str, str]]] = {}
        for row in rows("r_oracle", f"out_{name}.csv"):
            found.setdefault(row["method"], []).append(row)
        for method, told in found.items():
            if method.startswith(beginning):
                at = np.array([int(row["idx"]) - 1 for row in told])
                upper = np.array([number(row["upperbound"]) for row in told])
                alarm = np.array([-1 if row["alarm"] == "" else int(row["alarm"]) for row in told])
                yield Answer(name, method, counts, at, upper, alarm)
