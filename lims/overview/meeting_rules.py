"""With whom and about what the coordination meets: two short lists, so that no name is needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from lims.foundation.errors import Problem
from lims.foundation.words import Message, _


class Partner(StrEnum):
    """The kinds of focal points that the coordination meets."""

    HEALTH = "health"
    JUDICIAL_POLICE = "judicial-police"
    SOCIO_PREVENTIVE = "socio-preventive"
    NATIONAL = "national-focal-point"
    SUB = "sub-focal-point"
    OTHER = "other"


class Topic(StrEnum):
    """What a meeting is about, most of all."""

    ALERTS = "alerts"
    RESULTS = "results"
    PRACTICE = "practice"
    EXCHANGE = "exchange"
    NETWORK = "network"
    OTHER = "other"


PARTNER_WORDS: Mapping[str, Message] = {
    Partner.HEALTH: _("health focal point"),
    Partner.JUDICIAL_POLICE: _("judicial and police focal point"),
    Partner.SOCIO_PREVENTIVE: _("socio-preventive focal point"),
    Partner.NATIONAL: _("national focal point"),
    Partner.SUB: _("sub-focal point"),
    Partner.OTHER: _("another partner"),
}
TOPIC_WORDS: Mapping[str, Message] = {
    Topic.ALERTS: _("signals and alerts"),
    Topic.RESULTS: _("results and trends"),
    Topic.PRACTICE: _("protocols, training and quality"),
    Topic.EXCHANGE: _("exchange of data"),
    Topic.NETWORK: _("working of the network"),
    Topic.OTHER: _("something else"),
}
OLDEST_YEARS = 5


def problems(day: date, partner: str, topic: str, today: date) -> list[Problem]:
    """Return what is wrong with a meeting as it was typed."""
    found = []
    if day > today:
        found.append(Problem("day", _("This day is still to come.")))
    if day.year < today.year - OLDEST_YEARS:
        found.append(Problem("day", _("This is more than %(n)s years ago.", n=OLDEST_YEARS)))
    chosen = _("Choose one of the list.")
    found += [] if partner in set(Partner) else [Problem("partner", chosen)]
    return found + ([] if topic in set(Topic) else [Problem("topic", chosen)])
