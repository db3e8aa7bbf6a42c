from __future__ import annotations

import numpy as np
import pytest

from lims.spectra.scans import mean_of, trace_of
from lims.spectra.spectrum import Kind, Spectrum


def scan(*peaks: tuple[float, float], z: float | None = None) -> Spectrum:
    x, y = (np.array(column, dtype=float) for column in zip(*peaks, strict=True))
    return Spectrum(Kind.EI, x, y, "m/z", "relative", True, z=z)


def peaks(one: Spectrum) -> dict[float, float]:
    return dict(zip(one.x.tolist(), one.y.tolist(), strict=True))


def test_the_trace_is_the_sum_of_each_scan_where_it_stands() -> None:
    trace = trace_of([scan((50, 1), (60, 2), z=1.5), scan((50, 10), z=2.5)])
    assert trace.places == (1.5, 2.5) and trace.sums == (3, 10) and trace.strongest == 1


def test_scans_without_a_time_are_numbered() -> None:
    assert trace_of([scan((50, 1), z=3.0), scan((50, 1))]).places == (1, 2)


def test_unit_masses_with_tenths_fall_together() -> None:
    mean = mean_of([scan((50.1, 10), (77.0, 4)), scan((49.9, 20), (77.1, 6))])
    assert peaks(mean) == pytest.approx({50.0: 15, 77.0: 5})


def test_exact_masses_stay_exact() -> None:
    mean = mean_of([scan((194.1176, 10), (163.0754, 5)), scan((194.1178, 10))])
    assert peaks(mean) == pytest.approx({163.0754: 2.5, 194.1177: 10})


def test_what_stands_beside_a_peak_is_taken_off() -> None:
    mean = mean_of([scan((58, 100), (207, 40))], beside=[scan((207, 40)), scan((207, 44))])
    assert peaks(mean) == {58: 100}
