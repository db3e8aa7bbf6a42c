from __future__ import annotations

import pytest

from lims.identification.plate_view import steps_shown


@pytest.mark.parametrize(
    ("noted", "wanted", "shown"),
    [
        ([], "", ["uv254", "marquis"]),
        ([], "marquis", ["uv254", "marquis"]),
        ([], "mecke", ["uv254", "marquis", "mecke"]),
        (["marquis"], "", ["marquis"]),
        (["marquis"], "uv365", ["uv365", "marquis"]),
    ],
)
def test_an_empty_plate_offers_the_usual_steps_and_choosing_one_hides_none(
    noted: list[str], wanted: str, shown: list[str]
) -> None:
    assert steps_shown({"steps": [{"step": step} for step in noted]}, wanted) == shown
