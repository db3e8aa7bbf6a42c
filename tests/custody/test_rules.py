from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from lims.custody import rules
from lims.custody.rules import MOVES, STATE_WORDS, MassMove, ParcelState, ScanResult
from lims.foundation.errors import Invalid, Refused

TODAY = date(2026, 7, 1)


@pytest.mark.parametrize(("present", "wanted"), list(product(ParcelState, ParcelState)))
def test_a_parcel_moves_as_the_table_says_and_not_otherwise(
    present: ParcelState, wanted: ParcelState
) -> None:
    if wanted in MOVES[present]:
        rules.refuse_move(present, wanted)
    else:
        with pytest.raises(Refused):
            rules.refuse_move(present, wanted)


def test_every_state_of_a_parcel_can_be_reached_and_has_words() -> None:
    reached = {ParcelState.DRAFT}.union(*MOVES.values())
    assert reached == set(ParcelState) == set(MOVES) == set(STATE_WORDS)


def test_a_parcel_is_cancelled_before_its_seal_only() -> None:
    cancellable = {state for state, wanted in MOVES.items() if ParcelState.CANCELLED in wanted}
    assert cancellable == {ParcelState.DRAFT}


@pytest.mark.parametrize("state", [state for state in ParcelState if state != ParcelState.DRAFT])
def test_a_manifest_is_locked_once_its_parcel_is_no_draft(state: ParcelState) -> None:
    with pytest.raises(Refused):
        rules.refuse_locked(state)


@pytest.mark.parametrize("kind", [kind for kind in MassMove if kind != MassMove.WEIGHED])
def test_a_mass_comes_or_goes_by_its_kind_and_is_never_zero_or_negative(kind: MassMove) -> None:
    assert (rules.signed(kind, Decimal(5)) > 0) == (kind in rules.INTO)
    for wrong in ("0", "-1", "NaN", "Infinity", "100001"):
        with pytest.raises(Invalid):
            rules.signed(kind, Decimal(wrong))


def test_weighing_again_may_find_less() -> None:
    assert rules.signed(MassMove.WEIGHED, Decimal("-0.4")) == Decimal("-0.4")


@pytest.mark.parametrize(
    ("permit", "first", "last"),
    [
        ("", None, None),
        ("P", date(2026, 7, 2), None),
        ("P", None, date(2026, 6, 30)),
    ],
)
def test_a_parcel_is_not_sealed_without_a_permit_valid_today(
    permit: str, first: date | None, last: date | None
) -> None:
    with pytest.raises(Refused):
        rules.refuse_permit(permit, first, last, TODAY)


def test_a_permit_holds_on_its_first_and_last_day() -> None:
    rules.refuse_permit("P", TODAY, TODAY, TODAY)


def test_a_parcel_has_arrived_when_nothing_is_waited_for() -> None:
    received, expected = ScanResult.RECEIVED, ScanResult.EXPECTED
    assert rules.arrival([received, expected]) == ParcelState.PARTLY_RECEIVED
    assert rules.arrival([received, ScanResult.UNEXPECTED]) == ParcelState.RECEIVED
