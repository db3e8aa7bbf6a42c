"""Acts of an import: looking at a file, beginning, taking in record after record, ending.

The file is kept whatever comes of it. Every part is taken in together with the place in the file
that it reaches, so that an interrupted import goes on there and adds nothing twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import files, jobs
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field
from lims.foundation.jobs import Job
from lims.foundation.words import Message, _, keep
from lims.library import collection, imports
from lims.library.collecting import AddSpectrumLibrary, add_spectrum_library
from lims.library.previews import look
from lims.library.rules import printable
from lims.library.spectra import ReferenceSpectrum, SpectrumImport, SpectrumLibrary
from lims.library.standing import KIND_WORDS, ImportState, LibraryState
from lims.library.taking import Taking, row_of, wrong_with
from lims.network.rules import Permission
from lims.spectra.reading import Record

JOB = "import spectra"
KEPT_REFUSALS = 200
TABLE: Any = ReferenceSpectrum.__table__


@dataclass(frozen=True)
class LookAtFile:
    """A file that is kept already, under its hash in `folder`."""

    name: str
    sha256: str
    size: int
    folder: Path
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class BeginImport:
    """What is asked before an import: where the spectra go, or the new library that takes them."""

    import_id: uuid.UUID
    kind: str
    name: str = ""
    licence: str = ""
    exportable: bool = False
    source: str = ""
    edition: str = ""
    library_id: uuid.UUID | None = None
    site_id: uuid.UUID | None = None


def look_at_file(session: Session, actor: Actor, command: LookAtFile) -> SpectrumImport:
    """Write down that a file was brought in and whether it holds spectra; it is kept either way."""
    actor.must(Permission.ADD_REFERENCE)
    there = session.get(SpectrumImport, command.id) if command.id else None
    if there is not None:
        return there
    preview = look(files.path_of(command.folder, command.sha256), command.name)
    found = SpectrumImport(
        id=command.id or uuid.uuid4(),
        name=printable(command.name)[-200:],
        sha256=command.sha256,
        size=command.size,
        kind=preview.kind,
        state=ImportState.REFUSED if preview.refusal else ImportState.LOOKED_AT,
        refusal=keep(preview.refusal) if preview.refusal else {},
        by=actor.account,
    )
    session.add(found)
    _note(session, actor, "look at file of spectra", found, state=found.state)
    return found


def begin_import(session: Session, actor: Actor, command: BeginImport) -> SpectrumImport:
    """Say where the spectra go, with their licence, and ask the worker to import them.

    Raises Refused for a file that holds none or is imported already, Invalid for what is missing.
    """
    actor.must(Permission.ADD_REFERENCE)
    found = imports.one_import(session, actor, command.import_id).file
    if found.state != ImportState.LOOKED_AT:
        raise Refused(_("This file is refused, or is imported already."))
    library = _destination(session, actor, command)
    found.library, found.library_id, found.kind = library, library.id, library.kind
    found.state, found.by = ImportState.IMPORTING, actor.account
    session.flush()
    jobs.enqueue(session, JOB, actor.account, subject_id=found.id, total=found.size)
    _note(session, actor, "begin import of spectra", found, library=library.name)
    return found


def _destination(session: Session, actor: Actor, command: BeginImport) -> SpectrumLibrary:
    if command.library_id is None:
        names = ("name", "kind", "licence", "exportable", "source", "edition", "site_id")
        if not command.name:
            raise refuse_field("name", _("This answer is needed."))
        new = AddSpectrumLibrary(**{name: getattr(command, name) for name in names})
        return add_spectrum_library(session, actor, new)
    library = collection.library(session, actor, command.library_id).library
    actor.must(Permission.ADD_REFERENCE, library.site_id)
    if library.state != LibraryState.DRAFT or library.own:
        words = _("Spectra are imported only into a library that nobody has reviewed yet.")
        raise refuse_field("library_id", words)
    if library.kind != command.kind:
        raise refuse_field("kind", _("This library holds %(kind)s.", kind=KIND_WORDS[library.kind]))
    return library


def stop_import(session: Session, actor: Actor, import_id: uuid.UUID) -> SpectrumImport:
    """Stop an import; what was taken in stays, and it can go on later."""
    actor.must(Permission.ADD_REFERENCE)
    found, job = _with_job(session, actor, import_id)
    jobs.stop(job)
    _note(session, actor, "stop import of spectra", found, position=found.position)
    return found


def resume_import(session: Session, actor: Actor, import_id: uuid.UUID) -> SpectrumImport:
    """Let a stopped or failed import go on where it was."""
    actor.must(Permission.ADD_REFERENCE)
    found, job = _with_job(session, actor, import_id)
    jobs.resume(job)
    _note(session, actor, "resume import of spectra", found, position=found.position)
    return found


def _with_job(session: Session, actor: Actor, import_id: uuid.UUID) -> tuple[SpectrumImport, Job]:
    found = imports.one_import(session, actor, import_id)
    if found.job is None:
        raise Refused(_("The import of this file has not begun."))
    session.refresh(found.job, with_for_update=True)
    return found.file, found.job


def take_in(
    session: Session, actor: Actor, found: SpectrumImport, records: Sequence[Record], taking: Taking
) -> None:
    """Add the spectra of some records to the library, and move the import's place behind them."""
    actor.must(Permission.ADD_REFERENCE)
    rows: dict[str, dict[str, Any]] = {}
    refused: list[tuple[int, Message]] = []
    for record in records:
        refusal = record.refusal or wrong_with(record.spectrum, found.kind)
        if refusal is not None or record.spectrum is None:
            refused.append((record.position, refusal or _("There is no spectrum in this file.")))
            continue
        row = row_of(record.spectrum, found.kind, taking)
        row |= {"library_id": found.library_id, "added_by": found.by}
        found.duplicates += row["hash"] in rows
        rows[row["hash"]] = row
    there = _there(session, found, list(rows))
    fresh = [row for key, row in rows.items() if key not in there]
    if fresh:
        session.execute(insert(TABLE), fresh)
    found.read += len(records)
    found.added += len(fresh)
    found.duplicates += len(rows) - len(fresh)
    found.unresolved += sum(row["substance_id"] is None for row in fresh)
    found.refused += len(refused)
    room = KEPT_REFUSALS - len(found.refusals)
    told = [{"position": place, **keep(words)} for place, words in refused[: max(room, 0)]]
    found.refusals = [*found.refusals, *told]
    found.position = records[-1].position if records else found.position


def end_import(session: Session, actor: Actor, found: SpectrumImport) -> None:
    """Write that a file is imported to its end, with what came of it."""
    actor.must(Permission.ADD_REFERENCE)
    found.state = ImportState.DONE
    names = ("read", "added", "duplicates", "unresolved", "refused")
    counted = {name: getattr(found, name) for name in names}
    _note(session, actor, "end import of spectra", found, **counted)


def _there(session: Session, found: SpectrumImport, hashes: list[str]) -> set[str]:
    query = select(ReferenceSpectrum.hash).where(
        ReferenceSpectrum.library_id == found.library_id, ReferenceSpectrum.hash.in_(hashes)
    )
    return set(session.scalars(query))


def _note(session: Session, actor: Actor, act: str, found: SpectrumImport, **facts: Any) -> None:
    about = [("spectrum import", found.id)]
    if found.library_id is not None:
        about.append(("spectrum library", found.library_id))
    journal.record(session, actor, act, about, file=found.sha256, **facts)
