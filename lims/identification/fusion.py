"""All evidence on one sample, added up: log-likelihood ratios over techniques, and who disagrees.

Each technique speaks once, however many runs it had, because runs of one technique err together.
What it says of a substance is bounded: by its calibration on confirmed samples, or by a stated
default; a technique without either is neutral. Disagreements are listed and never averaged away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from math import exp, log
from typing import Any

from lims.foundation.words import Message, _
from lims.identification.likelihood import Parameters as Before
from lims.identification.rules import NONE_OF_THE_LIBRARY, Prior, log_priors

ALGORITHM_VERSION = "fusion-1"


class Basis(StrEnum):
    """Where the weight of a technique comes from."""

    CALIBRATED = "calibrated"
    DEFAULT = "default"
    NEUTRAL = "neutral"


class Setting(StrEnum):
    """A set-up for which a default likelihood ratio is stated."""

    FTIR = "ftir"
    ONE_TLC_SYSTEM = "tlc-one-system"
    TWO_TLC_SYSTEMS_AND_COLOURS = "tlc-two-systems-and-colours"
    GCMS_WITH_INDEX = "gcms-with-retention-index"
    NONE_STATED = ""


@dataclass(frozen=True)
class Parameters:
    """Conservative likelihood ratios before 50 confirmed samples, chosen by the network."""

    ftir: float = 5.0
    one_tlc_system: float = 10.0
    two_tlc_systems_and_colours: float = 100.0
    gcms_with_index: float = 1000.0
    #: A technique speaks against a substance from this likelihood ratio (1 to 3).
    against: float = 3.0
    #: Before looking: none of the library weighs as much as one substance of average frequency.
    none_weight: float = 1.0
    count_added: float = 1.0
    declared_factor: float = 10.0

    def default_of(self, setting: str) -> float | None:
        """Return the stated likelihood ratio of a set-up, None where none is stated."""
        return {
            Setting.FTIR: self.ftir,
            Setting.ONE_TLC_SYSTEM: self.one_tlc_system,
            Setting.TWO_TLC_SYSTEMS_AND_COLOURS: self.two_tlc_systems_and_colours,
            Setting.GCMS_WITH_INDEX: self.gcms_with_index,
        }.get(Setting(setting))


@dataclass(frozen=True)
class Statement:
    """What one technique says of one sample.

    `ratios` are natural logarithms against none of the library, one for each substance assessed;
    without them only what is named counts. `calibrated` are such ratios from confirmed samples.
    """

    technique: str
    setting: str = Setting.NONE_STATED
    runs: tuple[str, ...] = ()
    ratios: Mapping[str, float] = field(default_factory=dict)
    #: accepted by a person, else standing first
    named: tuple[str, ...] = ()
    #: not told apart from what is named: the technique speaks for them as well
    alike: tuple[str, ...] = ()
    accepted: bool = False
    #: none of the library stands first, or every candidate was rejected
    fits_nothing: bool = False
    #: named, but too little for a less sensitive technique to see
    slight: tuple[str, ...] = ()
    #: looked for and not detected
    denied: tuple[str, ...] = ()
    calibrated: Mapping[str, float] | None = None
    #: greatest ratio that the confirmed samples carry (natural logarithm)
    bound: float = 0.0
    verified: bool = True


@dataclass(frozen=True)
class Weight:
    """The bounded log-likelihood ratios of one technique, and where the bound comes from."""

    technique: str
    basis: Basis
    #: the greatest likelihood ratio that this technique may give; None when neutral
    most: float | None
    ratios: Mapping[str, float]


@dataclass(frozen=True)
class Line:
    """One substance: the sum, and what each technique added, in the order of the techniques."""

    substance: str
    rank: int
    llr: float
    log_prior: float
    posterior: float
    contributions: tuple[float, ...]


@dataclass(frozen=True)
class Disagreement:
    """Two techniques that do not say the same; `words` name both."""

    one: str
    other: str
    #: what each names, in the same order
    names: tuple[str, ...]
    against: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Fused:
    """All evidence on one sample, ranked, with none of the library among the lines."""

    techniques: tuple[Weight, ...]
    lines: tuple[Line, ...]
    disagreements: tuple[Disagreement, ...]
    prior_used: bool

    @property
    def leader(self) -> str:
        return self.lines[0].substance

    @property
    def leader_by_evidence(self) -> str:
        """What stands first when what was probable before is left out; ties go to the leader."""
        return max(self.lines, key=lambda line: (line.llr, -line.rank)).substance


def weigh(statement: Statement, parameters: Parameters) -> Weight:
    """Return the bounded ratios of one technique: calibrated, by a stated default, or neutral."""
    if statement.calibrated is not None:
        bounded = _bounded(statement.calibrated, statement.bound)
        return Weight(statement.technique, Basis.CALIBRATED, exp(statement.bound), bounded)
    most = parameters.default_of(statement.setting)
    if most is None:
        return Weight(statement.technique, Basis.NEUTRAL, None, {})
    ratios = statement.ratios or dict.fromkeys((*statement.named, *statement.alike), log(most))
    return Weight(statement.technique, Basis.DEFAULT, most, _bounded(ratios, log(most)))


def _bounded(ratios: Mapping[str, float], most: float) -> dict[str, float]:
    return {key: max(-most, min(most, value)) for key, value in ratios.items()}


def fuse(
    statements: Sequence[Statement],
    prior: Prior | None = None,
    parameters: Parameters | None = None,
) -> Fused:
    """Add the ratios of all techniques for each substance and rank, with none of the library."""
    chosen, before = parameters or Parameters(), prior or Prior(used=False)
    weights = tuple(weigh(one, chosen) for one in statements)
    keys = sorted(
        {key for one in weights for key in one.ratios}
        | {key for one in statements for key in one.named}
    )
    widths = Before(
        none_weight=chosen.none_weight,
        count_added=chosen.count_added,
        declared_factor=chosen.declared_factor,
    )
    priors = log_priors(keys, before, widths)
    parts = {
        key: tuple(one.ratios.get(key, 0.0) for one in weights)
        for key in (*keys, NONE_OF_THE_LIBRARY)
    }
    against = tuple(_disagreements(statements, weights, chosen))
    return Fused(weights, _ranked(parts, priors), against, before.used)


def _ranked(
    parts: Mapping[str, tuple[float, ...]], priors: Mapping[str, float]
) -> tuple[Line, ...]:
    scores = {key: sum(each) + priors[key] for key, each in parts.items()}
    highest = max(scores.values())
    whole = sum(exp(score - highest) for score in scores.values())
    order = sorted(scores, key=lambda key: (-scores[key], key != NONE_OF_THE_LIBRARY, key))
    return tuple(
        Line(
            substance=key,
            rank=place,
            llr=sum(parts[key]),
            log_prior=priors[key],
            posterior=exp(scores[key] - highest) / whole,
            contributions=parts[key],
        )
        for place, key in enumerate(order, start=1)
    )


def _disagreements(
    statements: Sequence[Statement], weights: Sequence[Weight], parameters: Parameters
) -> Iterable[Disagreement]:
    """Name each pair of techniques that do not say the same, once, with the strongest reason."""
    for (one, its), (other, theirs) in combinations(zip(statements, weights, strict=True), 2):
        found = (
            _speaks_against(one, other, theirs, parameters)
            or _speaks_against(other, one, its, parameters)
            or _names_another(one, other)
            or _fits_nothing(one, other)
            or _fits_nothing(other, one)
        )
        if found is not None:
            yield found


def _speaks_against(
    one: Statement, other: Statement, weight: Weight, parameters: Parameters
) -> Disagreement | None:
    limit = -log(parameters.against)
    unsaid = [key for key in one.named if key not in (*other.named, *one.slight)]
    hit = [key for key in unsaid if key in other.denied]
    hit += [key for key in unsaid if key not in hit and _says(other, weight, key) <= limit]
    if not hit:
        return None
    return Disagreement(one.technique, other.technique, tuple(hit), other.named, "against")


def _says(statement: Statement, weight: Weight, key: str) -> float:
    """Return what a technique says of a substance; a neutral one still disagrees in words."""
    if weight.basis is Basis.NEUTRAL:
        return statement.ratios.get(key, 0.0)
    return weight.ratios.get(key, 0.0)


def _names_another(one: Statement, other: Statement) -> Disagreement | None:
    if not one.named or not other.named or set(one.named) & set(other.named):
        return None
    return Disagreement(one.technique, other.technique, one.named, other.named, "another")


def _fits_nothing(one: Statement, other: Statement) -> Disagreement | None:
    if one.named and other.fits_nothing and not other.named:
        return Disagreement(one.technique, other.technique, one.named, (), "nothing")
    return None


def disagreement_words(one: Any, other: Any, kind: str, names: Any, others: Any) -> Message:
    """Say a disagreement, with techniques and substances as they are called in any language."""
    values = {"one": one, "other": other, "names": names, "others": others}
    if kind == "nothing":
        return _("%(one)s: %(names)s; %(other)s: nothing of the library fits.", **values)
    if kind == "another":
        return _(
            "%(one)s: %(names)s; %(other)s: %(others)s. Both can be there, or one is wrong.",
            **values,
        )
    if others:
        return _("%(one)s: %(names)s; %(other)s speaks against it and says %(others)s.", **values)
    return _("%(one)s: %(names)s; %(other)s speaks against it.", **values)
