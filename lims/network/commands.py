"""The network at the command line: settings, accounts, duties, API keys."""

from __future__ import annotations

import secrets

import click

from lims.doors import terminal
from lims.foundation import settings as installation
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.network import operations, queries
from lims.network.rules import Duty, Permission


@click.command("settings")
def settings_command() -> None:
    """Print every setting with its default and meaning."""
    for name, default, meaning in installation.table():
        shown = f" (default: {default})" if default else ""
        click.echo(f"{name}{shown}\n    {meaning}")


@click.group()
def accounts() -> None:
    """Add accounts, duties and API keys."""


@accounts.command("add")
@click.argument("account")
@click.option("--duty", type=click.Choice([str(duty) for duty in Duty]), required=True)
@click.option("--site", default="", help="name of the site; none: the whole network")
@click.option("--language", type=click.Choice(["fr", "nl", "en"]), default="fr")
def add(account: str, duty: str, site: str, language: str) -> None:
    """Add an account with one duty; its first password is printed once."""
    password = secrets.token_urlsafe(12)
    with terminal.unit_of_work() as session:
        member = operations.add_member(
            session, queries.OPERATOR, operations.AddMember(account, password, language)
        )
        session.flush()
        found = [one for one in queries.sites(session) if one.name == site]
        if site and not found:
            raise refuse_field("site", _("There is no such site."))
        site_id = found[0].id if found else None
        operations.give_duty(
            session, queries.OPERATOR, operations.GiveDuty(member.id, duty, site_id)
        )
    click.echo(f"{account} {password}")


@accounts.command("key")
@click.argument("account")
@click.option("--name", required=True, help="what the key is for")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice([str(one) for one in Permission])
)
def key(account: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make an API key that acts with an account's duties; it is printed once."""
    with terminal.unit_of_work() as session:
        actor = queries.actor_by_account(session, account)
        assert actor.member_id is not None
        wanted = list(scopes) or sorted(actor.grants)
        _made, plain = operations.make_api_key(
            session, queries.OPERATOR, operations.MakeApiKey(name, actor.member_id, wanted)
        )
    click.echo(plain)
