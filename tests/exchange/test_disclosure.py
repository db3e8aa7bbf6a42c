from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.exchange.cube_definitions import Quarter, definitions, quarter, quarter_of
from lims.exchange.suppression import Bound, Pattern, Table, holds, protect
from lims.foundation.errors import Invalid
from scripts import attack_cubes
from tests.exchange.open_data import small_definitions, table_of, written

SMALL = small_definitions()
PLACES = len(SMALL.cubes[0].cells)
COUNTS = st.lists(
    st.one_of(st.integers(0, 6), st.integers(0, 60)), min_size=PLACES, max_size=PLACES
)


def two_by_two(*counts: int) -> Table:
    base = list(product("ab", "xy"))
    items = {
        key: tuple(
            at
            for at, cell in enumerate(base)
            if all(wanted in ("all", part) for wanted, part in zip(key, cell, strict=True))
        )
        for key in product(("a", "b", "all"), ("x", "y", "all"))
    }
    return Table(np.array(counts, dtype=np.int64), items)


def open_ends(table: Table, pattern: Pattern, found: list[attack_cubes.Interval]) -> list[object]:
    """Return the small numbers that an attacker bounds more tightly than from none to five."""
    return [
        (one.key, one.low, one.high, table.value(one.key))
        for one in found
        if one.key in pattern.sensitive and (one.low > 1e-6 or one.high < 5 - 1e-6)
    ]


@settings(max_examples=10)
@given(counts=COUNTS)
def test_no_small_number_of_any_table_can_be_worked_out_from_the_rest(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int]
) -> None:
    table = table_of(SMALL, counts)
    pattern = protect(table, 1)
    release = written(tmp_path_factory.mktemp("release"), SMALL, table, pattern)
    found = attack_cubes.intervals(release)
    assert attack_cubes.small_told(release) == []
    assert attack_cubes.recovered(release, found) == []
    assert open_ends(table, pattern, found) == []


@settings(max_examples=3)
@given(counts=COUNTS)
def test_nor_by_an_attacker_who_knows_that_samples_are_whole(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int]
) -> None:
    table = table_of(SMALL, counts)
    pattern = protect(table, 1)
    release = written(tmp_path_factory.mktemp("release"), SMALL, table, pattern)
    found = attack_cubes.intervals(release, whole_numbers=True)
    assert attack_cubes.recovered(release, found) == []
    assert open_ends(table, pattern, found) == []


def test_a_quarter_of_the_shipped_cubes_withstands_the_attack(tmp_path: Path) -> None:
    shipped = definitions()
    drawn = np.random.default_rng(41)
    counts = drawn.poisson(drawn.gamma(0.1, 9.0, len(shipped.cubes[0].cells)))
    table = table_of(shipped, counts.tolist())
    pattern = protect(table, 1)
    release = written(tmp_path, shipped, table, pattern)
    found = attack_cubes.intervals(release)
    assert len(pattern.sensitive) > 40
    assert attack_cubes.small_told(release) == attack_cubes.recovered(release, found) == []
    assert open_ends(table, pattern, found) == []


def test_hiding_the_small_numbers_alone_would_give_them_away(tmp_path: Path) -> None:
    table = table_of(SMALL, [3, 20, 30, 25, 18, 40])
    naive = {key for key in table.items if 0 < table.value(key) < 5}
    release = written(tmp_path, SMALL, table, Pattern(naive, tuple(naive)))
    assert attack_cubes.recovered(release, attack_cubes.intervals(release)) != []


def test_telling_a_small_number_is_seen(tmp_path: Path) -> None:
    table = table_of(SMALL, [3, 20, 30])
    release = written(tmp_path, SMALL, table, Pattern())
    assert attack_cubes.small_told(release) != []


def test_what_is_known_across_cubes_holds_in_every_witness() -> None:
    table = two_by_two(3, 2, 30, 40)
    known = Bound((1,), (0,))
    pattern = protect(Table(table.cells, table.items, (known,)), 1)
    assert pattern.witnesses and all(witness[1] <= witness[0] for witness in pattern.witnesses)
    freely = protect(table, 1)
    assert any(witness[1] > witness[0] for witness in freely.witnesses)


def test_none_at_all_is_told_where_it_gives_nothing_away() -> None:
    pattern = protect(two_by_two(0, 0, 40, 50))
    assert pattern.withheld == set()


def test_a_table_without_small_numbers_is_told_whole() -> None:
    assert protect(two_by_two(5, 6, 7, 8)).withheld == set()


def test_what_an_alert_has_said_is_known_and_no_more() -> None:
    table = two_by_two(2, 30, 40, 50)
    warned = Table(table.cells, table.items, (Bound((), (0,), least=1),))
    pattern = protect(warned)
    assert ("a", "x") in pattern.withheld
    assert all(witness[0] >= 1 for witness in pattern.witnesses)
    assert {int(witness[0]) for witness in pattern.witnesses} & {1}
    assert max(int(witness[0]) for witness in pattern.witnesses) >= 5


def test_a_pattern_that_lacks_a_witness_does_not_hold() -> None:
    table = two_by_two(2, 30, 40, 50)
    pattern = protect(table, 1)
    assert holds(table, pattern)
    assert not holds(table, Pattern(pattern.withheld, pattern.sensitive, pattern.witnesses[:1]))
    assert not holds(table, Pattern({("a", "x")}, pattern.sensitive, pattern.witnesses))


def test_two_counts_of_one_quarter_would_tell_what_changed(tmp_path: Path) -> None:
    before, after = table_of(SMALL, [20, 30, 40]), table_of(SMALL, [20, 30, 42])
    releases = [
        written(tmp_path / name, SMALL, table, protect(table, 1))
        for name, table in (("before", before), ("after", after))
    ]
    assert attack_cubes.differences(*releases) != []
    assert attack_cubes.differences(releases[0], releases[0]) == []


def test_quarters_are_of_whole_weeks_and_follow_one_another() -> None:
    assert str(quarter(" 2026-q3 ")) == "2026-Q3"
    for one, after in ((Quarter(2026, 4), Quarter(2027, 1)), (Quarter(2026, 1), Quarter(2026, 2))):
        assert (after.first - one.last).days == 1 and one.first.weekday() == 0
    assert quarter_of(Quarter(2026, 4).last) == Quarter(2026, 4)
    for wrong in ("2026", "2026-Q5", "2026-Q٣", ""):
        with pytest.raises(Invalid):
            quarter(wrong)
