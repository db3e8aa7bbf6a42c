"""Everything that is measured of the detectors on data with known answers, as one document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lims.surveillance.agreement import Agreement, totals, with_epysurv, with_r
from lims.surveillance.simulated_scenarios import simulation

PARTS: dict[str, Callable[[Path], Iterator[Agreement]]] = {
    "r_oracle": with_r,
    "epysurv": with_epysurv,
}
SIMULATED = "noufaily_sim"
EMPTY = "EMPTY.txt"


def evaluate(folder: Path) -> dict[str, Any]:
    """Return agreement with R by method and series, and the rates on simulated scenarios."""
    found: list[Agreement] = []
    told: list[dict[str, Any]] = []
    for name, compare in PARTS.items():
        missing = not_there(folder / name)
        part = [] if missing else list(compare(folder / name))
        found += part
        told += [{"source": name, **one.as_document()} for one in part]
        if not part:
            told.append({"source": name, "not_compared": missing or "no answers of R in it"})
    missing = not_there(folder / SIMULATED)
    simulated = {"not_measured": missing} if missing else simulation(folder / SIMULATED)
    return {**totals(found), "simulation": simulated, "methods": told}


def not_there(folder: Path) -> str | None:
    """Return in words why a folder has nothing to compare; None where it may have."""
    if not folder.is_dir():
        return f"the folder {folder.name} is missing"
    if (folder / EMPTY).exists() and not list(folder.glob("*.csv")):
        return f"the folder {folder.name} says that it is empty in this half of the data"
    return None
