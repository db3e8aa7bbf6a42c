"""Synthetic CAP messages of another country, and how the tests bring them in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.alerts.cap import signing, writing
from lims.exchange.foreign_alerts import BringForeignAlert, bring_foreign_alert
from lims.exchange.foreign_records import ForeignAlert
from lims.foundation import clock
from tests.alerts.capping import cap_alert, told
from tests.makers import Network

THEM = "drugs@ministry.example.fr"
NOW = clock.now().replace(microsecond=0)


def message(**given: Any) -> writing.CapAlert:
    values: dict[str, Any] = {
        "identifier": "fr-1",
        "sender": THEM,
        "sent": NOW - timedelta(days=1),
        "expires": NOW + timedelta(days=20),
        "told": (told("fr-FR", headline="Comprimés d’essai", area="France"),),
    }
    return cap_alert(**(values | given))


def cites(one: writing.CapAlert) -> tuple[writing.Reference, ...]:
    return (writing.Reference(one.sender, one.identifier, one.sent),)


def follows(one: writing.CapAlert, kind: str, **given: Any) -> writing.CapAlert:
    later = {"identifier": "fr-2", "msg_type": kind, "references": cites(one)}
    return replace(one, **(later | {"sent": one.sent + timedelta(hours=1)} | given))


def file_of(one: writing.CapAlert, seal: signing.Seal | None = None) -> bytes:
    root = writing.write(one)
    if seal is not None:
        return signing.sign(root, seal)
    return writing.etree.tostring(root, encoding="UTF-8")


def bring(session: Session, network: Network, content: bytes, **given: Any) -> ForeignAlert:
    command = BringForeignAlert(content, "a colleague in France", "Licence Ouverte", **given)
    found = bring_foreign_alert(session, network.coordinator, command).alert
    session.flush()
    return found


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
