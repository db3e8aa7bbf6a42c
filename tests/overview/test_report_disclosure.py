from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Refused
from lims.overview import indicator_figures as figures
from lims.overview import report_contents
from lims.overview.indicator_figures import Indicator, Line, Split
from lims.overview.indicator_ground import named as in_each
from lims.overview.report_disclosure import Published, substances_beside, told_beside
from tests.makers import Network
from tests.overview.counted_network import NOW, Counted, counted_network
from tests.overview.reporting import AFTER, WORDS, approved, drafted, edited

HALF, OTHER = (date(2026, 1, 5), date(2026, 6, 28)), (date(2026, 6, 29), date(2027, 1, 3))
YEAR = HALF[0], OTHER[1]
NOTHING: dict[str, Any] = {}


def told(*counts: int) -> Indicator:
    lines = [Line(str(at), in_each(str(at)), figures.count(n)) for at, n in enumerate(counts) if n]
    return Indicator("visits", figures.count(sum(counts)), (Split("age band", tuple(lines)),))


def read(one: Indicator) -> list[int | None]:
    """Return what a reader learns of each part; what is kept back is None."""
    if not one.figure.is_told or (one.splits[0].kept_back and not one.splits[0].lines):
        return [None, None, None]
    there = {line.key: line.figure for line in one.splits[0].lines}
    found = [there.get(str(at)) for at in range(3)]
    return [0 if one is None else one.n if one.is_told else None for one in found]


def published(days: tuple[date, date], one: Indicator) -> Published:
    return Published(days, {"visits": one}, NOTHING)


def test_a_year_does_not_tell_what_a_half_kept_back() -> None:
    half = told_beside(told(3, 9, 40), HALF, [])
    assert read(half) == [None, None, 40]
    year = told_beside(told(20, 30, 80), YEAR, [published(HALF, half)])
    assert read(year) == [None, None, 80]
    assert read(told_beside(told(20, 30, 80), YEAR, [])) == [20, 30, 80]


def test_a_year_and_a_half_do_not_tell_the_other_half() -> None:
    half = told_beside(told(20, 30, 40), HALF, [])
    year = told_beside(told(23, 50, 80), YEAR, [published(HALF, half)])
    assert read(year)[0] is None and read(year).count(None) == 2
    later = told_beside(told(20, 30, 40), HALF, [published(YEAR, told(23, 50, 80))])
    assert read(later)[0] is None


def test_a_second_edition_does_not_tell_the_one_sample_that_was_corrected() -> None:
    first = told_beside(told(20, 30, 40), HALF, [])
    assert read(told_beside(told(21, 29, 40), HALF, [published(HALF, first)])) == [20, 30, 40]
    assert read(told_beside(told(28, 22, 40), HALF, [published(HALF, first)])) == [28, 22, 40]


COUNTS = st.tuples(*(st.integers(0, 30) for _each in range(3)))


@given(COUNTS, COUNTS)
def test_no_subtraction_of_published_reports_leaves_one_to_four(
    some: tuple[int, int, int], others: tuple[int, int, int]
) -> None:
    first = told_beside(told(*some), HALF, [])
    second = told_beside(told(*others), OTHER, [])
    both = [published(HALF, first), published(OTHER, second)]
    whole = told(*(a + b for a, b in zip(some, others, strict=True)))
    for known in (both[:1], both[1:], both):
        year = read(told_beside(whole, YEAR, known))
        for one in known:
            for there, of_year in zip(read(one.indicators["visits"]), year, strict=True):
                assert there is not None or of_year is None
                left = None if there is None or of_year is None else of_year - there
                assert left is None or left == 0 or left >= 5


def table(*products: tuple[str, int, int]) -> dict[str, Any]:
    listed = [
        {"label": in_each(name), "n": n, "found": [{"label": in_each("MDMA"), **once(found)}]}
        for name, n, found in products
    ]
    n = sum(one[1] for one in products)
    return {"products": listed, "others": 0, "n": n, "without_agreement": 0}


def once(found: int) -> dict[str, int]:
    return {"low": found, "high": found}


def test_the_substances_of_a_year_leave_no_small_rest_either() -> None:
    half = Published(HALF, {}, table(("Ketamine", 10, 5), ("MDMA", 30, 20), ("Speed", 9, 0)))
    year = table(("Ketamine", 13, 5), ("MDMA", 60, 22), ("Speed", 29, 10), ("LSD", 12, 6))
    found = substances_beside(year, YEAR, [half])
    names = {one["label"]["en"]: one for one in found["products"]}
    assert set(names) == {"MDMA", "Speed"}  # three of ketamine are left; LSD was kept back once
    assert names["MDMA"]["found"] == [] and names["Speed"]["found"] != []
    assert (found["n"], found["others"]) == (114, 25)
    assert substances_beside(year, YEAR, []) == {**year, "others": 0}


@pytest.fixture
def made(session: Session, network: Network) -> Iterator[Counted]:
    """Give the network that was counted by hand, after the half-year is over."""
    with clock.stopped_at(NOW):
        found = counted_network(session, network)
    with clock.stopped_at(AFTER):
        yield found


def visits(made: Counted, report: Any) -> float | None:
    board = report_contents.board_of(report.contents, report.period, public=True)
    return board.of("visits").now.figure.value


def test_an_edition_keeps_to_what_everybody_has_read(made: Counted) -> None:
    first = approved(made, drafted(made))
    assert visits(made, first) == 6
    made.visit(made.network.counter, "2026-03-02")
    with clock.stopped_at(AFTER + timedelta(hours=1)):
        second = approved(made, edited(made, drafted(made), changes=WORDS))
    assert visits(made, second) == 6, "7 - 6 would be one visitor"
    whole = report_contents.board_of(second.contents, second.period, public=False)
    assert whole.of("visits").now.figure.value == 7


def test_figures_are_drawn_up_again_when_a_report_of_the_same_time_came_between(
    made: Counted,
) -> None:
    with clock.stopped_at(datetime(2027, 1, 10, 12, tzinfo=UTC)):
        year = drafted(made, "2026")
    with clock.stopped_at(datetime(2027, 1, 11, 12, tzinfo=UTC)):
        approved(made, drafted(made))
        with pytest.raises(Refused):
            approved(made, year)
        edited(made, year, redraw=True)
        assert approved(made, year).state == "approved"
