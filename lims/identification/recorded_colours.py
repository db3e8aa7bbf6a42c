"""Trials of the colour likelihood on a recorded table of reagents, from plain values.

Each substance of the table is asked about in turn: its recorded outcome is the observation, and
all substances are ranked as at the bench. The table is for measuring; nothing of it is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import log
from random import Random
from typing import Any

from lims.analysis.colours import lab_of
from lims.foundation.errors import refuse_field
from lims.foundation.words import Message, _
from lims.identification.averages import mean_with_interval
from lims.identification.evidence import ColourObservation, SpotEvidence
from lims.identification.likelihood import (
    NO_CHANGE,
    ColourKnowledge,
    ColourModel,
    PaletteColour,
    Parameters,
)
from lims.identification.rules import NONE_OF_THE_LIBRARY, Library, Ranking, rank
from lims.identification.trials import Trial, share_with_interval

Outcome = tuple[str, ...]
MARQUIS = ("Marquis",)
THREE = (*MARQUIS, "Mecke", "Mandelin")
FIVE = (*THREE, "Froehde", "Liebermann")
#: Share of the stages of an outcome that nobody happened to look at, in the hardest trial.
UNSEEN = 0.1
#: A candidate is not excluded while another explains what was seen less than this much better.
EXCLUDING_RATIO = 20.0


@dataclass(frozen=True)
class RecordedColours:
    """A table of outcomes: substance → reagent → outcomes, the usual one first."""

    palette: tuple[PaletteColour, ...]
    outcomes: Mapping[str, Mapping[str, tuple[Outcome, ...]]]

    def recorded_with(self, reagents: Sequence[str]) -> list[str]:
        """Return the substances that have an outcome with each of these reagents."""
        return [key for key, held in self.outcomes.items() if all(one in held for one in reagents)]

    def library(self, reagents: Sequence[str], *, usual_only: bool) -> Library:
        """Return the table as what is known; `usual_only` holds the other outcomes back."""
        known = tuple(
            ColourKnowledge(key, reagent, tuple((colour,) for colour in outcome))
            for key, held in self.outcomes.items()
            for reagent in reagents
            for outcome in held.get(reagent, ())[: 1 if usual_only else None]
        )
        return Library((), known, self.palette)


def read_recorded_colours(document: Mapping[str, Any]) -> RecordedColours:
    """Return the table of a document with colors, reagents, results; raises Invalid otherwise."""
    try:
        names = {key: str(one["fullName"]) for key, one in document["reagents"].items()}
        colours = {int(key): str(one["hex"]) for key, one in document["colors"].items()}
        palette = [
            PaletteColour(str(key), _words(key), lab_of(hue)) for key, hue in colours.items()
        ]
        outcomes = {
            str(substance): {names[key]: _outcomes(given) for key, given in held.items() if given}
            for substance, held in document["results"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as wrong:
        words = _("The file is not a table of colors, reagents, results and substances.")
        raise refuse_field("data", words) from wrong
    return RecordedColours((PaletteColour(NO_CHANGE, _words(0), None), *palette), outcomes)


def _words(key: int) -> Message:
    return Message(f"colour {key}")


def _outcomes(given: Sequence[Sequence[Any]]) -> tuple[Outcome, ...]:
    return tuple(tuple(str(int(one)) for one in outcome[0]) or (NO_CHANGE,) for outcome in given)


class Reading(StrEnum):
    """How an outcome of the table becomes an observation."""

    EXACT = "exact"
    SLIPS = "slips"
    BENCH = "bench"
    OTHER = "other"


READINGS = {
    Reading.EXACT: "the usual outcome itself, which the library holds too: only equals compete",
    Reading.SLIPS: "the usual outcome; each colour is replaced by any of the palette with"
    " probability colour_error",
    Reading.BENCH: "as slips, and each colour is read as one near it (kernel of the model), and"
    " one stage in ten goes unseen",
    Reading.OTHER: "the second recorded outcome where there is one; the library holds the first"
    " outcomes only",
}


@dataclass
class ColourTrial:
    """Asks for each substance what its own outcomes with some reagents point to."""

    table: RecordedColours
    reagents: Sequence[str]
    reading: Reading
    seed: int
    parameters: Parameters = Parameters()

    def as_document(self) -> dict[str, Any]:
        """Return the figures of the trial, each with its 95 % interval."""
        random, trial = Random(self.seed), Trial()
        lengths: dict[str, list[float]] = {"as_good": [], "not_excluded": []}
        kept = none = 0
        library = self.table.library(self.reagents, usual_only=self.reading == Reading.OTHER)
        for key in self._asked():
            found = self._ranking(key, library, random)
            right = _loglik(found, key)
            listed = [one for one in found.candidates if one.substance != NONE_OF_THE_LIBRARY]
            better = sum(one.loglik > right + 1e-9 for one in listed)
            as_good = sum(one.loglik >= right - 1e-9 for one in listed)
            trial.add(better + random.randint(1, as_good - better))
            least = max(one.loglik for one in listed) - log(EXCLUDING_RATIO)
            lengths["as_good"].append(as_good)
            lengths["not_excluded"].append(sum(one.loglik >= least for one in listed))
            kept += right >= least
            none += found.candidates[0].substance == NONE_OF_THE_LIBRARY
        return {
            **trial.as_document(),
            **mean_with_interval("mean_as_good", lengths["as_good"]),
            **mean_with_interval("mean_not_excluded", lengths["not_excluded"]),
            **share_with_interval("right_not_excluded", kept, len(trial.ranks)),
            **share_with_interval("none_leads", none, len(trial.ranks)),
        }

    def _asked(self) -> list[str]:
        keys = self.table.recorded_with(self.reagents)
        if self.reading != Reading.OTHER:
            return keys
        held = self.table.outcomes
        return [key for key in keys if any(len(held[key][one]) > 1 for one in self.reagents)]

    def _ranking(self, key: str, library: Library, random: Random) -> Ranking:
        seen = tuple(
            ColourObservation(one, self._read(self.table.outcomes[key][one], random))
            for one in self.reagents
        )
        substances = tuple(self.table.outcomes)
        return rank(SpotEvidence((), seen), substances, library, parameters=self.parameters)

    def _read(self, outcomes: Sequence[Outcome], random: Random) -> Outcome:
        if self.reading == Reading.EXACT:
            return outcomes[0]
        if self.reading == Reading.OTHER:
            return outcomes[min(1, len(outcomes) - 1)]
        seen = [one for one in outcomes[0] if not self._goes_unseen(outcomes[0], random)]
        return tuple(self._colour_read(one, random) for one in seen or outcomes[0][-1:])

    def _goes_unseen(self, outcome: Outcome, random: Random) -> bool:
        return self.reading == Reading.BENCH and len(outcome) > 1 and random.random() < UNSEEN

    def _colour_read(self, colour: str, random: Random) -> str:
        codes = [one.code for one in self.table.palette]
        if random.random() < self.parameters.colour_error:
            return random.choice(codes)
        if self.reading != Reading.BENCH:
            return colour
        return random.choices(codes, weights=self._kernel[codes.index(colour)])[0]

    @cached_property
    def _kernel(self) -> list[list[float]]:
        model = ColourModel(self.table.palette, self.parameters)
        return [[float(one) for one in row] for row in model.kernel]


def _loglik(found: Ranking, key: str) -> float:
    return next(one.loglik for one in found.candidates if one.substance == key)


def list_lengths(table: RecordedColours, reagents: Sequence[str]) -> dict[str, Any]:
    """Return how many substances have the very same usual outcomes, themselves counted.

    Only substances that the table records with all of the reagents are asked and counted; one
    that was never tested cannot be excluded either, and `untested` says how many of these are.
    """
    tested = table.recorded_with(reagents)
    records = [tuple(table.outcomes[key][one][0] for one in reagents) for key in tested]
    alike = Counter(records)
    return {
        "n": len(tested),
        **mean_with_interval("mean_list_length", [alike[one] for one in records]),
        "untested": len(table.outcomes) - len(tested),
    }
