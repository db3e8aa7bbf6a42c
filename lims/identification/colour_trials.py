"""`lims evaluate reagents`: the colour likelihood on a recorded table of outcomes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lims.doors.terminal import say_refusal, stop
from lims.foundation.errors import Invalid
from lims.identification.likelihood import Parameters
from lims.identification.recorded_colours import (
    EXCLUDING_RATIO,
    FIVE,
    MARQUIS,
    READINGS,
    THREE,
    ColourTrial,
    Reading,
    RecordedColours,
    list_lengths,
    read_recorded_colours,
)
from lims.identification.rules import ALGORITHM_VERSION

TABLE = "protest_reagents.json"
SETS = {"marquis": MARQUIS, "marquis_mecke_mandelin": THREE, "five": FIVE}
WHAT = {
    "n, top1, top3, top10, mrr": "readings.slips.five: a substance recorded with all five reagents"
    " is looked for among all of the table; equals are put in an order by chance",
    "mean_list_length": "list_lengths.five: substances with the very same usual outcomes, the"
    " right one counted, among those recorded with all reagents of the set",
    "mean_as_good": "substances that explain the observation at least as well as the right one",
    "mean_not_excluded": "substances that the best of the list explains it less than"
    f" {EXCLUDING_RATIO:g} times better than, untested ones counted",
    "right_not_excluded": "how often the right one is among these",
    "none_leads": "how often none of the library stands first although the right one is there",
    "_ci": "95 % interval: Wilson for shares, normal for means",
}


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help=f"Folder of {TABLE}.")
@click.option("--seed", default=7, show_default=True, help="Seed of the slips.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reagents(data: Path, seed: int, as_json: bool) -> None:
    """Rank each substance of a table of colour tests by its own outcomes; nothing is kept."""
    try:
        table = read_recorded_colours(_read(data))
    except Invalid as refusal:
        say_refusal(refusal)
    document = evaluate(table, seed)
    click.echo(json.dumps(document, indent=2) if as_json else _in_words(document))


def _read(folder: Path) -> Any:
    try:
        return json.loads((folder / TABLE if folder.is_dir() else folder).read_bytes())
    except (OSError, ValueError) as wrong:
        stop(f"{folder}: {wrong}", 2)


def evaluate(table: RecordedColours, seed: int) -> dict[str, Any]:
    """Return every figure of the trial, and in words what each of them is."""
    lengths = {name: list_lengths(table, chosen) for name, chosen in SETS.items()}
    readings: dict[str, Any] = {
        str(reading): {
            "what": words,
            **{
                name: ColourTrial(table, chosen, reading, seed).as_document()
                for name, chosen in SETS.items()
            },
        }
        for reading, words in READINGS.items()
    }
    first = readings[Reading.SLIPS]["five"]
    keys = ("mean_list_length", "mean_list_length_ci")
    return {
        **{key: value for key, value in first.items() if key.startswith(("n", "top", "mrr"))},
        **{key: lengths["five"][key] for key in keys},
        "what": WHAT,
        "substances": len(table.outcomes),
        "sets": {name: list(chosen) for name, chosen in SETS.items()},
        "list_lengths": lengths,
        "readings": readings,
        "seed": seed,
        "algorithm": ALGORITHM_VERSION,
        "parameters": Parameters().as_dict(),
    }


def _in_words(document: dict[str, Any]) -> str:
    lines = [f"n {document['n']}  top-1 {document['top1']}  MRR {document['mrr']}"]
    for name, one in document["list_lengths"].items():
        lines.append(f"{name}: n {one['n']}, mean list length {one['mean_list_length']}")
    return "\n".join(lines)
