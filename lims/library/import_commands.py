"""Libraries of reference spectra at the command line: importing files of any size, exporting."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lims.doors import terminal
from lims.foundation import files, jobs
from lims.foundation.database import open_session
from lims.foundation.errors import NotFound, Refused
from lims.foundation.jobs import Job, Shift
from lims.foundation.words import _, kept
from lims.library import collection, exporting, importing, imports, outgoing
from lims.library.importing import BeginImport, LookAtFile
from lims.library.long_import import import_spectra
from lims.library.previews import Preview, look, rows
from lims.library.spectra import SpectrumLibrary
from lims.library.standing import SEARCHED_KINDS
from lims.network.queries import OPERATOR

SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="name of the new library")
@click.option("--into", default="", help="name of a library that nobody has reviewed yet")
@click.option("--licence", default="", help="licence as its maker states it")
@click.option("--kind", type=click.Choice(SEARCHED_KINDS), help="default: as the file says")
@click.option("--export/--no-export", "exportable", default=False, help="may leave the network")
@click.option("--source", default="", help="who made it, where it comes from")
@click.option("--edition", default="", help="edition as its maker numbers it")
@click.option("--dry-run", is_flag=True, help="only look: write nothing")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def import_file(
    file: Path, into: str, dry_run: bool, as_json: bool, kind: str | None, **told: Any
) -> None:
    """Import a library of reference spectra; another person reviews it before it is searched.

    When this ends early, the worker of `lims serve` goes on. Exit codes: 0 done, 2 not understood,
    5 refused.
    """
    if dry_run:
        _write_look(look(file, file.name), as_json)
        return
    settings = terminal.settings()
    with terminal.unit_of_work() as session:
        with file.open("rb") as stream:
            sha256, size = files.store_stream(settings.data_dir, stream)
        looked = LookAtFile(file.name, sha256, size, settings.data_dir)
        found = importing.look_at_file(session, OPERATOR, looked)
        if found.refusal:
            raise Refused(kept(found.refusal))
        there = _named(session, into) if into else None
        kind = kind or (there.kind if there else found.kind)
        command = BeginImport(found.id, kind, library_id=there.id if there else None, **told)
        importing.begin_import(session, OPERATOR, command)
        job = session.scalars(select(Job).where(Job.subject_id == found.id)).one()
        jobs.take_up(job)
    engine = terminal.engine_of(settings)
    _run(engine, Shift(engine, settings.data_dir, job.id, job.token))
    _write_import(engine, found.id, as_json)


def _named(session: Session, name: str) -> SpectrumLibrary:
    found = collection.library_by_name(session, name)
    if found is None:
        raise NotFound(_("There is no such library of spectra."))
    return found


def _run(engine: Engine, shift: Shift) -> None:
    """Do the import here and now; interrupted, it is left stopped and can go on later."""
    try:
        jobs.carry_out(shift, import_spectra)
    except KeyboardInterrupt:
        with open_session(engine) as session:
            jobs.stop(session.get_one(Job, shift.job_id))
            session.commit()
        terminal.stop("Stopped. It can go on from the page of its import.", terminal.REFUSED)


def _write_look(preview: Preview, as_json: bool) -> None:
    if preview.refusal is not None:
        terminal.stop(str(preview.refusal), terminal.REFUSED)
    listed = list(rows(preview))
    if as_json:
        told = {"kind": preview.kind, "kinds": preview.kinds, "looked_at": preview.looked_at}
        refusals = [{"position": place, "words": str(words)} for place, words in preview.refusals]
        click.echo(json.dumps({**told, "records": listed, "refusals": refusals}, indent=2))
        return
    click.echo(f"records looked at: {preview.looked_at}, kind: {preview.kind or 'to be said'}")
    for row in listed:
        span = f"{row['least']:g} to {row['most']:g} {row['x_unit']}"
        click.echo(f"  {row['name']}  {row['points']} points, {span}  {row['inchikey']}")
    for _place, words in preview.refusals:
        click.echo(f"  {words}", err=True)


def _write_import(engine: Engine, import_id: uuid.UUID, as_json: bool) -> None:
    with open_session(engine, reading=True) as session:
        found = imports.one_import(session, OPERATOR, import_id)
    engine.dispose()
    counts = ("read", "added", "duplicates", "unresolved", "refused")
    told = {name: getattr(found.file, name) for name in counts}
    listed = [(one["position"], str(kept(one))) for one in found.file.refusals]
    if as_json:
        refusals = [{"position": place, "words": words} for place, words in listed]
        whole = {"id": str(import_id), "state": found.file.state, **told, "refusals": refusals}
        click.echo(json.dumps(whole, indent=2, ensure_ascii=False))
    else:
        click.echo(", ".join(f"{name}: {count}" for name, count in told.items()))
        for _place, words in listed[:SHOWN]:
            click.echo(f"  {words}", err=True)
        click.echo("The library waits for another person's review before it is searched.")
    if found.job is not None and found.job.error:
        terminal.stop(str(kept(found.job.error)), terminal.REFUSED)


@click.command("export")
@click.argument("name")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="default: stdout")
def export(name: str, output: Path | None) -> None:
    """Write a library of spectra as MSP or JCAMP-DX, if its licence allows that."""
    with terminal.unit_of_work() as session:
        found = _named(session, name)
        made = exporting.export_library(session, OPERATOR, found.id)
    engine = terminal.engine_of(terminal.settings())
    texts = outgoing.texts(engine, made.library_id)
    if output is None:
        sys.stdout.writelines(texts)
    else:
        with output.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(texts)
    engine.dispose()
