"""Which open unknown a spectrum looks like: what nobody can name is recognised when it returns."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from lims.analysis import holdings
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.queries import ENDED
from lims.analysis.records import Answer, Run
from lims.foundation.errors import Invalid
from lims.identification.records import Unknown
from lims.identification.searching import searcher_of
from lims.identification.spectrum_fits import LEAST_SCORE
from lims.spectra.spectrum import Kind

MOST_COMPARED = 500
MOST_SHOWN = 3


@dataclass(frozen=True)
class Resemblance:
    """An open unknown with the best score of its spectra, 0 to 999."""

    unknown: Unknown
    score: int


def spectra_in(evidence: Mapping[str, Any]) -> list[uuid.UUID]:
    """Return the spectra that an answer stands on."""
    listed = [one.get("spectrum_id") for one in evidence.get("spectra", ())]
    found = dict.fromkeys(str(one) for one in (evidence.get("spectrum_id"), *listed) if one)
    return [uuid.UUID(one) for one in found]


def resembling(session: Session, measured: MeasuredSpectrum) -> list[Resemblance]:
    """Return the open unknowns that a spectrum looks like, the best first."""
    searcher = searcher_of(Kind(measured.kind))
    if searcher is None:
        return []
    owners = _spectra_of_unknowns(session, measured)
    spectra = _loaded(session, list(owners), measured.kind)
    if not spectra:
        return []
    try:
        index = searcher.build(Kind(measured.kind), [holdings.spectrum_of(one) for one in spectra])
        hits = searcher.search(index, holdings.spectrum_of(measured), len(spectra), "")
    except Invalid:
        return []
    best: dict[uuid.UUID, Resemblance] = {}
    for hit in hits:
        unknown = owners[spectra[hit.position].id]
        known = best.get(unknown.id)
        if hit.score >= LEAST_SCORE[Kind(measured.kind)] and (
            known is None or hit.score > known.score
        ):
            best[unknown.id] = Resemblance(unknown, hit.score)
    return sorted(best.values(), key=lambda one: -one.score)[:MOST_SHOWN]


def _spectra_of_unknowns(session: Session, measured: MeasuredSpectrum) -> dict[uuid.UUID, Unknown]:
    query = (
        select(Unknown, Answer.evidence)
        .join(Answer, Answer.group == Unknown.number)
        .join(Run, Run.id == Answer.run_id)
        .where(Unknown.substance_id.is_(None), Run.state.not_in(ENDED))
        .order_by(Unknown.at.desc())
        .limit(MOST_COMPARED)
    )
    owners: dict[uuid.UUID, Unknown] = {}
    for unknown, evidence in session.execute(query):
        for spectrum_id in spectra_in(evidence):
            if spectrum_id != measured.id:
                owners.setdefault(spectrum_id, unknown)
    return owners


def _loaded(session: Session, ids: list[uuid.UUID], kind: str) -> list[MeasuredSpectrum]:
    if not ids:
        return []
    query = select(MeasuredSpectrum).where(
        MeasuredSpectrum.id.in_(ids), MeasuredSpectrum.kind == kind
    )
    loaded = query.options(undefer(MeasuredSpectrum.x), undefer(MeasuredSpectrum.y))
    return list(session.scalars(loaded.order_by(MeasuredSpectrum.id)))
