"""How probable an observation is, were the spot a given substance: hRf and colours.

Densities only; no ranking and no opinion. Every figure that is a choice and not a fact stands in
`Parameters`, is stored with each list of candidates, and can be argued with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from math import exp, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from lims.analysis.colours import Lab, ciede2000
from lims.foundation.errors import refuse_field
from lims.foundation.words import Message, _

#: Colours at each stage, in order; several at one stage are alternatives.
Stages = tuple[tuple[str, ...], ...]
NO_CHANGE = "none"


class HrfBasis(StrEnum):
    """Where a reference hRf comes from, the most specific first."""

    SAME_PLATE = "same-plate"
    LABORATORY = "laboratory"
    CITED_CORRECTED = "cited-corrected"
    CITED_UNCORRECTED = "cited-uncorrected"


@dataclass(frozen=True)
class Parameters:
    """The choices behind a ranking. Standard deviations are in hRf, colour widths in ΔE2000."""

    same_plate_sd: float = 2.0
    same_plate_sd_floor: float = 1.5
    laboratory_sd: float = 4.0
    laboratory_sd_floor: float = 3.0
    cited_corrected_sd: float = 5.0
    cited_corrected_sd_floor: float = 4.0
    uncorrected_sd: float = 8.0
    #: Density of any hRf when no substance of the library is there: uniform over 0 to 100.
    none_hrf_density: float = 0.01
    window_sds: float = 2.0
    #: Share of observations in which a colour is seen or noted wrongly.
    colour_error: float = 0.05
    colour_width: float = 10.0
    #: How probable it is that a stage of a reference goes unseen between two looks.
    stage_unseen: float = 0.3
    #: How far an unnamed substance is taken to colour as the library's do, not as any of the
    #: palette; half of it is reached at `background_half` references of a reagent.
    background_share: float = 1.0
    background_half: float = 10.0
    #: Two palette colours nearer than this are called close.
    colour_close: float = 15.0
    #: How much better a substance explains a co-spot that stays one round spot, and one that parts.
    co_spot_one: float = 3.0
    co_spot_split: float = 0.01
    #: How much more probable "none of the library" is than one substance before anything is seen.
    none_weight: float = 2.0
    #: How much more probable the declared substance is before anything is observed.
    declared_factor: float = 10.0
    #: Added to each network count, so that a rare substance is never impossible.
    count_added: float = 1.0
    #: Candidates under this posterior are left out of the groups that cannot be told apart.
    group_posterior: float = 0.01

    def as_dict(self) -> dict[str, float]:
        """Return the parameters as stored with each list of candidates."""
        return asdict(self)


@dataclass(frozen=True)
class HrfKnowledge:
    """What is known of a substance's hRf in one system; `sd` over `n` values if measured."""

    substance: str
    system: str
    basis: HrfBasis
    mean: float
    sd: float | None = None
    n: int = 0
    source: str = ""


@dataclass(frozen=True)
class ColourKnowledge:
    """The ordered colours of one substance with one reagent, as one source gives them."""

    substance: str
    reagent: str
    stages: Stages
    source: str = ""


@dataclass(frozen=True)
class PaletteColour:
    """One colour of the palette; "no change" and "clears" have no place in CIELAB."""

    code: str
    name: Message
    lab: Lab | None


def sigma(knowledge: HrfKnowledge, corrected: bool, parameters: Parameters) -> float:
    """Return the standard deviation in hRf with which a reference is known.

    `corrected` says whether the observed hRf could be corrected; an uncorrected one is only as
    good as an uncorrected reference, unless the standard ran on the same plate.
    """
    chosen = parameters
    if knowledge.basis is HrfBasis.SAME_PLATE:
        return _floored(knowledge, chosen.same_plate_sd, chosen.same_plate_sd_floor)
    if not corrected or knowledge.basis is HrfBasis.CITED_UNCORRECTED:
        return chosen.uncorrected_sd
    if knowledge.basis is HrfBasis.LABORATORY:
        return _floored(knowledge, chosen.laboratory_sd, chosen.laboratory_sd_floor)
    return _floored(knowledge, chosen.cited_corrected_sd, chosen.cited_corrected_sd_floor)


def _floored(knowledge: HrfKnowledge, default: float, floor: float) -> float:
    """Return the replicates' own sd, never under the floor; the default below two replicates."""
    return default if knowledge.sd is None or knowledge.n < 2 else max(knowledge.sd, floor)


def most_specific(known: Iterable[HrfKnowledge]) -> HrfKnowledge | None:
    """Return the most specific knowledge of one substance in one system, or None."""
    order = list(HrfBasis)
    return min(known, key=lambda item: (order.index(item.basis), -item.n), default=None)


def log_normal_density(value: float, mean: float, sd: float) -> float:
    """Return ln N(value; mean, sd)."""
    return -0.5 * ((value - mean) / sd) ** 2 - log(sd * sqrt(2 * pi))


def changes(colours: Sequence[str]) -> tuple[str, ...]:
    """Return the colours in order without repeats, and without waiting time before the first.

    "No change" that is followed by a colour says how fast, and the cited tables carry no time.
    """
    kept = [colour for i, colour in enumerate(colours) if i == 0 or colour != colours[i - 1]]
    while len(kept) > 1 and kept[0] == NO_CHANGE:
        kept.pop(0)
    return tuple(kept)


@dataclass(frozen=True)
class Alignment:
    """Observed colours laid along a reference: ln P, and the reference stage of each."""

    log_probability: float
    stages: tuple[int, ...]


class ColourModel:
    """P(colour sequence | reference): a kernel on ΔE2000 over the palette, plus an error share."""

    def __init__(self, palette: Sequence[PaletteColour], parameters: Parameters) -> None:
        """Prepare the model of one palette; raises Invalid when the palette is empty."""
        if not palette:
            raise refuse_field("palette", _("The palette holds no colour."))
        self.palette: Mapping[str, PaletteColour] = {colour.code: colour for colour in palette}
        self.parameters = parameters
        self._places = {code: place for place, code in enumerate(self.palette)}
        self._aligned: dict[tuple[tuple[str, ...], Stages], Alignment] = {}

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """ΔE2000 between palette colours; infinite to and from a colour without CIELAB value."""
        colours = list(self.palette.values())
        labs = np.array([colour.lab or (np.nan,) * 3 for colour in colours], dtype=np.float64)
        found = ciede2000(labs[:, None, :], labs[None, :, :])
        found[np.isnan(found)] = np.inf
        np.fill_diagonal(found, 0.0)
        return found

    @cached_property
    def kernel(self) -> NDArray[np.float64]:
        """K: one row per reference colour, a probability over the observed colours."""
        weights = np.exp(-0.5 * (self.distances / self.parameters.colour_width) ** 2)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float64)

    @property
    def log_uniform(self) -> float:
        """ln P of one colour when nothing is known of it."""
        return -log(len(self.palette))

    def refuse_unknown(self, colours: Iterable[str]) -> None:
        """Raise Invalid for a colour that the palette does not hold."""
        for colour in colours:
            if colour not in self._places:
                raise refuse_field(
                    "colour", _("The palette has no colour “%(colour)s”.", colour=colour)
                )

    def distance(self, colour: str, stage: Sequence[str]) -> float:
        """Return ΔE2000 from a colour to the nearest alternative of a stage."""
        place = self._places[colour]
        return float(min(self.distances[place, self._places[other]] for other in stage))

    def log_probability(self, colour: str, stage: Sequence[str]) -> float:
        """Return ln P of one observed colour at one stage of a reference."""
        share = self.parameters.colour_error
        place = self._places[colour]
        nearness = sum(float(self.kernel[self._places[other], place]) for other in stage)
        return log((1 - share) * nearness / len(stage) + share / len(self.palette))

    def align(self, colours: Sequence[str], stages: Stages) -> Alignment:
        """Lay observed colours along the stages of a reference, in order, as well as they fit.

        Several colours may fall on one stage. A stage may go unseen between two looks, which costs
        ln `stage_unseen`: else a long reference would explain every short observation.
        """
        asked = (tuple(colours), stages)
        if asked not in self._aligned:
            self._aligned[asked] = self._align(*asked)
        return self._aligned[asked]

    def _align(self, colours: Sequence[str], stages: Stages) -> Alignment:
        unseen, last = log(self.parameters.stage_unseen), len(stages) - 1
        best = [Alignment(unseen * place, ()) for place in range(len(stages))]
        for colour in colours:
            reached: list[Alignment] = []
            for place, stage in enumerate(stages):
                ways = [_passing(best[before], place - before, unseen) for before in range(place)]
                way = max([*ways, best[place]], key=lambda item: item.log_probability)
                gained = way.log_probability + self.log_probability(colour, stage)
                reached.append(Alignment(gained, (*way.stages, place)))
            best = reached
        ends = [_passing(best[place], last - place + 1, unseen) for place in range(len(stages))]
        return max(ends, key=lambda item: item.log_probability)

    def log_likelihood(self, colours: Sequence[str], known: Sequence[ColourKnowledge]) -> float:
        """Return ln P of observed colours, the sources that are known weighing alike."""
        chances = [exp(self.align(colours, item.stages).log_probability) for item in known]
        return log(sum(chances) / len(chances))

    def log_background(
        self, colours: Sequence[str], known: Sequence[Sequence[ColourKnowledge]]
    ) -> float:
        """Return ln P of observed colours of an unnamed substance; `known` holds each named one."""
        alike = exp(len(colours) * self.log_uniform)
        if not known:
            return log(alike)
        chosen = self.parameters
        share = chosen.background_share * len(known) / (len(known) + chosen.background_half)
        mean = sum(exp(self.log_likelihood(colours, held)) for held in known) / len(known)
        return log(share * mean + (1 - share) * alike)

    def alike(self, one: Stages, other: Stages) -> bool:
        """Tell whether two references would give colours that are called close, in order."""
        short, long = sorted((one, other), key=len)
        near = self.parameters.colour_close
        place = 0
        for stage in short:
            while place < len(long) and not any(
                self.distance(colour, long[place]) <= near for colour in stage
            ):
                place += 1
            if place == len(long):
                return False
        return True


def _passing(way: Alignment, steps: int, unseen: float) -> Alignment:
    """Return an alignment that goes `steps` stages on; all but the last of them are unseen."""
    return Alignment(way.log_probability + (steps - 1) * unseen, way.stages)
