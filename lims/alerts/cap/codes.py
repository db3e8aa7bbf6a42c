"""The code lists of CAP 1.2, and how the levels of an alert are said with them.

Source of the lists: OASIS Standard CAP-v1.2 (1 July 2010), section 3.2. Source of the event codes:
OASIS Emergency Management TC, Event Terms List version 1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
MIME = "application/cap+xml"

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
    *("Geo", "Met", "Safety", "Security", "Rescue", "Fire"),
    *("Health", "Env", "Transport", "Infra", "CBRNE", "Other"),
)
RESPONSE_TYPES = (
    *("Shelter", "Evacuate", "Prepare", "Execute", "Avoid"),
    *("Monitor", "Assess", "AllClear", "None"),
)
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")


class MsgType(StrEnum):
    """What a message of ours does (CAP 1.2, 3.2.1 msgType)."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


LOCALES: Mapping[str, str] = {"fr": "fr-BE", "nl": "nl-BE", "en": "en-GB"}
"""The language of an `info` (RFC 3066), by the language of the message."""

SEVERITY: Mapping[str, str] = {
    "information": "Minor",
    "caution": "Moderate",
    "warning": "Severe",
    "red": "Extreme",
}
"""Level → severity (3.2.2: threat to life, from minimal to extraordinary)."""

URGENCY: Mapping[str, str] = {
    "information": "Future",
    "caution": "Expected",
    "warning": "Immediate",
    "red": "Immediate",
}
"""Level → urgency (3.2.2). House convention: whoever holds the product must act at once from
`warning` up; the standard knows no drug, it says only how soon one is to act."""

EVENT_TERMS = "OET:v1.2"
DRUG_SAFETY = "OET-064"
"""drug safety (public health, category Health) in the Event Terms List 1.2: in every alert."""
DRUG_SUPPLY = "OET-065"
"""drug supply (public health, category Health): besides, when it was sold as something else."""

NUTS = "NUTS"
"""Name of the geocode: Eurostat's territorial units, levels 0 and 1 alone (BE, BE1, BE2, BE3)."""


@dataclass(frozen=True)
class Grades:
    """How a message is graded: the three codes that every consumer sorts by."""

    urgency: str
    severity: str
    certainty: str


def certainty_of(*, unidentified: bool, confirmed: bool) -> str:
    """Return the certainty (3.2.2): observed once the event is confirmed by two assessors.

    Before that it is likely when a laboratory named the substance, possible when none has.
    """
    if confirmed:
        return "Observed"
    return "Possible" if unidentified else "Likely"


def grades(level: str, *, withdrawn: bool, unidentified: bool, confirmed: bool) -> Grades:
    """Return the grades of an alert; those of a withdrawal say that nothing is known to threaten.

    A withdrawal is no all-clear: its certainty is `Unknown`, because no alert makes a drug safe.
    """
    if withdrawn:
        return Grades("Past", "Minor", "Unknown")
    certainty = certainty_of(unidentified=unidentified, confirmed=confirmed)
    return Grades(URGENCY[level], SEVERITY[level], certainty)
