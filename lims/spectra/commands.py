"""Looking into a file of spectra at the command line, without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lims.doors import terminal
from lims.foundation.errors import Invalid
from lims.spectra.curves import remarks_of
from lims.spectra.places import LARGEST_FILE
from lims.spectra.reading import read
from lims.spectra.spectrum import Spectrum


@click.group("spectra")
def spectra() -> None:
    """Look into files of spectra."""


@spectra.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def read_file(file: Path, as_json: bool) -> None:
    """Say what spectra a file holds: technique, points, ranges, units, remarks.

    Exit codes: 0 read, 2 refused, with one sentence that says where.
    """
    with file.open("rb") as opened:
        data = opened.read(LARGEST_FILE + 1)
    try:
        found = read(data, file.name)
    except Invalid as refusal:
        terminal.stop(str(refusal.problems[0].message), terminal.EXIT[Invalid])
    blocks = [_as_json(one) for one in found]
    if as_json:
        document = {"file": file.name, "spectra": blocks}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for block in blocks:
        click.echo(_line(block))
        for remark in block["remarks"]:
            click.echo(f"    {remark}")


def _as_json(one: Spectrum) -> dict[str, Any]:
    return {
        "block": one.block,
        "kind": one.kind.value,
        "title": one.title,
        "points": int(one.x.size),
        "sticks": one.sticks,
        "x": _range(one.x.tolist(), one.x_unit),
        "y": _range(one.y.tolist(), one.y_unit),
        "z": one.z,
        "facts": {key: value for key, value in one.facts.items() if key != "remarks"},
        "remarks": list(remarks_of(one.facts)),
    }


def _range(values: list[float], unit: str) -> dict[str, Any]:
    return {
        "unit": unit,
        "first": values[0],
        "last": values[-1],
        "min": min(values),
        "max": max(values),
        "sum": sum(values),
    }


def _line(block: dict[str, Any]) -> str:
    x, y = block["x"], block["y"]
    z = "" if block["z"] is None else f", z {block['z']:g}"
    points = f"{block['points']} {'peaks' if block['sticks'] else 'points'}"
    return (
        f"{block['block']}: {block['kind']}, {points}, x {x['first']:g} to {x['last']:g} "
        f"{x['unit']}, y {y['min']:g} to {y['max']:g} {y['unit']}{z}  {block['title']}"
    ).rstrip()
