"""Who reads what of an alert: the facts, and one allow-list of facts per audience.

A message is written from what this page lets through and from nothing else. A new fact that an
audience neither lists nor refuses fails the build.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from lims.foundation.words import Message, _

Label = dict[str, str]
"""One name in three languages: fr, nl, en."""


class Audience(StrEnum):
    """For whom a message is written."""

    PUBLIC = "public"
    RDR_NETWORK = "rdr-network"
    HEALTH = "health"
    JUDICIAL_POLICE = "judicial-police"
    SOCIO_PREVENTIVE = "socio-preventive"
    FOCAL_POINT = "focal-point"


TLP: Mapping[Audience, str] = {
    Audience.PUBLIC: "TLP:CLEAR",
    Audience.RDR_NETWORK: "TLP:GREEN",
    Audience.HEALTH: "TLP:GREEN",
    Audience.JUDICIAL_POLICE: "TLP:AMBER+STRICT",
    Audience.SOCIO_PREVENTIVE: "TLP:GREEN",
    Audience.FOCAL_POINT: "TLP:AMBER",
}
"""Traffic light protocol 2.0 (FIRST): how far a message may be passed on."""


@dataclass(frozen=True)
class AlertFacts:
    """What an alert rests on, structured once; every text is composed from these."""

    substance: Label | None = None
    unidentified: bool = False
    sold_as: Label | None = None
    form: Label | None = None
    colour: Label | None = None
    logo: str = ""
    shape: str = ""
    length_mm: str = ""
    thickness_mm: str = ""
    unit_mass_mg: str = ""
    content: list[dict[str, Any]] = field(default_factory=list)
    samples: int | None = None
    dangers: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    late_onset: bool = False
    region: str = ""
    week: str = ""
    replaces: str = ""
    signs: list[Label] = field(default_factory=list)
    method: str = ""
    confidence: str = ""
    contact: str = ""
    effects: list[Label] = field(default_factory=list)
    site: str = ""
    place: str = ""
    handed_in: str = ""
    visitors: str = ""
    notes: str = ""


_CARD = {"form", "colour", "logo", "shape", "length_mm", "thickness_mm", "unit_mass_mg"}
_WARNING = {"substance", "unidentified", "sold_as", "late_onset", "dangers", "advice", "replaces"}
_WHEN = {"region", "week"}
_CONTENT = {"content", "samples"}
_LABORATORY = {"method", "confidence"}
_CLINIC = {"signs", "contact"}
_TABLE = {"site", "place", "notes", "effects"}
"""Stays among those who talk with visitors."""
_NOBODY = {"handed_in", "visitors"}
"""Kept with the draft for those who assess; no message ever says it."""

AUDIENCE_FACTS: Mapping[Audience, frozenset[str]] = {
    Audience.PUBLIC: frozenset(_WARNING | _CARD | _WHEN),
    Audience.RDR_NETWORK: frozenset(_WARNING | _CARD | _WHEN | _CONTENT | _LABORATORY | _TABLE),
    Audience.HEALTH: frozenset(
        _WARNING | _CARD | _WHEN | _CONTENT | _LABORATORY | _CLINIC | {"effects"}
    ),
    Audience.JUDICIAL_POLICE: frozenset(
        {"substance", "unidentified", "late_onset", "replaces"}
        | (_CARD | _WHEN | _CONTENT | _LABORATORY)
    ),
    Audience.SOCIO_PREVENTIVE: frozenset(_WARNING | _CARD | _WHEN),
    Audience.FOCAL_POINT: frozenset(
        _WARNING | _CARD | _WHEN | _CONTENT | _LABORATORY | {"signs", "effects"}
    ),
}
"""The allow-list: the facts that the message of each audience may be written from."""

REFUSED_FACTS: Mapping[Audience, frozenset[str]] = {
    Audience.PUBLIC: frozenset(_CONTENT | _LABORATORY | _CLINIC | _TABLE | _NOBODY),
    Audience.RDR_NETWORK: frozenset(_CLINIC | _NOBODY),
    Audience.HEALTH: frozenset({"site", "place", "notes"} | _NOBODY),
    Audience.JUDICIAL_POLICE: frozenset(
        {"sold_as", "dangers", "advice"} | _CLINIC | _TABLE | _NOBODY
    ),
    Audience.SOCIO_PREVENTIVE: frozenset(_CONTENT | _LABORATORY | _CLINIC | _TABLE | _NOBODY),
    Audience.FOCAL_POINT: frozenset({"site", "place", "notes", "contact"} | _NOBODY),
}
"""What each audience is not told, said one by one so that nothing is refused by forgetting."""

PICTURE_AUDIENCES: frozenset[Audience] = frozenset(Audience) - {Audience.JUDICIAL_POLICE}
"""Who is shown the picture: what lies around a product can tell where it was photographed."""


def visible(facts: Mapping[str, Any], audience: Audience) -> dict[str, Any]:
    """Return the facts that an audience may be told, empty ones left out."""
    allowed = AUDIENCE_FACTS[audience]
    return {name: value for name, value in facts.items() if name in allowed and value}


def kept(facts: AlertFacts) -> dict[str, Any]:
    """Return facts as JSON can hold them."""
    return asdict(facts)


def names_of_facts() -> frozenset[str]:
    """Return the name of every fact."""
    return frozenset(one.name for one in fields(AlertFacts))


def audience_words(audience: str) -> Message:
    """Return the name of an audience."""
    words = {
        Audience.PUBLIC: _("Public"),
        Audience.RDR_NETWORK: _("RdR network"),
        Audience.HEALTH: _("Health professionals"),
        Audience.JUDICIAL_POLICE: _("Judicial-police"),
        Audience.SOCIO_PREVENTIVE: _("Socio-preventive"),
        Audience.FOCAL_POINT: _("Focal points"),
    }
    return words[Audience(audience)]


FACT_WORDS: Mapping[str, Message] = {
    "substance": _("substance"),
    "unidentified": _("what was not identified"),
    "sold_as": _("sold as"),
    "form": _("form"),
    "colour": _("colour"),
    "logo": _("logo"),
    "shape": _("shape"),
    "length_mm": _("size"),
    "thickness_mm": _("thickness"),
    "unit_mass_mg": _("mass"),
    "content": _("content"),
    "samples": _("number of samples"),
    "dangers": _("why it is dangerous"),
    "advice": _("what to do"),
    "late_onset": _("acts later"),
    "region": _("region"),
    "week": _("week"),
    "replaces": _("alert that it replaces"),
    "signs": _("clinical signs"),
    "method": _("method"),
    "confidence": _("confidence"),
    "contact": _("contact"),
    "effects": _("reported effects"),
    "site": _("site"),
    "place": _("exact place"),
    "handed_in": _("hand-in time"),
    "visitors": _("what visitors told of themselves"),
    "notes": _("notes"),
}
"""The name of each fact, for "goes out" and "held back" beside the preview."""
