"""`lims evaluate ei` and `lims evaluate msms`: spectra of known compounds, searched for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lims.doors.terminal import say_refusal
from lims.foundation.errors import Invalid
from lims.identification import known_spectra

Evaluation = Callable[[known_spectra.Known], dict[str, Any]]


def _data(command: Callable[..., None]) -> Callable[..., None]:
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    command = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(
        command
    )
    return click.option(
        "--data", type=folder, required=True, help="Folder of a *library*.msp and *queries*.msp."
    )(command)


@click.command("ei")
@_data
def ei(data: Path, as_json: bool) -> None:
    """Search electron-ionisation spectra of known compounds in a library."""
    _evaluate(data, "ei_ms", known_spectra.evaluate_ei, as_json)


@click.command("msms")
@_data
def msms(data: Path, as_json: bool) -> None:
    """Search fragment spectra (MS/MS) of known compounds in a library."""
    _evaluate(data, "msms", known_spectra.evaluate_msms, as_json)


def _evaluate(data: Path, family: str, evaluation: Evaluation, as_json: bool) -> None:
    try:
        document = evaluation(known_spectra.read_known(data, family))
    except Invalid as refusal:
        say_refusal(refusal)
    click.echo(json.dumps(document, indent=2) if as_json else _in_words(document))


def _in_words(document: dict[str, Any]) -> str:
    lines = [f"library: {document['library_spectra']} spectra", _figures("found", document)]
    if "without_precursor" in document:
        lines.append(_figures("without the precursor", document["without_precursor"]))
    lines.append(_figures(document["baseline"]["name"], document["baseline"]))
    return "\n".join(lines)


def _figures(name: str, found: dict[str, Any]) -> str:
    low, high = found["top1_ci"]
    return (
        f"{name}: n {found['n']}, first {found['top1']} ({low} to {high}),"
        f" first three {found['top3']}, first ten {found['top10']}, mean 1/rank {found['mrr']}"
    )
