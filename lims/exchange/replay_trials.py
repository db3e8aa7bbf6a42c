"""`lims evaluate replay`: another service's delivery, week by week, through import and watch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lims.doors.terminal import say_refusal
from lims.exchange import replaying
from lims.foundation.errors import Refusal


@click.command("replay")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="folder or file of the delivery",
)
@click.option("--source", type=click.Choice(tuple(replaying.REFERENCES)), required=True)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def replay(data: Path, source: str, as_json: bool) -> None:
    """Tell a delivery week by week through import, counting and watch; nothing is kept.

    Then the whole delivery comes in at once: all of it back-dated, so that nothing may fire.
    Exit codes: 0 done, 1 something fired from back-dated rows, 2 or 5 the delivery is refused.
    """
    try:
        told = replaying.replay(data, source, lambda text: click.echo(text, err=True))
    except Refusal as refusal:
        say_refusal(refusal)
    document = told.document()
    click.echo(json.dumps(document, indent=2) if as_json else _in_words(document))
    if told.at_once["signals"]:
        raise SystemExit(1)


def _in_words(document: dict[str, Any]) -> str:
    lines = [
        f"{document['source']}: {document['samples']} samples, {document['weeks']} weeks, "
        f"{document['series_weeks']} series-weeks judged",
        f"signals: {document['signals']}, by algorithm: {document['by_algorithm']}",
        f"statistics per 100 series-weeks: {document['statistics_per_100_series_weeks']}",
        f"whole delivery at once: {document['at_once']}",
    ]
    lines += [
        f"{one['week']} {one['algorithm']:20} {one['level']:12} {one['reason']}"
        for one in document["fired"]
    ]
    return "\n".join(lines)
