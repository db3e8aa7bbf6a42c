"""Rules of custody: the states of a parcel, what may travel, and the signs of the mass ledger."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from lims.foundation.errors import Refused, refuse_field
from lims.foundation.words import Message, _


class ParcelState(StrEnum):
    """Where a parcel is on its way."""

    DRAFT = "draft"
    SEALED = "sealed"
    IN_TRANSIT = "in transit"
    PARTLY_RECEIVED = "partly received"
    RECEIVED = "received"
    RECONCILED = "reconciled"
    LOST = "lost"
    CANCELLED = "cancelled"


P = ParcelState
MOVES: Mapping[ParcelState, frozenset[ParcelState]] = {
    P.DRAFT: frozenset({P.SEALED, P.CANCELLED}),
    P.SEALED: frozenset({P.IN_TRANSIT, P.LOST}),
    P.IN_TRANSIT: frozenset({P.PARTLY_RECEIVED, P.RECEIVED, P.LOST}),
    P.PARTLY_RECEIVED: frozenset({P.RECEIVED, P.RECONCILED}),
    # Back to partly received: a scan was wrong and is taken back.
    P.RECEIVED: frozenset({P.RECONCILED, P.PARTLY_RECEIVED}),
    P.RECONCILED: frozenset(),
    P.LOST: frozenset(),
    P.CANCELLED: frozenset(),
}
STATE_WORDS: Mapping[ParcelState, Message] = {
    P.DRAFT: _("Draft"),
    P.SEALED: _("Sealed"),
    P.IN_TRANSIT: _("In transit"),
    P.PARTLY_RECEIVED: _("Partly received"),
    P.RECEIVED: _("Received"),
    P.RECONCILED: _("Reconciled"),
    P.LOST: _("Lost"),
    P.CANCELLED: _("Cancelled"),
}
ARRIVING = frozenset({P.IN_TRANSIT, P.PARTLY_RECEIVED, P.RECEIVED})
"""States in which a parcel takes scans."""


class ScanResult(StrEnum):
    """What receipt found of one line of a parcel."""

    EXPECTED = "expected"
    RECEIVED = "received"
    MISSING = "missing"
    UNEXPECTED = "unexpected"


class MassMove(StrEnum):
    """Why a mass came to a site or left it."""

    HANDED_IN = "handed in"
    CORRECTED = "corrected"
    WEIGHED = "weighed again"
    SENT_ON = "sent on"
    RECEIVED = "received"
    USED = "used"
    DESTROYED = "destroyed"
    RETURNED = "returned"
    LOST = "lost"
    FOUND = "found again"


M = MassMove
ORDER_IN = (M.HANDED_IN, M.CORRECTED, M.WEIGHED, M.RECEIVED, M.FOUND)
"""Moves that bring mass to a site; corrected and weighed again may also take away."""
ORDER_OUT = (M.SENT_ON, M.USED, M.DESTROYED, M.RETURNED, M.LOST)
INTO, OUT_OF = frozenset(ORDER_IN), frozenset(ORDER_OUT)
BOTH_WAYS = frozenset({M.CORRECTED, M.WEIGHED})
MOVE_WORDS: Mapping[MassMove, Message] = {
    M.HANDED_IN: _("Mass handed in"),
    M.CORRECTED: _("Registration corrected"),
    M.WEIGHED: _("Weighed again"),
    M.SENT_ON: _("Sent on"),
    M.RECEIVED: _("Received"),
    M.USED: _("Used in analysis"),
    M.DESTROYED: _("Destroyed"),
    M.RETURNED: _("Returned"),
    M.LOST: _("Lost"),
    M.FOUND: _("Found again"),
}
MOST_MG = Decimal(100_000)
"""More than 100 g of one sample is a slip of the comma."""
MOST_GROSS_MG = Decimal(1_000_000)
"""A tube with its content; more than a kilogram is a slip of the comma."""
HEAVIEST_PARCEL_MG = Decimal(50_000_000)
MAY_TRAVEL = frozenset({"registered", "received"})
"""States of a sample that may be put in a parcel: from a testing point, or on to a second one."""
MAY_BE_FORWARDED = MAY_TRAVEL | {"in analysis", "released", "amended"}
"""States of a sample that a laboratory may send on to a second one; the last three keep theirs."""
MAY_ARRIVE = frozenset({"registered", "sent", "not analysed"})
"""States that become “received” when the sample is unpacked; further ones stay as they are."""


def refuse_move(present: str, wanted: str) -> None:
    """Refuse a move that the table of states does not hold."""
    if ParcelState(wanted) not in MOVES[ParcelState(present)]:
        raise Refused(
            _(
                "A parcel that is “%(present)s” cannot become “%(wanted)s”.",
                present=STATE_WORDS[ParcelState(present)],
                wanted=STATE_WORDS[ParcelState(wanted)],
            )
        )


def refuse_locked(state: str) -> None:
    """Refuse to change the manifest of a parcel that is no longer a draft."""
    if state != ParcelState.DRAFT:
        raise Refused(_("This parcel is sealed; its manifest is locked."))


def signed(kind: MassMove, mg: Decimal) -> Decimal:
    """Return the amount with the sign of its move; raises Invalid for what is no amount."""
    if not isinstance(mg, Decimal) or not mg.is_finite():
        raise refuse_field("mg", _("This must be a number."))
    if kind in BOTH_WAYS:
        return mg
    if mg <= 0:
        raise refuse_field("mg", _("The mass must be more than zero."))
    if mg > MOST_MG:
        raise refuse_field("mg", _("At most %(n)s, please.", n=MOST_MG))
    return mg if kind in INTO else -mg


def refuse_more_than_held(mg: Decimal, held: Decimal) -> None:
    """Refuse to take more of a sample than the ledger says is here."""
    if mg > held:
        raise refuse_field("mg", _("The ledger says that only %(held)s mg are here.", held=held))


def refuse_permit(permit: Permit | None, today: date) -> None:
    """Refuse to seal a parcel without a transport authorisation that is valid today."""
    if permit is None:
        raise Refused(_("No transport authorisation is chosen for this parcel."))
    if permit.withdrawn_at is not None:
        raise Refused(_("Transport authorisation %(n)s was withdrawn.", n=permit.number))
    if permit.valid_from is not None and today < permit.valid_from:
        raise Refused(
            _("The transport authorisation is valid from %(day)s only.", day=permit.valid_from)
        )
    if permit.valid_until is not None and today > permit.valid_until:
        raise Refused(
            _("The transport authorisation of this site ended on %(day)s.", day=permit.valid_until)
        )


class Permit(Protocol):
    """What sealing asks of a transport authorisation."""

    @property
    def number(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_until(self) -> date | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...


def refuse_wrong_gross(mg: Decimal | None) -> None:
    """Refuse a gross mass that no tube has."""
    if mg is None:
        return
    if not isinstance(mg, Decimal) or not mg.is_finite() or mg <= 0 or mg > MOST_GROSS_MG:
        raise refuse_field(
            "gross_mg", _("A tube weighs more than zero and at most %(n)s mg.", n=MOST_GROSS_MG)
        )


class Route(Protocol):
    """From where to where an authorisation is; no laboratory means any."""

    @property
    def from_site_id(self) -> uuid.UUID: ...
    @property
    def to_site_id(self) -> uuid.UUID | None: ...


def fits_route(permit: Route, from_site_id: uuid.UUID, to_site_id: uuid.UUID) -> bool:
    """Tell whether an authorisation is for a way from one site to another."""
    return permit.from_site_id == from_site_id and permit.to_site_id in (None, to_site_id)


def refuse_carrier(permitted: str, carrier: str) -> None:
    """Refuse a carrier of another function than the authorisation names."""
    if permitted and permitted.casefold() != carrier.strip().casefold():
        raise refuse_field(
            "carrier_function", _("This authorisation is for a carrier who is: %(f)s.", f=permitted)
        )


def plain_seal(number: str) -> str:
    """Return the number of a seal as it is compared: upper case, without spaces and dashes."""
    return "".join(letter for letter in number.upper() if letter.isalnum())


def seals_differ(borne: Iterable[str], found: Iterable[str]) -> bool:
    """Tell whether the seals read at receipt are not those that the parcel was sealed with."""
    before = sorted(filter(None, map(plain_seal, borne)))
    return before != sorted(filter(None, map(plain_seal, found)))


SHORT_HASH = 8
"""How many characters of a manifest's hash are compared by hand."""


def manifest_hash(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest: canonical JSON, keys sorted, other types as text."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def arrival(scans: Collection[str]) -> ParcelState:
    """Return the state of a parcel by what has been scanned of it."""
    waiting = ScanResult.EXPECTED in scans
    return ParcelState.PARTLY_RECEIVED if waiting else ParcelState.RECEIVED


def totals(entries: Iterable[tuple[str, Decimal]]) -> dict[MassMove, Decimal]:
    """Return the sum of each kind of move, as positive amounts except corrections."""
    sums = dict.fromkeys(MassMove, Decimal(0))
    for kind, mg in entries:
        move = MassMove(kind)
        sums[move] += -mg if move in OUT_OF else mg
    return sums
