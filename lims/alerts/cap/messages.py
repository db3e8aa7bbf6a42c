"""From a published version of an alert to its CAP message, told from what the public is told.

Alert → first message; update, or an alert that replaces another → Update; withdrawal → Cancel. An
update and a cancel cite the whole chain, the oldest first. An expiry by decision sends nothing: the
file itself said until when it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from lims.alerts.cap import codes
from lims.alerts.cap.codes import MsgType
from lims.alerts.cap.signing import sign
from lims.alerts.cap.station import Station
from lims.alerts.cap.writing import BELGIUM, CapAlert, Reference, Told, write
from lims.alerts.composing import REGIONS, advice_of
from lims.alerts.rules import Kind
from lims.foundation.words import LANGUAGES, Message, _, say

EVENT = _("Dangerous drug product")
EXERCISE = _("Exercise of a demonstration: everything in it is invented. This is no alert.")
NO_ALERT = _("No alert at present")
NO_ALERT_BODY = _("There is no alert now. That does not make any drug safe.")
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment that the message of no alert bears, so that its file stays the same."""
CENTURY = datetime(2126, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Text:
    """The public message in one language."""

    headline: str
    body: str


@dataclass(frozen=True)
class Version:
    """A published version, as the public is told: `facts` are the visible ones alone."""

    number: str
    version: int
    kind: str
    level: str
    facts: Mapping[str, Any]
    texts: Mapping[str, Text]
    review_on: date
    confirmed: bool
    inchikey: str = ""


def msg_type(kind: str, references: Sequence[Reference]) -> MsgType | None:
    """Return what a message does, or None when there is nothing to cancel.

    An update whose alert never had a message is a first one: there is nothing to cite.
    """
    if kind == Kind.WITHDRAWAL:
        return MsgType.CANCEL if references else None
    return MsgType.UPDATE if references else MsgType.ALERT


def cap_alert(
    station: Station, version: Version, sent: datetime, references: Sequence[Reference]
) -> CapAlert | None:
    """Return the message of a version before it is written; None when it has nothing to cancel."""
    kind = msg_type(version.kind, references)
    if kind is None:
        return None
    withdrawn = kind is MsgType.CANCEL
    unidentified = bool(version.facts.get("unidentified")) or not version.facts.get("substance")
    return CapAlert(
        identifier=station.identifier(version.number, version.version),
        sender=station.sender,
        sent=sent,
        status=station.status,
        msg_type=kind,
        source=station.network,
        note=_in_three(EXERCISE) if station.is_exercise else "",
        references=tuple(references),
        incidents=version.number,
        category="Health",
        response_type=_response(version, withdrawn),
        grades=codes.grades(
            version.level,
            withdrawn=withdrawn,
            unidentified=unidentified,
            confirmed=version.confirmed,
        ),
        event_codes=_event_codes(version.facts),
        expires=datetime.combine(version.review_on, time(23, 59, 59), BELGIUM),
        contact=station.contact,
        parameters=_parameters(version),
        geocodes=((codes.NUTS, _region(version.facts)),),
        told=tuple(_told(station, version, language, withdrawn) for language in LANGUAGES),
    )


def _response(version: Version, withdrawn: bool) -> str:
    if withdrawn:
        return "None"
    return "Monitor" if version.level == "information" else "Avoid"


def _event_codes(facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found = [(codes.EVENT_TERMS, codes.DRUG_SAFETY)]
    substance, sold_as = facts.get("substance") or {}, facts.get("sold_as") or {}
    if substance and sold_as and substance != sold_as:
        found.append((codes.EVENT_TERMS, codes.DRUG_SUPPLY))
    return tuple(found)


def _parameters(version: Version) -> tuple[tuple[str, str], ...]:
    found = [("TLP", "CLEAR"), ("alertLevel", version.level)]
    if version.inchikey:
        found.append(("substance:InChIKey", version.inchikey))
    return tuple(found)


def _region(facts: Mapping[str, Any]) -> str:
    region = str(facts.get("region") or "")
    return region if region in REGIONS else "BE"


def _told(station: Station, version: Version, language: str, withdrawn: bool) -> Told:
    text = version.texts[language]
    advice = [] if withdrawn else advice_of(version.facts)
    return Told(
        language=codes.LOCALES[language],
        event=say(EVENT, language),
        headline=text.headline,
        description=text.body,
        instruction=" ".join(say(one.words, language) for one in advice),
        web=f"{station.public_url}/alerts/{version.number}?lang={language}",
        area=say(REGIONS[_region(version.facts)], language),
    )


def _in_three(words: Message) -> str:
    return " / ".join(say(words, language) for language in LANGUAGES)


def no_alert(station: Station) -> CapAlert:
    """Return the message that stands in a feed without an alert: status System, always the same."""
    return CapAlert(
        identifier=station.no_alert_identifier,
        sender=station.sender,
        sent=BEGINNING,
        status="System",
        msg_type=MsgType.ALERT,
        source=station.network,
        note="",
        references=(),
        incidents="",
        category="Health",
        response_type="None",
        grades=codes.Grades("Unknown", "Unknown", "Unknown"),
        event_codes=((codes.EVENT_TERMS, codes.DRUG_SAFETY),),
        expires=CENTURY,
        contact=station.contact,
        parameters=(("TLP", "CLEAR"),),
        geocodes=((codes.NUTS, "BE"),),
        told=tuple(_none_told(station, language) for language in LANGUAGES),
    )


def _none_told(station: Station, language: str) -> Told:
    return Told(
        language=codes.LOCALES[language],
        event=say(NO_ALERT, language),
        headline=say(NO_ALERT, language),
        description=say(NO_ALERT_BODY, language),
        instruction="",
        web=f"{station.public_url}/alerts?lang={language}",
        area=say(REGIONS["BE"], language),
    )


@lru_cache(maxsize=8)
def no_alert_file(station: Station) -> bytes:
    """Return that message signed: the same bytes every time."""
    return sign(write(no_alert(station)), station.seal())
