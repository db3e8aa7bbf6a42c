"""Surveillance at the command line: run the watch, rebuild what it counts, compute again."""

from __future__ import annotations

import json
from collections import Counter

import click

from lims.doors import terminal
from lims.network.queries import OPERATOR
from lims.surveillance import evidence_shown, looking, observations, own_results, watched, watching
from lims.surveillance.evidence import Sameness


@click.group()
def surveillance() -> None:
    """Weekly series: watch them, rebuild them, compute their signals again."""


@surveillance.command("watch")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def watch(as_json: bool) -> None:
    """Judge all series now and raise what stands; findings not counted yet are counted first."""
    with terminal.unit_of_work() as session:
        if own_results.are_behind(session):
            observations.rebuild_observations(session, OPERATOR, observations.RebuildObservations())
    with terminal.unit_of_work(reading=True) as session:
        looked = looking.look(session)
    with terminal.unit_of_work() as session:
        run = watching.keep_watch(session, OPERATOR, looked)
        told = {
            "week": run.week.isoformat(),
            "series": run.series,
            "tested": run.tested,
            "alarms": run.alarms,
            "fired": run.fired,
            "held_off": run.held_off,
            "seconds": float(run.seconds),
        }
    words = "series: {series}, signals: {fired}, held off: {held_off}, seconds: {seconds}"
    click.echo(json.dumps(told) if as_json else words.format(**told))


@surveillance.command("rebuild")
def rebuild() -> None:
    """Build what is counted anew from every finding and partner result that stands."""
    with terminal.unit_of_work() as session:
        command = observations.RebuildObservations()
        rows = observations.rebuild_observations(session, OPERATOR, command)
    click.echo(f"rows: {rows}")


@surveillance.command("recompute")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def recompute(as_json: bool) -> None:
    """Compute every signal again from what was kept; 1 when anything is not the same."""
    counts: Counter[str] = Counter()
    with terminal.unit_of_work(reading=True) as session:
        for found in watched.every_evidence(session):
            again = evidence_shown.sameness(found)
            counts[again.value] += 1
            if again is not Sameness.SAME and not as_json:
                click.echo(f"{found.signal.number} {found.algorithm}: {again.value}")
    told = {one.value: counts[one.value] for one in Sameness}
    click.echo(json.dumps(told) if as_json else ", ".join(f"{k}: {n}" for k, n in told.items()))
    if any(counts[one.value] for one in Sameness if one is not Sameness.SAME):
        raise SystemExit(1)
