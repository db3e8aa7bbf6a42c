"""Rules of the intake: a sample's states, what the laboratory cannot start without, days.

Free text is looked through for anything that may point to a person, in `screening`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from lims.foundation.errors import Problem, Refused
from lims.foundation.words import Message, _


class SampleState(StrEnum):
    """Where a sample is on its way. Destroyed and returned are facts of the ledger, not states."""

    REGISTERED = "registered"
    SENT = "sent"
    RECEIVED = "received"
    IN_ANALYSIS = "in analysis"
    TO_VERIFY = "to verify"
    RELEASED = "released"
    AMENDED = "amended"
    NOT_ANALYSED = "not analysed"
    WITHDRAWN = "withdrawn"


S = SampleState
MOVES: Mapping[SampleState, frozenset[SampleState]] = {
    # A sample may arrive without a manifest, or be analysed on the spot where it was handed in.
    S.REGISTERED: frozenset({S.SENT, S.RECEIVED, S.IN_ANALYSIS, S.NOT_ANALYSED, S.WITHDRAWN}),
    # Back to registered: it was on the manifest but not in the parcel.
    S.SENT: frozenset({S.RECEIVED, S.REGISTERED, S.NOT_ANALYSED}),
    # Sent again: to a second laboratory.
    S.RECEIVED: frozenset({S.IN_ANALYSIS, S.SENT, S.NOT_ANALYSED, S.WITHDRAWN}),
    # Back to received: its only run was withdrawn.
    S.IN_ANALYSIS: frozenset({S.TO_VERIFY, S.RECEIVED, S.NOT_ANALYSED, S.WITHDRAWN}),
    S.TO_VERIFY: frozenset({S.RELEASED, S.IN_ANALYSIS, S.NOT_ANALYSED, S.WITHDRAWN}),
    S.RELEASED: frozenset({S.AMENDED}),
    S.AMENDED: frozenset({S.AMENDED}),
    # An honest status, not a dead end: capacity may come back, what was lost may be found.
    S.NOT_ANALYSED: frozenset({S.RECEIVED, S.IN_ANALYSIS, S.REGISTERED}),
    S.WITHDRAWN: frozenset(),
}
STATE_WORDS: Mapping[SampleState, Message] = {
    S.REGISTERED: _("Registered"),
    S.SENT: _("Sent"),
    S.RECEIVED: _("Received"),
    S.IN_ANALYSIS: _("In analysis"),
    S.TO_VERIFY: _("To verify"),
    S.RELEASED: _("Released"),
    S.AMENDED: _("Amended"),
    S.NOT_ANALYSED: _("Not analysed"),
    S.WITHDRAWN: _("Withdrawn"),
}
UNKNOWN = "unknown"
"""Sold as, when the person does not know."""
LOST_OR_DAMAGED = "lost-damaged"
"""The reason of vocabulary not_analysed_reason that custody gives."""

TEXTS: Mapping[str, int] = {
    **{"code": 80, "outside_code": 60, "form": 32, "sold_as": 120, "believed": 120},
    **{"street_name": 80, "colour": 20, "colour_2": 20, "logo": 60, "logo_back": 60, "shape": 40},
    **{"whole_or_part": 10, "packaging": 120, "price_per": 20, "obtained_from": 32},
    **{"obtained_region": 60, "obtained_week": 8, "route": 20, "incident_link": 32, "note": 280},
}
"""Longest text of each answer, as the tables hold it."""
AMOUNTS: Mapping[str, Decimal] = {
    "mass_mg": Decimal(100_000),
    "unit_mass_mg": Decimal(100_000),
    "length_mm": Decimal(500),
    "width_mm": Decimal(500),
    "thickness_mm": Decimal(500),
    "price": Decimal(100_000),
}
"""Largest amount of each answer: more is a slip of the comma. A visitor hands in milligrams."""
VISIT_TEXTS: Mapping[str, int] = {
    **{"session_name": 80, "age_band": 20, "gender": 20, "table_scale": 20}
}
MOST_UNITS = 1000
MOST_TAKEN_WITH, LONGEST_TAKEN_WITH = 8, 80
OLDEST_WEEKS = 520
MOST_SAMPLES = 20
"""In one visit."""
LARGEST_BLOCK = 1000
TICKET_PASSES, TICKET_MEMORY_KIB, TICKET_LANES = 2, 19_456, 1
"""argon2id, 19 MiB, two passes, one lane: the least that the OWASP Password Storage Cheat Sheet
allows. The secret of a ticket is 50 random bits, not a password that a person chose."""
VERIFIER = re.compile(
    rf"\$argon2id\$v=19\$m={TICKET_MEMORY_KIB},t={TICKET_PASSES},p={TICKET_LANES}"
    r"\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}"
)
"""A PHC string of argon2id with our parameters, 16 bytes of salt and 32 of hash, nothing more."""
OLDEST_DAYS = 366
BELGIUM = ZoneInfo("Europe/Brussels")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")


def refuse_move(present: str, wanted: str) -> None:
    """Refuse a move that the table of states does not hold."""
    if SampleState(wanted) not in MOVES[SampleState(present)]:
        raise Refused(
            _(
                "A sample that is “%(present)s” cannot become “%(wanted)s”.",
                present=STATE_WORDS[SampleState(present)],
                wanted=STATE_WORDS[SampleState(wanted)],
            )
        )


def day_in_belgium(moment: datetime) -> date:
    """Return the day that people at the table call today."""
    return moment.astimezone(BELGIUM).date()


def wrong_day(day: date, moment: datetime) -> list[Problem]:
    """Return what is wrong with the day of a visit: in the future, or too long ago."""
    today = day_in_belgium(moment)
    if day > today:
        return [Problem("day", _("This day is still to come."))]
    if day < today - timedelta(days=OLDEST_DAYS):
        return [Problem("day", _("This day is more than a year ago."))]
    return []


def missing(form: str, sold_as: str, consent_destroy: bool) -> list[Problem]:
    """Return the answers without which the laboratory cannot start."""
    found = []
    if not form:
        found.append(Problem("form", _("Choose a form, or “unknown”.")))
    if not sold_as:
        found.append(Problem("sold_as", _("Choose a product, or “does not know”.")))
    if not consent_destroy:
        found.append(Problem("consent_destroy", _("Without this agreement, give the sample back.")))
    return found


def wrong_text(field: str, text: Any, longest: int) -> list[Problem]:
    """Return what is wrong with a text: not a text, too long, or with invisible characters."""
    if not isinstance(text, str):
        return [Problem(field, _("This must be text."))]
    if len(text) > longest:
        return [Problem(field, _("At most %(n)s characters, please.", n=longest))]
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn"} for letter in text):
        return [Problem(field, _("This text holds characters that cannot be shown."))]
    return []


def wrong_amount(field: str, amount: Any, most: Decimal) -> list[Problem]:
    """Return what is wrong with an amount: no number, negative, or beyond all likelihood."""
    if amount is None:
        return []
    if not isinstance(amount, Decimal) or not amount.is_finite():
        return [Problem(field, _("This must be a number."))]
    if amount < 0:
        return [Problem(field, _("This cannot be less than zero."))]
    if amount > most:
        return [Problem(field, _("At most %(n)s, please.", n=most))]
    return []


def wrong_masses(mass_mg: Decimal | None, unit_mass_mg: Decimal | None) -> list[Problem]:
    """Return what is wrong with masses: nothing was handed in when the scale shows zero."""
    found = []
    if mass_mg == 0:
        found.append(Problem("mass_mg", _("A sample of zero is no sample; leave it empty.")))
    if unit_mass_mg == 0:
        found.append(Problem("unit_mass_mg", _("A unit of zero is no unit; leave it empty.")))
    return found


def wrong_week(week: str, moment: datetime) -> list[Problem]:
    """Return what is wrong with the week in which something was obtained, such as 2026-W47."""
    if not week:
        return []
    match = _WEEK.fullmatch(week)
    try:
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        monday = None
    if monday is None:
        words = _("Write the week as year and week, such as 2026-W47.")
        return [Problem("obtained_week", words)]
    today = day_in_belgium(moment)
    if monday > today:
        return [Problem("obtained_week", _("This week is still to come."))]
    if monday < today - timedelta(weeks=OLDEST_WEEKS):
        return [Problem("obtained_week", _("This week is more than ten years ago."))]
    return []


def wrong_units(units: Any) -> list[Problem]:
    """Return what is wrong with the number of units handed in."""
    if units is None:
        return []
    if not isinstance(units, int) or isinstance(units, bool):
        return [Problem("units", _("This must be a whole number."))]
    if not 1 <= units <= MOST_UNITS:
        return [Problem("units", _("From 1 to %(most)s, please.", most=MOST_UNITS))]
    return []


def wrong_taken_with(names: Any) -> list[Problem]:
    """Return what is wrong with the list of what it was taken with."""
    if len(names) > MOST_TAKEN_WITH:
        words = _("At most %(most)s names, please.", most=MOST_TAKEN_WITH)
        return [Problem("taken_with", words)]
    found = [wrong_text("taken_with", name, LONGEST_TAKEN_WITH) for name in names]
    return [problem for problems in found for problem in problems][:1]
