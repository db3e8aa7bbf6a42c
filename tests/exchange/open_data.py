"""Synthetic quarters for the tests of the open data: definitions, counts, release files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lims.exchange.cube_definitions import Definitions, Key, Quarter, read_definitions
from lims.exchange.cubes import known_of
from lims.exchange.open_files import files_of
from lims.exchange.suppression import Pattern, Table
from scripts import attack_cubes

QUARTER = Quarter(2026, 3)
SMALL = {
    "version": "test",
    "regions": ["BE1", "BE2"],
    "declared": ["mdma", "ketamine", "other"],
    "results": ["as-expected", "expected-plus-other", "other-instead"],
    "substances": ["mdma", "ketamine", "caffeine"],
    "lines": [
        {
            **{"key": "mdma-tablet", "substance": "mdma", "form": "tablet"},
            **{"unit": "mg/unit", "expressed_as": "base", "edges": [100, 200]},
        }
    ],
    "cubes": {
        "results": {
            "counts": "samples",
            "dimensions": ["region", "declared", "result"],
            "totals": ["region", "declared", "result"],
        },
        "substances": {
            "counts": "samples with it",
            "dimensions": ["region", "substance"],
            "totals": ["region"],
        },
        "doses": {"counts": "doses", "dimensions": ["line", "band"], "totals": ["band"]},
    },
}


def small_definitions() -> Definitions:
    """Return cubes small enough to be attacked many times."""
    return read_definitions(SMALL)


def items_of(given: Definitions) -> tuple[dict[Key, tuple[int, ...]], int]:
    """Return every number of the cubes with its cells, and how many cells there are."""
    items: dict[Key, tuple[int, ...]] = {}
    cells = 0
    for cube in given.cubes:
        items |= cube.items(cells)
        cells += len(cube.cells)
    return items, cells


def table_of(given: Definitions, counts: Sequence[int]) -> Table:
    """Return a table as samples would give it: `counts` for the first cube, shares for the rest.

    Each sample that is as expected holds what it was sold as; of the others some hold more. A
    third of the doses of a line was measured, spread over its bands.
    """
    items, _cells = items_of(given)
    results, substances, doses = given.cubes
    drawn = np.random.default_rng(sum(counts))
    first = dict(zip(results.cells, np.resize(counts, len(results.cells)).tolist(), strict=True))
    found = {cell: _found(cell, first, drawn) for cell in substances.cells}
    measured = dict.fromkeys(doses.cells, 0)
    for line in given.lines:
        there = sum(number for (_region, key), number in found.items() if key == line.substance)
        shares = drawn.multinomial(there // 3, [1 / len(line.bands)] * len(line.bands))
        measured |= {(line.key, band): int(n) for band, n in zip(line.bands, shares, strict=True)}
    kept = [*first.values(), *found.values(), *measured.values()]
    bounds = known_of(given, items, (), kept)
    return Table(np.array(kept, dtype=np.int64), items, tuple(bounds))


def _found(cell: Key, first: Mapping[Key, int], drawn: np.random.Generator) -> int:
    region, key = cell
    there = sum(number for place, number in first.items() if place[0] == region)
    expected = sum(
        first.get((region, key, result), 0) for result in ("as-expected", "expected-plus-other")
    )
    return int(expected + drawn.binomial(there - expected, 0.1))


def written(
    folder: Path, given: Definitions, table: Table, pattern: Pattern
) -> attack_cubes.Release:
    """Write a release and read it as an attacker does."""
    folder.mkdir(parents=True, exist_ok=True)
    for made in files_of(given, QUARTER, table, pattern, [], "synthetic"):
        (folder / made.name).write_bytes(made.content)
    return attack_cubes.read(folder)
