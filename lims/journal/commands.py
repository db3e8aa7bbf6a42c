"""The journal at the command line: prove the chain, show its head."""

from __future__ import annotations

import json

import click

from lims.doors import terminal
from lims.journal import queries
from lims.journal.records import JournalHead

BROKEN = 6


@click.group()
def journal() -> None:
    """Verify the journal, show its head."""


@journal.command("verify")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def verify(as_json: bool) -> None:
    """Walk the whole chain; name the first entry that does not fit (exit code 6)."""
    with terminal.unit_of_work(reading=True) as session:
        proof = queries.verify_chain(session)
    if as_json:
        told = {
            "whole": proof.is_whole,
            "entries": proof.entries,
            "head": proof.head,
            "first_bad": proof.first_bad,
            "reason": proof.reason,
        }
        click.echo(json.dumps(told))
    elif proof.is_whole:
        click.echo(f"The journal is whole: {proof.entries} entries, head {proof.head}.")
    if not proof.is_whole:
        terminal.stop(f"Entry {proof.first_bad} does not fit: {proof.reason}.", BROKEN)


@journal.command("head")
def head() -> None:
    """Print the head of the chain, to be kept outside: a cut tail shows against it."""
    with terminal.unit_of_work(reading=True) as session:
        found = session.get(JournalHead, 1)
        click.echo(f"{found.seq} {found.hash}" if found else "0")
