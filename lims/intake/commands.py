"""Labels at the command line: sheets of blank labels, labels of samples, papers, calibration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lims.doors import terminal
from lims.foundation.words import LANGUAGES
from lims.intake import (
    calibration,
    label_queries,
    label_templates,
    operations,
    paper,
    papers,
    queries,
)
from lims.network.queries import OPERATOR

OUT = click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
LANGUAGE = click.option("--language", type=click.Choice(LANGUAGES), default="fr", show_default=True)
LAYOUT = click.option(
    "--layout", default="", help="Paper by its name, or a template by its identifier."
)
START = click.option("--start", default=1, help="First label that is still on the first sheet.")


@click.group()
def labels() -> None:
    """Write labels for a printer: PDF, or ZPL where the template says so."""


@labels.command("blank")
@click.option("--block", type=int, required=True, help="Number of the block of codes.")
@click.option("--most", type=int, default=None, help="At most so many codes.")
@click.option("--place", default="", help="Where the sheets go: bag, table, drawer.")
@LAYOUT
@START
@OUT
@LANGUAGE
def blank(
    block: int, most: int | None, place: str, layout: str, start: int, out: Path, language: str
) -> None:
    """Write blank labels of a block: codes that no sample and no printed label has."""
    demonstration = terminal.settings().demonstration
    with terminal.unit_of_work() as session:
        command = operations.PrintBlock(block, layout, most, start, place)
        made = operations.print_blank_labels(session, OPERATOR, command)
        document = paper.blank_labels(
            made.codes, made.chosen, language, demonstration, start, made.captions
        )
        out.write_bytes(document.data)
        told = ", ".join(str(one.number) for one in made.sheets)
    click.echo(f"{len(made.codes)} labels in {out}; sheets {told}")


@labels.command("samples")
@click.argument("codes", nargs=-1, required=True)
@click.option("--reason", default="", help="Why again: a code of list reprint_reason.")
@LAYOUT
@START
@OUT
@LANGUAGE
def samples(
    codes: tuple[str, ...], reason: str, layout: str, start: int, out: Path, language: str
) -> None:
    """Write the labels of samples, named by their codes."""
    demonstration = terminal.settings().demonstration
    with terminal.unit_of_work() as session:
        found = [queries.sample_by_code(session, OPERATOR, code) for code in codes]
        chosen = label_queries.chosen(session, OPERATOR, layout)
        command = operations.PrintLabels(tuple(one.id for one in found), layout, reason)
        printed = [one for one, _n in operations.print_labels(session, OPERATOR, command)]
        document = paper.sample_labels(session, printed, chosen, language, demonstration, start)
        out.write_bytes(document.data)
    click.echo(f"{len(printed)} labels in {out}")


@labels.command("papers")
@LANGUAGE
def list_papers(language: str) -> None:
    """List the papers that ship with the program."""
    for name, one in papers.papers().items():
        click.echo(f"{name:16} {papers.told(one, language)}")


@labels.command("templates")
def list_templates() -> None:
    """List the templates in use: identifier, name, paper."""
    with terminal.unit_of_work(reading=True) as session:
        rows, _total = label_queries.templates(session, OPERATOR, 1, 1000)
        for one in rows:
            whose = one.site.name if one.site else "network"
            click.echo(f"{one.id}  {one.name}  {one.paper}  {whose}")


@labels.command("retire")
@click.argument("template", type=click.UUID)
def retire(template: Any) -> None:
    """Offer a template no longer."""
    with terminal.unit_of_work() as session:
        found = label_templates.retire_label_template(session, OPERATOR, template)
        name = found.name
    click.echo(f"retired: {name}")


@labels.command("calibration")
@LAYOUT
@OUT
@LANGUAGE
def calibrate(layout: str, out: Path, language: str) -> None:
    """Write a sheet that shows how far a printer shifts."""
    with terminal.unit_of_work(reading=True) as session:
        chosen = label_queries.chosen(session, OPERATOR, layout or "a4-3x8")
        out.write_bytes(calibration.calibration_pdf(chosen.paper, chosen.design, language))
    click.echo(str(out))
