"""Protocols at the command line: checking a document, publishing the shipped ones or a file."""

from __future__ import annotations

from pathlib import Path

import click

from lims.doors import terminal
from lims.foundation.errors import Invalid
from lims.foundation.words import _
from lims.network.queries import OPERATOR
from lims.protocols import documents, operations, rules


@click.group()
def protocols() -> None:
    """Check and publish protocols."""


@protocols.command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def check(file: Path) -> None:
    """Check a protocol document and print its hash; every problem is named with its place."""
    try:
        document = documents.read_document(file)
        problems = rules.check_document(document)
        if problems:
            raise Invalid(problems, _("This protocol cannot be published yet."))
    except Invalid as refusal:
        terminal.say_refusal(refusal)
    click.echo(f"{document['name']} {document['version']} {rules.content_hash(document)}")


@protocols.command("publish")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def publish(file: Path | None) -> None:
    """Publish a document, or without a file all shipped ones that are not published yet."""
    with terminal.unit_of_work() as session:
        if file is None:
            made = operations.publish_shipped(session, OPERATOR)
        else:
            one = operations.publish(session, OPERATOR, documents.read_document(file))
            made = [one] if one else []
        for version in made:
            click.echo(f"{version.label} {version.content_hash[:12]}")
        if not made:
            click.echo("nothing new to publish")
