"""Acts on libraries of reference spectra: adding, reviewing by another person, retiring.

An imported library is reviewed as a whole, never by who brought it in or by who imported into it.
Every change of what is searched makes a new version of the library.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field, refuse_stale
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.words import _
from lims.library import collection
from lims.library.spectra import SpectrumImport, SpectrumLibrary
from lims.library.standing import (
    SEARCHED_KINDS,
    ImportState,
    LibraryState,
    given_reason,
    refuse_library_move,
)
from lims.library.versions import note_library_change
from lims.network.queries import site
from lims.network.rules import Permission


@dataclass(frozen=True)
class AddSpectrumLibrary:
    """A library of reference spectra: its licence is asked, and whether it may be exported."""

    name: str
    kind: str
    licence: str
    exportable: bool = False
    source: str = ""
    edition: str = ""
    site_id: uuid.UUID | None = None
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class ReviewLibrary:
    """Put a library in use, as another person than who brought it in."""

    library_id: uuid.UUID
    row_version: int | None = None


@dataclass(frozen=True)
class RetireLibrary:
    """Take a library out of use, with the reason."""

    library_id: uuid.UUID
    reason: str
    row_version: int | None = None


@dataclass(frozen=True)
class DecideExport:
    """Say whether the spectra of a library may leave the network."""

    library_id: uuid.UUID
    exportable: bool
    row_version: int | None = None


def add_spectrum_library(
    session: Session, actor: Actor, command: AddSpectrumLibrary
) -> SpectrumLibrary:
    """Add an empty library as a draft; the same identifier twice keeps one.

    Raises Invalid for a name that is taken, a missing licence or an unknown kind.
    """
    actor.must(Permission.ADD_REFERENCE, command.site_id)
    there = session.get(SpectrumLibrary, command.id) if command.id else None
    if there is not None:
        return there
    if not command.licence.strip():
        raise refuse_field("licence", _("Say under which licence these spectra may be used."))
    if command.kind not in SEARCHED_KINDS:
        raise refuse_field("kind", _("Choose one of the list."))
    if collection.library_by_name(session, command.name) is not None:
        raise refuse_field("name", _("A library of this name is there already."))
    if command.site_id is not None:
        site(session, command.site_id)
    added = SpectrumLibrary(
        id=command.id or uuid.uuid4(),
        added_by=actor.account,
        state=LibraryState.DRAFT,
        **{
            name: getattr(command, name)
            for name in ("name", "kind", "licence", "exportable", "source", "edition", "site_id")
        },
    )
    session.add(added)
    _note(session, actor, "add spectrum library", added, exportable=added.exportable)
    return added


def review_library(session: Session, actor: Actor, command: ReviewLibrary) -> SpectrumLibrary:
    """Put a library in use; raises Refused for one's own work, an empty or a growing library."""
    actor.must(Permission.MANAGE_LABORATORY)
    found = _library(session, actor, command.library_id, command.row_version)
    refuse_library_move(found.state, LibraryState.REVIEWED)
    _refuse_while_importing(session, found)
    for account in {found.added_by, *_importers(session, found)}:
        refuse_unless_other_eyes(actor.account, author=account)
    if not collection.library(session, actor, found.id).in_use:
        raise Refused(_("There is no spectrum in it yet."))
    found.state, found.reviewed_by = LibraryState.REVIEWED, actor.account
    found.reviewed_at = clock.now()
    _note(session, actor, "review spectrum library", found)
    note_library_change(session)
    return found


def retire_library(session: Session, actor: Actor, command: RetireLibrary) -> SpectrumLibrary:
    """Take a library out of use, with the reason; what it answered before stays readable."""
    actor.must(Permission.MANAGE_LABORATORY)
    found = _library(session, actor, command.library_id, command.row_version)
    refuse_library_move(found.state, LibraryState.RETIRED)
    _refuse_while_importing(session, found)
    found.state, found.reason = LibraryState.RETIRED, given_reason(command.reason)
    _note(session, actor, "retire spectrum library", found, reason=found.reason)
    note_library_change(session)
    return found


def decide_export(session: Session, actor: Actor, command: DecideExport) -> SpectrumLibrary:
    """Say whether the spectra of a library may leave the network."""
    actor.must(Permission.MANAGE_LABORATORY)
    found = _library(session, actor, command.library_id, command.row_version)
    found.exportable = command.exportable
    _note(session, actor, "decide export of spectra", found, exportable=found.exportable)
    return found


def _library(
    session: Session, actor: Actor, library_id: uuid.UUID, row_version: int | None
) -> SpectrumLibrary:
    found = collection.library(session, actor, library_id).library
    actor.must(Permission.MANAGE_LABORATORY, found.site_id)
    refuse_stale(found, row_version)
    return found


def _importers(session: Session, found: SpectrumLibrary) -> list[str]:
    query = select(SpectrumImport.by).where(SpectrumImport.library_id == found.id).distinct()
    return list(session.scalars(query))


def _refuse_while_importing(session: Session, found: SpectrumLibrary) -> None:
    query = select(SpectrumImport.id).where(
        SpectrumImport.library_id == found.id, SpectrumImport.state == ImportState.IMPORTING
    )
    if session.scalar(query.limit(1)) is not None:
        raise Refused(_("An import into this library has not ended yet."))


def _note(session: Session, actor: Actor, act: str, found: SpectrumLibrary, **facts: Any) -> None:
    about = [("spectrum library", found.id)]
    journal.record(session, actor, act, about, name=found.name, kind=found.kind, **facts)
