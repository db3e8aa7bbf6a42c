"""Custody at the command line: alarms, and what a site held at the end of a day."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.custody import alarms as standing
from lims.custody import conventions, operations, shown
from lims.doors import terminal
from lims.foundation.codes import shown as shown_code
from lims.foundation.words import say
from lims.network import queries as network
from lims.network.records import Site

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def custody() -> None:
    """Look at what is held, and at what is unreturned or unaccounted for."""


@custody.command("alarms")
@click.option("--language", type=click.Choice(["fr", "nl", "en"]), default="en")
def alarms(language: str) -> None:
    """List the alarms of every site, oldest first; the exit code is 1 when there are any."""
    agreed = shown.agreed(terminal.settings())
    with terminal.unit_of_work(reading=True) as session:
        rows, total = standing.alarms(session, network.OPERATOR, agreed, 1, 10_000)
        for one in rows:
            what = say(conventions.ALARM_WORDS[one.kind], language)
            about = " ".join(filter(None, (one.code and shown_code(one.code), one.number)))
            click.echo(f"{one.since.date()}  {one.site_name:<30} {what:<42} {about}")
    if total:
        raise SystemExit(1)


@custody.command("holdings")
@click.argument("site")
@click.option("--day", type=DAY, help="at the end of which day; today without it")
@click.option("--since", type=DAY, help="since when the account is told")
def holdings(site: str, day: datetime | None, since: datetime | None) -> None:
    """Write what a site held as CSV, with the hash that the journal then keeps."""
    from lims.custody.papers import write_csv

    with terminal.unit_of_work() as session:
        wanted = operations.ReportHoldings(_site(session, site), _day(day), _day(since))
        made = operations.report_holdings(session, network.OPERATOR, wanted)
        click.echo(write_csv(shown.report_facts(made)), nl=False)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


def _site(session: Session, name: str) -> uuid.UUID:
    found = session.scalar(select(Site.id).where(Site.name == name))
    return network.site(session, found).id
