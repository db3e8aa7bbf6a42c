"""Quality at the command line: who is trained on what."""

from __future__ import annotations

import click

from lims.doors import terminal
from lims.network.queries import OPERATOR, actor_by_account, sites
from lims.quality import competences, schemas, training


@click.group()
def training_group() -> None:
    """Write down and list who is trained on which protocol."""


@training_group.command("record")
@click.argument("account")
@click.argument("protocol")
@click.option("--on", "trained_on", required=True, help="day of the training, year-month-day")
@click.option("--until", "valid_until", default="", help="last day; none: it does not end")
def record(account: str, protocol: str, trained_on: str, valid_until: str) -> None:
    """Write down or renew a training of an account on a protocol such as tlc-ta."""
    with terminal.unit_of_work() as session:
        member = actor_by_account(session, account).member_id
        days = {"trained_on": trained_on, "valid_until": valid_until}
        told = {"member_id": str(member), "protocol": protocol, **days}
        command = schemas.RecordCompetenceSchema().read(told)
        kept = training.record_competence(session, OPERATOR, command)
        click.echo(f"{account} {protocol} {kept.trained_on} {kept.valid_until or 'no last day'}")


@training_group.command("list")
def list_trainings() -> None:
    """List the trainings of every laboratory."""
    with terminal.unit_of_work(reading=True) as session:
        for site in sites(session, "laboratory"):
            for one in competences.trainings(session, OPERATOR, site.id):
                what = one.competence.protocol if one.competence else "-"
                click.echo(f"{site.name}  {one.member.account}  {what}  {one.state}")
