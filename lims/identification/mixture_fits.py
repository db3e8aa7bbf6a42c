"""What a measured curve is made of, with the names of its components and what is left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.analysis import holdings
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.records import Run
from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _
from lims.identification import mixtures
from lims.identification.mixtures import Mixture
from lims.identification.searching import SEARCHERS
from lims.identification.shelves import CURVES, Shelf, open_shelf
from lims.identification.spectrum_fits import references
from lims.library.spectra import ReferenceSpectrum
from lims.spectra.spectrum import Kind

MAJOR_FROM = 0.5
"""A component of at least this share, or the greatest, is called major: a convention."""


@dataclass(frozen=True)
class Part:
    """One component: its reference, its share of the spectrum and the standard error of it."""

    rank: int
    reference: ReferenceSpectrum
    fraction: float
    error: float
    #: another reference that would explain the curve as well
    rivals: tuple[ReferenceSpectrum, ...] = ()

    def name(self, language: str) -> str:
        """Return the name of its substance, else the name that the library gives."""
        found = self.reference.substance
        return found.name(language) if found else self.reference.name

    def row(self) -> dict[str, Any]:
        """Return the line as a kept list holds it."""
        found = self.reference.substance
        return {
            "rank": self.rank,
            "substance": found.key if found else "",
            "name": self.reference.name,
            "reference_id": str(self.reference.id),
            "fraction": round(self.fraction, 6),
            "se": round(self.error, 6),
            "library": self.reference.library.name,
            "licence": self.reference.library.licence,
        }


@dataclass(frozen=True)
class MixtureFits:
    """What a curve is made of now. `refusal` says why it could not be resolved."""

    run: Run
    measured: MeasuredSpectrum
    parts: tuple[Part, ...] = ()
    mixture: Mixture | None = None
    words: tuple[Message, ...] = ()
    library_version: int = 0
    searched: int = 0
    algorithm: str = mixtures.ALGORITHM_VERSION
    parameters: Mapping[str, Any] = field(default_factory=dict)
    refusal: Message | None = None

    @property
    def none_fits(self) -> bool:
        """Tell whether no reference explains the curve."""
        return not self.parts

    def rows(self) -> list[dict[str, Any]]:
        """Return the lines as a kept list holds them."""
        return [one.row() for one in self.parts]


def mixture_of(session: Session, run: Run, measured: MeasuredSpectrum, folder: Path) -> MixtureFits:
    """Return what a curve of a run is made of."""
    kind = Kind(measured.kind)
    if kind not in CURVES or measured.sticks:
        words = _("Only infrared, Raman and ultraviolet curves are taken apart.")
        return MixtureFits(run, measured, refusal=words)
    shelf = open_shelf(session, folder, kind, SEARCHERS[kind])
    return resolved(session, run, measured, shelf)


def resolved(session: Session, run: Run, measured: MeasuredSpectrum, shelf: Shelf) -> MixtureFits:
    """Return what a curve is made of, of the references of a shelf."""
    if not shelf.ids:
        words = _("There are no reference spectra of this kind yet.")
        return MixtureFits(run, measured, library_version=shelf.version, refusal=words)
    usable = references(session, shelf.ids, run.site_id)
    among = [place for place, one in enumerate(shelf.ids) if one in usable]
    try:
        mixture = mixtures.resolve(holdings.spectrum_of(measured), shelf.index, among)
    except Invalid as refusal:
        why = refusal.problems[0].message
        return MixtureFits(run, measured, library_version=shelf.version, refusal=why)
    at = {place: usable[shelf.ids[place]] for place in among}
    return MixtureFits(
        run,
        measured,
        parts=_parts(mixture, at),
        mixture=mixture,
        words=mixture.words,
        library_version=shelf.version,
        searched=len(among),
        parameters=mixture.as_document()["parameters"],
    )


def _parts(mixture: Mixture, at: Mapping[int, ReferenceSpectrum]) -> tuple[Part, ...]:
    return tuple(
        Part(
            rank,
            at[one.id],
            one.fraction,
            one.error,
            tuple(at[pair.other] for pair in mixture.rivals if pair.id == one.id),
        )
        for rank, one in enumerate(mixture.components, start=1)
    )


def abundance_of(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the abundance word of a component among those accepted; never a trace."""
    greatest = max(float(one["fraction"]) for one in rows)
    share = float(row["fraction"])
    return "major" if share >= MAJOR_FROM or share == greatest else "minor"
