"""Synthetic spectra of invented substances, as the files that a library or an instrument writes.

Bands and ions are drawn by formula and stand for nobody's substance. Every name says synthetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lims.spectra.spectrum import Floats

Bands = Sequence[tuple[float, float, float]]
Ions = Sequence[tuple[float, float]]

INFRARED: Mapping[str, Bands] = {
    "Synthetic A": (
        (720, 9, 0.8),
        (1035, 12, 1.0),
        (1244, 10, 0.7),
        (1490, 8, 0.9),
        (2950, 22, 0.5),
    ),
    "Synthetic B": (
        (812, 11, 0.9),
        (1150, 14, 0.6),
        (1380, 9, 1.0),
        (1655, 12, 0.8),
        (3300, 40, 0.6),
    ),
    "Synthetic C": (
        (690, 12, 1.0),
        (900, 10, 0.7),
        (1460, 14, 0.9),
        (1720, 9, 1.0),
        (3010, 25, 0.4),
    ),
    "Synthetic D": (
        (760, 8, 0.7),
        (1090, 16, 1.0),
        (1310, 10, 0.5),
        (1600, 14, 0.9),
        (2880, 18, 0.6),
    ),
}
MASSES: Mapping[str, Ions] = {
    "Synthetic A": ((58, 999), (77, 220), (105, 310), (135, 440), (163, 120), (193, 80)),
    "Synthetic B": ((65, 300), (91, 999), (119, 520), (148, 140), (176, 210)),
    "Synthetic C": ((44, 999), (77, 270), (121, 620), (149, 380), (205, 90)),
    "Synthetic D": ((58, 980), (77, 240), (105, 290), (135, 430), (165, 130), (195, 70)),
}
BLEED: Ions = ((207, 90), (281, 60))
NOISE = 0.004


def infrared_library() -> bytes:
    """Return the synthetic infrared library as one JCAMP-DX file of several blocks."""
    x = _axis()
    return "".join(
        _jcamp(name, x, absorbance(x, bands)) for name, bands in INFRARED.items()
    ).encode()


def mass_library() -> bytes:
    """Return the synthetic mass spectra as one MSP file."""
    return "".join(_msp(name, ions) for name, ions in MASSES.items()).encode()


def measured_powder() -> bytes:
    """Return a synthetic powder of two components as an FTIR instrument writes it, with noise."""
    x, dice = _axis(), np.random.default_rng(2026)
    y = 0.65 * absorbance(x, INFRARED["Synthetic A"]) + 0.35 * absorbance(
        x, INFRARED["Synthetic B"]
    )
    return _jcamp("Demo: synthetic powder", x, y + dice.normal(0, NOISE, x.size)).encode()


def measured_chromatogram() -> bytes:
    """Return three synthetic spectra along a run, the column's bleed in each."""
    dice = np.random.default_rng(2026)
    spectra = []
    for name in ("Synthetic A", "Synthetic C"):
        ions = [(mz, height * float(dice.uniform(0.9, 1.1))) for mz, height in MASSES[name]]
        spectra.append(sorted([*ions, *BLEED]))
    spectra.append(list(BLEED))
    return "".join(
        _msp(f"Demo: synthetic peak {number}", ions) for number, ions in enumerate(spectra, start=1)
    ).encode()


def absorbance(x: Floats, bands: Bands) -> Floats:
    """Return the absorbance of bands: place and width in cm⁻¹, height."""
    y = np.full(x.size, 0.02)
    for place, width, height in bands:
        y = y + height * np.exp(-(((x - place) / width) ** 2))
    return y


def _axis() -> Floats:
    return np.arange(600.0, 3801.0, 2.0)


def _jcamp(name: str, x: Floats, y: Floats) -> str:
    head = {
        "TITLE": name,
        "JCAMP-DX": "4.24",
        "DATA TYPE": "INFRARED SPECTRUM",
        "ORIGIN": "synthetic, for demonstration",
        "OWNER": "nobody",
        "XUNITS": "1/CM",
        "YUNITS": "ABSORBANCE",
        "FIRSTX": f"{x[0]:g}",
        "LASTX": f"{x[-1]:g}",
        "NPOINTS": str(x.size),
        "XFACTOR": "1",
        "YFACTOR": "0.00001",
        "FIRSTY": f"{round(y[0] * 1e5) / 1e5:.5f}",
        "XYDATA": "(X++(Y..Y))",
    }
    lines = [f"##{key}={value}" for key, value in head.items()]
    whole = np.round(y * 1e5).astype(int)
    for start in range(0, x.size, 8):
        values = " ".join(str(one) for one in whole[start : start + 8])
        lines.append(f"{x[start]:g} {values}")
    return "\n".join([*lines, "##END=", ""])


def _msp(name: str, ions: Ions) -> str:
    lines = [f"{mz:g} {height:.0f}" for mz, height in ions]
    head = [f"Name: {name}", "Comments: synthetic, for demonstration", f"Num Peaks: {len(ions)}"]
    return "\n".join([*head, *lines, "", ""])
