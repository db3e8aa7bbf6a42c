"""A question to the ranking as plain values: all that a kept list is computed again from.

What is known changes with every plate and every version of the library, so a kept list carries the
knowledge that it was made with, and not a pointer to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from lims.foundation.words import Message
from lims.identification.co_spots import CoSpotObservation, CoSpotOutcome
from lims.identification.evidence import ColourObservation, Elsewhere, HrfObservation, SpotEvidence
from lims.identification.likelihood import (
    ColourKnowledge,
    HrfBasis,
    HrfKnowledge,
    PaletteColour,
    Parameters,
)
from lims.identification.rules import Library, Prior, Ranking, rank

PALETTE_WORDS = "palette:"
#: What the parameters of lists kept before each of these existed amount to.
PARAMETERS_BEFORE = {"stage_unseen": 1.0, "background_share": 0.0, "none_weight": 1.0}


@dataclass(frozen=True)
class Question:
    """What was observed of one spot or sample, and all that it is compared with."""

    evidence: SpotEvidence
    substances: tuple[str, ...]
    library: Library
    prior: Prior
    parameters: Parameters = Parameters()

    def ranking(self) -> Ranking:
        """Return the candidates; raises Invalid when nothing was observed."""
        return rank(self.evidence, self.substances, self.library, self.prior, self.parameters)


def colour_words(code: str) -> Message:
    """Return the name of a palette colour, to be said from the library's own list of labels."""
    return Message(f"{PALETTE_WORDS}{code}")


def with_colour_names(words: Message, names: Mapping[str, str]) -> Message:
    """Return a fact in which palette colours have their names in one language."""
    if words.msgid.startswith(PALETTE_WORDS):
        code = words.msgid.removeprefix(PALETTE_WORDS)
        return Message(names.get(code, code))
    params = {
        key: with_colour_names(value, names) if isinstance(value, Message) else value
        for key, value in words.params.items()
    }
    return Message(words.msgid, params)


def observed_document(question: Question, assessed: tuple[str, ...]) -> dict[str, Any]:
    """Return a question as JSON can hold it; `assessed` are the substances that were ranked."""
    library, evidence = question.library, question.evidence
    kept = frozenset(assessed)
    return {
        **_seen_document(evidence),
        "elsewhere": [
            [other.about, [_seen_document(spot) for spot in other.spots]]
            for other in evidence.elsewhere
        ],
        "substances": [key for key in question.substances if key in kept],
        "not_assessed": len(question.substances) - len(kept),
        "known_hrfs": [asdict(item) for item in library.hrfs if item.substance in kept],
        "known_colours": [asdict(item) for item in library.colours if item.substance in kept],
        "palette": [[colour.code, colour.lab] for colour in library.palette],
        "library": library.version,
        "counts": {key: n for key, n in question.prior.counts.items() if key in kept},
        "declared": sorted(question.prior.declared),
        "prior_used": question.prior.used,
    }


def _seen_document(evidence: SpotEvidence) -> dict[str, Any]:
    return {
        "hrfs": [asdict(item) for item in evidence.hrfs],
        "colours": [[item.reagent, list(item.colours)] for item in evidence.colours],
        "co_spots": [asdict(item) for item in evidence.co_spots],
    }


def _seen_of(observed: Mapping[str, Any]) -> SpotEvidence:
    return SpotEvidence(
        tuple(HrfObservation(**item) for item in observed["hrfs"]),
        tuple(ColourObservation(one, tuple(seen)) for one, seen in observed["colours"]),
        tuple(
            CoSpotObservation(item["substance"], CoSpotOutcome(item["outcome"]), item["lane"])
            for item in observed.get("co_spots", ())
        ),
    )


def question_of(observed: Mapping[str, Any], parameters: Mapping[str, Any]) -> Question:
    """Return the question that a kept list answered."""
    return Question(
        evidence=replace(
            _seen_of(observed),
            elsewhere=tuple(
                Elsewhere(about, tuple(_seen_of(spot) for spot in spots))
                for about, spots in observed.get("elsewhere", ())
            ),
        ),
        substances=tuple(observed["substances"]),
        library=Library(
            hrfs=tuple(
                HrfKnowledge(**{**item, "basis": HrfBasis(item["basis"])})
                for item in observed["known_hrfs"]
            ),
            colours=tuple(_colour_knowledge(item) for item in observed["known_colours"]),
            palette=tuple(
                PaletteColour(code, colour_words(code), _lab(lab))
                for code, lab in observed["palette"]
            ),
            version=observed["library"],
        ),
        prior=Prior(
            counts=dict(observed["counts"]),
            declared=frozenset(observed["declared"]),
            used=observed["prior_used"],
        ),
        parameters=Parameters(**{**PARAMETERS_BEFORE, **parameters}),
    )


def _colour_knowledge(item: Mapping[str, Any]) -> ColourKnowledge:
    stages = tuple(tuple(stage) for stage in item["stages"])
    return ColourKnowledge(item["substance"], item["reagent"], stages, item["source"])


def _lab(lab: Any) -> tuple[float, float, float] | None:
    return None if lab is None else (float(lab[0]), float(lab[1]), float(lab[2]))
