"""The library at the command line: loading it, showing a substance."""

from __future__ import annotations

import click

from lims.doors import terminal
from lims.foundation.errors import NotFound, Refused
from lims.foundation.words import _
from lims.library import operations, queries, references
from lims.network.queries import OPERATOR

ELSEWHERE = {
    "import": ("lims.library.import_commands:import_file", "import a library of spectra"),
    "export": ("lims.library.import_commands:export", "write a library of spectra to a file"),
}


@click.group(cls=terminal.LazyGroup, lazy=ELSEWHERE)
def library() -> None:
    """Load the reference library and look into it."""


@library.command("load")
def load() -> None:
    """Load the shipped reference tables; nothing happens when they have not changed."""
    with terminal.unit_of_work() as session:
        version = operations.load_library(session, OPERATOR)
        click.echo(f"library version {version.number} ({version.content_hash[:12]})")


@library.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Show what the library holds of a substance, by name, InChIKey or CAS number."""
    with terminal.unit_of_work(reading=True) as session:
        found = queries.resolve_name(session, name)
        if found.candidates and found.substance is None:
            several = [one.name_en for one in found.candidates]
            raise Refused(_("This name can mean several substances: %(names)s.", names=several))
        if found.substance is None:
            raise NotFound(_("This substance is not in the library."))
        one = found.substance
        click.echo(f"{one.name_en} · {one.name_fr} · {one.name_nl}  [{one.key}]")
        click.echo(f"{one.chemical_class}, {one.role}, structure {one.structure_status}")
        click.echo(f"{one.formula} {one.inchikey} {one.cas} {one.smiles}".strip())
        click.echo("names: " + ", ".join(name.name for name in queries.names(session, one.id)))
        click.echo("groups: " + (", ".join(one.groups) or "none"))
        for colour in references.colour_references(session, one.id):
            click.echo(f"{colour.reagent}: {colour.colours} [{colour.agreement}; {colour.source}]")
        for cited in references.cited_retentions(session, one.id):
            click.echo(f"{cited.system}: hRf {cited.hrf} cited [{cited.source}]")
        for own in references.measured_retentions(session, substance_id=one.id):
            shown = f"hRf {own.mean} measured, n {own.n}, sd {own.sd}"
            click.echo(f"{own.protocol}: {shown} [{own.site}]")
