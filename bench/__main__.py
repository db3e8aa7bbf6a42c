"""`make bench`: run every measurement, print a table, write JSON where asked."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from pathlib import Path

import click

from bench import (
    detectors,
    imports,
    indicators,
    labels,
    lookups,
    outbox,
    products,
    registration,
    shell,
    start,
    surveillance,
)
from bench.measures import NotMeasured, Outcome

MEASUREMENTS: dict[str, Callable[[], list[Outcome]]] = {
    "start": start.measure,
    "labels": labels.measure,
    "yardstick": registration.measure_yardstick,
    "registration": registration.measure,
    "outbox": outbox.measure,
    "shell": shell.measure,
    "lookups": lookups.measure,
    "imports": imports.measure,
    "surveillance": surveillance.measure,
    "detectors": detectors.measure,
    "products": products.measure,
    "indicators": indicators.measure,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(MEASUREMENTS)))
@click.option("--json", "target", type=click.Path(path_type=Path), help="write the numbers here")
def main(names: tuple[str, ...], target: Path | None) -> None:
    """Measure everything, or what is named; exit 1 when a promise is broken."""
    outcomes: list[Outcome] = []
    click.echo(f"{'':36}{'ours':>10}{'bare':>10}{'ratio':>8}  promise")
    for name in names or MEASUREMENTS:
        for outcome in _measured(name):
            outcomes.append(outcome)
            click.echo(_line(outcome))
    if target:
        found = {"machine": platform.platform(), "outcomes": [one.as_dict() for one in outcomes]}
        target.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if any(one.kept is False for one in outcomes):
        raise SystemExit(1)


def _measured(name: str) -> list[Outcome]:
    try:
        return MEASUREMENTS[name]()
    except NotMeasured as reason:
        return [Outcome(name, "", None, reason=str(reason))]


def _line(outcome: Outcome) -> str:
    if outcome.reason:
        return f"{outcome.name:36}not measured: {outcome.reason}"
    numbers = [outcome.ours, outcome.bare, outcome.ratio]
    written = ["" if value is None else f"{value:.3g}" for value in numbers]
    kept = {True: "kept", False: "BROKEN", None: ""}[outcome.kept]
    label = f"{outcome.name} ({outcome.unit})"
    return f"{label:36}{written[0]:>10}{written[1]:>10}{written[2]:>8}  {outcome.promise} {kept}"


if __name__ == "__main__":
    main()
