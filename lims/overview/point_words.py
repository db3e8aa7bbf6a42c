"""The plain words of a point's page: hours, how long it takes, what each technique can tell.

Written for visitors, at level B1. No word here says that anything is safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date

from lims.foundation.words import LOCALES, Message, _, say
from lims.network.opening import BELGIUM, WEEKDAYS, Opening, Session, Timetable, Weekly
from lims.overview.waiting import Estimate, whole_days
from lims.protocols.rules import Technique

T = Technique


@dataclass(frozen=True)
class Plain:
    """A technique for visitors: what it can tell and what it cannot."""

    can: Message
    cannot: Message


TECHNIQUES: Mapping[str, Plain] = {
    T.TLC: Plain(
        _("Shows which known substances are in it, often several at once."),
        _("Does not tell how much. Can miss what is there in a very small part."),
    ),
    T.REAGENT: Plain(
        _("Colours show what kind of substance may be in it."),
        _("Does not tell how much, nor whether there is something else as well."),
    ),
    T.STRIP: Plain(
        _("Shows whether one kind of substance may be in it."),
        _("Can be wrong both ways. Tells no amount, and nothing about other substances."),
    ),
    T.FTIR: Plain(
        _("Shows the main substances with light, quickly."),
        _("Can miss what is there in a small part. Does not tell well how much."),
    ),
    T.RAMAN: Plain(
        _("Shows the main substances with light, quickly."),
        _("Can miss what is there in a small part. Some colours disturb it."),
    ),
    T.GCMS: Plain(
        _("Tells substances apart very well, also those in a small part."),
        _("Does not always tell how much. Some substances do not stand the heat."),
    ),
    T.LCMS: Plain(
        _("Finds very small amounts, also of substances that do not stand heat."),
        _("Mostly finds what it is told to look for."),
    ),
    T.HPLC_UV: Plain(
        _("Tells how much there is of a known substance."),
        _("Sees only the substances that it was set up for."),
    ),
    T.UV: Plain(
        _("Gives a hint of what it may be."),
        _("On its own it is not enough to be sure."),
    ),
}

WHAT_HAPPENS: tuple[Message, ...] = (
    _("You hand in a part. We ask what it was sold as, never who you are."),
    _("You get a ticket with a code. With it you open your result."),
    _("A laboratory tests it. The test uses up most or all of what you hand in."),
)
CHECKED = _("A second person checks the result before you get it.")
RESULT_ONLINE = _(
    "You read the result with your ticket, here or with us. We talk about it together."
)
RESULT_TALK = _(
    "Your ticket tells you when the result is there. Then you come and we talk about it."
)
ANONYMOUS: tuple[Message, ...] = (
    _("No name, no date of birth, no number."),
    _("These pages keep no cookie and no trace of who looked."),
    _("Keep your ticket: without it we do not know which result is yours."),
)
NO_DRUG = _("No test finds everything. A result never means that taking it is without risk.")
UNKNOWN_TIME = _("How long it takes is not known yet: there are too few results to say.")


def days_words(days: float) -> Message:
    """Return days in words, rounded up."""
    whole = whole_days(days)
    return _("one day") if whole == 1 else _("%(n)s days", n=whole)


def how_long(estimate: Estimate | None) -> list[Message]:
    """Return how long a result may take, in sentences that promise nothing."""
    if estimate is None:
        return [UNKNOWN_TIME]
    facts = {"half": days_words(estimate.half), "eight": days_words(estimate.eight)}
    first = (
        _(
            "As the queue is today, we expect half of the results within %(half)s and 8 of 10 "
            "within %(eight)s.",
            **facts,
        )
        if estimate.by_queue
        else _("Half of the results came within %(half)s, 8 of 10 within %(eight)s.", **facts)
    )
    counted = _(
        "Counted over the last %(n)s results, from %(weeks)s weeks at most. This is no promise.",
        n=estimate.n,
        weeks=estimate.weeks,
    )
    return [first, counted]


def clock_time(moment: datetime) -> str:
    """Return the time on the wall in Belgium."""
    return moment.astimezone(BELGIUM).strftime("%H:%M")


def long_day(day: date, language: str) -> str:
    """Return a day with the name of its weekday."""
    return format_date(day, format="EEEE d MMMM", locale=LOCALES[language])


def hours_words(hours: Weekly | Session) -> Message:
    """Return hours in words; the next day is named."""
    span = f"{hours.opens:%H:%M}–{hours.closes:%H:%M}"
    return _("%(hours)s the next day", hours=span) if hours.next_day else Message(span)


def week_lines(timetable: Timetable) -> list[tuple[Message, list[Message]]]:
    """Return each day of the week that has hours, with its hours in order."""
    found = []
    for weekday, name in enumerate(WEEKDAYS):
        rows = sorted(
            (one for one in timetable.weekly if one.weekday == weekday), key=lambda one: one.opens
        )
        if rows:
            found.append((name, [hours_words(one) for one in rows]))
    return found


def opening_words(now: Opening | None, following: Opening | None, language: str) -> Message:
    """Return whether a point is open, and when it opens next."""
    if now is not None:
        return _("Open now, until %(time)s.", time=clock_time(now.end))
    if following is None:
        return _("Closed now. No opening is planned.")
    return _(
        "Closed now. Opens on %(day)s at %(time)s.",
        day=long_day(following.day, language),
        time=clock_time(following.start),
    )


def languages_words(codes: tuple[str, ...], language: str) -> list[str]:
    """Return languages by their names in the reader's language."""
    return [str(Locale(one).get_display_name(language)) for one in codes]


# ------------------------------------------------------------------------------------------------
# The calendar (RFC 5545).
# ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Calendar:
    """What stands on every opening of a point's calendar."""

    slug: str
    name: str
    place: str
    address: str
    stamped: datetime


def calendar(it: Calendar, openings: list[Opening], language: str) -> bytes:
    """Return openings as text/calendar, times in UTC, lines folded at 75 octets."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Balise//Openings//EN"]
    lines += [f"X-WR-CALNAME:{_escaped(it.name)}", "METHOD:PUBLISH"]
    for one in openings:
        summary = say(_("Open: %(place)s", place=it.name), language)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{it.slug}-{_stamp(one.start)}@balise",
            f"DTSTAMP:{_stamp(it.stamped)}",
            f"DTSTART:{_stamp(one.start)}",
            f"DTEND:{_stamp(one.end)}",
            f"SUMMARY:{_escaped(f'{summary} · {one.name}' if one.name else summary)}",
            f"LOCATION:{_escaped(it.place)}",
            f"URL:{it.address}",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"]).encode()


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a content line in parts of at most 75 octets, no letter cut in two."""
    parts, room, part = [], 75, ""
    for letter in line:
        size = len(letter.encode())
        if size > room:
            parts.append(part)
            part, room = "", 74  # the space that begins a folded line is an octet of it
        part, room = part + letter, room - size
    return "\r\n ".join([*parts, part])
