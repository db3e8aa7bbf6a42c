from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lims.identification.stick_facts import number_in, stick_facts
from lims.spectra.spectrum import Kind, Spectrum

IONS = ((58, 100), (135, 44), (105, 31), (77, 22), (163, 12))


def sticks(*ions: tuple[float, float], kind: Kind = Kind.EI, **facts: Any) -> Spectrum:
    x, y = (np.array(column, float) for column in zip(*(ions or IONS), strict=True))
    told = {name: str(value) for name, value in facts.items()}
    return Spectrum(kind, x, y, "m/z", "relative", True, facts=told)


def said(query: Spectrum, reference: Spectrum, stance: str) -> str:
    return " ".join(str(words) for one, words in stick_facts(query, reference) if one == stance)


def test_the_same_spectrum_speaks_for_itself_alone() -> None:
    assert said(sticks(), sticks(), "con") == ""
    assert "m/z 58" in said(sticks(), sticks(), "pro")


def test_another_base_peak_speaks_against() -> None:
    assert "91 in the reference" in said(sticks(), sticks((91, 100), (65, 30)), "con")


def test_strong_ions_that_are_missing_are_named_on_their_side() -> None:
    more = sticks(*IONS, (207, 60))
    assert "absent here: m/z 207" in said(sticks(), more, "con")
    assert "absent in the reference: m/z 207" in said(more, sticks(), "con")
    assert said(sticks(), sticks(*IONS, (207, 5)), "con") == ""


@pytest.mark.parametrize(("theirs", "stance"), [(1500, "pro"), (1600, "con")])
def test_the_retention_index_speaks_when_both_are_known(theirs: int, stance: str) -> None:
    query, reference = sticks(retention_index=1504), sticks(retention_index=theirs)
    assert "Retention index 1504" in said(query, reference, stance)
    assert "Retention" not in said(sticks(), reference, stance)


def test_the_precursor_speaks_in_parts_per_million() -> None:
    query = sticks(kind=Kind.MSMS, precursor_mz=194.1176)
    assert "within" in said(query, sticks(kind=Kind.MSMS, precursor_mz=194.1178), "pro")
    assert "Precursor" in said(query, sticks(kind=Kind.MSMS, precursor_mz=208.13), "con")


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("unknown", None), ("-3", None), ("1502.5 iu", 1502.5)]
)
def test_a_fact_that_is_no_number_is_no_fact(text: str, value: float | None) -> None:
    assert number_in(sticks(retention_index=text), "retention_index") == value
