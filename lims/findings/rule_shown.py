"""Danger rules as people read them: a difference, a verdict and a span of time, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lims.findings import ruling, trials
from lims.findings.shown import VERDICTS
from lims.findings.statements import tell
from lims.foundation.words import _, number, say
from lims.library.queries import term_label


def periods(language: str) -> list[tuple[str, str]]:
    """Return over how many months a trial may go, in words."""
    return [(str(n), say(_("%(n)s months", n=n), language)) for n in trials.MONTHS]


AS_WRITTEN = frozenset({"target", "condition_words", "source", "note"})
"""Parts that are shown in the words of their source, in whatever language."""


def change(one: ruling.Difference, language: str) -> tuple[str, str, str, bool]:
    """Return a part of a rule, what it says before and after, and whether that is as written."""
    before, after = (_said(one.part, value, language) for value in (one.before, one.after))
    return say(ruling.PARTS[one.part], language), before, after, one.part in AS_WRITTEN


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


def sentence(session: Session, text: ruling.RuleText, language: str) -> str:
    """Return what a rule looks at and when it is met, in one line of words."""
    target = f"{_said('target_type', text.target_type, language)} {text.target}"
    limit = ""
    if text.limit_value is not None:
        stated = text.expressed_as or say(_("salt or base not stated"), language)
        limit = f" {text.operator} {number(text.limit_value, language)} {text.unit} ({stated})"
    parts = [target, _said("condition", text.condition, language) + limit]
    if text.dosage_form:
        parts.append(term_label(session, "dosage_form", text.dosage_form, language))
    if text.expected_as:
        parts.append(say(_("sold as %(name)s", name=text.expected_as), language))
    return " · ".join(parts)


def verdict(outcome: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return what a rule said of a finding, and its verdict in a word."""
    if not outcome:
        return {"verdict": "", "words": ""}
    word = say(VERDICTS[outcome["verdict"]], language)
    return {"verdict": word, "words": tell(outcome["words"], language)}
