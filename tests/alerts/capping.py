"""How the tests of CAP get from a published alert to its file, and break files on purpose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.cap import codes, signing, writing
from lims.alerts.cap.station import Station
from lims.alerts.cap_records import CapMessage
from lims.alerts.records import AlertVersion

SENT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def station(folder: Path, **given: Any) -> Station:
    values: dict[str, Any] = {
        "sender": "alerts@ews.example.be",
        "is_exercise": False,
        "network": "Balise",
        "public_url": "https://ews.example.be",
        "contact": "",
        "folder": folder,
        "key_file": "",
        "certificate_file": "",
    }
    return Station(**(values | given))


def told(language: str = "fr-BE", **given: Any) -> writing.Told:
    values: dict[str, Any] = {
        "language": language,
        "event": "Dangerous drug product",
        "headline": "Synthetic tablet",
        "description": "A synthetic message. Nothing in it is real.",
        "instruction": "Do not take it.",
        "web": "https://ews.example.be/alerts/2026-0001",
        "area": "Belgium",
    }
    return writing.Told(**(values | given))


def cap_alert(**given: Any) -> writing.CapAlert:
    values: dict[str, Any] = {
        "identifier": "ews.example.be-2026-0001-1",
        "sender": "alerts@ews.example.be",
        "sent": SENT,
        "status": "Actual",
        "msg_type": "Alert",
        "source": "Balise",
        "note": "",
        "references": (),
        "incidents": "2026-0001",
        "category": "Health",
        "response_type": "Avoid",
        "grades": codes.Grades("Immediate", "Extreme", "Observed"),
        "event_codes": ((codes.EVENT_TERMS, codes.DRUG_SAFETY),),
        "expires": SENT + timedelta(days=30),
        "contact": "",
        "parameters": (("TLP", "CLEAR"),),
        "geocodes": ((codes.NUTS, "BE"),),
        "told": (told("fr-BE"), told("nl-BE"), told("en-GB")),
    }
    return writing.CapAlert(**(values | given))


def unsigned(**given: Any) -> bytes:
    """Return a message in order, without a signature."""
    return writing.etree.tostring(writing.write(cap_alert(**given)), encoding="UTF-8")


def signed(folder: Path, **given: Any) -> tuple[bytes, signing.Seal]:
    """Return a signed message and the key that signed it."""
    seal = station(folder).seal()
    return signing.sign(writing.write(cap_alert(**given)), seal), seal


def changed(content: bytes, *pairs: tuple[str, str], times: int = 1) -> bytes:
    """Return a file with texts replaced; every one of them must stand there."""
    for old, new in pairs:
        assert old.encode() in content, old
        content = content.replace(old.encode(), new.encode(), times)
    return content


def issued_for(session: Session, version: AlertVersion) -> CapMessage:
    found = session.scalar(select(CapMessage).where(CapMessage.version_id == version.id))
    assert found is not None
    return found
