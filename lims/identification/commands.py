"""Measuring identification at the command line: on data with known answers, and for speed."""

from __future__ import annotations

import click

from lims.doors.terminal import LazyGroup

TRIALS: dict[str, tuple[str, str]] = {
    "reagents": ("lims.identification.colour_trials:reagents", "a recorded table of colour tests"),
    "tlc": ("lims.identification.plate_trials:tlc", "simulated plates"),
}
BENCHES: dict[str, tuple[str, str]] = {}


@click.group(cls=LazyGroup, lazy=TRIALS)
def evaluate() -> None:
    """Measure identification on data with known answers; nothing is written."""


@click.group(cls=LazyGroup, lazy=BENCHES)
def bench() -> None:
    """Measure speed, beside other programs in the same run."""
