from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lims.foundation.errors import Invalid
from lims.spectra import shaping, signal
from lims.spectra.signal import GRIDS, prepare
from lims.spectra.spectrum import Kind, Spectrum
from tests.spectra.curves import bands, curve, invented, points


def said(spectrum: Spectrum) -> str:
    with pytest.raises(Invalid) as refusal:
        prepare(spectrum)
    (problem,) = refusal.value.problems
    return str(problem.message)


def test_the_grids_are_those_of_the_design() -> None:
    infrared = GRIDS[Kind.IR].x
    assert (infrared[0], infrared[-1]) == (650.0, 3700.0)
    assert not np.any((infrared > 1800) & (infrared < 2700)), "diamond and carbon dioxide"
    assert not np.any(np.abs(infrared - 667) < 4), "carbon dioxide"
    assert (GRIDS[Kind.RAMAN].x[0], GRIDS[Kind.RAMAN].x[-1]) == (200.0, 1800.0)
    assert (GRIDS[Kind.UV].x[0], GRIDS[Kind.UV].x[-1]) == (200.0, 400.0)


def test_transmittance_and_per_cent_transmittance_become_the_same_absorbance() -> None:
    absorbance = bands(1, points()) * 0.5
    share, per_cent = 10**-absorbance, 100 * 10**-absorbance
    truth = prepare(curve(absorbance)).y
    for y, unit in (
        (share, "transmittance"),
        (per_cent, "percent transmittance"),
        (per_cent, "transmittance"),
    ):
        assert prepare(curve(y, y_unit=unit)).y == pytest.approx(truth, abs=2e-3, nan_ok=True)


def test_a_point_without_any_light_has_the_greatest_absorbance_and_is_told() -> None:
    y = 10 ** -bands(1, points())
    y[900:903] = [0.0, -0.1, 0.0]
    made = prepare(curve(y, y_unit="transmittance"))
    assert float(np.nanmax(made.y)) <= signal.GREATEST_ABSORBANCE
    assert any("without any light" in str(note) for note in made.notes)


def test_absorbance_that_looks_like_per_cent_is_told() -> None:
    made = prepare(curve(90 - 30 * bands(1, points())))
    assert any("look like per cent transmittance" in str(note) for note in made.notes)


def test_wavelengths_of_an_infrared_spectrum_become_wavenumbers() -> None:
    x = points()
    by_wavenumber = invented(3)
    by_wavelength = replace(by_wavenumber, x=1e7 / x, x_unit="nm")
    by_micrometre = replace(by_wavenumber, x=1e4 / x, x_unit="µm")
    truth = prepare(by_wavenumber).y
    assert prepare(by_wavelength).y == pytest.approx(truth, nan_ok=True)
    assert prepare(by_micrometre).y == pytest.approx(truth, nan_ok=True)


def test_a_raman_spectrum_by_wavelength_is_refused_since_the_laser_is_unknown() -> None:
    words = said(replace(invented(3, Kind.RAMAN), x_unit="nm"))
    assert "nm" in words and "cm⁻¹" in words


def test_the_direction_and_the_order_of_the_points_do_not_matter() -> None:
    spectrum = invented(4)
    order = np.random.default_rng(0).permutation(spectrum.x.size)
    truth = prepare(spectrum).y
    for way in (slice(None, None, -1), order):
        turned = replace(spectrum, x=spectrum.x[way], y=spectrum.y[way])
        assert prepare(turned).y == pytest.approx(truth, nan_ok=True)


def test_points_at_the_same_place_are_averaged_and_told() -> None:
    spectrum = invented(4)
    doubled = replace(
        spectrum,
        x=np.concatenate([spectrum.x, spectrum.x[:50]]),
        y=np.concatenate(
            [
                spectrum.y + np.where(np.arange(spectrum.x.size) < 50, 0.1, 0.0),
                spectrum.y[:50] - 0.1,
            ]
        ),
    )
    made = prepare(doubled)
    assert made.y == pytest.approx(prepare(spectrum).y, nan_ok=True)
    assert any("50" in str(note) for note in made.notes)


def test_nothing_is_made_up_outside_what_was_measured() -> None:
    spectrum = invented(5)
    short = spectrum.x > 1000
    made = prepare(replace(spectrum, x=spectrum.x[short], y=spectrum.y[short]))
    below = made.grid.x < 1000
    assert np.isnan(made.y[below]).all()
    assert np.isfinite(made.y[~below & (made.grid.x > 1004)]).all()


def test_nothing_is_made_up_across_a_hole_in_the_file() -> None:
    spectrum = invented(5)
    kept = (spectrum.x < 1200) | (spectrum.x > 1300)
    made = prepare(replace(spectrum, x=spectrum.x[kept], y=spectrum.y[kept]))
    hole = (made.grid.x > 1202) & (made.grid.x < 1298)
    assert np.isnan(made.y[hole]).all() and not made.covered[hole].any()


def test_a_spectrum_of_too_little_of_the_range_is_refused_with_what_is_missing() -> None:
    spectrum = invented(5)
    short = spectrum.x > 1700
    words = said(replace(spectrum, x=spectrum.x[short], y=spectrum.y[short]))
    assert "covers 51 %" in words and "650–660, 676–1700 cm⁻¹" in words


def test_values_that_are_not_numbers_are_left_out_and_told() -> None:
    spectrum = invented(6)
    y = spectrum.y.copy()
    y[100:104] = [np.nan, np.inf, -np.inf, np.nan]
    made = prepare(replace(spectrum, y=y))
    assert any("not numbers" in str(note) and "4" in str(note) for note in made.notes)


@pytest.mark.parametrize(
    ("spectrum", "words"),
    [
        (curve(np.full(1800, 3.0)), "flat"),
        (curve(np.full(1800, np.nan)), "usable points"),
        (curve(np.arange(5.0), x=np.linspace(400, 4000, 5)), "usable points"),
        (replace(invented(1), y=np.arange(7.0)), "differ in length"),
        (replace(invented(1), sticks=True), "curves"),
        (replace(invented(1), kind=Kind.EI), "curves"),
        (replace(invented(1), x_unit="seconds"), "seconds"),
        (replace(invented(1), x=points() - 500, x_unit="nm"), "nought or negative"),
    ],
    ids=["flat", "empty", "short", "lengths", "peaks", "technique", "unit", "negative"],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(spectrum: Spectrum, words: str) -> None:
    assert words in said(spectrum)


def test_a_fine_curve_keeps_the_quiet_that_its_many_points_bring() -> None:
    draw = np.random.default_rng(1)
    x = np.linspace(150, 1900, 17_501)
    y = draw.normal(0.0, 1.0, x.size)
    made = prepare(curve(y, Kind.RAMAN, x))
    assert float(np.nanstd(made.y)) < 0.3  # 20 points to a step: 1/√20 = 0.22


def test_scale_offset_and_slope_do_not_change_the_fingerprint() -> None:
    plain = invented(7)
    shifted = replace(plain, y=3.0 * plain.y + 2.0 + 1e-4 * plain.x)
    one, _known = shaping.fingerprint(prepare(plain))
    other, _known = shaping.fingerprint(prepare(shifted))
    assert float(one @ other) > 0.9999


def test_the_noise_is_measured_in_spite_of_the_bands() -> None:
    x = GRIDS[Kind.RAMAN].x
    y = bands(9, x) * 20 + np.random.default_rng(2).normal(0, 0.5, x.size)
    found = shaping.noise(y, np.ones(x.size, dtype=bool), GRIDS[Kind.RAMAN])
    assert found == pytest.approx(0.5, rel=0.15)


def test_the_strongest_bands_are_found_where_they_were_put() -> None:
    x = GRIDS[Kind.RAMAN].x
    y = 9 * np.exp(-0.5 * ((x - 500) / 8) ** 2) + 4 * np.exp(-0.5 * ((x - 1300) / 8) ** 2)
    y = y + np.random.default_rng(3).normal(0, 0.1, x.size)
    found = shaping.strongest_bands(y, np.ones(x.size, dtype=bool), GRIDS[Kind.RAMAN], 2)
    assert [band.position for band in found] == pytest.approx([500, 1300], abs=3)


def test_noise_alone_has_no_bands() -> None:
    y = np.random.default_rng(4).normal(0, 1, GRIDS[Kind.RAMAN].x.size)
    assert not shaping.strongest_bands(y, np.ones(y.size, dtype=bool), GRIDS[Kind.RAMAN])


numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)


@settings(deadline=None, max_examples=150)
@given(
    x=arrays(np.float64, st.integers(0, 60), elements=numbers),
    y=arrays(np.float64, st.integers(0, 60), elements=numbers),
    kind=st.sampled_from(list(Kind)),
    unit=st.sampled_from(["cm-1", "nm", "um", "", "m/z", "°"]),
    y_unit=st.sampled_from(["absorbance", "percent transmittance", "transmittance", "", "counts"]),
)
def test_any_numbers_are_prepared_or_refused_in_words(
    x: np.ndarray, y: np.ndarray, kind: Kind, unit: str, y_unit: str
) -> None:
    try:
        made = prepare(Spectrum(kind, x, y, unit, y_unit, sticks=False))
    except Invalid as refusal:
        assert all(str(problem.message).endswith(".") for problem in refusal.problems)
    else:
        row, _known = shaping.fingerprint(made)
        assert np.isfinite(row).all()


@settings(deadline=None, max_examples=60)
@given(
    values=arrays(
        np.float64, 400, elements=st.floats(-1e25, 1e25, allow_nan=False, allow_infinity=False)
    ),
    kind=st.sampled_from([Kind.IR, Kind.RAMAN, Kind.UV]),
)
def test_a_curve_of_any_values_gives_a_finite_fingerprint(values: np.ndarray, kind: Kind) -> None:
    x = points(kind, values.size)
    try:
        made = prepare(curve(values, kind, x))
    except Invalid:
        return
    row, known = shaping.fingerprint(made)
    assert np.isfinite(row).all() and row.size == made.grid.x.size
    assert float(np.abs(row[~known]).sum()) == 0.0
