"""Reports at the command line: the kept files of an approved one, or a draft to look at."""

from __future__ import annotations

from pathlib import Path

import click

from lims.doors import terminal
from lims.network.queries import OPERATOR
from lims.overview import indicator_periods, report_contents, report_files, report_lists
from lims.overview.report_told import Edition


@click.command("report")
@click.option("--half", default="", help="a half-year such as 2026-1")
@click.option("--year", default="", help="a year such as 2026")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--draft", is_flag=True, help="draw up a draft now, even if one is approved")
def report(half: str, year: str, out: Path, draft: bool) -> None:
    """Write the files of a report into a folder: those kept, or a draft drawn up now.

    A draft is not kept and says on every page that it is one.
    """
    if bool(half) == bool(year):
        terminal.stop("Say either --half or --year.", 2)
    settings = terminal.settings()
    with terminal.unit_of_work(reading=True) as session:
        period = indicator_periods.named(half or year)
        found = None if draft else report_lists.approved(session, period.name)
        if found is not None:
            names = [one.name for one in report_lists.report(session, OPERATOR, found.id).files]
            made = {
                name: report_lists.file(session, OPERATOR, found.id, name).content for name in names
            }
        else:
            contents = report_contents.draw_up(session, OPERATOR, period)
            edition = Edition(
                *(period.name, 0, contents, {}, {}, settings.network_name),
                demonstration=settings.demonstration,
            )
            made = {f"draft-{one.name}": one.content for one in report_files.files(edition)}
    out.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (out / name).write_bytes(content)
        click.echo(out / name)
