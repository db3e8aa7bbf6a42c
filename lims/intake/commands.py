"""The intake at the command line: sheets of blank labels, to print a pad in advance."""

from __future__ import annotations

from pathlib import Path

import click

from lims.doors import terminal
from lims.foundation.words import LANGUAGES
from lims.intake import operations, paper
from lims.network.queries import OPERATOR


@click.command()
@click.option("--block", type=int, required=True, help="Number of the block of codes.")
@click.option("--layout", default="", help="Paper: a roll such as roll-62x29, or a4-3x8 …")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
def labels(block: int, layout: str, out: Path, language: str) -> None:
    """Write the blank labels of a block of codes as PDF."""
    demonstration = terminal.settings().demonstration
    with terminal.unit_of_work() as session:
        paper.layout_named(layout)
        command = operations.PrintBlock(block, layout)
        codes = operations.print_blank_labels(session, OPERATOR, command)
        out.write_bytes(paper.blank_labels(codes, layout, language, demonstration))
    click.echo(f"{len(codes)} labels in {out}")
