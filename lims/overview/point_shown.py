"""A point's page as a template reads it: every code said in one language."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.words import Message, _, say, with_unit
from lims.intake.closures import Closure
from lims.library.queries import term_label
from lims.overview import point_words
from lims.overview.flyers import Flyer
from lims.overview.point_words import Calendar
from lims.overview.points import Seen, Smallest, Whole
from lims.protocols.techniques import technique_words

MOST_COMING = 5
"""Sessions that the page lists; the calendar holds all."""


def shown_seen(seen: Seen, language: str) -> dict[str, Any]:
    """Return what a list says of a point."""
    words = point_words.opening_words(seen.open_now, seen.next_opening, language)
    return {"seen": seen, "is_open": seen.open_now is not None, "now": say(words, language)}


def shown_point(session: Session, whole: Whole, language: str) -> dict[str, Any]:
    """Return what the whole page says."""
    facts, site = whole.seen.facts, whole.seen.site
    return {
        **shown_seen(whole.seen, language),
        "site": site,
        "service": term_label(session, "service_type", site.service_type, language)
        if site.service_type
        else "",
        "place": facts.place.get(language, ""),
        "week": [
            (say(day, language), [say(one, language) for one in hours])
            for day, hours in point_words.week_lines(facts.timetable)
        ],
        "closed_days": _closed_days(whole),
        "sessions": _sessions(whole, language),
        "languages": point_words.languages_words(facts.languages, language),
        "forms": [term_label(session, "dosage_form", one, language) for one in facts.forms],
        "techniques": _techniques(whole, language),
        "not_taken": [_not_taken(session, one, language) for one in whole.closed],
        "smallest": [say(_smallest(one, language), language) for one in whole.smallest],
        "how_long": [say(one, language) for one in point_words.how_long(whole.estimate)],
        "happens": [say(one, language) for one in _what_happens(whole)],
        "anonymous": [say(one, language) for one in point_words.ANONYMOUS],
        "no_drug": say(point_words.NO_DRUG, language),
    }


def _smallest(one: Smallest, language: str) -> Message:
    return _(
        "%(protocol)s asks for at least %(amount)s (source: %(source)s).",
        protocol=one.titles.get(language, ""),
        amount=with_unit(one.amount, one.unit, language),
        source=one.source,
    )


def _what_happens(whole: Whole) -> list[Message]:
    """Return the steps; that a second person checks is told only where it is always so."""
    talk = whole.seen.site.ticket_policy == "come and talk"
    return [
        *point_words.WHAT_HAPPENS,
        *([point_words.CHECKED] if whole.four_eyes else []),
        point_words.RESULT_TALK if talk else point_words.RESULT_ONLINE,
    ]


def _techniques(whole: Whole, language: str) -> list[dict[str, str]]:
    return [
        {
            "name": say(technique_words(one), language),
            "can": say(point_words.TECHNIQUES[one].can, language),
            "cannot": say(point_words.TECHNIQUES[one].cannot, language),
        }
        for one in whole.techniques
        if one in point_words.TECHNIQUES
    ]


def _closed_days(whole: Whole) -> list[Any]:
    today = clock.now().date()
    return [one for one in whole.seen.facts.timetable.closed if one.last >= today]


def _sessions(whole: Whole, language: str) -> list[dict[str, str]]:
    today = clock.now().date()
    coming = sorted(
        (one for one in whole.seen.facts.timetable.sessions if one.day >= today),
        key=lambda one: (one.day, one.opens),
    )
    return [
        {
            "day": point_words.long_day(one.day, language),
            "hours": say(point_words.hours_words(one), language),
            "name": one.name,
        }
        for one in coming[:MOST_COMING]
    ]


def _not_taken(session: Session, one: Closure, language: str) -> dict[str, Any]:
    return {
        "form": term_label(session, "dosage_form", one.form, language) if one.form else "",
        "technique": say(technique_words(one.technique), language) if one.technique else "",
        "until": one.until,
        "words": one.words.get(language, ""),
        "everywhere": one.everywhere,
    }


def calendar_of(whole: Whole, address: str, language: str) -> Calendar:
    """Return what stands on every opening of a point's calendar."""
    facts, site = whole.seen.facts, whole.seen.site
    place = facts.place.get(language) or site.area
    stamped = whole.page.published_at or whole.page.edited_at
    return Calendar(whole.seen.slug, site.name, place, address, stamped)


def flyer_of(
    session: Session, whole: Whole, address: str, language: str, demonstration: bool
) -> Flyer:
    """Return what a poster of a point says."""
    shown = shown_point(session, whole, language)
    hours = [(day, ", ".join(rows)) for day, rows in shown["week"]]
    hours += [
        (one["day"], " · ".join(part for part in (one["hours"], one["name"]) if part))
        for one in shown["sessions"]
    ]
    return Flyer(
        name=whole.seen.site.name,
        place=[one for one in (whole.seen.site.area, *shown["place"].splitlines()) if one],
        hours=hours,
        languages=", ".join(shown["languages"]),
        forms=", ".join(shown["forms"]),
        address=address,
        demonstration=demonstration,
    )
