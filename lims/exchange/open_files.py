"""The files of a release: a CSV for each cube, alerts without counts, dictionary, licence."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lims.exchange.cube_definitions import Cube, Definitions, DoseLine, Quarter
from lims.exchange.suppression import Pattern, Table
from lims.exchange.tables_out import Cell, write_csv
from lims.foundation.shares import SMALLEST_TOLD

TEXT, JSON, MARKDOWN = "text/csv", "application/json", "text/markdown"
TOLD, WITHHELD = "told", "withheld"
ALERT_COLUMNS = ("alert", "level", "region", "week", "substance", "form", "colour")


@dataclass(frozen=True)
class MadeFile:
    """A file of a release before it is kept."""

    name: str
    media: str
    content: bytes


@dataclass(frozen=True)
class PublicProduct:
    """A dangerous product as its alert told the public: no counts, region and week."""

    alert: str
    level: str
    region: str
    week: str
    substance: str
    form: str
    colour: str


def files_of(
    given: Definitions,
    asked: Quarter,
    table: Table,
    pattern: Pattern,
    products: Sequence[PublicProduct],
    licence: str,
) -> list[MadeFile]:
    """Return every file of a release, the same bytes for the same counts."""
    made = [
        MadeFile(f"{cube.key}.csv", TEXT, _csv(_head(cube), _rows(cube, asked, table, pattern)))
        for cube in given.cubes
    ]
    alerts = [[getattr(one, name) for name in ALERT_COLUMNS] for one in products]
    made.append(MadeFile("alerts.csv", TEXT, _csv(ALERT_COLUMNS, alerts)))
    told = dictionary(given, asked, licence)
    body = json.dumps(told, ensure_ascii=False, indent=1).encode()
    made.append(MadeFile("dictionary.json", JSON, body))
    made.append(MadeFile("README.md", MARKDOWN, readable(told).encode()))
    made.append(MadeFile("LICENCE.txt", "text/plain", f"{licence}\n".encode()))
    return made


def _csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    out = io.BytesIO()
    write_csv(out, head, rows)
    return out.getvalue()


def _head(cube: Cube) -> list[str]:
    return ["quarter", *(name for name, _values in cube.dimensions), "samples", "status"]


def _rows(cube: Cube, asked: Quarter, table: Table, pattern: Pattern) -> Iterable[list[Cell]]:
    for key in table.items:
        if key[0] == cube.key:
            is_told = key not in pattern.withheld
            number = table.value(key) if is_told else None
            yield [str(asked), *key[1:], number, TOLD if is_told else WITHHELD]


def dictionary(given: Definitions, asked: Quarter, licence: str) -> dict[str, Any]:
    """Return what every column and value of a release means."""
    return {
        "quarter": str(asked),
        "weeks": [_week(asked, first=True), _week(asked, first=False)],
        "definitions": {"version": given.version, "sha256": given.sha256},
        "licence": licence,
        "smallest_number_told": SMALLEST_TOLD,
        "status": {
            TOLD: "the number as counted; 0 means none",
            WITHHELD: f"below {SMALLEST_TOLD}, or withheld so that such a number cannot be worked "
            "out; it may be none",
        },
        "cubes": [_cube(cube) for cube in given.cubes],
        "lines": [_line(line) for line in given.lines],
        "alerts": {
            "file": "alerts.csv",
            "says": "dangerous products of which the public was warned in the quarter: region "
            "and week, no counts",
            "columns": list(ALERT_COLUMNS),
        },
    }


def _cube(cube: Cube) -> dict[str, Any]:
    return {
        "file": f"{cube.key}.csv",
        "counts": cube.counts,
        "dimensions": [
            {"name": name, "values": list(values), "total": name in cube.totals}
            for name, values in cube.dimensions
        ],
    }


def _line(line: DoseLine) -> dict[str, Any]:
    return {
        "key": line.key,
        "substance": line.substance,
        "form": line.form,
        "unit": line.unit,
        "expressed_as": line.expressed_as,
        "bands": list(line.bands),
        "widest_uncertainty": format(line.widest, "f"),
    }


def _week(asked: Quarter, *, first: bool) -> str:
    year, week, _weekday = (asked.first if first else asked.last).isocalendar()
    return f"{year}-W{week:02d}"


def readable(told: Mapping[str, Any]) -> str:
    """Return the dictionary as a page to read."""
    first, last = told["weeks"]
    lines = [f"# Open data, {told['quarter']}", "", f"ISO weeks {first} to {last}."]
    lines += [f"Licence: {told['licence']}", "", "## Status", ""]
    lines += [f"- `{word}`: {means}." for word, means in told["status"].items()]
    for cube in told["cubes"]:
        lines += ["", f"## {cube['file']}", "", f"Counted: {cube['counts']}.", ""]
        for one in cube["dimensions"]:
            total = "; `all` is their total" if one["total"] else ""
            lines.append(f"- `{one['name']}`: {', '.join(one['values'])}{total}.")
    lines += ["", "## Product lines of doses.csv", ""]
    lines += [
        f"- `{one['key']}`: {one['substance']}, {one['form']}, {one['unit']} as "
        f"{one['expressed_as']}; an amount whose uncertainty (k = 2) is over "
        f"{one['widest_uncertainty']} counts as uncertain."
        for one in told["lines"]
    ]
    lines += ["", "## alerts.csv", "", f"{told['alerts']['says']}.", ""]
    return "\n".join(lines)
