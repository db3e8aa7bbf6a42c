from __future__ import annotations

from datetime import date, timedelta

import pytest

from lims.quality import rules

DAY = date(2026, 11, 22)
YESTERDAY = DAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("expires", "checked_on", "check_failed", "words"),
    [
        (DAY, YESTERDAY, False, []),
        (YESTERDAY, YESTERDAY, False, ["Expired since 21 Nov 2026"]),
        (DAY, None, False, ["Not checked yet with a positive and a negative"]),
        (DAY, YESTERDAY, True, ["The last check failed"]),
        (YESTERDAY, DAY, True, ["Expired since 21 Nov 2026", "The last check failed"]),
    ],
)
def test_a_lot_says_why_it_should_not_be_used(
    expires: date, checked_on: date | None, check_failed: bool, words: list[str]
) -> None:
    obstacles = rules.lot_obstacles(
        expires=expires, checked_on=checked_on, check_failed=check_failed, on=DAY
    )
    assert [str(one) for one in obstacles] == words


@pytest.mark.parametrize(
    ("until", "out_of_service", "words"),
    [
        (None, False, []),
        (DAY, False, []),
        (YESTERDAY, False, ["Calibration ended on 21 Nov 2026"]),
        (DAY, True, ["Out of service"]),
    ],
)
def test_an_instrument_says_why_it_should_not_be_used(
    until: date | None, out_of_service: bool, words: list[str]
) -> None:
    obstacles = rules.instrument_obstacles(
        calibrated_until=until, out_of_service=out_of_service, on=DAY
    )
    assert [str(one) for one in obstacles] == words
