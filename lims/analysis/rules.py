"""Bench rules, from plain values: what a run shows, and whether it may be concluded on."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from lims.foundation.errors import refuse_field
from lims.foundation.words import Message, _

# ------------------------------------------------------------------------------------------------
# Thin-layer plates. hRf and corrected hRf are derived, never typed; a plate fails in words, and a
# failed plate can be kept but never concluded on.
# ------------------------------------------------------------------------------------------------

_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class ExpectedReference:
    """A reference that the protocol asks for: its tabulated hRf, and the window around it."""

    name: str
    tabulated: Decimal
    #: Half width, in hRf: the raw hRf may differ from the tabulated one by at most this.
    window: Decimal


@dataclass(frozen=True)
class ReferenceSpot:
    """One spot of a reference as found on the plate, by its raw hRf."""

    name: str
    hrf: Decimal


@dataclass(frozen=True)
class LotUsed:
    """A lot of a reagent or solvent used on the plate; no expiry day means that none is stated."""

    name: str
    expires: date | None


@dataclass(frozen=True)
class PlateFacts:
    """What the acceptance of a plate looks at. Distances are in mm from the origin line."""

    front_mm: Decimal
    shortest_front_mm: Decimal
    longest_front_mm: Decimal
    expected: tuple[ExpectedReference, ...]
    found: tuple[ReferenceSpot, ...]
    #: Spots seen in each blank lane, one number per lane.
    spots_in_blanks: tuple[int, ...]
    lots: tuple[LotUsed, ...]
    developed_on: date
    blank_required: bool = True


@dataclass(frozen=True)
class PlateCheck:
    """One question put to a plate: its code, whether the plate passed, and why, in words."""

    code: str
    passed: bool
    message: Message


def hrf(distance_mm: Decimal, front_mm: Decimal) -> Decimal:
    """Return 100 × spot distance / front distance, to one decimal; both in mm from the origin.

    Raises Invalid when the front is not above the origin, or the spot not between them.
    """
    if not front_mm > 0:
        raise refuse_field("front_mm", _("The front must lie above the origin."))
    if not 0 <= distance_mm <= front_mm:
        raise refuse_field("distance_mm", _("A spot lies between the origin and the front."))
    return (100 * distance_mm / front_mm).quantize(_TENTH)


def corrected_hrf(
    raw: Decimal, expected: Sequence[ExpectedReference], found: Sequence[ReferenceSpot]
) -> Decimal | None:
    """Return the hRf corrected through the references on the same plate, to one decimal.

    Piecewise linear through (measured, tabulated) of each reference and (0, 0), (100, 100), after
    de Zeeuw et al., DFG/TIAFT report XVII. None when no reference was found, or when they are out
    of order: then there is nothing to correct with.
    """
    measured = _measured(found)
    pairs = [(item.tabulated, measured[item.name]) for item in expected if item.name in measured]
    pairs.sort()
    tabulated = [0.0, *(float(pair[0]) for pair in pairs), 100.0]
    on_plate = [0.0, *(float(pair[1]) for pair in pairs), 100.0]
    if not pairs or not _rises(on_plate):
        return None
    return Decimal(str(np.interp(float(raw), on_plate, tabulated))).quantize(_TENTH)


def plate_acceptance(plate: PlateFacts) -> tuple[PlateCheck, ...]:
    """Put every question of the protocol to a plate; the answers say why in words."""
    return (
        _front_check(plate),
        *_window_checks(plate),
        _order_check(plate),
        _blank_check(plate),
        *_lot_checks(plate),
    )


def is_accepted(checks: Iterable[PlateCheck]) -> bool:
    """Tell whether a plate may be concluded on: it passed every check."""
    return all(check.passed for check in checks)


def _front_check(plate: PlateFacts) -> PlateCheck:
    shortest, longest = plate.shortest_front_mm, plate.longest_front_mm
    passed = shortest <= plate.front_mm <= longest
    values = {"front": plate.front_mm, "shortest": shortest, "longest": longest}
    message = (
        _("The front ran %(front)s mm, within %(shortest)s to %(longest)s mm.", **values)
        if passed
        else _(
            "The front ran %(front)s mm; the protocol allows %(shortest)s to %(longest)s mm.",
            **values,
        )
    )
    return PlateCheck("front", passed, message)


def _window_checks(plate: PlateFacts) -> list[PlateCheck]:
    checks = []
    for item in plate.expected:
        spots = [spot.hrf for spot in plate.found if spot.name == item.name]
        if not spots:
            message = _("The reference %(name)s was not found on the plate.", name=item.name)
            checks.append(PlateCheck("reference-missing", False, message))
        checks.extend(_window_check(item, spot) for spot in spots)
    return checks


def _window_check(item: ExpectedReference, spot: Decimal) -> PlateCheck:
    values = {
        "name": item.name,
        "hrf": spot,
        "tabulated": item.tabulated,
        "window": item.window,
    }
    if abs(spot - item.tabulated) <= item.window:
        message = _(
            "%(name)s ran to hRf %(hrf)s, inside its window (%(tabulated)s ± %(window)s).", **values
        )
        return PlateCheck("reference-window", True, message)
    message = _(
        "%(name)s ran to hRf %(hrf)s, outside its window (%(tabulated)s ± %(window)s).", **values
    )
    return PlateCheck("reference-window", False, message)


def _order_check(plate: PlateFacts) -> PlateCheck:
    measured = _measured(plate.found)
    expected = sorted(plate.expected, key=lambda item: item.tabulated)
    names = [item.name for item in expected if item.name in measured]
    if _rises([float(measured[name]) for name in names]):
        return PlateCheck("order", True, _("The references stand in the right order."))
    message = _("The references are out of order; from the origin up: %(names)s.", names=names)
    return PlateCheck("order", False, message)


def _blank_check(plate: PlateFacts) -> PlateCheck:
    spots = sum(plate.spots_in_blanks)
    if not plate.spots_in_blanks:
        passed = not plate.blank_required
        message = _("The plate has no blank lane.")
    elif spots:
        passed, message = False, _("The blank shows spots: %(n)s.", n=spots)
    else:
        passed, message = True, _("The blank shows no spot.")
    return PlateCheck("blank", passed, message)


def _lot_checks(plate: PlateFacts) -> list[PlateCheck]:
    checks = []
    for lot in plate.lots:
        expired = lot.expires is not None and lot.expires < plate.developed_on
        message = (
            _("The lot %(name)s expired on %(day)s.", name=lot.name, day=lot.expires)
            if expired
            else _("The lot %(name)s was within its date.", name=lot.name)
        )
        if lot.expires is None:
            message = _("The lot %(name)s states no expiry date.", name=lot.name)
        checks.append(PlateCheck("lot", not expired, message))
    return checks


def _measured(found: Sequence[ReferenceSpot]) -> dict[str, Decimal]:
    """Return the mean raw hRf of each reference, which may stand in several lanes."""
    spots: dict[str, list[Decimal]] = {}
    for spot in found:
        spots.setdefault(spot.name, []).append(spot.hrf)
    return {name: sum(values, Decimal(0)) / len(values) for name, values in spots.items()}


def _rises(values: Sequence[float]) -> bool:
    return all(lower < upper for lower, upper in itertools.pairwise(values))
