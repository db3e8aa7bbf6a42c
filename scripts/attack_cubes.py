"""Attack releases of open data as a stranger would: from the published files alone.

Usage: .venv/bin/python -m scripts.attack_cubes FOLDER [FOLDER] [--whole-numbers] [--json]

Three attacks: (1) a small number that is told; (2) margins: for each withheld number the least and
the most that all told numbers, the totals and common knowledge allow (linear programming, or whole
numbers); (3) two releases: what differs between two counts of one quarter. Nothing of the program
is used, only the CSV files and dictionary.json. Exit code 1 when anything is recovered.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

Key = tuple[str, ...]
EXPECTED = ("as-expected", "expected-plus-other")


@dataclass
class Release:
    """One release as it is published: numbers by file and place, None where withheld."""

    quarter: str
    smallest: int
    numbers: dict[Key, int | None] = field(default_factory=dict)
    cells: dict[Key, int] = field(default_factory=dict)
    members: dict[Key, list[int]] = field(default_factory=dict)
    dictionary: Mapping[str, Any] = field(default_factory=dict)
    warned: list[tuple[str, str]] = field(default_factory=list)


def read(folder: Path) -> Release:
    """Read the files of one release."""
    told = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))
    found = Release(told["quarter"], told["smallest_number_told"], dictionary=told)
    for cube in told["cubes"]:
        name = cube["file"].removesuffix(".csv")
        dimensions = [one["name"] for one in cube["dimensions"]]
        rows = list(csv.DictReader((folder / cube["file"]).open(encoding="utf-8", newline="")))
        listed = {
            tuple(row[one] for one in dimensions): _number(row["samples"], row["status"])
            for row in rows
        }
        _take(found, name, cube, listed)
    alerts = folder / "alerts.csv"
    if alerts.exists():
        rows = list(csv.DictReader(alerts.open(encoding="utf-8", newline="")))
        found.warned = [(row["region"], row["substance"].casefold()) for row in rows]
    return found


def _number(text: str, status: str) -> int | None:
    return int(text) if status == "told" else None


def _take(
    found: Release, name: str, cube: Mapping[str, Any], listed: Mapping[Key, int | None]
) -> None:
    values = [one["values"] for one in cube["dimensions"]]
    base = [place for place in product(*values) if place in listed]
    for place in base:
        found.cells[(name, *place)] = len(found.cells)
    for place, number in listed.items():
        key = (name, *place)
        found.numbers[key] = number
        found.members[key] = [
            found.cells[(name, *one)]
            for one in base
            if all(wanted in ("all", part) for wanted, part in zip(place, one, strict=True))
        ]


def common_knowledge(release: Release) -> Iterator[tuple[list[int], list[int], int]]:
    """Yield (few, many, least): few + least is at most many, as anybody may know."""
    of = release.members
    for key in list(of):
        if key[0] == "substances" and "all" not in key:
            whole = of.get(("results", key[1], "all", "all"))
            if whole:
                yield of[key], whole, 0
            parts = [of.get(("results", key[1], key[2], one)) for one in EXPECTED]
            if all(parts):
                yield [at for part in parts for at in part or []], of[key], 0
    for line in release.dictionary.get("lines", ()):
        doses = [of.get(("doses", line["key"], band), []) for band in line["bands"]]
        there = of.get(("substances", "all", line["substance"]))
        if there:
            yield [at for part in doses for at in part], there, 0
    for region, substance in release.warned:
        there = of.get(("substances", "all" if region == "BE" else region, substance))
        if there:
            yield [], there, 1


@dataclass(frozen=True)
class Interval:
    """What an attacker knows of a withheld number."""

    key: Key
    low: float
    high: float


def intervals(release: Release, whole_numbers: bool = False) -> list[Interval]:
    """Return, for each withheld number, the least and the most that it can be."""
    cells = len(release.cells)
    told = {key: number for key, number in release.numbers.items() if number is not None}
    equal = LinearConstraint(
        _matrix([release.members[key] for key in told], cells),
        list(told.values()),
        list(told.values()),
    )
    constraints = [equal] if told else []
    known = list(common_knowledge(release))
    if known:
        matrix = _matrix([many for _few, many, _least in known], cells)
        matrix -= _matrix([few for few, _many, _least in known], cells)
        constraints.append(LinearConstraint(matrix, [least for *_rest, least in known], np.inf))
    found = []
    for key, number in release.numbers.items():
        if number is None:
            low, high = (
                _extreme(release.members[key], cells, constraints, side, whole_numbers)
                for side in (1, -1)
            )
            found.append(Interval(key, low, high))
    return found


def _matrix(groups: list[list[int]], cells: int) -> Any:
    made = lil_matrix((len(groups), cells))
    for row, group in enumerate(groups):
        for cell in group:
            made[row, cell] += 1
    return made.tocsr()


def _extreme(
    group: list[int], cells: int, constraints: list[LinearConstraint], side: int, whole: bool
) -> float:
    goal = np.zeros(cells)
    goal[group] = side
    answer = milp(goal, integrality=int(whole), bounds=Bounds(0, np.inf), constraints=constraints)
    if answer.status in (3, 4) and side < 0:  # unbounded
        return float("inf")
    if answer.x is None:
        raise ValueError(f"these files contradict themselves: {answer.message}")
    return float(side * answer.fun)


def recovered(release: Release, found: list[Interval]) -> list[Interval]:
    """Return withheld numbers that are worked out: one whole number left, or surely a small one."""
    smallest = release.smallest
    return [
        one
        for one in found
        if (_up(one.low) > 0 and _down(one.high) < smallest)
        or (_up(one.low) == _down(one.high) and 0 < _up(one.low) < smallest)
    ]


def _up(number: float) -> int:
    return int(np.ceil(number - 1e-6))


def _down(number: float) -> float:
    return number if np.isinf(number) else int(np.floor(number + 1e-6))


def small_told(release: Release) -> list[Key]:
    """Return told numbers that are too small to be told."""
    return [key for key, n in release.numbers.items() if n is not None and 0 < n < release.smallest]


def differences(one: Release, other: Release) -> list[Key]:
    """Return what two counts of one quarter give away: a small change, or a number told once."""
    if one.quarter != other.quarter:
        return []
    found = []
    for key in sorted({*one.numbers, *other.numbers}):
        before, after = one.numbers.get(key), other.numbers.get(key)
        change = 0 if before is None or after is None else abs(after - before)
        if (before is None) != (after is None) or 0 < change < one.smallest:
            found.append(key)
    return found


def main() -> None:
    """Attack the folders and say what was recovered."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("folders", nargs="+", type=Path)
    arguments.add_argument("--whole-numbers", action="store_true")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    releases = [read(folder) for folder in given.folders]
    told = [attacked(one, given.whole_numbers) for one in releases]
    pairs = [
        key
        for at, one in enumerate(releases)
        for other in releases[:at]
        for key in differences(one, other)
    ]
    whole = {"releases": told, "by_two_releases": len(pairs)}
    if given.json:
        print(json.dumps(whole))
    else:
        for one in told:
            print(", ".join(f"{name}: {value}" for name, value in one.items()))
        print(f"by two releases: {len(pairs)}")
    lost = len(pairs) + sum(one["small_told"] + one["recovered"] for one in told)
    sys.exit(1 if lost else 0)


def attacked(release: Release, whole_numbers: bool = False) -> dict[str, Any]:
    """Return the figures of the attacks on one release."""
    found = intervals(release, whole_numbers)
    widths = [one.high - one.low for one in found]
    return {
        "quarter": release.quarter,
        "numbers": len(release.numbers),
        "withheld": len(found),
        "small_told": len(small_told(release)),
        "recovered": len(recovered(release, found)),
        "narrowest": min(widths) if widths else None,
    }


if __name__ == "__main__":
    main()
