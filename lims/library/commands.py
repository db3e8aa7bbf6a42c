"""The library at the command line: loading it, finding and showing substances, systems."""

from __future__ import annotations

import click

from lims.doors import terminal
from lims.foundation.errors import NotFound, Refused
from lims.foundation.words import _
from lims.library import masses, operations, queries, references, schemas, search, systems
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
        for seen in references.measured_colours(session, one.id):
            click.echo(f"{seen.reagent}: {seen.colours} measured, n {seen.n} [{seen.site}]")


@library.command("search")
@click.argument("text", default="")
@click.option("--formula", default="", help="atoms in any order")
@click.option("--mz", default="", help="mass, or m/z with --ion")
@click.option("--ion", "adduct", default=masses.NEUTRAL, help="such as [M+H]+; default: neutral")
@click.option("--within", "tolerance", default="", help="tolerance of --mz, default 10 ppm")
@click.option("--unit", type=click.Choice(masses.UNITS), default="ppm")
@click.option("--contains", default="", help="a part of the structure as SMILES or SMARTS")
@click.option("--similar", default="", help="a structure as SMILES; the most similar first")
@click.option("--least", "threshold", default="", help="least similarity, 0 to 1, default 0.4")
def search_command(contains: str, similar: str, **given: str) -> None:
    """Find substances by name, identifier, formula, mass or structure."""
    structure = {"structure": similar or contains}
    relation = {"relation": search.SIMILAR if similar else search.CONTAINS}
    with terminal.unit_of_work(reading=True) as session:
        filters = schemas.SearchSchema().read({**given, **structure, **relation})
        found = search.search(session, OPERATOR, filters, size=200)
        for one in found.substances:
            likeness = found.similarity.get(one.id) if similar else None
            shown = "" if likeness is None else f"  {likeness:.2f}"
            click.echo(f"{one.key}  {one.formula}  {one.monoisotopic_mass or ''}{shown}")
        click.echo(f"{found.total} found")


@library.command("systems")
def systems_command() -> None:
    """Show how well each thin-layer system separates, on cited and on measured values."""
    with terminal.unit_of_work(reading=True) as session:
        for one in systems.systems(session, OPERATOR):
            for basis in one.bases:
                seen = basis.separation
                power = "-" if seen.power is None else f"{seen.power:.2f}"
                length = "-" if seen.mean_list is None else f"{seen.mean_list:.2f}"
                click.echo(f"{one.code} {basis.kind}: n {seen.n}, DP {power}, MLL {length}")
