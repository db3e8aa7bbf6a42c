"""Batch sheets at the command line."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.doors import terminal
from lims.foundation.words import LANGUAGES
from lims.intake import batch_schemas
from lims.network.queries import OPERATOR
from lims.network.records import Site

SHOWN = 200


@click.group("intake")
def intake() -> None:
    """Register samples from a batch sheet."""


@intake.command("template")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
def template(out: Path, language: str) -> None:
    """Write an empty batch sheet: XLSX, or CSV by the file's ending."""
    kind = "csv" if out.suffix.lower() == ".csv" else "xlsx"
    with terminal.unit_of_work(reading=True) as session:
        out.write_bytes(batch_schemas.template(session, OPERATOR, language, kind))
    click.echo(f"Template in {out}")


@intake.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--site", required=True, help="name of the site where the samples are")
@click.option("--dry-run", is_flag=True, help="only look: register nothing")
@click.option(
    "--remarks",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="write the sheet with a column of remarks",
)
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
def import_sheet(file: Path, site: str, dry_run: bool, remarks: Path | None, language: str) -> None:
    """Register the samples of a batch sheet, all of them or none; twice adds nothing.

    Exit codes: 0 done, 2 something is wrong with a cell, 4 no such site, 5 refused.
    """
    with terminal.unit_of_work() as session:
        site_id = _site(session, site).id
        command = batch_schemas.SendBatch(file.read_bytes(), site_id, dry_run)
        report = batch_schemas.send_batch(session, OPERATOR, command)
        if remarks is not None:
            kind = "csv" if remarks.suffix.lower() == ".csv" else "xlsx"
            remarks.write_bytes(batch_schemas.remarked(report, language, kind))
        _say(report)
    if report.problems:
        terminal.stop("Nothing was registered.", 2)


def _site(session: Session, name: str) -> Site:
    found = session.scalar(select(Site).where(Site.name == name))
    if found is None:
        terminal.stop(f"There is no site called {name!r}.", 4)
    return found


def _say(report: batch_schemas.BatchReport) -> None:
    for one in report.problems[:SHOWN]:
        place = one.address or f"row {one.row}"
        click.echo(f"{place} {one.column}: {one.message}", err=True)
    if len(report.problems) > SHOWN:
        click.echo(f"and {len(report.problems) - SHOWN} more", err=True)
    done = "Would be registered" if report.dry_run or report.problems else "Registered"
    click.echo(f"{done}: {report.samples} samples of {report.visits} visits.")
    click.echo(f"Rows: {report.rows}. Known already: {len(report.known_rows)}.")
    for row, code in sorted(report.codes.items()):
        click.echo(f"  row {row}: {code}")
