"""Computing kept lists of spectra again: the same file, the same references, the same figures.

A search is repeated against the references that the list names; a mixture against the whole
library, and only while it is the library of the list.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from lims.analysis import holdings
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.records import Run
from lims.foundation.errors import Invalid
from lims.foundation.words import _
from lims.identification import band_search, mass_ei, mass_msms, mixtures
from lims.identification.mixture_fits import resolved
from lims.identification.recomputing import CannotCompute, Recomputer
from lims.identification.records import CandidateList
from lims.identification.searching import CURVES, searcher_of
from lims.identification.shelves import Shelf, build_index, reference_spectrum
from lims.identification.spectrum_fits import candidates_of
from lims.library import collection
from lims.library.queries import library_version
from lims.library.spectra import ReferenceSpectrum
from lims.spectra.spectrum import Kind


def search_again(session: Session, kept: CandidateList) -> list[Any]:
    """Return the lines of a search, computed again; raises CannotCompute."""
    measured = _measured(session, kept)
    searcher = searcher_of(Kind(measured.kind))
    if searcher is None:
        raise CannotCompute(_("Spectra of this kind are drawn, not searched."))
    listed = _references(session, kept)
    if not listed:
        return []
    spectra = [reference_spectrum(Kind(measured.kind), one) for one in listed]
    index = searcher.build(Kind(measured.kind), spectra)
    try:
        hits = searcher.search(index, holdings.spectrum_of(measured), len(listed), "")
    except Invalid as refusal:
        raise CannotCompute(refusal.problems[0].message) from refusal
    pairs = [(listed[hit.position], hit) for hit in hits]
    return [one.row() for one in candidates_of(pairs)]


def mixture_again(session: Session, kept: CandidateList) -> list[Any]:
    """Return the lines of a mixture, computed again; raises CannotCompute."""
    measured = _measured(session, kept)
    now = library_version(session)
    if now != kept.library_version:
        words = _(
            "The library has changed since: version %(then)s then, %(now)s now.",
            then=kept.library_version,
            now=now,
        )
        raise CannotCompute(words)
    run = session.get(Run, kept.run_id) if kept.run_id else None
    if run is None:
        raise CannotCompute(_("The run is not there any more."))
    kind = Kind(measured.kind)
    index, ids = build_index(kind, CURVES, collection.spectra_in_use(session, kind))
    shelf = Shelf(kind, now, index, tuple(ids))
    return resolved(session, run, measured, shelf).rows()


def _measured(session: Session, kept: CandidateList) -> MeasuredSpectrum:
    found = session.get(MeasuredSpectrum, uuid.UUID(kept.observed["spectrum_id"]))
    if found is None or found.upload.sha256 != kept.observed["sha256"]:
        raise CannotCompute(_("The file of this list is not on its run any more."))
    return found


def _references(session: Session, kept: CandidateList) -> list[ReferenceSpectrum]:
    ids = [uuid.UUID(row["reference_id"]) for row in kept.ranked]
    query = select(ReferenceSpectrum).where(ReferenceSpectrum.id.in_(ids))
    query = query.options(
        undefer(ReferenceSpectrum.x),
        undefer(ReferenceSpectrum.y),
        joinedload(ReferenceSpectrum.library),
        joinedload(ReferenceSpectrum.substance),
    )
    found = {one.id: one for one in session.scalars(query)}
    if len(found) != len(set(ids)):
        raise CannotCompute(_("A reference of this list is not in the library any more."))
    return [found[one] for one in ids]


SEARCH_OF_CURVES = Recomputer(band_search.ALGORITHM_VERSION, search_again)
SEARCH_OF_IONS = Recomputer(mass_ei.ALGORITHM, search_again)
SEARCH_OF_FRAGMENTS = Recomputer(mass_msms.ALGORITHM, search_again)
MIXTURES = Recomputer(mixtures.ALGORITHM_VERSION, mixture_again)
