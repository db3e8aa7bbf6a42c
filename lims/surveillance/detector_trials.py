"""`lims evaluate surveillance`: the detectors against R, and on simulated scenarios."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lims.doors.terminal import stop
from lims.surveillance.evaluating import evaluate

INSIDE = "surveillance"


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of r_oracle, epysurv and noufaily_sim.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def surveillance(data: Path, as_json: bool) -> None:
    """Compare the detectors with R week by week, and measure detection and false alarms."""
    if not data.is_dir():
        stop(f"{data}: no such folder", 2)
    folder = data / INSIDE if (data / INSIDE).is_dir() else data
    try:
        document = evaluate(folder)
    except (OSError, ValueError, KeyError, IndexError) as wrong:
        stop(f"{folder}: a file is not as expected ({type(wrong).__name__}: {wrong})", 2)
    click.echo(json.dumps(document, indent=2) if as_json else _in_words(document))


def _in_words(document: dict[str, Any]) -> str:
    lines = [
        f"weeks {document['weeks']}, alarms that differ {document['alarm_disagreements']},"
        f" largest difference of a bound {_number(document['max_bound_difference'])}"
    ]
    lines += [_method_in_words(one) for one in document["methods"]]
    simulated = document["simulation"]
    if "not_measured" in simulated:
        lines.append(f"simulation not measured: {simulated['not_measured']}")
    for method, one in simulated.get("methods", {}).items():
        for who in ("ours", "r"):
            lines.append(f"{method} {who}: {_rates_in_words(one, who)}")
    return "\n".join(lines)


def _method_in_words(one: dict[str, Any]) -> str:
    if "not_compared" in one:
        return f"{one['source']}: {one['not_compared']}"
    name = f"{one['source']} {one['series']} {one['method']}"
    if "not_offered" in one:
        return f"{name}: not offered: {one['not_offered']}"
    return (
        f"{name}: weeks {one['weeks']}, alarms that differ {one['alarm_disagreements']},"
        f" NA that differ {one['na_disagreements']},"
        f" bound {_number(one['max_bound_difference'])}"
    )


def _rates_in_words(one: dict[str, Any], who: str) -> str:
    if who not in one:
        return f"not offered: {one['not_offered']}"
    told = one[who]
    parts = (
        ("detected", "probability_of_detection", "series_with_outbreak"),
        ("false alarms", "false_positive_rate", "quiet_weeks"),
    )
    return ", ".join(
        f"{word} {told[key]} ({told[f'{key}_ci'][0]} to {told[f'{key}_ci'][1]}, n {told[n]})"
        for word, key, n in parts
    )


def _number(value: float | None) -> str:
    return "not told" if value is None else f"{value:.2g}"
