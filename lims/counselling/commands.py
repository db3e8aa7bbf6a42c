"""Counselling at the command line: letting go of old words, and proving it to the file.

Emptied rows leave their bytes in the free pages of a database and in its log. The command writes
the log back and rewrites the file, so that what was emptied is gone from the disk as well.
"""

from __future__ import annotations

import click

from lims.counselling import purging, sweeping
from lims.doors import terminal
from lims.foundation.database import make_engine, rewrite_file
from lims.network.queries import OPERATOR


@click.command("purge")
@click.option("--dry-run", is_flag=True, help="count what would be emptied, and stop")
def purge(dry_run: bool) -> None:
    """Empty old notes and tickets, make old days coarser, remove unused files; run it daily."""
    settings = terminal.settings()
    command = purging.PurgeOldNotes(settings.ticket_days)
    if dry_run:
        with terminal.unit_of_work() as session:
            for name, count in purging.due(session, OPERATOR, command).items():
                click.echo(f"{name}: {count}")
            unused = sweeping.SweepFiles(settings.data_dir, only_count=True)
            click.echo(f"files: {sweeping.sweep_files(session, OPERATOR, unused)}")
        return
    with terminal.unit_of_work() as session:
        done = purging.purge_old_notes(session, OPERATOR, command)
    for name, count in vars(done).items():
        click.echo(f"{name}: {count}")
    with terminal.unit_of_work() as session:
        unused = sweeping.SweepFiles(settings.data_dir)
        click.echo(f"files: {sweeping.sweep_files(session, OPERATOR, unused)}")
    engine = make_engine(settings.database)
    try:
        if not rewrite_file(engine):
            terminal.stop(
                "Emptied, but others were using the database, so that its old pages stand until "
                "the next run.",
                6,
            )
    finally:
        engine.dispose()
