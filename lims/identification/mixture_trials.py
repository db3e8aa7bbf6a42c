"""`lims evaluate raman-mixtures`: mixtures of known composition, resolved again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lims.doors.terminal import say_refusal
from lims.foundation.errors import Invalid
from lims.identification.band_repeats import TABLE, evaluate_repeats, read_wide
from lims.identification.known_mixtures import MIXED, evaluate, read_known_mixtures


@click.command("raman-mixtures")
@click.option(
    "--data", type=click.Path(path_type=Path), required=True, help=f"Folder that holds {MIXED}."
)
@click.option(
    "--ramanbiolib", type=click.Path(path_type=Path), help=f"Folder of {TABLE}, for library search."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def raman_mixtures(data: Path, ramanbiolib: Path | None, as_json: bool) -> None:
    """Resolve mixtures of known composition and print how far off the fractions are."""
    try:
        document = evaluate(read_known_mixtures(data))
        if ramanbiolib is not None:
            document["library_search"] = evaluate_repeats(read_wide(ramanbiolib))
    except Invalid as refusal:
        say_refusal(refusal)
    click.echo(json.dumps(document, indent=2) if as_json else _in_words(document))


def _in_words(document: dict[str, Any]) -> str:
    plain = document["baseline"]
    lines = [
        f"mixtures: {document['n']}",
        f"root mean square error: {document['rmse_percent']} % of the whole"
        f" (plain least squares: {plain['rmse_percent']} %)",
        f"exactly the right components: {document['right_components']}"
        f" (plain least squares: {plain['right_components']})",
    ]
    found = document.get("library_search")
    if found:
        lines.append(
            f"another spectrum of the same substance first: {found['top1']} of {found['n']}"
        )
    return "\n".join(lines)
