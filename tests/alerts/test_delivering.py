from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.alerts import delivering
from lims.alerts.audiences import TLP, Audience
from lims.alerts.delivering import DELIVERY_MOVES, DeliveryState
from lims.foundation.errors import Refused

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Office:
    kind: str = "mail"
    audience: str = "health"
    tlp_ceiling: str = "TLP:GREEN"
    is_active: bool = True
    verified_at: datetime | None = NOW
    removed_at: datetime | None = None
    secret_sealed: str = ""


@pytest.mark.parametrize(
    ("present", "wanted"), list(itertools.product(DeliveryState, DeliveryState))
)
def test_a_delivery_moves_as_the_table_says_and_not_otherwise(
    present: DeliveryState, wanted: DeliveryState
) -> None:
    if wanted in DELIVERY_MOVES[present]:
        delivering.refuse_delivery_move(present, wanted)
    else:
        with pytest.raises(Refused):
            delivering.refuse_delivery_move(present, wanted)


def test_what_was_confirmed_or_not_sent_never_goes_out_again() -> None:
    for end in (DeliveryState.ACKNOWLEDGED, DeliveryState.CANCELLED):
        assert DELIVERY_MOVES[end] == frozenset()
    assert DELIVERY_MOVES[DeliveryState.SENT] == {DeliveryState.ACKNOWLEDGED}


def test_a_confirmed_office_is_told() -> None:
    assert delivering.why_not(Office()) is None


@pytest.mark.parametrize(
    "office",
    [
        Office(removed_at=NOW),
        Office(verified_at=None),
        Office(is_active=False),
        Office(audience=""),
        Office(audience="judicial-police"),
        Office(kind="feed"),
        Office(kind="webhook"),
    ],
    ids=["removed", "unconfirmed", "paused", "no audience", "ceiling", "feed", "no secret"],
)
def test_an_office_that_may_not_be_told_is_not_and_the_reason_is_in_words(office: Office) -> None:
    assert str(delivering.why_not(office))


def test_every_audience_is_below_some_ceiling_and_above_the_lower_ones() -> None:
    for audience in Audience:
        place = delivering.CEILINGS.index(TLP[audience])
        above = [delivering.is_above(audience, one) for one in delivering.CEILINGS]
        assert above == [True] * place + [False] * (len(above) - place)
        assert delivering.is_above(audience, "TLP:UNKNOWN")


@pytest.mark.parametrize(
    ("level", "told"),
    [("red", 4), ("warning", 3), ("caution", 2), ("information", 1), ("no level", 0)],
)
def test_a_standing_rule_tells_from_its_level_on(level: str, told: int) -> None:
    assert len(delivering.standing(level)) == told


@given(st.integers(1, 50), st.integers())
def test_the_wait_grows_with_every_try_and_never_is_the_same_for_all(tries: int, seed: int) -> None:
    wait = delivering.delay_after(tries, random.Random(seed))
    planned = delivering.DELAYS[min(tries, len(delivering.DELAYS)) - 1]
    assert timedelta(minutes=planned * 0.8) <= wait <= timedelta(minutes=planned * 1.2)


def test_all_tries_together_take_about_a_day() -> None:
    longest = sum(delivering.DELAYS) * 1.2
    assert timedelta(hours=12) < timedelta(minutes=longest) < timedelta(hours=36)


@pytest.mark.parametrize(
    ("every", "at", "end"),
    [
        ("daily", "2026-11-22T05:59:59+00:00", "2026-11-21T07:00:00+01:00"),
        ("daily", "2026-11-22T06:00:00+00:00", "2026-11-22T07:00:00+01:00"),
        ("weekly", "2026-11-22T12:00:00+00:00", "2026-11-16T07:00:00+01:00"),
        ("weekly", "2026-11-23T05:59:00+00:00", "2026-11-16T07:00:00+01:00"),
        ("weekly", "2026-11-23T06:00:00+00:00", "2026-11-23T07:00:00+01:00"),
        ("daily", "2026-07-01T04:59:00+00:00", "2026-06-30T07:00:00+02:00"),
    ],
)
def test_a_digest_is_due_at_seven_in_belgium_every_day_or_on_monday(
    every: str, at: str, end: str
) -> None:
    found = delivering.digest_end(every, datetime.fromisoformat(at))
    assert found == datetime.fromisoformat(end)


@given(
    st.sampled_from(delivering.DIGESTS),
    st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)
def test_a_digest_never_ends_in_the_future_nor_more_than_a_rhythm_ago(
    every: str, at: datetime
) -> None:
    end = delivering.digest_end(every, at)
    days = 1 if every == "daily" else 7
    assert timedelta(0) <= at - end < timedelta(days=days, hours=2)
