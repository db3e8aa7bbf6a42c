"""Who may be sent what, how a delivery moves, and when it is tried again.

At least once: when it is not known whether a message arrived, it is sent again under the same
name, and the reader's side shows it once.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from lims.alerts.audiences import TLP, Audience
from lims.alerts.rules import LEVELS
from lims.foundation.errors import Refused
from lims.foundation.words import Message, _

BELGIUM = ZoneInfo("Europe/Brussels")


class DeliveryState(StrEnum):
    """Where a message on its way stands."""

    QUEUED = "queued"
    SENDING = "sending"
    FAILED = "failed"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    DEAD = "dead"
    CANCELLED = "cancelled"


D = DeliveryState
DELIVERY_MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    D.QUEUED: frozenset({D.SENDING, D.CANCELLED, D.ACKNOWLEDGED}),
    D.SENDING: frozenset({D.SENDING, D.SENT, D.FAILED, D.DEAD, D.CANCELLED, D.ACKNOWLEDGED}),
    D.FAILED: frozenset({D.SENDING, D.CANCELLED, D.ACKNOWLEDGED}),
    D.SENT: frozenset({D.ACKNOWLEDGED}),
    D.ACKNOWLEDGED: frozenset(),
    D.DEAD: frozenset({D.QUEUED, D.CANCELLED, D.ACKNOWLEDGED}),
    D.CANCELLED: frozenset(),
}
"""Which state may follow which. A message whose fate is unknown may be confirmed by its reader."""
WAITING = (D.QUEUED, D.FAILED)
"""What the worker takes up when its time has come."""

LEASE = timedelta(minutes=5)
"""How long a worker has a delivery; a channel gives up well before, see `channels`."""
DELAYS = (1, 5, 15, 60, 180, 360, 720)
"""Minutes before the next try, after the first try, the second …; house convention."""
MOST_TRIES = len(DELAYS) + 1
"""After so many tries, within about a day, a delivery is a dead letter."""
TOKEN_DAYS = 30
"""Days in which the link of a message opens it; house convention."""
DIGEST_HOUR = time(7)
"""When digests go, by the clock in Belgium: every day, or on Monday."""
DIGESTS = ("daily", "weekly")
KINDS = ("mail", "webhook", "feed")
PURPOSES = ("alerts", "coordination")
CEILINGS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT")
"""Labels of the traffic light protocol 2.0, from the most open to the most confidential."""


def refuse_delivery_move(present: str, wanted: DeliveryState) -> None:
    """Refuse a move that the table of deliveries does not hold (Refused)."""
    if wanted not in DELIVERY_MOVES[DeliveryState(present)]:
        raise Refused(_("This delivery has moved on in the meantime. Reload the page."))


def delay_after(tries: int, chance: random.Random) -> timedelta:
    """Return how long to wait after so many tries, a fifth more or less so that none go at once."""
    minutes = DELAYS[min(max(tries, 1), len(DELAYS)) - 1]
    return timedelta(minutes=minutes * chance.uniform(0.8, 1.2))


class Reachable(Protocol):
    """What decides whether a recipient is sent anything."""

    @property
    def kind(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def tlp_ceiling(self) -> str: ...
    @property
    def is_active(self) -> bool: ...
    @property
    def verified_at(self) -> datetime | None: ...
    @property
    def removed_at(self) -> datetime | None: ...
    @property
    def secret_sealed(self) -> str: ...


def why_not(recipient: Reachable) -> Message | None:
    """Return why a recipient is sent nothing, or None when it is sent messages."""
    reasons: tuple[tuple[bool, Message], ...] = (
        (recipient.removed_at is not None, _("removed")),
        (recipient.verified_at is None, _("not confirmed by a second person")),
        (not recipient.is_active, _("paused")),
        (not recipient.audience, _("without an audience: reaches nobody")),
        (is_above(recipient.audience, recipient.tlp_ceiling), _("its TLP ceiling is too low")),
        (recipient.kind == "feed", _("reads the feed by itself: nothing is sent")),
        (recipient.kind == "webhook" and not recipient.secret_sealed, _("has no secret yet")),
    )
    return next((words for holds, words in reasons if holds), None)


def is_above(audience: str, ceiling: str) -> bool:
    """Tell whether the messages of an audience are more confidential than a ceiling."""
    if audience not in tuple(Audience):
        return False
    label = TLP[Audience(audience)]
    if label not in CEILINGS or ceiling not in CEILINGS:
        return True
    return CEILINGS.index(label) > CEILINGS.index(ceiling)


def standing(level: str) -> tuple[str, ...]:
    """Return from which standing levels on a group receives an alert of this level by rule."""
    return LEVELS[: LEVELS.index(level) + 1] if level in LEVELS else ()


def digest_end(every: str, at: datetime) -> datetime:
    """Return the last moment before `at` at which a digest of this rhythm was due."""
    here = at.astimezone(BELGIUM)
    due = datetime.combine(here.date(), DIGEST_HOUR, BELGIUM)
    if due > here:
        due = datetime.combine(here.date() - timedelta(days=1), DIGEST_HOUR, BELGIUM)
    if every == "weekly":
        back = due.date() - timedelta(days=due.weekday())
        due = datetime.combine(back, DIGEST_HOUR, BELGIUM)
    return due


@dataclass(frozen=True)
class Outcome:
    """What became of one try: sent, to be tried later, or refused for good; why in words."""

    is_sent: bool
    is_final: bool = False
    why: Message | None = None


SENT = Outcome(True)


def later(why: Message) -> Outcome:
    """Return the outcome of a try that may succeed later."""
    return Outcome(False, False, why)


def never(why: Message) -> Outcome:
    """Return the outcome of a try that was refused for good."""
    return Outcome(False, True, why)


STATE_WORDS: Mapping[str, Message] = {
    D.QUEUED: _("waits to be sent"),
    D.SENDING: _("is being sent"),
    D.FAILED: _("not delivered yet, tried again"),
    D.SENT: _("delivered, not confirmed yet"),
    D.ACKNOWLEDGED: _("confirmed by the reader"),
    D.DEAD: _("given up"),
    D.CANCELLED: _("not sent"),
}


class Underway(Protocol):
    """What decides how the state of a delivery is said."""

    @property
    def purpose(self) -> str: ...
    @property
    def state(self) -> str: ...


def state_words(delivery: Underway) -> Message:
    """Return how a delivery stands, in words; a notice asks for no confirmation."""
    if delivery.purpose == "notice" and delivery.state == D.SENT:
        return _("delivered")
    return STATE_WORDS[delivery.state]


KIND_WORDS: Mapping[str, Message] = {
    "mail": _("functional mailbox"),
    "webhook": _("webhook"),
    "feed": _("reads the feed"),
}
PURPOSE_WORDS: Mapping[str, Message] = {
    "alert": _("alert"),
    "digest": _("digest"),
    "notice": _("notice to the coordination"),
}
LEVEL_WORDS: Mapping[str, Message] = {
    "information": _("Information"),
    "caution": _("Caution"),
    "warning": _("Warning"),
    "red": _("Red alert"),
}
