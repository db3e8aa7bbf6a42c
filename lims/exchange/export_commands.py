"""Exports at the command line."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import click

from lims.doors import terminal
from lims.exchange.column_sets import FORMATS, Period, column_set
from lims.exchange.exporting import ExportRows, export_rows
from lims.exchange.passing import Look, look
from lims.exchange.tables_out import KINDS
from lims.network.queries import OPERATOR

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("export")
@click.argument("format_", metavar="FORMAT", type=click.Choice(FORMATS))
@click.option("--from", "since", type=DAY, required=True, help="first day, such as 2026-07-01")
@click.option("--to", "until", type=DAY, required=True, help="last day; weeks are taken whole")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="file to write")
@click.option("--kind", type=click.Choice(list(KINDS)), default="csv", help="kind of file")
@click.option("--dry-run", is_flag=True, help="look at every row, name what is wrong, give nothing")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def export(
    format_: str,
    since: datetime,
    until: datetime,
    out: Path | None,
    kind: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Give out the rows of a period in a format; the act, its counts and hash are recorded."""
    period = Period(since.date(), until.date())
    network = terminal.settings().network_name
    if dry_run:
        with terminal.unit_of_work(reading=True) as session:
            _say_look(look(session, OPERATOR, column_set(format_), period, network, None), as_json)
        return
    if out is None:
        terminal.stop("Name the file with --out, or look first with --dry-run.", 2)
    waiting = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with waiting.open("wb") as file, terminal.unit_of_work() as session:
            command = ExportRows(format_, period.since, period.until, kind)
            kept = export_rows(session, OPERATOR, command, file, network)
            told = {"rows": kept.rows, "left_out": kept.left_out, "sha256": kept.file_hash}
        waiting.replace(out)
    finally:
        waiting.unlink(missing_ok=True)
    if as_json:
        click.echo(json.dumps({"file": str(out), **told}))
    else:
        click.echo(f"Rows: {told['rows']}. Left out: {told['left_out']}. SHA-256: {told['sha256']}")


def _say_look(looked: Look, as_json: bool) -> None:
    if as_json:
        body = {
            "since": looked.period.since.isoformat(),
            "until": looked.period.until.isoformat(),
            "records": looked.records,
            "rows": looked.looked_at,
            "left_out": looked.left_out,
            "held_back": looked.held_back,
            "unknown_columns": looked.chosen.unknown,
            "problems_by_column": looked.by_column,
        }
        click.echo(json.dumps(body, ensure_ascii=False))
        return
    click.echo(f"{looked.chosen.title}, {looked.period.since} to {looked.period.until}")
    click.echo(f"Rows: {looked.looked_at - looked.left_out}. Left out: {looked.left_out}.")
    click.echo(f"Samples that stay inside: {looked.held_back}.")
    if looked.chosen.unknown:
        click.echo(f"Columns left empty: {', '.join(looked.chosen.unknown)}.")
    for problem in looked.problems:
        click.echo(f"row {problem.row}, {problem.column}: {problem.message}", err=True)
