"""The searches of the different kinds of spectra behind one face: hits with facts in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lims.foundation.words import Message, _
from lims.identification import band_search, mass_ei, mass_msms
from lims.identification.band_facts import PartFact
from lims.identification.band_search import BandHit, BandIndex
from lims.identification.mass_ei import EiIndex
from lims.identification.mass_hits import Hit as MassHit
from lims.identification.mass_msms import MsmsIndex, Question
from lims.identification.stick_facts import Fact, number_in, stick_facts
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
    build: Callable[[Kind, Iterable[Spectrum]], Any]
    load: Callable[[Path], Any]
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


def _peaks(spectra: Iterable[Spectrum], fact: str) -> Iterator[tuple[str, Any, Any, float | None]]:
    """Give spectra as the mass indexes take them, with the fact that each also compares."""
    for place, one in enumerate(spectra):
        yield str(place), one.x, one.y, number_in(one, fact)


def _search_ei(index: EiIndex, spectrum: Spectrum, top: int, _question: str) -> list[Hit]:
    known = number_in(spectrum, "retention_index")
    hits = index.search(spectrum.x, spectrum.y, retention_index=known, top=top)
    return [_mass_hit(hit) for hit in hits]


def _search_msms(index: MsmsIndex, spectrum: Spectrum, top: int, question: str) -> list[Hit]:
    known = number_in(spectrum, "precursor_mz")
    asked = Question(question) if question else Question.SAME_PRECURSOR
    hits = index.search(spectrum.x, spectrum.y, precursor=known, question=asked, top=top)
    return [_mass_hit(hit) for hit in hits]


def _mass_hit(hit: MassHit) -> Hit:
    facts: list[Fact] = []
    if hit.match != hit.score:
        words = _("Weighted cosine, as other programs show it: %(n)s of 999.", n=round(hit.match))
        facts.append(("nil", words))
    if hit.shift:
        words = _(
            "Its mass differs by %(shift)s: %(change)s.",
            shift=f"{hit.shift:+.4f}",
            change=hit.explanation or "?",
        )
        facts.append(("nil", words))
    return Hit(hit.position, round(hit.score), tuple(facts))


def _ei_cautions(spectrum: Spectrum) -> tuple[Message, ...]:
    missing = _("A substance that the library lacks often finds a look-alike: check the facts.")
    if number_in(spectrum, "retention_index") is not None:
        return (missing,)
    isomers = _("Isomers can share one mass spectrum: compare the retention with a standard.")
    return (missing, isomers)


def _msms_cautions(spectrum: Spectrum) -> tuple[Message, ...]:
    if number_in(spectrum, "precursor_mz") is not None:
        return ()
    return (_("The file names no precursor: all masses were searched."),)


CURVES = Searcher(
    algorithm=band_search.ALGORITHM_VERSION,
    build=lambda kind, spectra: BandIndex.build(kind, enumerate(spectra)),
    load=BandIndex.load,
    search=_search_curves,
    parameters=lambda spectrum: band_search.parameters(spectrum.kind),
    cautions=lambda spectrum: band_search.cautions(spectrum.kind),
)
EI = Searcher(
    algorithm=mass_ei.ALGORITHM,
    build=lambda _kind, spectra: EiIndex.build(_peaks(spectra, "retention_index")),
    load=EiIndex.load,
    search=_search_ei,
    parameters=lambda _spectrum: mass_ei.parameters(),
    cautions=_ei_cautions,
    compare=stick_facts,
)
MSMS = Searcher(
    algorithm=mass_msms.ALGORITHM,
    build=lambda _kind, spectra: MsmsIndex.build(_peaks(spectra, "precursor_mz")),
    load=MsmsIndex.load,
    search=_search_msms,
    parameters=lambda _spectrum: mass_msms.parameters(),
    cautions=_msms_cautions,
    compare=stick_facts,
)
SEARCHERS: Mapping[Kind, Searcher] = {
    Kind.EI: EI,
    Kind.MSMS: MSMS,
    Kind.IR: CURVES,
    Kind.RAMAN: CURVES,
    Kind.UV: CURVES,
}
