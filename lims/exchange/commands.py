"""Bringing in other services' results at the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DatabaseError

from lims.doors import terminal
from lims.exchange.operations import ImportReport, ImportResults, import_results
from lims.exchange.sources import SOURCES, files_at
from lims.exchange.sources.rows import RowProblem
from lims.network.queries import OPERATOR

#: Problems written to the terminal; the import's own page shows every one.
SHOWN = 200


ELSEWHERE = {
    "alerts": ("lims.exchange.foreign_commands:alerts", "bring in CAP alerts of other countries"),
}


@click.group("import", cls=terminal.LazyGroup, lazy=ELSEWHERE)
def import_group() -> None:
    """Bring in results of other services, and alerts of other countries, shown apart from ours."""


@import_group.command("results")
@click.argument("folder_or_file", type=click.Path(path_type=Path))
@click.option("--source", type=click.Choice(SOURCES), required=True, help="whose format it is")
@click.option("--dry-run", is_flag=True, help="only look: write nothing")
@click.option("--fetched", type=click.DateTime(["%Y-%m-%d"]), help="day fetched; else today")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def results(
    folder_or_file: Path, source: str, dry_run: bool, fetched: datetime | None, as_json: bool
) -> None:
    """Import a delivery, all of it or nothing; a second time adds nothing.

    Exit codes: 0 done, 2 not understood, 4 nothing there, 5 refused (cut off, not initialised).
    """
    try:
        with terminal.unit_of_work(reading=dry_run) as session:
            click.echo(f"Reading {folder_or_file.name}", err=True)
            files = files_at(folder_or_file, source)
            day = fetched.date() if fetched else None
            command = ImportResults(source, files, dry_run, day)
            report = import_results(session, OPERATOR, command)
    except DatabaseError as wrong:
        sentence = f"The database is not ready ({type(wrong).__name__}). Run: lims init"
        terminal.stop(sentence, terminal.REFUSED)
    _write_problems([*report.reading.problems, *report.conflicts])
    if as_json:
        click.echo(json.dumps(_as_json(report), ensure_ascii=False, indent=2))
    else:
        _write_words(report)


def _as_json(report: ImportReport) -> dict[str, Any]:
    return {
        **report.counts,
        "dry_run": report.dry_run,
        "added": report.added,
        "already_known": report.already_known,
        "conflicts": len(report.conflicts),
        "problems": len(report.reading.problems),
        "licence": report.mapping.licence,
    }


def _write_problems(problems: Sequence[RowProblem]) -> None:
    for problem in problems[:SHOWN]:
        place = f"{problem.file}, row {problem.row}"
        column = f", {problem.column}" if problem.column else ""
        left_out = " (row left out)" if problem.left_out else ""
        click.echo(f"{place}{column}: {problem.message}{left_out}", err=True)
    if len(problems) > SHOWN:
        click.echo(f"and {len(problems) - SHOWN} more", err=True)


def _write_words(report: ImportReport) -> None:
    counts = report.counts
    done = "Would be added" if report.dry_run else "Added"
    click.echo(f"Source: {report.mapping.title}. Licence: {report.mapping.licence}.")
    click.echo(f"{done}: {report.added}. Known already: {report.already_known}.")
    click.echo(f"Conflicts: {len(report.conflicts)}. Rows left out: {counts['rows_left_out']}.")
    click.echo(f"Samples: {counts['samples']}, analysed {counts['analysed']}.")
    for reason, n in counts["not_analysed_by_reason"].items():
        click.echo(f"  not analysed, {reason}: {n}")
    click.echo(f"Detections: {counts['detections']}.")
    click.echo(f"Names without a substance: {len(counts['unresolved_names'])}.")
    for flag, n in counts["flagged"].items():
        click.echo(f"  {flag}: {n}")
