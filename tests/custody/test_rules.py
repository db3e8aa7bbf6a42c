from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
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


@pytest.mark.parametrize("kind", [kind for kind in MassMove if kind not in rules.BOTH_WAYS])
def test_a_mass_comes_or_goes_by_its_kind_and_is_never_zero_or_negative(kind: MassMove) -> None:
    assert (rules.signed(kind, Decimal(5)) > 0) == (kind in rules.INTO)
    for wrong in ("0", "-1", "NaN", "Infinity", "100001"):
        with pytest.raises(Invalid):
            rules.signed(kind, Decimal(wrong))


def test_weighing_again_may_find_less() -> None:
    assert rules.signed(MassMove.WEIGHED, Decimal("-0.4")) == Decimal("-0.4")


@dataclass(frozen=True)
class Permit:
    number: str = "P"
    valid_from: date | None = None
    valid_until: date | None = None
    withdrawn_at: datetime | None = None


@pytest.mark.parametrize(
    "permit",
    [
        None,
        Permit(valid_from=date(2026, 7, 2)),
        Permit(valid_until=date(2026, 6, 30)),
        Permit(withdrawn_at=datetime(2026, 6, 1, tzinfo=UTC)),
    ],
    ids=["none", "to come", "ended", "withdrawn"],
)
def test_a_parcel_is_not_sealed_without_a_permit_valid_today(permit: Permit | None) -> None:
    with pytest.raises(Refused):
        rules.refuse_permit(permit, TODAY)


def test_a_permit_holds_on_its_first_and_last_day() -> None:
    rules.refuse_permit(Permit(valid_from=TODAY, valid_until=TODAY), TODAY)


def test_seals_are_compared_without_spaces_dashes_and_case_and_in_any_order() -> None:
    assert not rules.seals_differ(("S-77", "b 12"), ("B12", " s77"))
    for found in (("S-78", "B12"), ("S-77", ""), ("", ""), ("S-77", "B12x")):
        assert rules.seals_differ(("S-77", "B12"), found)


def test_a_manifest_has_another_hash_when_anything_of_it_differs() -> None:
    facts = {"number": "C-0001", "samples": [[1, "22222222", "20", ""]]}
    other = {"number": "C-0001", "samples": [[1, "22222222", "20.1", ""]]}
    assert rules.manifest_hash(facts) == rules.manifest_hash(dict(reversed(facts.items())))
    assert rules.manifest_hash(facts) != rules.manifest_hash(other)


def test_a_parcel_has_arrived_when_nothing_is_waited_for() -> None:
    received, expected = ScanResult.RECEIVED, ScanResult.EXPECTED
    assert rules.arrival([received, expected]) == ParcelState.PARTLY_RECEIVED
    assert rules.arrival([received, ScanResult.UNEXPECTED]) == ParcelState.RECEIVED
