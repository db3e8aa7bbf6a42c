"""Rules of custody: the states of a parcel, what may travel, and the signs of the mass ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

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
    P.RECEIVED: frozenset({P.RECONCILED}),
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
    WEIGHED = "weighed again"
    SENT_ON = "sent on"
    RECEIVED = "received"
    USED = "used"
    DESTROYED = "destroyed"
    RETURNED = "returned"


M = MassMove
INTO = frozenset({M.HANDED_IN, M.RECEIVED, M.WEIGHED})
"""Moves that bring mass to a site; weighing again may also correct downwards."""
OUT_OF = frozenset({M.USED, M.DESTROYED, M.RETURNED, M.SENT_ON})
MOVE_WORDS: Mapping[MassMove, Message] = {
    M.HANDED_IN: _("Mass handed in"),
    M.WEIGHED: _("Weighed again"),
    M.SENT_ON: _("Sent on"),
    M.RECEIVED: _("Received"),
    M.USED: _("Used in analysis"),
    M.DESTROYED: _("Destroyed"),
    M.RETURNED: _("Returned"),
}
MOST_MG = Decimal(100_000)
"""More than 100 g of one sample is a slip of the comma."""
HEAVIEST_PARCEL_MG = Decimal(50_000_000)
MAY_TRAVEL = frozenset({"registered", "received"})
"""States of a sample that may be put in a parcel: from a testing point, or on to a second one."""


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
    if kind is MassMove.WEIGHED:
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


def refuse_permit(
    permit: str, valid_from: date | None, valid_until: date | None, today: date
) -> None:
    """Refuse to seal a parcel without a transport authorisation that is valid today."""
    if not permit.strip():
        raise Refused(_("No transport authorisation is known for this site."))
    if valid_from is not None and today < valid_from:
        raise Refused(_("The transport authorisation is valid from %(day)s only.", day=valid_from))
    if valid_until is not None and today > valid_until:
        raise Refused(
            _("The transport authorisation of this site ended on %(day)s.", day=valid_until)
        )


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
