"""The searches of mass spectra behind the face that all techniques share: hits, facts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lims.foundation.words import Message, _
from lims.identification import mass_ei, mass_msms
from lims.identification.mass_ei import EiIndex
from lims.identification.mass_hits import Hit
from lims.identification.mass_msms import MsmsIndex, Question
from lims.spectra.spectrum import Spectrum


@dataclass(frozen=True)
class MassHit:
    """A reference that was found: its position in the index, its score, what speaks for it."""

    position: int
    score: int
    facts: tuple[tuple[str, Message], ...]


def number(spectrum: Spectrum, fact: str) -> float | None:
    """Return a fact of a spectrum as a number; None when it is absent or something else."""
    try:
        return float(spectrum.facts.get(fact, "").replace(",", "."))
    except ValueError:
        return None


def build_ei(spectra: Sequence[Spectrum]) -> EiIndex:
    """Return the index of these electron-ionisation spectra, by their place."""
    return EiIndex.build(
        (str(place), one.x, one.y, number(one, "retention_index"))
        for place, one in enumerate(spectra)
    )


def build_msms(spectra: Sequence[Spectrum]) -> MsmsIndex:
    """Return the index of these fragment spectra, by their place."""
    return MsmsIndex.build(
        (str(place), one.x, one.y, number(one, "precursor_mz")) for place, one in enumerate(spectra)
    )


def search_ei(index: EiIndex, query: Spectrum, top: int) -> list[MassHit]:
    """Search an electron-ionisation spectrum, with its retention index when it has one."""
    index_asked = number(query, "retention_index")
    hits = index.search(query.x, query.y, retention_index=index_asked, top=top)
    return [MassHit(hit.position, round(hit.score), (("nil", _cosine_words(hit)),)) for hit in hits]


def search_msms(index: MsmsIndex, query: Spectrum, top: int) -> list[MassHit]:
    """Search a fragment spectrum: the very mass first; when nothing has it, its analogues."""
    precursor = number(query, "precursor_mz")
    hits = index.search(query.x, query.y, precursor=precursor, top=top)
    if not hits and precursor is not None:
        hits = index.search(
            query.x, query.y, precursor=precursor, question=Question.ANALOGUES, top=top
        )
    return [
        MassHit(hit.position, round(hit.score), _fragment_facts(hit, precursor)) for hit in hits
    ]


def parameters_ei(query: Spectrum) -> Mapping[str, Any]:
    """Return everything that decides the ranking of an electron-ionisation spectrum."""
    return {**mass_ei.parameters(), "retention_index": number(query, "retention_index")}


def parameters_msms(query: Spectrum) -> Mapping[str, Any]:
    """Return everything that decides the ranking of a fragment spectrum."""
    return {**mass_msms.parameters(), "precursor": number(query, "precursor_mz")}


def cautions_ei(query: Spectrum) -> tuple[Message, ...]:
    """Return what an electron-ionisation spectrum alone does not tell."""
    words = [_("Isomers can have the same mass spectrum; a retention index helps to part them.")]
    return tuple(words if number(query, "retention_index") is None else [])


def cautions_msms(query: Spectrum) -> tuple[Message, ...]:
    """Return what a fragment spectrum alone does not tell."""
    if number(query, "precursor_mz") is None:
        return (_("The file names no precursor: the search goes by fragments alone."),)
    return ()


def _cosine_words(hit: Hit) -> Message:
    return _("Weighted cosine: %(match)s of 999.", match=Decimal(round(hit.match)))


def _fragment_facts(hit: Hit, precursor: float | None) -> tuple[tuple[str, Message], ...]:
    if precursor is None:
        return ()
    if not hit.shift:
        return (("pro", _("The mass of the precursor agrees within 10 ppm.")),)
    shift = Decimal(f"{hit.shift:.4f}")
    if hit.explanation:
        words = _(
            "An analogue: %(shift)s Da apart, such as %(change)s.",
            shift=shift,
            change=hit.explanation,
        )
    else:
        words = _("An analogue: %(shift)s Da apart, not explained.", shift=shift)
    return (("con", words),)
