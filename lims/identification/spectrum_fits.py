"""What fits a measured spectrum: candidates of the library in order, with facts in words.

One line for each substance, its best reference; references that score nearly the same are named
as not told apart. When even the first falls below the least score of its technique, the answer is
"none of the library fits".
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lims.analysis import holdings
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.records import Run
from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _
from lims.identification.searching import Hit, Searcher, searcher_of
from lims.identification.shelves import open_shelf, reference_spectrum
from lims.library.spectra import ReferenceSpectrum, SpectrumLibrary
from lims.spectra.spectrum import Kind, Spectrum

SHOWN = 10
ASKED = 60
# References whose scores lie nearer than this to the first are not told apart (of 999).
NOT_APART = 20
LEAST_SCORE: Mapping[Kind, int] = {
    # On the development data 90 % of right first hits score 800 or more, and so do 53 % of the
    # first hits for substances that were left out of the library.
    Kind.EI: 800,
    # With the precursor in 10 ppm, 96 % of right first hits.
    Kind.MSMS: 500,
    # The network's own convention: no curves of known drugs are there to measure it on.
    Kind.IR: 800,
    Kind.RAMAN: 800,
    Kind.UV: 950,
}
"""Below this score "none of the library fits"; above it, a candidate may still be wrong."""


@dataclass(frozen=True)
class Candidate:
    """One reference that may be the substance; `gap` is the score to the next candidate."""

    rank: int
    reference: ReferenceSpectrum
    score: int
    gap: int | None
    #: pro, con or nil, and the words
    facts: tuple[tuple[str, Message], ...]
    #: how many more spectra of the same substance were found
    others: int = 0

    @property
    def substance_key(self) -> str:
        """Return the key of its substance, empty while the library of substances lacks it."""
        return self.reference.substance.key if self.reference.substance else ""

    def name(self, language: str) -> str:
        """Return the name of its substance, else the name that the library gives."""
        found = self.reference.substance
        return found.name(language) if found else self.reference.name

    def row(self) -> dict[str, Any]:
        """Return the line as a kept list holds it."""
        return {
            "rank": self.rank,
            "substance": self.substance_key,
            "name": self.reference.name,
            "reference_id": str(self.reference.id),
            "score": self.score,
            "gap": self.gap,
            "library": self.reference.library.name,
            "licence": self.reference.library.licence,
        }


@dataclass(frozen=True)
class SpectrumFits:
    """What fits one spectrum now. `refusal` says why it could not be compared at all."""

    run: Run
    measured: MeasuredSpectrum
    candidates: tuple[Candidate, ...] = ()
    #: names of the first candidates that are not told apart, the first among them
    alike: tuple[Candidate, ...] = ()
    library_version: int = 0
    #: how many references were searched
    searched: int = 0
    algorithm: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    cautions: tuple[Message, ...] = ()
    refusal: Message | None = None
    least: int = 0

    @property
    def none_fits(self) -> bool:
        """Tell whether nothing of the library fits."""
        return not self.candidates or self.candidates[0].score < self.least

    def rows(self) -> list[dict[str, Any]]:
        """Return the lines as a kept list holds them."""
        return [one.row() for one in self.candidates]


def fits_of(
    session: Session,
    run: Run,
    measured: MeasuredSpectrum,
    folder: Path,
    query: Spectrum | None = None,
    question: str = "",
) -> SpectrumFits:
    """Return what fits a spectrum of a run (or `query`, what is left over of it).

    `question`: one of the searcher's own, such as analogues; empty is the usual search.
    """
    spectrum = query or holdings.spectrum_of(measured)
    searcher = searcher_of(spectrum.kind)
    if searcher is None:
        words = _("Spectra of this kind are drawn, not searched.")
        return SpectrumFits(run, measured, refusal=words)
    shelf = open_shelf(session, folder, spectrum.kind, searcher)
    bare = SpectrumFits(
        run,
        measured,
        library_version=shelf.version,
        searched=len(shelf.ids),
        algorithm=searcher.algorithm,
        parameters=searcher.parameters(spectrum),
        cautions=searcher.cautions(spectrum),
        least=LEAST_SCORE[spectrum.kind],
    )
    try:
        hits = searcher.search(shelf.index, spectrum, ASKED, question) if shelf.ids else []
    except Invalid as refusal:
        return replace(bare, refusal=refusal.problems[0].message)
    found = references(session, [shelf.ids[hit.position] for hit in hits], run.site_id)
    pairs = [
        (found[shelf.ids[hit.position]], hit) for hit in hits if shelf.ids[hit.position] in found
    ]
    candidates = tuple(_compared(one, spectrum, searcher) for one in candidates_of(pairs)[:SHOWN])
    return replace(bare, candidates=candidates, alike=_alike(candidates))


def _compared(one: Candidate, query: Spectrum, searcher: Searcher) -> Candidate:
    """Return a candidate with the facts that need the numbers of its reference."""
    if searcher.compare is None:
        return one
    facts = searcher.compare(query, reference_spectrum(query.kind, one.reference))
    return replace(one, facts=(*facts, *one.facts))


def references(
    session: Session, ids: Sequence[uuid.UUID], site_id: uuid.UUID | None
) -> dict[uuid.UUID, ReferenceSpectrum]:
    """Return references by identifier, without those of libraries of another laboratory."""
    query = (
        select(ReferenceSpectrum)
        .join(SpectrumLibrary, SpectrumLibrary.id == ReferenceSpectrum.library_id)
        .where(
            ReferenceSpectrum.id.in_(list(ids)),
            SpectrumLibrary.site_id.is_(None) | (SpectrumLibrary.site_id == site_id),
        )
        .options(joinedload(ReferenceSpectrum.library), joinedload(ReferenceSpectrum.substance))
    )
    return {one.id: one for one in session.scalars(query)} if ids else {}


def candidates_of(pairs: Iterable[tuple[ReferenceSpectrum, Hit]]) -> tuple[Candidate, ...]:
    """Return one candidate for each substance, best first, with the score to the next."""
    best: dict[str, tuple[ReferenceSpectrum, Hit]] = {}
    counts: dict[str, int] = {}
    for reference, hit in pairs:
        identity = identity_of(reference)
        counts[identity] = counts.get(identity, 0) + 1
        if identity not in best or hit.score > best[identity][1].score:
            best[identity] = (reference, hit)
    ranked = sorted(best.items(), key=lambda item: (-item[1][1].score, item[1][1].position))
    made = []
    for rank, (identity, (reference, hit)) in enumerate(ranked, start=1):
        following = ranked[rank][1][1].score if rank < len(ranked) else None
        gap = hit.score - following if following is not None else None
        made.append(Candidate(rank, reference, hit.score, gap, hit.facts, counts[identity] - 1))
    return tuple(made)


def identity_of(reference: ReferenceSpectrum) -> str:
    """Return what makes two references the same substance: its record, skeleton, else its name."""
    if reference.substance_id is not None:
        return str(reference.substance_id)
    return reference.inchikey[:14] or reference.name.casefold() or str(reference.id)


def _alike(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the first candidates when their scores lie too near each other to choose."""
    if not candidates:
        return ()
    near = [one for one in candidates if candidates[0].score - one.score < NOT_APART]
    return tuple(near) if len(near) > 1 else ()
