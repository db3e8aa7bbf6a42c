"""Refusals: the four ways in which an act is not done, each with words for the person.

Doors translate them once: NotPermitted 403, NotFound 404, Refused 409, Invalid 422.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lims.foundation.words import Message, _


class Refusal(Exception):
    """An act that is not done, with a sentence that says why."""

    status = 409

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class NotPermitted(Refusal):
    """The person's duties do not cover this act."""

    status = 403


class NotFound(Refusal):
    """There is no such record, or this person may not know of it."""

    status = 404


class Refused(Refusal):
    """The act is well formed but the state of the records does not allow it."""

    status = 409


class Stale(Refused):
    """Somebody changed the record since the person read it."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field. `field` is the name in the form and in the API."""

    field: str
    message: Message


class Invalid(Refusal):
    """What was given cannot be right; each problem names its field."""

    status = 422

    def __init__(self, problems: Sequence[Problem], message: Message | None = None) -> None:
        super().__init__(message or _("Some answers need another look."))
        self.problems = tuple(problems)


def refuse_field(field: str, message: Message) -> Invalid:
    """Return the refusal of one field, to be raised."""
    return Invalid([Problem(field, message)])


class Versioned(Protocol):
    """A record with an optimistic lock."""

    @property
    def row_version(self) -> int: ...


def refuse_stale(record: Versioned, row_version: int | None) -> None:
    """Refuse when the record has changed since the person read it (Stale)."""
    if row_version is not None and record.row_version != row_version:
        raise Stale(_("Somebody changed this in the meantime. Read it again and repeat."))
