"""The searches of the different kinds of spectra behind one face: hits with facts in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lims.foundation.words import Message, _
from lims.identification import band_search, mass_ei, mass_msms, mass_searching
from lims.identification.band_facts import PartFact
from lims.identification.band_search import BandHit, BandIndex
from lims.identification.mass_ei import EiIndex
from lims.identification.mass_msms import MsmsIndex
from lims.identification.stick_facts import Fact, stick_facts
from lims.spectra import signal
from lims.spectra.spectrum import Kind, Spectrum

STANCES = {"for": "pro", "against": "con", "neutral": "nil"}
MOST_FACTS = 6


@dataclass(frozen=True)
class Hit:
    """A reference that was found: its position in the index, its score, what speaks for it."""

    position: int
    score: int
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Searcher:
    """How spectra of one kind are searched; `search` takes the question asked, if any."""

    algorithm: str
    build: Callable[[Kind, Sequence[Spectrum]], Any]
    search: Callable[[Any, Spectrum, int, str], list[Hit]]
    parameters: Callable[[Spectrum], Mapping[str, Any]]
    cautions: Callable[[Spectrum], tuple[Message, ...]]
    #: facts that need the numbers of the reference
    compare: Callable[[Spectrum, Spectrum], tuple[Fact, ...]] | None = None


def searcher_of(kind: Kind) -> Searcher | None:
    """Return how spectra of a kind are searched; None for a kind that is not."""
    return SEARCHERS.get(kind)


def _search_curves(index: BandIndex, spectrum: Spectrum, top: int, _question: str) -> list[Hit]:
    unit = signal.GRIDS[spectrum.kind].unit
    return [
        Hit(hit.id, hit.score, tuple(_curve_facts(hit, unit)))
        for hit in index.search(spectrum, top=top)
    ]


def _curve_facts(hit: BandHit, unit: str) -> list[Fact]:
    facts = [(STANCES[part.verdict], _part_words(part, unit)) for part in hit.parts]
    if hit.compared < 0.995:
        share = Decimal(round(100 * hit.compared))
        facts.append(("nil", _("Compared on %(share)s %% of the range.", share=share)))
    return facts[:MOST_FACTS]


def _part_words(part: PartFact, unit: str) -> Message:
    span = f"{part.low:g}–{part.high:g} {unit}"
    if part.correlation is None:
        return _("%(span)s: not compared.", span=span)
    value = Decimal(str(round(part.correlation, 2) + 0.0)).quantize(Decimal("0.01"))
    if part.verdict == "for":
        return _("%(span)s agrees (%(value)s).", span=span, value=value)
    if part.verdict == "against":
        return _("%(span)s does not agree (%(value)s).", span=span, value=value)
    return _("%(span)s says little (%(value)s).", span=span, value=value)


def _search_ei(index: EiIndex, spectrum: Spectrum, top: int, _question: str) -> list[Hit]:
    found = mass_searching.search_ei(index, spectrum, top)
    return [Hit(hit.position, hit.score, hit.facts) for hit in found]


def _search_msms(index: MsmsIndex, spectrum: Spectrum, top: int, question: str) -> list[Hit]:
    found = mass_searching.search_msms(index, spectrum, top, question)
    return [Hit(hit.position, hit.score, hit.facts) for hit in found]


CURVES = Searcher(
    algorithm=band_search.ALGORITHM_VERSION,
    build=lambda kind, spectra: BandIndex.build(kind, enumerate(spectra)),
    search=_search_curves,
    parameters=lambda spectrum: band_search.parameters(spectrum.kind),
    cautions=lambda spectrum: band_search.cautions(spectrum.kind),
)
EI = Searcher(
    algorithm=mass_ei.ALGORITHM,
    build=lambda _kind, spectra: mass_searching.build_ei(spectra),
    search=_search_ei,
    parameters=mass_searching.parameters_ei,
    cautions=mass_searching.cautions_ei,
    compare=stick_facts,
)
MSMS = Searcher(
    algorithm=mass_msms.ALGORITHM,
    build=lambda _kind, spectra: mass_searching.build_msms(spectra),
    search=_search_msms,
    parameters=mass_searching.parameters_msms,
    cautions=mass_searching.cautions_msms,
    compare=stick_facts,
)
SEARCHERS: Mapping[Kind, Searcher] = {
    Kind.EI: EI,
    Kind.MSMS: MSMS,
    Kind.IR: CURVES,
    Kind.RAMAN: CURVES,
    Kind.UV: CURVES,
}
