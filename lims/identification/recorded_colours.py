"""Trials of the colour likelihood on a recorded table of reagents, from plain values.

Each substance of the table is asked about in turn: its recorded outcome is the observation, and
all substances are ranked as at the bench. The table is for measuring; nothing of it is kept.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from lims.analysis.colours import lab_of
from lims.foundation.errors import refuse_field
from lims.foundation.words import Message, _
from lims.identification.evidence import ColourObservation, SpotEvidence
from lims.identification.likelihood import NO_CHANGE, ColourKnowledge, PaletteColour
from lims.identification.rules import NONE_OF_THE_LIBRARY, Library, Ranking, rank

Outcome = tuple[str, ...]
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


@dataclass(frozen=True)
class Asked:
    """What one ranking said of the substance that was there."""

    rank: int
    #: substances that explain the observation at least as well as the right one, itself too
    as_good: int
    #: substances that the first of the list does not exclude
    not_excluded: int
    #: whether the right one is among those
    kept: bool
    none_leads: bool


def read_recorded_colours(document: Mapping[str, Any]) -> RecordedColours:
    """Return the table of a document with colors, reagents, results; raises Invalid otherwise."""
    try:
        names = {key: str(one["fullName"]) for key, one in document["reagents"].items()}
        colours = {int(key): str(one["hex"]) for key, one in document["colors"].items()}
        palette = [PaletteColour(str(key), _words(key), lab_of(hue)) for key, hue in colours.items()]
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
