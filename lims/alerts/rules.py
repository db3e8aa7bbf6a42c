"""Events and alerts: their states, who must have looked, and what an event takes in by itself.

An alert may warn before its event is confirmed (danger does not wait for certainty), but never on
a refuted one. It is published by another person than those who wrote it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from lims.foundation.errors import Problem, Refused
from lims.foundation.words import Message, _


class EventState(StrEnum):
    """Where the verification of an event stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    MERGED = "merged"


class AlertState(StrEnum):
    """Where a version of an alert stands; it ends in four different ways."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    PUBLISHED = "published"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class Kind(StrEnum):
    """What a version of an alert does."""

    ALERT = "alert"
    UPDATE = "update"
    WITHDRAWAL = "withdrawal"


E, A = EventState, AlertState
EVENT_MOVES: Mapping[EventState, frozenset[EventState]] = {
    E.PENDING: frozenset({E.CONFIRMED, E.REFUTED, E.MERGED}),
    E.CONFIRMED: frozenset({E.PENDING}),
    E.REFUTED: frozenset({E.PENDING}),
    E.MERGED: frozenset(),
}
ALERT_MOVES: Mapping[AlertState, frozenset[AlertState]] = {
    A.DRAFT: frozenset({A.REVIEW}),
    A.REVIEW: frozenset({A.DRAFT, A.APPROVED}),
    A.APPROVED: frozenset({A.PUBLISHED}),
    A.PUBLISHED: frozenset({A.UPDATED, A.WITHDRAWN, A.EXPIRED, A.SUPERSEDED}),
    A.UPDATED: frozenset(),
    A.WITHDRAWN: frozenset(),
    A.EXPIRED: frozenset(),
    A.SUPERSEDED: frozenset(),
}
"""Which state may follow which; approval publishes in the same unit of work."""
ENDS = (A.UPDATED, A.WITHDRAWN, A.EXPIRED, A.SUPERSEDED)
IN_WORK = (A.DRAFT, A.REVIEW, A.APPROVED)
END_OF: Mapping[Kind, AlertState] = {Kind.UPDATE: A.UPDATED, Kind.WITHDRAWAL: A.WITHDRAWN}
"""How the published version before ends when a version of this kind is published."""

LEVELS = ("information", "caution", "warning", "red")
REVIEW_DAYS = 30
"""Days after which an alert asks for a decision, unless its author chooses another day."""
LONGEST_REVIEW_DAYS = 365
ASSESSORS = 2
"""How many people assess before an event is confirmed or refuted."""


def refuse_event_move(present: str, wanted: EventState) -> None:
    """Refuse a move that the table of events does not hold (Refused)."""
    if wanted in EVENT_MOVES[EventState(present)]:
        return
    if present == E.PENDING:
        raise Refused(_("This event is not decided yet."))
    if present == E.MERGED:
        raise Refused(_("This event was merged into another. Go on there."))
    raise Refused(_("This event is already decided. Reload the page to see how."))


def refuse_alert_move(present: str, wanted: AlertState) -> None:
    """Refuse a move that the table of alerts does not hold (Refused)."""
    if wanted in ALERT_MOVES[AlertState(present)]:
        return
    if present in (A.PUBLISHED, *ENDS):
        raise Refused(_("A published message never changes. Make an update or a withdrawal."))
    raise Refused(_("This alert has moved on in the meantime. Reload the page to see where it is."))


def refuse_editing(present: str) -> None:
    """Refuse to edit anything but a draft (Refused)."""
    if present == A.DRAFT:
        return
    if present == A.REVIEW:
        raise Refused(_("This alert is in review. Send it back before you change it."))
    raise Refused(_("A published message never changes. Make an update or a withdrawal."))


GRADES: Mapping[str, Mapping[int, Message]] = {
    "hazard": {
        1: _("unpleasant, passes"),
        2: _("needs care"),
        3: _("can kill or harm for good"),
    },
    "exposure": {
        1: _("single case"),
        2: _("several people or places"),
        3: _("sold widely"),
    },
    "certainty": {
        1: _("suspected"),
        2: _("identified once"),
        3: _("confirmed by a second method or laboratory"),
    },
}
"""What an assessor grades, with the words of each grade."""


@dataclass(frozen=True)
class Assessment:
    """What one assessor thinks: three grades from 1 to 3, and the words."""

    by: str
    hazard: int
    exposure: int
    certainty: int
    words: str
    at: str

    @property
    def product(self) -> int:
        return self.hazard * self.exposure * self.certainty


def assessments(kept: Sequence[Mapping[str, Any]]) -> list[Assessment]:
    """Return the assessments that an event keeps."""
    return [Assessment(**one) for one in kept]


def graded_wrong(grades: Mapping[str, int]) -> list[Problem]:
    """Return which grades are not 1, 2 or 3."""
    return [
        Problem(name, _("Grade from 1 to 3, please."))
        for name in GRADES
        if grades.get(name) not in GRADES[name]
    ]


def dissent(listed: Sequence[Assessment]) -> list[str]:
    """Return on which questions the assessors disagree; their words stay beside each other."""
    return [name for name in GRADES if len({getattr(one, name) for one in listed}) > 1]


def refuse_decision(listed: Sequence[Assessment]) -> None:
    """Refuse to decide an event that fewer than two people have assessed (Refused)."""
    if len({one.by for one in listed}) < ASSESSORS:
        raise Refused(
            _("Two people assess before an event is decided. Assessed by: %(n)s.", n=len(listed))
        )


def absorbs(
    *,
    event: tuple[uuid.UUID | None, uuid.UUID | None],
    signal: tuple[uuid.UUID | None, uuid.UUID | None],
    is_graver: bool,
    areas: tuple[str, str] = ("", ""),
) -> bool:
    """Tell whether a pending event takes a new signal in; both are (product, substance).

    The same product with another substance is news, the same substance in another product too,
    and so are another region and a graver level: those stay open for somebody to look at.
    """
    (product, substance), (other_product, other_substance) = event, signal
    if not same_area(*areas):
        return False
    if is_graver or (substance and other_substance and substance != other_substance):
        return False
    if product and other_product:
        return product == other_product
    return substance is not None and substance == other_substance


def same_area(event: str, signal: str) -> bool:
    """Tell whether a signal lies in the region of an event; what is not known lies everywhere."""
    return not event or not signal or event.strip().casefold() == signal.strip().casefold()


class AfterClosing(StrEnum):
    """What becomes of a new signal on the matter of an event that is already decided."""

    QUEUE = "queue"
    REOPEN = "reopen"
    CREATE = "create"


AFTER_CLOSING_WORDS: Mapping[AfterClosing, Message] = {
    AfterClosing.QUEUE: _("It stays in the queue: a person decides."),
    AfterClosing.REOPEN: _("It opens the event again, to be assessed anew."),
    AfterClosing.CREATE: _("It opens a new event that names the earlier one."),
}
AFTER_DAYS = 90
"""House convention: an event that was decided longer ago is another matter, unless chosen."""
LONGEST_AFTER_DAYS = 730


@dataclass(frozen=True)
class Policy:
    """What the coordination chose for signals after closing, and for how many days."""

    after: AfterClosing = AfterClosing.QUEUE
    days: int = AFTER_DAYS


def default_review(today: date) -> date:
    """Return the day on which an alert asks for a decision unless told otherwise."""
    return today + timedelta(days=REVIEW_DAYS)


def review_problems(review_on: date | None, today: date) -> list[Problem]:
    """Return what is wrong with a review date: it is required, to come, and within a year."""
    if review_on is None:
        words = _("Give a day. An alert without an end is never published.")
    elif review_on <= today:
        words = _("Choose a day that is still to come.")
    elif review_on > today + timedelta(days=LONGEST_REVIEW_DAYS):
        words = _("Choose a day within a year.")
    else:
        return []
    return [Problem("review_on", words)]


def is_current(state: str, kind: str) -> bool:
    """Tell whether a version is published and warns; a withdrawal does not."""
    return state == A.PUBLISHED and kind != Kind.WITHDRAWAL


def needs_decision(state: str, review_on: date, today: date) -> bool:
    """Tell whether a published alert is past its review date."""
    return state == A.PUBLISHED and review_on <= today


def refuse_expiry(review_on: date, today: date) -> None:
    """Refuse to let an alert expire before its review date (Refused)."""
    if review_on > today:
        raise Refused(_("Its review date is still to come. Update or withdraw it instead."))


def authors(author: str, editors: Collection[str]) -> list[str]:
    """Return everybody whose own work a version is."""
    return list(dict.fromkeys([author, *editors]))
