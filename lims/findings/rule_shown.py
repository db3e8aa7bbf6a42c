"""Danger rules as people read them: a difference, a verdict and a span of time, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lims.findings import ruling, trials
from lims.findings.shown import VERDICTS
from lims.findings.statements import tell
from lims.foundation.words import _, number, say


def periods(language: str) -> list[tuple[str, str]]:
    """Return over how many months a trial may go, in words."""
    return [(str(n), say(_("%(n)s months", n=n), language)) for n in trials.MONTHS]


def change(one: ruling.Difference, language: str) -> tuple[str, str, str]:
    """Return a part of a rule with what it says before and after, in words."""
    before, after = (_said(one.part, value, language) for value in (one.before, one.after))
    return say(ruling.PARTS[one.part], language), before, after


def _said(part: str, value: Any, language: str) -> str:
    listed: Mapping[str, Mapping[str, Any]] = {
        "level": ruling.LEVEL_WORDS,
        "target_type": ruling.TARGET_WORDS,
        "condition": ruling.CONDITION_WORDS,
    }
    words = listed.get(part, {}).get(str(value)) if value else None
    if words is not None:
        return say(words, language)
    if isinstance(value, bool):
        return say(_("yes") if value else _("no"), language)
    if part == "limit_value" and value is not None:
        return number(value, language)
    return "" if value is None else str(value)


def verdict(outcome: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return what a rule said of a finding, and its verdict in a word."""
    if not outcome:
        return {"verdict": "", "words": ""}
    word = say(VERDICTS[outcome["verdict"]], language)
    return {"verdict": word, "words": tell(outcome["words"], language)}
