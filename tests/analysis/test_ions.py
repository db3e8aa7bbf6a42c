from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.analysis.ions import read_ions
from lims.foundation.errors import Invalid


@pytest.mark.parametrize(
    "text", ["58:100 105:31 135:44", "58=100, 105=31; 135=44", "58 (100), 105 (31 %) 135/44"]
)
def test_ions_are_read_as_people_write_them(text: str) -> None:
    assert read_ions(text) == [(58, 100), (105, 31), (135, 44)]


@pytest.mark.parametrize(
    "text", ["", "58, 105, 135", "58:100 105:31", "58:100 x:3 9:1", "58:0 59:1 60:1", "0:1 2:2 3:3"]
)
def test_ions_without_heights_or_too_few_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_ions(text)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_ions(text: str) -> None:
    try:
        found = read_ions(text)
    except Invalid:
        return
    assert len(found) >= 3 and all(mz > 0 and height > 0 for mz, height in found)
