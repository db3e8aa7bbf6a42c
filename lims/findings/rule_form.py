"""What is wrong with a danger rule before anybody sees it: each problem beside its field."""

from __future__ import annotations

import re
from dataclasses import asdict
from decimal import Decimal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lims.findings.rules import Condition
from lims.findings.ruling import LEVELS, LIMIT_UNITS, TARGETS, RuleText
from lims.foundation.errors import Problem
from lims.foundation.measures import BASE, unit_name
from lims.foundation.words import _
from lims.library.records import Substance, VocabularyTerm

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_SALT = re.compile(r"[\w(). -]{1,20}")
LEAST, MOST = Decimal("0.000001"), Decimal(1_000_000)


def problems(session: Session, text: RuleText) -> list[Problem]:
    """Return what is wrong with a rule, by field."""
    unreadable = [
        Problem(name, _("This text holds characters that cannot be shown."))
        for name, value in asdict(text).items()
        if isinstance(value, str) and not value.replace("\n", " ").isprintable()
    ]
    if unreadable:
        return unreadable
    found = _choices(text) + _needed(text) + _known(session, text)
    if text.valid_from and text.valid_until and text.valid_until < text.valid_from:
        found.append(Problem("valid_until", _("The end lies before the beginning.")))
    if text.condition == Condition.CONTENT:
        return found + _limit(text) + _form_of_amount(session, text)
    return found + _no_limit(text)


def _choices(text: RuleText) -> list[Problem]:
    choices = (
        ("target_type", text.target_type in TARGETS),
        ("condition", text.condition in tuple(Condition)),
        ("level", text.level in LEVELS),
    )
    found = [Problem(name, _("Choose one of the list.")) for name, good in choices if not good]
    if not _KEY.fullmatch(text.rule_key):
        words = _("Small letters, digits and dashes only, such as mdma-120.")
        found.append(Problem("rule_key", words))
    return found


def _needed(text: RuleText) -> list[Problem]:
    return [
        Problem(name, _("This answer is needed."))
        for name in ("source", "jurisdiction", "target")
        if not getattr(text, name).strip()
    ]


def _known(session: Session, text: RuleText) -> list[Problem]:
    """Return which substance or form is not in the lists of the library."""
    found = []
    targets = [one for one in text.target.split("|") if one]
    if text.target_type == "substance" and not _in_library(session, targets):
        found.append(Problem("target", _("This substance is not in the library.")))
    if text.expected_as and not _in_library(session, [text.expected_as]):
        found.append(Problem("expected_as", _("This substance is not in the library.")))
    there = session.scalar(select(VocabularyTerm.code).where(_is_form(text.dosage_form)))
    if text.dosage_form and there is None:
        found.append(Problem("dosage_form", _("Choose one of the list.")))
    return found


def _is_form(code: str) -> ColumnElement[bool]:
    return (VocabularyTerm.list_name == "dosage_form") & (VocabularyTerm.code == code)


def _in_library(session: Session, keys: list[str]) -> bool:
    there = session.scalars(select(Substance.key).where(Substance.key.in_(keys))).all()
    return bool(keys) and set(there) == set(keys)


def _limit(text: RuleText) -> list[Problem]:
    found = []
    if text.operator not in (">", ">="):
        found.append(Problem("operator", _("Choose one of the list.")))
    if text.limit_value is None or not LEAST <= text.limit_value <= MOST:
        found.append(Problem("limit_value", _("A content rule needs a limit above zero.")))
    if unit_name(text.unit) not in LIMIT_UNITS:
        found.append(Problem("unit", _("Choose one of the list.")))
    return found


def _form_of_amount(session: Session, text: RuleText) -> list[Problem]:
    """Return whether the limit is in a form that no result is ever written in.

    It could never be compared: every detection would count as above it.
    """
    keys = text.target.split("|") if text.target_type == "substance" else []
    listed = session.scalars(select(Substance.salts).where(Substance.key.in_(keys))).all()
    forms = list(dict.fromkeys([BASE, "HCl", *(salt for salts in listed for salt in salts or ())]))
    given = text.expressed_as
    misspelt = given.casefold() in {one.casefold() for one in forms} or not _SALT.fullmatch(given)
    if not given or given in forms or not (keys or misspelt):
        return []
    words = _("Write it as results are written (%(forms)s), or leave it empty.", forms=forms)
    return [Problem("expressed_as", words)]


def _no_limit(text: RuleText) -> list[Problem]:
    """Return the parts of a limit that stand in a rule which compares nothing."""
    if text.condition not in (Condition.ANY_DETECTION, Condition.UNEXPECTED):
        return []
    if text.limit_value is None:
        return []
    return [Problem("limit_value", _("Only a content rule compares with a limit."))]
