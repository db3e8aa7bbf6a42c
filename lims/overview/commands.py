"""The overview at the command line: the life of one sample."""

from __future__ import annotations

import json

import click

from lims.doors import terminal
from lims.network import queries as network
from lims.overview import lives


@click.group()
def samples() -> None:
    """Look at single samples."""


@samples.command("life")
@click.argument("code")
@click.option("--language", type=click.Choice(["fr", "nl", "en"]), default="en")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def life(code: str, language: str, as_json: bool) -> None:
    """Tell the whole life of a sample, drawn from the journal."""
    with terminal.unit_of_work(reading=True) as session:
        found = lives.life_by_code(session, network.OPERATOR, code)
        moments = lives.told(found, language)
    if as_json:
        told = {"code": found.sample.code, "state": found.sample.state, "acts": moments}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for moment in moments:
        click.echo(f"{moment['at']}  {moment['actor']:<20} {moment['what']}")
