"""The searches of the different kinds of spectra behind one face: hits with facts in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lims.foundation.words import Message, _
from lims.identification import band_search
from lims.identification.band_facts import PartFact
from lims.identification.band_search import BandHit, BandIndex
from lims.spectra import signal
from lims.spectra.spectrum import Kind, Spectrum

STANCES = {"for": "pro", "against": "con", "neutral": "nil"}
MOST_FACTS = 6


@dataclass(frozen=True)
class Hit:
    """A reference that was found: its position in the index, its score, what speaks for it."""

    position: int
    score: int
    facts: tuple[tuple[str, Message], ...]


@dataclass(frozen=True)
class Searcher:
    """How spectra of one kind are searched."""

    algorithm: str
    build: Callable[[Kind, Sequence[Spectrum]], Any]
    search: Callable[[Any, Spectrum, int], list[Hit]]
    parameters: Callable[[Spectrum], Mapping[str, Any]]
    cautions: Callable[[Spectrum], tuple[Message, ...]]


def searcher_of(kind: Kind) -> Searcher | None:
    """Return how spectra of a kind are searched; None for a kind that is not."""
    return SEARCHERS.get(kind)


def _search_curves(index: BandIndex, spectrum: Spectrum, top: int) -> list[Hit]:
    unit = signal.GRIDS[spectrum.kind].unit
    return [
        Hit(hit.id, hit.score, tuple(_curve_facts(hit, unit)))
        for hit in index.search(spectrum, top=top)
    ]


def _curve_facts(hit: BandHit, unit: str) -> list[tuple[str, Message]]:
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


CURVES = Searcher(
    algorithm=band_search.ALGORITHM_VERSION,
    build=lambda kind, spectra: BandIndex.build(kind, enumerate(spectra)),
    search=_search_curves,
    parameters=lambda spectrum: band_search.parameters(spectrum.kind),
    cautions=lambda spectrum: band_search.cautions(spectrum.kind),
)
SEARCHERS: Mapping[Kind, Searcher] = {Kind.IR: CURVES, Kind.RAMAN: CURVES, Kind.UV: CURVES}
