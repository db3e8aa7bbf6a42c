"""The version of the library: grows whenever something that an identification uses has changed.

A version is the state of several parts, each told by a hash or a count. Whoever changes a part
calls `note_library_change` in the same unit of work, after writing the journal.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.library import queries
from lims.library.records import (
    ColourMeasurement,
    LibraryVersion,
    RetentionMeasurement,
    StructureConfirmation,
    Substance,
    SubstanceName,
)
from lims.library.spectra import ReferenceSpectrum, SpectrumLibrary
from lims.library.standing import IN_USE, LibraryState

TABLES = "tables"


def note_library_change(session: Session, *, tables: str | None = None) -> LibraryVersion:
    """Return the library's version, a new one when a part of it has changed since the last.

    `tables` is the SHA-256 of the shipped tables, given by whoever has just loaded them.
    """
    session.flush()
    last = queries.latest_version(session)
    parts = _state(session, last.parts.get(TABLES, "") if last and tables is None else tables or "")
    if last is not None and last.parts == parts:
        return last
    written = json.dumps(parts, sort_keys=True).encode()
    version = LibraryVersion(
        id=uuid.uuid4(),
        number=last.number + 1 if last else 1,
        content_hash=hashlib.sha256(written).hexdigest(),
        parts=parts,
    )
    session.add(version)
    session.flush()
    session.info.pop("vocabularies", None)
    return version


def _state(session: Session, tables: str) -> dict[str, Any]:
    """Return part → its state; whatever identification uses has a line here."""
    return {
        TABLES: tables,
        "substances": _substances(session),
        "standards": _standards(session),
        "spectra": _spectra(session),
    }


def _substances(session: Session) -> list[Any]:
    """Tell how many substances and names there are, and how sure their structures."""
    counted = (
        select(Substance.structure_status, func.count())
        .group_by(Substance.structure_status)
        .order_by(Substance.structure_status)
    )
    names = session.scalar(select(func.count()).select_from(SubstanceName))
    confirmations = select(func.count()).where(StructureConfirmation.withdrawn_at.is_(None))
    return [
        *([status, count] for status, count in session.execute(counted)),
        ["names", names],
        ["confirmations", session.scalar(confirmations)],
    ]


def _standards(session: Session) -> dict[str, int]:
    """Tell how many measurements of standards stand: hRf values and colours."""
    return {
        kind.__tablename__: session.scalar(
            select(func.count()).select_from(kind).where(kind.withdrawn.is_(False))
        )
        or 0
        for kind in (RetentionMeasurement, ColourMeasurement)
    }


def _spectra(session: Session) -> str:
    """Tell the reference spectra in use: of each library how many, and how often changed."""
    counted = (
        select(
            ReferenceSpectrum.library_id,
            func.count(),
            func.sum(ReferenceSpectrum.row_version),
        )
        .join(SpectrumLibrary)
        .where(
            SpectrumLibrary.state == LibraryState.REVIEWED,
            ReferenceSpectrum.state.in_(IN_USE),
        )
        .group_by(ReferenceSpectrum.library_id)
        .order_by(ReferenceSpectrum.library_id)
    )
    digest = hashlib.sha256()
    for library_id, count, changes in session.execute(counted):
        digest.update(f"{library_id} {count} {changes}\n".encode())
    return digest.hexdigest()
