"""What people report: who told it, which texts may not hold a person, and when it was told before.

A report takes a minute, so hardly anything is required; it may come long before a laboratory.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from lims.foundation.errors import Problem
from lims.foundation.words import Message, _
from lims.surveillance.acts import ReportEffect
from lims.surveillance.rules import REPORT_LEVELS


class Teller(StrEnum):
    """What kind of source told it; never who."""

    WORKER = "worker"
    HOSPITAL = "hospital"
    PARTNER = "partner"
    POLICE = "police"
    VISITOR = "visitor"


TELLER_WORDS: Mapping[Teller, Message] = {
    Teller.WORKER: _("a worker of the network"),
    Teller.VISITOR: _("a visitor"),
    Teller.HOSPITAL: _("a hospital or doctor"),
    Teller.PARTNER: _("a partner service"),
    Teller.POLICE: _("the police"),
}
"""In the order in which they are offered."""

LONGEST: Mapping[str, int] = {"words": 400, "logo": 60, "area": 60}
SAME_REPORT = timedelta(minutes=15)
"""House convention: the same words or the same look within this time may be the same case."""


def problems(command: ReportEffect) -> list[Problem]:
    """Return what is wrong with a report, by field."""
    found = [
        Problem(name, _("At most %(n)s characters, please.", n=most))
        for name, most in LONGEST.items()
        if len(getattr(command, name)) > most
    ]
    if not command.words.strip():
        found.append(Problem("words", _("Say in a few words what happened or what is seen.")))
    choices = (("level", REPORT_LEVELS), ("told_by", tuple(Teller)))
    found += [
        Problem(name, _("Choose one of the list."))
        for name, listed in choices
        if getattr(command, name) not in listed
    ]
    return found


def same_words(text: str) -> str:
    """Return words as they are compared with other words."""
    return " ".join(text.casefold().split())


def title(words: str) -> str:
    """Return the first words of a report as the title of an event, at most 120 characters."""
    line = " ".join(words.split())
    return line if len(line) <= 120 else line[:119].rsplit(" ", 1)[0] + "…"
