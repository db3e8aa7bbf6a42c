"""What a test asks of a file: its refusal, its only spectrum, what was noted of it."""

from __future__ import annotations

import pytest

from lims.foundation.errors import Invalid
from lims.spectra.reading import read
from lims.spectra.spectrum import Spectrum


def refusal(data: bytes, name: str) -> str:
    """Return the one sentence with which a file is refused."""
    with pytest.raises(Invalid) as caught:
        read(data, name)
    (problem,) = caught.value.problems
    assert problem.field == "file"
    return str(problem.message)


def only(data: bytes, name: str = "file") -> Spectrum:
    """Return the only spectrum of a file."""
    (one,) = read(data, name)
    return one


def remarks(one: Spectrum) -> list[str]:
    """Return what was noted while reading."""
    return one.facts.get("remarks", "").split("\n")
