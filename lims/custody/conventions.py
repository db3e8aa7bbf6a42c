"""What the house has agreed on: when an alarm is raised, what a place and a count are called.

None of these numbers is a standard. They are conventions of the house, set by whoever runs the
installation, and every page that uses one says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from lims.foundation.words import Message, _

PERMIT_DAYS = 30
"""How long before its end a transport authorisation is pointed out."""


@dataclass(frozen=True)
class Conventions:
    """Tolerances in mg and waits in days, from the settings of the installation."""

    gross_mg: Decimal
    weighing_mg: Decimal
    keep_days: int
    transit_days: int


class PlaceKind(StrEnum):
    """What a storage place is."""

    SAFE = "safe"
    FRIDGE = "fridge"
    CABINET = "cabinet"
    BOX = "box"


PLACE_WORDS: Mapping[PlaceKind, Message] = {
    PlaceKind.SAFE: _("Safe"),
    PlaceKind.FRIDGE: _("Fridge"),
    PlaceKind.CABINET: _("Cabinet"),
    PlaceKind.BOX: _("Box"),
}


LEAVE_WORDS: Mapping[str, Message] = {
    "moved": _("moved"),
    "sent": _("sent"),
    "lost": _("declared lost"),
    "returned": _("given back"),
    "destroyed": _("destroyed"),
    "received elsewhere": _("received elsewhere"),
}
"""Why a sample left a place, when an act took it out."""


class StockResult(StrEnum):
    """What a count found of one code."""

    FOUND = "found"
    MISSING = "missing"
    UNEXPECTED = "unexpected"


STOCK_WORDS: Mapping[StockResult, Message] = {
    StockResult.FOUND: _("found"),
    StockResult.MISSING: _("missing"),
    StockResult.UNEXPECTED: _("unexpected"),
}


class AlarmKind(StrEnum):
    """Why mass or a sample is unreturned or unaccounted for."""

    DAMAGED_SEAL = "damaged seal"
    LOST = "lost"
    LATE = "late"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    GROSS = "gross mass"
    WEIGHING = "weighing"
    STOCK = "stocktaking"
    KEPT = "kept too long"
    UNWEIGHED = "not weighed"


A = AlarmKind
ALARM_WORDS: Mapping[AlarmKind, Message] = {
    A.DAMAGED_SEAL: _("A seal was damaged or another one"),
    A.LOST: _("Lost"),
    A.LATE: _("Sent and not received"),
    A.MISSING: _("Missing at receipt"),
    A.UNEXPECTED: _("Arrived without being on the manifest"),
    A.GROSS: _("Another gross mass at receipt"),
    A.WEIGHING: _("Weighing and ledger differ"),
    A.STOCK: _("Missing at stocktaking"),
    A.KEPT: _("Concluded and still kept"),
    A.UNWEIGHED: _("Never weighed"),
}


def before(moment: datetime, days: int) -> datetime:
    """Return the moment some days earlier."""
    return moment - timedelta(days=days)


def is_beyond(sent: Decimal | None, received: Decimal | None, tolerance: Decimal) -> bool:
    """Tell whether two gross masses differ by more than the house tolerates."""
    return sent is not None and received is not None and abs(received - sent) > tolerance
