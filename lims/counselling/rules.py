"""Rules of the talk: which advice belongs to a finding, what is said when there is no result yet,
and how long a ticket opens one.

Advice is chosen from the facts of the released finding alone, never from what was sold. Which card
has which condition is data; here is only how a condition is held against the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from lims.foundation.words import Message, _

FOUND = frozenset({"measured", "found", "below-loq"})
"""The answers that say that something is there."""
NOTE_DAYS = 30
"""The words of a talk are kept so long (privacy-and-security: talks' free text 30 days)."""
SAMPLE_NOTE_DAYS = 90
"""A note on a sample goes after so long in any case, and NOTE_DAYS after the result. Own choice."""
UNANSWERED_TICKET_DAYS = 90
"""A ticket of samples that were never analysed opens nothing after so long. Own choice."""
DAY_AFTER, WEEK_AFTER = timedelta(days=7), timedelta(days=90)
"""The minute of the hand-in becomes a day, the day a week (privacy-and-security)."""


@dataclass(frozen=True)
class Facts:
    """What a finding says, as far as advice depends on it."""

    level: str = "neutral"
    match: str = "inconclusive"
    late_onset: bool = False
    classes: frozenset[str] = frozenset()
    substances: frozenset[str] = frozenset()
    active: bool = False
    unidentified: bool = False


@dataclass(frozen=True)
class Conditions:
    """When a card is shown: every condition that is given must hold; none given: always."""

    levels: frozenset[str] = frozenset()
    matches: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    substances: frozenset[str] = frozenset()
    late_onset: bool | None = None
    active: bool | None = None
    unidentified: bool | None = None


@dataclass(frozen=True)
class Card:
    """A piece of advice: a pictogram, a sentence to see first, and what follows, by language."""

    key: str
    pictogram: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    source: str
    when: Conditions = field(default_factory=Conditions)


def choose_cards(cards: Iterable[Card], facts: Facts) -> tuple[Card, ...]:
    """Return the cards whose conditions hold, in the order of the file."""
    return tuple(card for card in cards if _holds(card.when, facts))


def _holds(when: Conditions, facts: Facts) -> bool:
    # A class and a substance are two ways to name what was found; either is enough.
    named = when.classes | when.substances
    there = (when.classes & facts.classes) | (when.substances & facts.substances)
    return (
        (not when.levels or facts.level in when.levels)
        and (not when.matches or facts.match in when.matches)
        and (not named or bool(there))
        and when.late_onset in (None, facts.late_onset)
        and when.active in (None, facts.active)
        and when.unidentified in (None, facts.unidentified)
    )


class Standing(StrEnum):
    """What there is to tell about a sample."""

    RESULT = "result"
    NOT_READY = "not ready"
    NOT_ANALYSED = "not analysed"
    WITHDRAWN = "withdrawn"


def standing(state: str, *, has_finding: bool) -> Standing:
    """Tell what there is to tell: a state without its released finding is not ready."""
    if state == "withdrawn":
        return Standing.WITHDRAWN
    if has_finding:
        return Standing.RESULT
    return Standing.NOT_ANALYSED if state == "not analysed" else Standing.NOT_READY


WAITING: Mapping[str, Message] = {
    "registered": _("It has been handed in. It has not left for the laboratory yet."),
    "sent": _("It is on its way to the laboratory."),
    "received": _("The laboratory has it. The analysis has not begun yet."),
    "in analysis": _("The laboratory is analysing it."),
    "to verify": _("It has been analysed. A second person still has to verify the result."),
}


def waiting_words(state: str) -> Message:
    """Return where a sample without a result stands."""
    return WAITING.get(state, _("The result is being prepared."))


LEVEL_WORDS: Mapping[str, Message] = {
    "neutral": _("No known danger sign was found. No drug is without risk."),
    "information": _("There is something to know about this one."),
    "caution": _("This one asks for more care than usual."),
    "warning": _("This one is dangerous. It is better not to take it."),
    "red": _("This one is very dangerous. Do not take it."),
}


def level_words(level: str) -> Message:
    """Return what a level means, in words for a visitor."""
    return LEVEL_WORDS.get(level, LEVEL_WORDS["neutral"])


CERTAINTY: Mapping[str, Message] = {
    "presumptive": _("a first indication, not confirmed"),
    "identified": _("identified"),
    "confirmed": _("confirmed by two independent techniques"),
}


def certainty_words(confidence: str) -> Message:
    """Return how sure the laboratory is."""
    return CERTAINTY.get(confidence, CERTAINTY["presumptive"])


HEADLINE_LENGTH = 160


def headline(text: str) -> tuple[str, str]:
    """Part a plain text into its first sentence, to be read large, and the rest.

    A first sentence that is too long to be read large stays in the rest.
    """
    first, _gap, rest = text.strip().replace("\r\n", "\n").partition("\n")
    if len(first) > HEADLINE_LENGTH:
        cut = first.find(". ")
        if not 0 < cut <= HEADLINE_LENGTH:
            return "", text.strip()
        first, rest = first[: cut + 1], f"{first[cut + 2 :]}\n{rest}"
    return first.strip(), rest.strip()


def ticket_has_expired(
    *, released: Sequence[datetime], made: datetime, at: datetime, days: int
) -> bool:
    """Tell whether a ticket opens nothing any more: so many days after the last result.

    Without any result it ends UNANSWERED_TICKET_DAYS after it was made.
    """
    if released:
        return at > max(released) + timedelta(days=days)
    return at > made + timedelta(days=UNANSWERED_TICKET_DAYS)


def coarse_moment(moment: datetime, at: datetime) -> datetime:
    """Return a moment of a hand-in as it may be kept now: to the minute, the day or the week."""
    if at - moment <= DAY_AFTER:
        return moment
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if at - moment <= WEEK_AFTER else day - timedelta(days=day.weekday())


def coarse_day(day: date, today: date) -> date:
    """Return a day as it may be kept now: after 90 days the Monday of its ISO week."""
    return day if today - day <= WEEK_AFTER else day - timedelta(days=day.weekday())


BECAUSE: Mapping[str, Message] = {
    "too-little": _("There was too little of it to analyse."),
    "not-accepted": _("The laboratory does not analyse this kind of product."),
    "method-unsuitable": _("Our methods cannot analyse this."),
    "form-incomplete": _("Something that the laboratory must know was missing on the form."),
    "capacity": _("The laboratory had no time for it."),
    "recognised": _("It looks like something known and was not analysed. That is no result."),
    "lost-damaged": _("It was lost or damaged on the way."),
    "withdrawn": _("The person took it back."),
    "safety": _("It was not safe for the staff to handle."),
    "equipment": _("An instrument was out of order."),
    "no-authorisation": _("It could not go to the laboratory: the authorisation was missing."),
    "other": _("It could not be analysed."),
}
"""Why something was not analysed, as one tells it to the person: by code of not_analysed_reason."""


def because(reason: str) -> Message:
    """Return why a sample was not analysed, as a sentence for the person."""
    return BECAUSE.get(reason, BECAUSE["other"])
