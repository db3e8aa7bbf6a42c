from __future__ import annotations

import pytest

from lims.foundation.errors import Refused
from lims.foundation.four_eyes import refuse_unless_other_eyes


@pytest.mark.parametrize(
    ("who", "author", "seen_by", "lone", "outcome"),
    [
        ("anna", "anna", (), False, "refused"),
        ("bert", "anna", (), False, "passes"),
        ("bert", "anna", ("bert",), False, "refused"),
        ("cleo", "anna", ("bert",), False, "passes"),
        ("anna", "anna", (), True, "exception"),
        ("anna", "anna", ("anna",), True, "refused"),
        ("bert", "anna", (), True, "passes"),
    ],
)
def test_what_one_person_made_another_person_must_see(
    who: str, author: str, seen_by: tuple[str, ...], lone: bool, outcome: str
) -> None:
    if outcome == "refused":
        with pytest.raises(Refused):
            refuse_unless_other_eyes(who, author=author, seen_by=seen_by, lone_exception=lone)
    else:
        used = refuse_unless_other_eyes(who, author=author, seen_by=seen_by, lone_exception=lone)
        assert used is (outcome == "exception")
