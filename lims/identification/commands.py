"""Measuring identification at the command line: on data with known answers, and for speed."""

from __future__ import annotations

import json

import click

from lims.doors.terminal import LazyGroup

TRIALS: dict[str, tuple[str, str]] = {
    "ei": ("lims.identification.mass_trials:ei", "electron-ionisation spectra of known compounds"),
    "msms": ("lims.identification.mass_trials:msms", "fragment spectra of known compounds"),
    "raman-mixtures": (
        "lims.identification.mixture_trials:raman_mixtures",
        "mixtures of known composition",
    ),
    "reagents": ("lims.identification.colour_trials:reagents", "a recorded table of colour tests"),
    "plate-photos": (
        "lims.identification.photograph_trials:plate_photos",
        "proposals from synthetic photographs of plates",
    ),
    "replay": ("lims.exchange.replay_trials:replay", "a delivery, week by week, through the watch"),
    "surveillance": (
        "lims.surveillance.detector_trials:surveillance",
        "detectors of what rises, against R and on simulated outbreaks",
    ),
    "tlc": ("lims.identification.plate_trials:tlc", "simulated plates"),
}
NEWEST = 100
BENCHES: dict[str, tuple[str, str]] = {
    "search": ("lims.identification.search_bench:search", "searching libraries of spectra"),
}


@click.group(cls=LazyGroup, lazy=TRIALS)
def evaluate() -> None:
    """Measure identification on data with known answers; nothing is written."""


@click.group(cls=LazyGroup, lazy=BENCHES)
def bench() -> None:
    """Measure speed, beside other programs in the same run."""


@evaluate.command("recompute")
@click.option("--all", "every", is_flag=True, help="every kept list, not only the newest 100")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def recompute(every: bool, as_json: bool) -> None:
    """Compute kept lists of candidates again and say what differs; 1 when anything does."""
    from lims.doors import terminal
    from lims.identification import recomputing
    from lims.identification.sameness import Outcome

    counts = dict.fromkeys(Outcome, 0)
    with terminal.unit_of_work(reading=True) as session:
        for one in recomputing.recompute_all(session, None if every else NEWEST):
            counts[one.outcome] += 1
            if one.outcome != Outcome.EQUAL and not as_json:
                click.echo(f"{one.kept.id} {one.kept.method} {one.kept.algorithm}: {one.words}")
        told = {"n": recomputing.how_many(session), **{k.value: n for k, n in counts.items()}}
    click.echo(json.dumps(told) if as_json else ", ".join(f"{k}: {n}" for k, n in told.items()))
    if counts[Outcome.DIFFERENT] or counts[Outcome.NOT_COMPUTED]:
        raise SystemExit(1)
