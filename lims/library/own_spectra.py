"""Acts on single reference spectra: adding one that the network measured, reviewing, retiring.

A spectrum that the network measured itself goes into its own library of that kind as a draft, with
the sample and run that it comes from, and another person reviews it alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field, refuse_stale
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.words import _
from lims.library import collection, queries
from lims.library.peaks import content_hash, identity_of, nominal_ions, packed
from lims.library.records import Substance
from lims.library.spectra import ReferenceSpectrum, SpectrumLibrary
from lims.library.standing import (
    LibraryState,
    SpectrumState,
    given_reason,
    refuse_spectrum_move,
)
from lims.library.versions import note_library_change
from lims.network.rules import Permission
from lims.spectra.spectrum import Floats

OWN_NAMES = {
    "ei": "Own EI mass spectra",
    "msms": "Own MS/MS spectra",
    "ir": "Own infrared spectra",
    "raman": "Own Raman spectra",
    "uv": "Own UV spectra",
}


@dataclass(frozen=True)
class ReviewSpectrum:
    """Put an own spectrum in use, as another person than who added it."""

    spectrum_id: uuid.UUID
    row_version: int | None = None


@dataclass(frozen=True)
class RetireSpectrum:
    """Take one spectrum out of use, with the reason."""

    spectrum_id: uuid.UUID
    reason: str
    row_version: int | None = None


@dataclass(frozen=True)
class AddOwnSpectrum:
    """A spectrum that a laboratory measured on something whose identity it knows."""

    substance_id: uuid.UUID
    kind: str
    x: Sequence[float]
    y: Sequence[float]
    x_unit: str
    y_unit: str
    form: str = ""
    precursor_mz: float | None = None
    precursor_type: str = ""
    collision_energy: str = ""
    ion_mode: str = ""
    instrument: str = ""
    retention_index: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    sample_id: uuid.UUID | None = None
    run_id: uuid.UUID | None = None
    id: uuid.UUID | None = None


def review_spectrum(session: Session, actor: Actor, command: ReviewSpectrum) -> ReferenceSpectrum:
    """Put an own spectrum in use; raises Refused for one's own work."""
    actor.must(Permission.MANAGE_LABORATORY)
    found = collection.spectrum(session, actor, command.spectrum_id)
    refuse_stale(found, command.row_version)
    refuse_spectrum_move(found.state, SpectrumState.REVIEWED)
    refuse_unless_other_eyes(actor.account, author=found.added_by)
    found.state, found.reviewed_by = SpectrumState.REVIEWED, actor.account
    found.reviewed_at = clock.now()
    _note(session, actor, "review reference spectrum", found)
    note_library_change(session)
    return found


def retire_spectrum(session: Session, actor: Actor, command: RetireSpectrum) -> ReferenceSpectrum:
    """Take one spectrum out of use, with the reason."""
    actor.must(Permission.MANAGE_LABORATORY)
    found = collection.spectrum(session, actor, command.spectrum_id)
    refuse_stale(found, command.row_version)
    refuse_spectrum_move(found.state, SpectrumState.RETIRED)
    found.state, found.reason = SpectrumState.RETIRED, given_reason(command.reason)
    _note(session, actor, "retire reference spectrum", found, reason=found.reason)
    note_library_change(session)
    return found


def add_own_spectrum(session: Session, actor: Actor, command: AddOwnSpectrum) -> ReferenceSpectrum:
    """Add a measured spectrum to the network's own library of its kind, as a draft.

    The same spectrum of the same substance twice keeps one. Raises Invalid on field "kind" for a
    kind that has no library, and on field "x" for numbers that are none.
    """
    actor.must(Permission.ADD_REFERENCE)
    substance = queries.substance(session, command.substance_id)
    x, y = np.asarray(command.x, np.float64), np.asarray(command.y, np.float64)
    if command.kind not in OWN_NAMES:
        raise refuse_field("kind", _("Choose one of the list."))
    if x.shape != y.shape or x.ndim != 1 or not x.size or not np.isfinite([x, y]).all():
        raise refuse_field("x", _("These numbers are no spectrum."))
    home = _own_library(session, actor, command.kind)
    hashed = content_hash(
        command.kind, packed(x), packed(y), substance.inchikey or substance.key, command.form
    )
    known = select(ReferenceSpectrum).where(
        ReferenceSpectrum.library_id == home.id, ReferenceSpectrum.hash == hashed
    )
    there = session.scalar(known)
    if there is not None:
        return there
    added = ReferenceSpectrum(
        **_measured(command, x, y),
        **_named(substance),
        library=home,
        library_id=home.id,
        hash=hashed,
        state=SpectrumState.DRAFT,
        added_by=actor.account,
    )
    session.add(added)
    _note(session, actor, "add own reference spectrum", added)
    return added


def _measured(command: AddOwnSpectrum, x: Floats, y: Floats) -> dict[str, Any]:
    names = ("kind", "x_unit", "y_unit", "form", "precursor_mz", "precursor_type", "ion_mode")
    more = ("collision_energy", "instrument", "retention_index", "sample_id", "run_id")
    return {
        **{name: getattr(command, name) for name in (*names, *more)},
        "id": command.id or uuid.uuid4(),
        "facts": dict(command.facts),
        "x": packed(x),
        "y": packed(y),
        "points": len(x),
        "ions": nominal_ions(command.kind, x, y),
    }


def _named(substance: Substance) -> dict[str, Any]:
    return {
        "substance": substance,
        "substance_id": substance.id,
        "identity": identity_of(substance.inchikey, substance.name_en),
        "name": substance.name_en,
        "inchikey": substance.inchikey,
        "smiles": substance.smiles,
        "formula": substance.formula,
    }


def _own_library(session: Session, actor: Actor, kind: str) -> SpectrumLibrary:
    """Return the network's own library of a kind, made when the first spectrum comes."""
    found = collection.own_library(session, kind)
    if found is None:
        found = SpectrumLibrary(
            id=uuid.uuid4(),
            name=OWN_NAMES[kind],
            kind=kind,
            licence="measured in this network",
            source="measured in this network, on confirmed samples",
            own=True,
            state=LibraryState.REVIEWED,
            added_by=actor.account,
        )
        session.add(found)
        about = [("spectrum library", found.id)]
        journal.record(session, actor, "add spectrum library", about, name=found.name, own=True)
    return found


def _note(session: Session, actor: Actor, act: str, found: ReferenceSpectrum, **facts: Any) -> None:
    about: list[tuple[str, uuid.UUID]] = [("reference spectrum", found.id)]
    about += [("spectrum library", found.library_id)]
    if found.substance_id is not None:
        about.append(("substance", found.substance_id))
    if found.sample_id is not None:
        about.append(("sample", found.sample_id))
    journal.record(session, actor, act, about, name=found.name, kind=found.kind, **facts)
