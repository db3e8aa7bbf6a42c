"""`lims evaluate tlc`: simulated plates with stated spreads, asked of the product's own ranking."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import click

from lims.doors.terminal import say_refusal, stop
from lims.foundation.errors import Invalid
from lims.foundation.shipped import shipped
from lims.foundation.words import Message
from lims.identification.likelihood import PaletteColour, Parameters
from lims.identification.rules import ALGORITHM_VERSION
from lims.identification.simulated_plates import EXCLUDING_RATIO, evaluate, spreads_of

PARAMETER_FILE = "plates.json"
WHAT = {
    "data": "simulated: no value of a real substance; each condition is asked about invented"
    " substances with the spreads below, the right one in the library (n) and left out of it (n)",
    "n, top1, top3, top10, mrr": "condition all: two systems, corrected, four colour stages",
    "mean_list_length": "substances that the best of the list explains the observation less than"
    f" {EXCLUDING_RATIO:g} times better than",
    "mean_as_good": "substances that explain the observation at least as well as the right one",
    "right_not_excluded": "how often the right one is among those of mean_list_length",
    "none_right": "how often none of the library leads when the right one is left out",
    "none_wrongly": "how often none of the library leads although the right one is there",
    "none_at_other_weights": "both, were none of the library this much more probable before",
    "_ci": "95 % interval: Wilson for shares, normal for means",
}


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help=f"Folder; its {PARAMETER_FILE}, when there is one, states other spreads.",
)
@click.option("--n", default=300, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=7, show_default=True, help="Seed of the simulation.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def tlc(data: Path | None, n: int, seed: int, as_json: bool) -> None:
    """Measure what correction, colours and a second system bring, on simulated plates."""
    try:
        found = evaluate(spreads_of(_given(data)), _palette(), n, seed)
    except Invalid as refusal:
        say_refusal(refusal)
    whole = found["conditions"]["all"]
    first = ("n", "top1", "top3", "top10", "mrr", "mean_list_length", "none_right")
    document = {
        **{key: value for key, value in whole.items() if key.removesuffix("_ci") in first},
        "what": WHAT,
        **found,
        "algorithm": ALGORITHM_VERSION,
        "parameters": Parameters().as_dict(),
    }
    click.echo(json.dumps(document, indent=2) if as_json else _in_words(document))


def _given(folder: Path | None) -> dict[str, Any]:
    if folder is None or not (folder / PARAMETER_FILE).is_file():
        return {}
    try:
        given = json.loads((folder / PARAMETER_FILE).read_bytes())
    except (OSError, ValueError) as wrong:
        stop(f"{folder / PARAMETER_FILE}: {wrong}", 2)
    return given if isinstance(given, dict) else {"": 0}


def _palette() -> list[PaletteColour]:
    """Return the shipped palette; its CIELAB values are computed, its colours are of no drug."""
    with (shipped("reference_data") / "palette.csv").open(encoding="utf-8", newline="") as file:
        return [
            PaletteColour(row["code"], Message(row["hue_en"]), _lab(row))
            for row in csv.DictReader(file)
        ]


def _lab(row: dict[str, str]) -> tuple[float, float, float] | None:
    if not row["lab_l"]:
        return None
    return float(row["lab_l"]), float(row["lab_a"]), float(row["lab_b"])


def _in_words(document: dict[str, Any]) -> str:
    return "\n".join(
        f"{name}: {one['what']}: n {one['n']}, top-1 {one['top1']}, "
        f"mean list length {one['mean_list_length']}, none rightly {one['none_right']}"
        for name, one in document["conditions"].items()
    )
