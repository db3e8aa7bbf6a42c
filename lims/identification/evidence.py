"""One piece of evidence at a time: its term in the score, and the plain fact behind it.

A term says how much better or worse a substance explains an observation than "none of the
library" does. Without a reference the two explain it alike: absence of knowledge is neutral.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import exp, log

from lims.foundation.words import Message, _
from lims.identification.co_spots import CoSpotObservation, CoSpotOutcome
from lims.identification.likelihood import (
    ColourKnowledge,
    ColourModel,
    HrfBasis,
    HrfKnowledge,
    changes,
    log_normal_density,
    sigma,
)


class Stance(StrEnum):
    """What one piece of evidence says of a candidate, compared with none of the library."""

    FOR = "for"
    AGAINST = "against"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class HrfObservation:
    """The hRf of the spot in one system; `corrected` through the references of its plate."""

    system: str
    hrf: float
    corrected: bool = True


@dataclass(frozen=True)
class ColourObservation:
    """The palette colours seen with one reagent, in order; "none" is a result."""

    reagent: str
    colours: tuple[str, ...]


@dataclass(frozen=True)
class SpotEvidence:
    """All that was observed of one spot or sample. One observation is enough."""

    hrfs: tuple[HrfObservation, ...] = ()
    colours: tuple[ColourObservation, ...] = ()
    co_spots: tuple[CoSpotObservation, ...] = ()
    #: what other plates and colour tests of the same sample show
    elsewhere: tuple[Elsewhere, ...] = ()


@dataclass(frozen=True)
class Elsewhere:
    """The spots of one other plate, or the colours of one other test, of the same sample."""

    about: str
    spots: tuple[SpotEvidence, ...]


@dataclass(frozen=True)
class EvidenceTerm:
    """One term of a score: ln P under the candidate, ln ratio against none, and the fact."""

    kind: str
    about: str
    log_likelihood: float
    log_ratio: float
    stance: Stance
    fact: Message


@dataclass(frozen=True)
class Known:
    """What the library says of one substance about what was observed."""

    hrfs: Mapping[str, HrfKnowledge]
    colours: Mapping[str, tuple[ColourKnowledge, ...]]


def backgrounds(
    evidence: SpotEvidence, known: Iterable[Known], model: ColourModel
) -> dict[str, float]:
    """Return ln P of what was seen with each reagent, were it a substance nobody has named.

    Such a substance colours as those of the library do, "no change" as often as they: that is the
    mean over all references of the reagent, with a share of "any colour alike" that shrinks as the
    references grow in number.
    """
    everyone = list(known)
    return {
        item.reagent: model.log_background(
            changes(item.colours),
            [held for one in everyone if (held := one.colours.get(item.reagent))],
        )
        for item in evidence.colours
        if item.colours
    }


def every_part(evidence: SpotEvidence) -> tuple[SpotEvidence, ...]:
    """Return what was observed here and each spot elsewhere."""
    return (evidence, *(spot for other in evidence.elsewhere for spot in other.spots))


def evidence_terms(
    evidence: SpotEvidence, known: Known, model: ColourModel, background: Mapping[str, float]
) -> tuple[EvidenceTerm, ...]:
    """Return one term for each observation of a spot, in the order observed."""
    return (
        *(_hrf_term(item, known.hrfs.get(item.system), model) for item in evidence.hrfs),
        *(
            _colour_term(item, known.colours.get(item.reagent, ()), model, background[item.reagent])
            for item in evidence.colours
            if item.colours
        ),
    )


def elsewhere_terms(
    evidence: SpotEvidence,
    known: Known,
    model: ColourModel,
    background: Mapping[tuple[str, int], Mapping[str, float]],
) -> tuple[EvidenceTerm, ...]:
    """Return what each other plate or test says of a candidate, whichever of its spots it is.

    Nobody knows which spot there is this one here: each is as probable, so the ratios are averaged;
    the fact named is that of the spot that fits best.
    """
    found = []
    for other in evidence.elsewhere:
        spots = [
            evidence_terms(spot, known, model, background[other.about, at])
            for at, spot in enumerate(other.spots)
        ]
        ratios = [sum(term.log_ratio for term in terms) for terms in spots]
        ratio = _log_mean(ratios)
        best = spots[ratios.index(max(ratios))]
        facts = [term.fact for term in best]
        fact = _("%(where)s: %(facts)s", where=other.about, facts=facts)
        found.append(EvidenceTerm("elsewhere", other.about, ratio, ratio, _stance(ratio), fact))
    return tuple(found)


def _log_mean(logs: Sequence[float]) -> float:
    highest = max(logs)
    return highest + log(sum(exp(one - highest) for one in logs) / len(logs))


def co_spot_terms(
    evidence: SpotEvidence, substance: str, model: ColourModel
) -> tuple[EvidenceTerm, ...]:
    """Return what co-spot lanes say of one substance; they say nothing of any other."""
    chosen = model.parameters
    weights = {CoSpotOutcome.ONE: chosen.co_spot_one, CoSpotOutcome.SPLIT: chosen.co_spot_split}
    terms = []
    for seen in evidence.co_spots:
        if seen.substance != substance:
            continue
        ratio = log(weights[seen.outcome])
        fact = (
            _("Co-spot in lane %(lane)s: one round spot with its standard.", lane=seen.lane)
            if seen.outcome == CoSpotOutcome.ONE
            else _("Co-spot in lane %(lane)s: it parts from its standard.", lane=seen.lane)
        )
        terms.append(EvidenceTerm("co-spot", "co-spot", ratio, ratio, _stance(ratio), fact))
    return tuple(terms)


def _hrf_term(seen: HrfObservation, known: HrfKnowledge | None, model: ColourModel) -> EvidenceTerm:
    neutral = log(model.parameters.none_hrf_density)
    if known is None:
        fact = _("%(system)s: no reference hRf, so neutral.", system=seen.system)
        return EvidenceTerm("hrf", seen.system, neutral, 0.0, Stance.NEUTRAL, fact)
    spread = sigma(known, seen.corrected, model.parameters)
    loglik = log_normal_density(seen.hrf, known.mean, spread)
    half = model.parameters.window_sds * spread
    values = {
        "system": seen.system,
        "hrf": _tenth(seen.hrf),
        "low": _tenth(max(0.0, known.mean - half)),
        "high": _tenth(min(100.0, known.mean + half)),
        "basis": _basis(known),
    }
    if abs(seen.hrf - known.mean) <= half:
        fact = _("%(system)s: hRf %(hrf)s is inside %(low)s–%(high)s (%(basis)s).", **values)
    else:
        fact = _("%(system)s: hRf %(hrf)s is outside %(low)s–%(high)s (%(basis)s).", **values)
    ratio = loglik - neutral
    return EvidenceTerm("hrf", seen.system, loglik, ratio, _stance(ratio), fact)


def _basis(known: HrfKnowledge) -> Message:
    if known.basis is HrfBasis.SAME_PLATE:
        return _("standard on the same plate")
    if known.basis is HrfBasis.LABORATORY:
        return _("this laboratory, n = %(n)s", n=known.n)
    if known.basis is HrfBasis.CITED_CORRECTED:
        return _("cited: %(source)s", source=known.source)
    return _("cited without correction: %(source)s", source=known.source)


def _colour_term(
    seen: ColourObservation,
    known: Sequence[ColourKnowledge],
    model: ColourModel,
    neutral: float,
) -> EvidenceTerm:
    colours = changes(seen.colours)
    if not known:
        fact = _("%(reagent)s: no reference colour, so neutral.", reagent=seen.reagent)
        return EvidenceTerm("colour", seen.reagent, neutral, 0.0, Stance.NEUTRAL, fact)
    loglik = model.log_likelihood(colours, known)
    ratio = loglik - neutral
    fact = _colour_fact(seen.reagent, colours, known, model)
    return EvidenceTerm("colour", seen.reagent, loglik, ratio, _stance(ratio), fact)


def _colour_fact(
    reagent: str, colours: Sequence[str], known: Sequence[ColourKnowledge], model: ColourModel
) -> Message:
    """Say how the colours compare with the source that they fit best."""
    nearest = max(known, key=lambda item: model.align(colours, item.stages).log_probability)
    places = model.align(colours, nearest.stages).stages
    worst = max(
        model.distance(colour, nearest.stages[place])
        for colour, place in zip(colours, places, strict=True)
    )
    values = {
        "reagent": reagent,
        "seen": spoken_stages([(colour,) for colour in colours], model),
        "cited": spoken_stages(nearest.stages, model),
    }
    if worst == 0:
        return _("%(reagent)s: %(seen)s seen; the reference gives %(cited)s: it agrees.", **values)
    if worst <= model.parameters.colour_close:
        return _("%(reagent)s: %(seen)s seen; the reference gives %(cited)s: close.", **values)
    return _("%(reagent)s: %(seen)s seen; the reference gives %(cited)s: different.", **values)


def spoken_stages(stages: Sequence[Sequence[str]], model: ColourModel) -> Message:
    """Say ordered colours with their alternatives: purple or brown, then black."""
    said: list[Message] = []
    for stage in stages:
        words = model.palette[stage[0]].name
        for other in stage[1:]:
            words = _("%(one)s or %(other)s", one=words, other=model.palette[other].name)
        said.append(words)
    sentence = said[0]
    for words in said[1:]:
        sentence = _("%(first)s, then %(next)s", first=sentence, next=words)
    return sentence


def _stance(log_ratio: float) -> Stance:
    if log_ratio > 0:
        return Stance.FOR
    return Stance.AGAINST if log_ratio < 0 else Stance.NEUTRAL


def _tenth(value: float) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.1"))
