"""Synthetic photographs of plates for tests."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np

from lims.analysis.simulated_photographs import SimulatedPhotograph, photograph
from lims.foundation.shipped import shipped


@cache
def colours() -> dict[str, str]:
    with (shipped("reference_data") / "palette.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["hex"] and row["code"] != "white"]
    return {row["code"]: row["hex"] for row in rows}


@cache
def taken(seed: int) -> SimulatedPhotograph:
    return photograph(np.random.default_rng(seed), colours())
