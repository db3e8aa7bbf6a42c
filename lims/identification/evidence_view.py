"""All evidence on a sample as it is shown: one table, said in one language, for page and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from math import exp
from typing import Any

from sqlalchemy.orm import Session

from lims.analysis.states import RunState
from lims.foundation.words import Message, _, number
from lims.identification.advice_view import Viewer, shown_advice
from lims.identification.available import NextTests
from lims.identification.certainty import WORDS, certainty, words_of
from lims.identification.fusion import (
    Basis,
    Disagreement,
    Fused,
    Line,
    Setting,
    Statement,
    Weight,
    disagreement_words,
)
from lims.identification.gathering import SampleEvidence
from lims.identification.knowledge import FOUND
from lims.identification.lists import names_of
from lims.identification.plate_evidence import Told
from lims.identification.rules import NONE_OF_THE_LIBRARY
from lims.identification.second_opinions import Criterion, criteria_met

SHOWN = 8
MOST_SHOWN = 60
SETTINGS: Mapping[str, Message] = {
    Setting.FTIR: _("one infrared spectrum"),
    Setting.ONE_TLC_SYSTEM: _("one TLC system"),
    Setting.TWO_TLC_SYSTEMS_AND_COLOURS: _("two TLC systems and colours"),
    Setting.GCMS_WITH_INDEX: _("GC-MS with retention index"),
}


def shown_evidence(
    session: Session, found: SampleEvidence, tests: NextTests | None, language: str
) -> dict[str, Any]:
    """Return all evidence on a sample, said in a language."""
    keys = [one.substance for one in found.fused.lines]
    keys += [key for one in found.statements for key in (*one.named, *one.alike, *one.denied)]
    viewer = Viewer(names_of(session, keys, language), language)
    named = {key for one in found.statements for key in one.named}
    return {
        "sample_id": found.sample.id,
        "code": found.sample.code,
        "library_version": found.library_version,
        "prior_used": found.fused.prior_used,
        "techniques": [
            _technique(told, weight, viewer)
            for told, weight in zip(found.told, found.fused.techniques, strict=True)
        ],
        **_lines(found.fused, named, viewer),
        "several": sorted(viewer.name(key) for key in named) if len(named) > 1 else [],
        "disagreements": [_disagreement(one, viewer) for one in found.fused.disagreements],
        "certainty": [_certainty(found, key, viewer) for key in keys_in_order(found, named)],
        "second_laboratory": [_criterion(one, viewer) for one in criteria_met(session, found)],
        "silent": [(run.id, run.number) for run in found.silent],
        "next_tests": [shown_advice(one, tests, viewer) for one in tests.advice] if tests else [],
        "unranked": [one.titles.get(language, one.name) for one in tests.unranked] if tests else [],
    }


def keys_in_order(found: SampleEvidence, named: set[str]) -> list[str]:
    """Return what is named, in the order of the fusion."""
    return [one.substance for one in found.fused.lines if one.substance in named]


def _lines(fused: Fused, named: set[str], viewer: Viewer) -> dict[str, Any]:
    """Return the lines that are shown, the rest, and whether only the prior made the first."""
    first = [one for one in fused.lines if one.rank <= SHOWN or _is_kept(one, named)]
    rest = [one for one in fused.lines if one not in first][:MOST_SHOWN]
    leaders = (fused.leader_by_evidence, fused.leader)
    return {
        "lines": [_line(one, fused.techniques, viewer) for one in first],
        "more": [_line(one, fused.techniques, viewer) for one in rest],
        "moved_by_prior": [viewer.name(key) for key in leaders] if leaders[0] != leaders[1] else [],
    }


def _criterion(one: Criterion, viewer: Viewer) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "words": viewer.say(one.words),
        "jurisdiction": one.jurisdiction,
        "source": one.source,
    }


def _is_kept(one: Line, named: set[str]) -> bool:
    return one.substance == NONE_OF_THE_LIBRARY or one.substance in named


def _technique(told: Told, weight: Weight, viewer: Viewer) -> dict[str, Any]:
    its = told.statement
    return {
        "technique": its.technique,
        "label": _title(told, viewer),
        "runs": [
            {"id": run.id, "number": run.number, "verified": run.state == RunState.VERIFIED}
            for run in told.runs
        ],
        "lists": [one.id for one in told.lists],
        "basis": weight.basis.value,
        "basis_words": viewer.say(_basis(told, weight)),
        "most": None if weight.most is None else round(weight.most, 1),
        "named": [viewer.name(key) for key in its.named],
        "alike": [viewer.name(key) for key in its.alike],
        "accepted": its.accepted,
        "fits_nothing": its.fits_nothing,
        "verified": its.verified,
    }


def _title(told: Told, viewer: Viewer) -> str:
    if told.statement.technique == "tlc":
        parts = [f"TLC {one}" for one in told.systems]
        return ", ".join([*parts, *told.reagents])
    if told.statement.technique == "reagent":
        return ", ".join(told.reagents) or viewer.say(words_of("reagent"))
    return viewer.say(words_of(told.statement.technique))


def _basis(told: Told, weight: Weight) -> Message:
    if weight.basis is Basis.CALIBRATED and told.calibration is not None:
        return _(
            "calibrated on %(n)s confirmed samples, at most × %(most)s",
            n=told.calibration.samples,
            most=Decimal(round(weight.most or 0)),
        )
    if weight.basis is Basis.DEFAULT and weight.most is not None:
        setting = SETTINGS[Setting(told.statement.setting)]
        return _("default for %(setting)s: × %(most)s", setting=setting, most=_tidy(weight.most))
    if told.statement.technique == "gcms":
        return _(
            "neutral: a default is stated for GC-MS with a retention index that agrees; "
            "there is none"
        )
    return _("neutral: no default is stated for this technique as it was used")


def _tidy(value: float) -> Decimal:
    """Return a ratio with no more digits than it deserves."""
    if value >= 10:
        return Decimal(round(value))
    return Decimal(str(round(value, 1))).normalize() + 0


def ratio_words(llr: float) -> Message:
    """Say a log-likelihood ratio against none of the library as times for or against."""
    if abs(llr) < 0.005:
        return _("neutral")
    if llr > 0:
        return _("for, × %(n)s", n=_tidy(exp(min(llr, 30.0))))
    return _("against, ÷ %(n)s", n=_tidy(exp(min(-llr, 30.0))))


def _stance(llr: float) -> str:
    if abs(llr) < 0.005:
        return "neutral"
    return "for" if llr > 0 else "against"


def _line(one: Line, weights: Sequence[Weight], viewer: Viewer) -> dict[str, Any]:
    is_none = one.substance == NONE_OF_THE_LIBRARY
    return {
        "rank": one.rank,
        "substance": one.substance,
        "name": viewer.name(one.substance),
        "is_none": is_none,
        "llr": round(one.llr, 4),
        "words": viewer.say(_("the yardstick")) if is_none else viewer.say(ratio_words(one.llr)),
        "prior": round(exp(one.log_prior), 4),
        "posterior": round(one.posterior, 4),
        "posterior_words": _chance(one.posterior, viewer.language),
        "prior_words": _chance(exp(one.log_prior), viewer.language),
        "contributions": [
            {
                "technique": weight.technique,
                "basis": weight.basis.value,
                "llr": round(value, 4),
                "stance": _stance(value),
                "words": viewer.say(ratio_words(value)),
            }
            for weight, value in zip(weights, one.contributions, strict=True)
        ],
    }


def _chance(value: float, language: str) -> str:
    if value < 0.001:
        return f"< {number(Decimal('0.001'), language)}"
    if value > 0.999:
        return f"> {number(Decimal('0.999'), language)}"
    return number(Decimal(str(round(value, 3))), language)


def _disagreement(one: Disagreement, viewer: Viewer) -> dict[str, Any]:
    names = [viewer.name(key) for key in one.names]
    others = [viewer.name(key) for key in one.against]
    words = disagreement_words(words_of(one.one), words_of(one.other), one.kind, names, others)
    return {
        "one": one.one,
        "other": one.other,
        "kind": one.kind,
        "names": names,
        "others": others,
        "words": viewer.say(words),
    }


def _certainty(found: SampleEvidence, key: str, viewer: Viewer) -> dict[str, Any]:
    """Say how sure a finding would be now, and when what stands is accepted and verified."""
    verified = _answering(found, key, verified_only=True)
    standing = [*_answering(found, key), *_naming(found.statements, key)]
    now, then = certainty(viewer.name(key), verified), certainty(viewer.name(key), standing)
    return {
        "substance": key,
        "name": viewer.name(key),
        "now": now.word.value if verified else None,
        "now_words": viewer.say(WORDS[now.word]) if verified else "",
        "then": then.word.value,
        "then_words": viewer.say(WORDS[then.word]),
        "reason": [
            viewer.say(words) for words in (then.reason, then.categories, then.lift) if words
        ],
    }


def _answering(found: SampleEvidence, key: str, *, verified_only: bool = False) -> list[str]:
    """Return the techniques whose runs answer with a substance."""
    answers = [
        one
        for one in found.answers
        if one.kind in FOUND and one.substance and one.substance.key == key
    ]
    runs = {run.id: run for told in found.told for run in told.runs}
    return [
        runs[one.run_id].technique
        for one in answers
        if not verified_only or runs[one.run_id].state == RunState.VERIFIED
    ]


def _naming(statements: Iterable[Statement], key: str) -> list[str]:
    return [one.technique for one in statements if key in one.named]
