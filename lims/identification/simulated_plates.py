"""Simulated plates with stated spreads: what correction, colours and a second system each bring.

Nothing here is a value of a real substance. A library of invented substances is cited by one
laboratory; another develops plates, reads spots, and asks the ranking of the product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from math import log
from random import Random
from typing import Any

from lims.analysis.rules import ExpectedReference, ReferenceSpot, corrected_hrf
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.identification.averages import mean_with_interval
from lims.identification.evidence import (
    ColourObservation,
    Elsewhere,
    HrfObservation,
    SpotEvidence,
)
from lims.identification.likelihood import (
    NO_CHANGE,
    ColourKnowledge,
    ColourModel,
    HrfBasis,
    HrfKnowledge,
    PaletteColour,
    Parameters,
)
from lims.identification.rules import NONE_OF_THE_LIBRARY, Library, Ranking, rank
from lims.identification.trials import Trial, share_with_interval

SYSTEMS = ("A", "B")
REAGENTS = ("stage 1", "stage 2", "stage 3", "stage 4")
PLATE_REFERENCES = (18.0, 38.0, 58.0, 78.0)
EXCLUDING_RATIO = 20.0
OTHER_WEIGHTS = (1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True)
class Spreads:
    """What the simulation supposes. Standard deviations are in hRf."""

    #: substances of the library
    substances: int = 200
    #: correlation of the two systems' true hRf
    correlation: float = 0.5
    #: a cited value against the true mean: the spread between laboratories, corrected
    between_laboratories: float = 3.0
    #: a tabulated reference against its true mean
    tabulated: float = 1.0
    #: bend of a plate at half height: activity, humidity, saturation
    plate_bend: float = 5.0
    #: tilt of a plate: how much higher or lower all of it runs, in per cent
    plate_stretch: float = 6.0
    #: a spot against its place on its own plate: application and reading
    spot: float = 1.2
    #: share of substances that do not change with a reagent
    no_change: float = 0.45
    #: share of colours read as any other of the palette
    slips: float = 0.05
    #: share of reference colours that the library has
    colours_known: float = 0.8


@dataclass(frozen=True)
class Condition:
    """What the bench does in one part of the trial."""

    name: str
    what: str
    systems: tuple[str, ...] = SYSTEMS[:1]
    corrected: bool = True
    colours: bool = False
    #: the second system ran on another plate, and shows a second substance of the sample too
    unpaired: bool = False


CONDITIONS = (
    Condition("uncorrected", "one system, raw hRf", corrected=False),
    Condition("corrected", "one system, corrected through four references of the plate"),
    Condition("two_systems", "two systems, corrected", systems=SYSTEMS),
    Condition(
        "two_systems_unpaired",
        "two systems, corrected; on the second plate the spot is one of two, nobody knows which",
        unpaired=True,
    ),
    Condition("colours", "one system, corrected, and four colour stages", colours=True),
    Condition("all", "two systems, corrected, and four colour stages", SYSTEMS, colours=True),
)


@dataclass(frozen=True)
class World:
    """An invented chemistry: true hRf and colours of each substance, and what is cited of them."""

    spreads: Spreads
    true_hrf: Mapping[tuple[str, str], float]
    colours: Mapping[tuple[str, str], str]
    library: Library
    #: tabulated hRf of the plate references → true hRf, for each system
    references: Mapping[str, Mapping[float, float]]

    @property
    def substances(self) -> list[str]:
        return [f"substance {at}" for at in range(self.spreads.substances)]


def spreads_of(given: Mapping[str, Any]) -> Spreads:
    """Return the spreads of a parameter file; raises Invalid for a name or figure unknown here."""
    known = {one.name: one for one in fields(Spreads)}
    for name, value in given.items():
        if name not in known or isinstance(value, bool) or not isinstance(value, int | float):
            raise refuse_field("data", _("The simulation does not know “%(name)s”.", name=name))
    made = replace(Spreads(), **{**given, "substances": int(given.get("substances", 200))})
    shares = (made.no_change, made.slips, made.colours_known, made.correlation)
    if not (5 <= made.substances <= 2000 and all(0 <= one <= 1 for one in shares)):
        raise refuse_field("data", _("Shares are from 0 to 1, substances from 5 to 2000."))
    return made


def make_world(spreads: Spreads, palette: Sequence[PaletteColour], random: Random) -> World:
    """Invent the substances and what one laboratory cites of them."""
    true_hrf, colours, hrfs, known = {}, {}, [], []
    changing = [one.code for one in palette if one.code != NO_CHANGE]
    for key in (f"substance {at}" for at in range(spreads.substances)):
        shared = random.uniform(2, 90)
        for system in SYSTEMS:
            own = shared if random.random() < spreads.correlation else random.uniform(2, 90)
            true_hrf[key, system] = own
            cited = _within(own + random.gauss(0, spreads.between_laboratories))
            hrfs.append(HrfKnowledge(key, system, HrfBasis.CITED_CORRECTED, cited, source="cited"))
        for reagent in REAGENTS:
            stays = random.random() < spreads.no_change
            colours[key, reagent] = NO_CHANGE if stays else random.choice(changing)
            if random.random() < spreads.colours_known:
                stages = ((colours[key, reagent],),)
                known.append(ColourKnowledge(key, reagent, stages, "cited"))
    references = {
        system: {at: at + random.gauss(0, spreads.tabulated) for at in PLATE_REFERENCES}
        for system in SYSTEMS
    }
    library = Library(tuple(hrfs), tuple(known), tuple(palette))
    return World(spreads, true_hrf, colours, library, references)


def _within(hrf: float) -> float:
    return min(99.0, max(0.5, hrf))


@dataclass(frozen=True)
class SimulatedPlate:
    """How one plate runs: it bends and stretches what the true means say."""

    bend: float
    stretch: float

    def runs(self, hrf: float, spot_sd: float, random: Random) -> float:
        """Return the raw hRf of a spot on this plate."""
        bent = hrf * (1 + self.stretch / 100) + self.bend * 4 * hrf * (100 - hrf) / 10_000
        return _within(bent + random.gauss(0, spot_sd))


def observed(world: World, key: str, condition: Condition, random: Random) -> SpotEvidence:
    """Return what the bench sees of a substance under a condition."""
    hrfs = tuple(_seen_hrf(world, key, system, condition, random) for system in condition.systems)
    if condition.unpaired:
        both = (key, random.choice(world.substances))
        spots = (_seen_hrf(world, one, SYSTEMS[1], condition, random) for one in both)
        there = Elsewhere("the other plate", tuple(SpotEvidence((one,)) for one in spots))
        return SpotEvidence(hrfs, elsewhere=(there,))
    if not condition.colours:
        return SpotEvidence(hrfs)
    codes = [one.code for one in world.library.palette]
    colours = []
    for reagent in REAGENTS:
        slipped = random.random() < world.spreads.slips
        colour = random.choice(codes) if slipped else world.colours[key, reagent]
        colours.append(ColourObservation(reagent, (colour,)))
    return SpotEvidence(hrfs, tuple(colours))


def _seen_hrf(
    world: World, key: str, system: str, condition: Condition, random: Random
) -> HrfObservation:
    spreads, spot_sd = world.spreads, world.spreads.spot
    plate = SimulatedPlate(
        random.gauss(0, spreads.plate_bend), random.gauss(0, spreads.plate_stretch)
    )
    raw = plate.runs(world.true_hrf[key, system], spot_sd, random)
    if not condition.corrected:
        return HrfObservation(system, raw, corrected=False)
    expected, found = [], []
    for tabulated, true in world.references[system].items():
        seen = plate.runs(true, spot_sd, random)
        expected.append(ExpectedReference(str(tabulated), _tenth(tabulated), Decimal(100)))
        found.append(ReferenceSpot(str(tabulated), _tenth(seen)))
    value = corrected_hrf(_tenth(raw), expected, found)
    if value is None:
        return HrfObservation(system, raw, corrected=False)
    return HrfObservation(system, float(value))


def _tenth(value: float) -> Decimal:
    return Decimal(str(round(value, 1)))


@dataclass
class _Figures:
    """What the rankings of one condition add up to."""

    trial: Trial
    as_good: list[float]
    not_excluded: list[float]
    #: ln of how much better none of the library explains what was seen than the best that is not
    gaps_there: list[float]
    gaps_absent: list[float]
    kept: int = 0

    def add(self, key: str, found: Ranking) -> None:
        """Note a ranking of a substance that the library holds."""
        right = next(one.loglik for one in found.candidates if one.substance == key)
        listed = [one.loglik for one in found.candidates if one.substance != NONE_OF_THE_LIBRARY]
        least = max(listed) - log(EXCLUDING_RATIO)
        self.trial.add(1 + sum(one > right for one in listed))
        self.as_good.append(sum(one >= right for one in listed))
        self.not_excluded.append(sum(one >= least for one in listed))
        self.kept += right >= least
        self.gaps_there.append(_gap(found))

    def none_leads(self, weight: float) -> dict[str, Any]:
        """Return how often none of the library leads, rightly and wrongly, at a weight before."""
        least = -log(weight)
        n, absent = len(self.gaps_there), len(self.gaps_absent)
        return {
            **share_with_interval("none_right", sum(g >= least for g in self.gaps_absent), absent),
            **share_with_interval("none_wrongly", sum(g >= least for g in self.gaps_there), n),
        }


def measure(
    world: World, condition: Condition, n: int, random: Random, parameters: Parameters
) -> dict[str, Any]:
    """Return the figures of one condition: substances that are there, and as many left out."""
    asking = _Asking(world, condition, random, parameters)
    figures = _Figures(Trial(), [], [], [], [])
    for _place in range(n):
        figures.add(*asking.ask(left_out=False))
        figures.gaps_absent.append(_gap(asking.ask(left_out=True)[1]))
    return {
        "what": condition.what,
        **figures.trial.as_document(),
        **mean_with_interval("mean_list_length", figures.not_excluded),
        **mean_with_interval("mean_as_good", figures.as_good),
        **share_with_interval("right_not_excluded", figures.kept, n),
        **figures.none_leads(parameters.none_weight),
        "none_at_other_weights": {str(one): figures.none_leads(one) for one in OTHER_WEIGHTS},
    }


def _gap(found: Ranking) -> float:
    logliks = {one.substance: one.loglik for one in found.candidates}
    none = logliks.pop(NONE_OF_THE_LIBRARY)
    return none - max(logliks.values())


@dataclass(frozen=True)
class _Asking:
    world: World
    condition: Condition
    random: Random
    parameters: Parameters

    def ask(self, *, left_out: bool) -> tuple[str, Ranking]:
        """Rank what is seen of a substance taken by chance; left out, the library lacks it."""
        substances = self.world.substances
        key = self.random.choice(substances)
        seen = observed(self.world, key, self.condition, self.random)
        wanted = [one for one in substances if not (left_out and one == key)]
        library = self.world.library
        return key, rank(seen, wanted, library, parameters=self.parameters)


def evaluate(
    spreads: Spreads, palette: Sequence[PaletteColour], n: int, seed: int
) -> dict[str, Any]:
    """Return the figures of every condition; each is asked about worlds made anew."""
    parameters = Parameters()
    ColourModel(palette, parameters)  # refuses an empty palette before anything is simulated
    found = {}
    for condition in CONDITIONS:
        random = Random(f"{seed} {condition.name}")
        world = make_world(spreads, palette, Random(seed))
        found[condition.name] = measure(world, condition, n, random, parameters)
    return {"conditions": found, "spreads": asdict(spreads), "seed": seed}
