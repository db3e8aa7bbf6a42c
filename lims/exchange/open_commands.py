"""Open data at the command line: counting a closed quarter; publishing is for two people."""

from __future__ import annotations

import json

import click

from lims.doors import terminal
from lims.exchange.opening import PrepareRelease, prepare_release
from lims.network.queries import OPERATOR


@click.group("open-data")
def open_data() -> None:
    """Prepare the open data of closed quarters."""


@open_data.command("prepare")
@click.argument("quarter")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def prepare(quarter: str, as_json: bool) -> None:
    """Count a closed QUARTER, such as 2026-Q3, and protect its small numbers.

    Nothing is published: a person with the permission does that on the page of the release.
    """
    settings = terminal.settings()
    with terminal.unit_of_work() as session:
        command = PrepareRelease(quarter, settings.open_data_licence, settings.open_data_days)
        kept = prepare_release(session, OPERATOR, command)
        told = {"period": kept.period, **kept.summary}
    if as_json:
        click.echo(json.dumps(told))
        return
    for name, one in told.items():
        if isinstance(one, dict):
            click.echo(f"{name}: numbers {one['numbers']}, withheld {one['withheld']}")
