"""What a declared name means: a substance of the library, several, or nothing known."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims.foundation.errors import Problem
from lims.foundation.words import Message, _
from lims.intake import rules
from lims.intake.declarations import RegisterSample
from lims.library import queries as library
from lims.library.records import Substance

NONE_OF_THESE = "none"
"""The answer of a person who means none of the substances that a name can mean."""


@dataclass(frozen=True)
class Meaning:
    """What words mean: the name of the one substance, or the several as key and name."""

    means: str = ""
    choices: Sequence[tuple[str, str]] = ()


def candidates(session: Session, text: str) -> Sequence[Substance]:
    """Return the substances that a text can mean."""
    if not text or text == rules.UNKNOWN:
        return ()
    return library.resolve_name(session, text).candidates


def meaning(session: Session, text: str, key: str = "") -> uuid.UUID | None:
    """Return the substance that a text means: its only one, or the one that was chosen."""
    found = candidates(session, text)
    if len(found) == 1:
        return found[0].id
    return next((one.id for one in found if one.key == key), None)


def said(session: Session, text: str, language: str) -> Meaning:
    """Return what a text means, to be shown beside it; the same words say nothing new."""
    found = candidates(session, text)
    if len(found) == 1:
        name = found[0].name(language)
        return Meaning("" if name.casefold() == text.strip().casefold() else name)
    return Meaning("", [(one.key, one.name(language)) for one in found])


def to_be_asked(session: Session, given: RegisterSample) -> list[Problem]:
    """Return the names that can mean several substances and of which none was chosen."""
    found = []
    for field, text, key in (
        ("sold_as", given.sold_as, given.sold_as_key),
        ("believed", given.believed, given.believed_key),
    ):
        several = candidates(session, text)
        answered = {NONE_OF_THESE} if field == "sold_as" else set()
        if len(several) > 1 and key not in {one.key for one in several} | answered:
            found.append(Problem(f"{field}_key", which_one(text)))
    return found


def which_one(text: str) -> Message:
    """Return the question which of several substances is meant."""
    return _("“%(text)s” can mean several substances. Which one?", text=text)
