"""The ranking of candidates for one spot: auditable terms that add up, and no black box.

Each candidate carries every term of its score, against "none of the library", and the plain
fact behind it. Missing reference data is neutral; a substance of which nothing observed has a
reference is not ranked at all but named as not assessed: it is not excluded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from itertools import combinations
from math import exp, log, sqrt
from typing import Any

from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.identification.evidence import (
    EvidenceTerm,
    Known,
    SpotEvidence,
    backgrounds,
    co_spot_terms,
    elsewhere_terms,
    every_part,
    evidence_terms,
)
from lims.identification.likelihood import (
    ColourKnowledge,
    ColourModel,
    HrfKnowledge,
    PaletteColour,
    Parameters,
    most_specific,
    sigma,
)

ALGORITHM_VERSION = "tlc-colour-2"
NONE_OF_THE_LIBRARY = "none-of-the-library"
_GREATEST_EXPONENT = 700.0


@dataclass(frozen=True)
class Prior:
    """What was probable before looking: the network's counts and the declared substances."""

    counts: Mapping[str, int] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    used: bool = True


@dataclass(frozen=True)
class Library:
    """What is known of the substances that could be there."""

    hrfs: tuple[HrfKnowledge, ...]
    colours: tuple[ColourKnowledge, ...]
    palette: tuple[PaletteColour, ...]
    version: str = ""


def together_of(libraries: Sequence[Library]) -> Library:
    """Return what several libraries know, each reference once; palette and version of the first."""
    first = libraries[0]
    hrfs = dict.fromkeys(item for one in libraries for item in one.hrfs)
    colours = dict.fromkeys(item for one in libraries for item in one.colours)
    return Library(tuple(hrfs), tuple(colours), first.palette, first.version)


@dataclass(frozen=True)
class Candidate:
    """One line of the list. `likelihood_ratio` compares the evidence alone with the next line."""

    substance: str
    rank: int
    loglik: float
    log_prior: float
    score: float
    posterior: float
    likelihood_ratio: float | None
    evidence: tuple[EvidenceTerm, ...]


@dataclass(frozen=True)
class Ranking:
    """A list of candidates with all that is needed to compute it again."""

    algorithm: str
    library: str
    parameters: Parameters
    prior_used: bool
    candidates: tuple[Candidate, ...]
    #: Substances that these observations cannot tell apart.
    groups: tuple[tuple[str, ...], ...]
    #: Substances without a reference for anything observed: neither found nor excluded.
    not_assessed: tuple[str, ...]

    def as_document(self) -> dict[str, Any]:
        """Return the ranking as plain values that JSON can hold; messages keep their msgid."""
        document = _plain(asdict(self))
        assert isinstance(document, dict)
        return document


def rank(
    evidence: SpotEvidence,
    substances: Sequence[str],
    library: Library,
    prior: Prior | None = None,
    parameters: Parameters | None = None,
) -> Ranking:
    """Rank the substances by Σ ln N(hRf) + Σ ln P(colours) + ln prior, with none of the library.

    Raises Invalid when nothing was observed, or when a colour is not in the palette.
    """
    chosen, before = parameters or Parameters(), prior or Prior(used=False)
    model = ColourModel(library.palette, chosen)
    _refuse_bad_evidence(evidence, model)
    known = _known(evidence, substances, library)
    co_spotted = {item.substance for item in evidence.co_spots}
    assessed = [key for key in known if known[key].hrfs or known[key].colours or key in co_spotted]
    terms = _terms(evidence, known, assessed, model)
    candidates = _ordered(terms, log_priors(assessed, before, chosen))
    return Ranking(
        algorithm=ALGORITHM_VERSION,
        library=library.version,
        parameters=chosen,
        prior_used=before.used,
        candidates=candidates,
        groups=_groups(candidates, known, evidence, model),
        not_assessed=tuple(key for key in known if key not in terms),
    )


def _terms(
    evidence: SpotEvidence, known: Mapping[str, Known], assessed: Sequence[str], model: ColourModel
) -> dict[str, tuple[EvidenceTerm, ...]]:
    """Return every term of each substance, and of none of the library."""
    neutral = backgrounds(evidence, known.values(), model)
    there = {
        (other.about, at): backgrounds(spot, known.values(), model)
        for other in evidence.elsewhere
        for at, spot in enumerate(other.spots)
    }
    terms: dict[str, tuple[EvidenceTerm, ...]] = {
        key: (
            *evidence_terms(evidence, known[key], model, neutral),
            *co_spot_terms(evidence, key, model),
            *elsewhere_terms(evidence, known[key], model, there),
        )
        for key in assessed
    }
    terms[NONE_OF_THE_LIBRARY] = evidence_terms(evidence, Known({}, {}), model, neutral)
    return terms


def log_priors(substances: Sequence[str], prior: Prior, parameters: Parameters) -> dict[str, float]:
    """Return ln prior of each substance and of none of the library; alike when switched off.

    None of the library stands for all that the library lacks, and keeps its share; counts and
    declaration move the rest.
    """
    share = parameters.none_weight / (len(substances) + parameters.none_weight)
    weights = {
        key: (prior.counts.get(key, 0) + parameters.count_added)
        * (parameters.declared_factor if key in prior.declared else 1.0)
        if prior.used
        else 1.0
        for key in substances
    }
    total = sum(weights.values())
    logs = {key: log((1 - share) * weight / total) for key, weight in weights.items()}
    return {**logs, NONE_OF_THE_LIBRARY: log(share)}


def _refuse_bad_evidence(evidence: SpotEvidence, model: ColourModel) -> None:
    if any(not other.spots for other in evidence.elsewhere):
        raise refuse_field("evidence", _("Nothing has been observed yet."))
    seen = [item for part in every_part(evidence) for item in part.colours if item.colours]
    if not any(part.hrfs for part in every_part(evidence)) and not seen:
        raise refuse_field("evidence", _("Nothing has been observed yet."))
    for item in seen:
        model.refuse_unknown(item.colours)


def _known(evidence: SpotEvidence, substances: Sequence[str], library: Library) -> dict[str, Known]:
    """Gather, for each substance, the references that bear on what was observed."""
    parts = every_part(evidence)
    systems = {item.system for part in parts for item in part.hrfs}
    reagents = {item.reagent for part in parts for item in part.colours if item.colours}
    hrfs: dict[str, dict[str, list[HrfKnowledge]]] = {}
    colours: dict[str, dict[str, tuple[ColourKnowledge, ...]]] = {}
    for one in library.hrfs:
        if one.system in systems:
            hrfs.setdefault(one.substance, {}).setdefault(one.system, []).append(one)
    for other in library.colours:
        if other.reagent in reagents:
            per = colours.setdefault(other.substance, {})
            per[other.reagent] = (*per.get(other.reagent, ()), other)
    return {
        key: Known(
            {
                system: best
                for system, items in hrfs.get(key, {}).items()
                if (best := most_specific(items))
            },
            colours.get(key, {}),
        )
        for key in dict.fromkeys(substances)
    }


def _ordered(
    terms: Mapping[str, tuple[EvidenceTerm, ...]], priors: Mapping[str, float]
) -> tuple[Candidate, ...]:
    """Order candidates by score; among equals none of the library stands first."""
    logliks = {key: sum(term.log_likelihood for term in terms[key]) for key in terms}
    scores = {key: logliks[key] + priors[key] for key in terms}
    highest = max(scores.values())
    whole = sum(exp(score - highest) for score in scores.values())
    keys = sorted(terms, key=lambda key: (-scores[key], key != NONE_OF_THE_LIBRARY, key))
    following = [*keys[1:], None]
    return tuple(
        Candidate(
            substance=key,
            rank=place,
            loglik=logliks[key],
            log_prior=priors[key],
            score=scores[key],
            posterior=exp(scores[key] - highest) / whole,
            likelihood_ratio=_ratio(logliks[key], logliks[after]) if after else None,
            evidence=terms[key],
        )
        for place, (key, after) in enumerate(zip(keys, following, strict=True), start=1)
    )


def _ratio(loglik: float, other: float) -> float:
    return exp(min(loglik - other, _GREATEST_EXPONENT))


def _groups(
    candidates: Sequence[Candidate],
    known: Mapping[str, Known],
    evidence: SpotEvidence,
    model: ColourModel,
) -> tuple[tuple[str, ...], ...]:
    """Return the plausible candidates that nothing observed can tell apart, in rank order."""
    keys = [
        item.substance
        for item in candidates
        if item.substance in known and item.posterior >= model.parameters.group_posterior
    ]
    group_of = {key: {key} for key in keys}
    for one, other in combinations(keys, 2):
        if not is_separable(known[one], known[other], evidence, model):
            joined = group_of[one] | group_of[other]
            group_of.update(dict.fromkeys(joined, joined))
    groups = {tuple(key for key in keys if key in group_of[first]) for first in keys}
    return tuple(
        sorted(
            (group for group in groups if len(group) > 1), key=lambda group: keys.index(group[0])
        )
    )


def is_separable(one: Known, other: Known, evidence: SpotEvidence, model: ColourModel) -> bool:
    """Tell whether a system or reagent that was used can tell two substances apart.

    Two hRf separate when they lie two standard deviations apart or more; two colour references
    when no source of the one resembles a source of the other. What is unknown separates nothing.
    """
    for item in evidence.hrfs:
        mine, theirs = one.hrfs.get(item.system), other.hrfs.get(item.system)
        if mine and theirs:
            spreads = [sigma(each, item.corrected, model.parameters) for each in (mine, theirs)]
            together = sqrt(sum(spread**2 for spread in spreads) / 2)
            if abs(mine.mean - theirs.mean) >= 2 * together:
                return True
    return any(
        not any(model.alike(mine.stages, theirs.stages) for mine in first for theirs in second)
        for reagent, first in one.colours.items()
        if (second := other.colours.get(reagent))
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value
