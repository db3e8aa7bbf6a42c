"""Makers of reference spectra for tests. Everything here is synthetic."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session


def make_spectrum_library(session: Session, **given: Any) -> Any:
    """Return a library of reference spectra in use, brought in by the chemist."""
    from lims.library.spectra import SpectrumLibrary

    values = {
        "name": "Synthetic spectra",
        "kind": "ei",
        "licence": "synthetic",
        "state": "reviewed",
    }
    values |= {"added_by": "chemist", "reviewed_by": "head"}
    library = SpectrumLibrary(**(values | given))
    session.add(library)
    session.flush()
    return library


def make_reference_spectrum(
    session: Session, library: Any, x: Any = (58.0, 135.0), y: Any = (999.0, 120.0), **given: Any
) -> Any:
    """Return a synthetic reference spectrum in a library, standing with it."""
    import numpy as np

    from lims.library.peaks import content_hash, identity_of, nominal_ions, packed
    from lims.library.spectra import ReferenceSpectrum

    masses, heights = np.asarray(x, float), np.asarray(y, float)
    name = str(given.get("name", "synthetic substance"))
    values: dict[str, Any] = {
        "name": name,
        "kind": library.kind,
        "x": packed(masses),
        "y": packed(heights),
        "points": len(masses),
        "ions": nominal_ions(library.kind, masses, heights),
        "identity": identity_of(str(given.get("inchikey", "")), name),
        "hash": content_hash(library.kind, packed(masses), packed(heights), name),
        "x_unit": "m/z" if library.kind in ("ei", "msms") else "cm-1",
        "y_unit": "relative" if library.kind in ("ei", "msms") else "absorbance",
        "state": "draft" if library.own else "included",
        "added_by": library.added_by,
    }
    spectrum = ReferenceSpectrum(library=library, library_id=library.id, **(values | given))
    session.add(spectrum)
    session.flush()
    return spectrum


def written_msp(count: int, first: int = 0, **facts: str) -> bytes:
    """Return synthetic spectra as an MSP text, all different; `facts` replace lines of each."""
    records = []
    for number in range(first, first + count):
        told = {"Name": f"synthetic {number}", "InChIKey": f"{_letters(number)}-UHFFFAOYSA-N"}
        told |= {"Spectrum_type": "MS1", "Ionization": "EI", "Instrument_type": "EI-B"} | facts
        lines = [f"{key}: {value}" for key, value in told.items() if value]
        peaks = [(40 + number % 60, 999), (101 + number % 100, 500), (300, 1 + number % 400)]
        lines += ["Num Peaks: 3", *(f"{mass} {height}" for mass, height in peaks)]
        records.append("\n".join(lines) + "\n\n")
    return "".join(records).encode()


def _letters(number: int) -> str:
    found = ""
    for _place in range(14):
        found, number = found + chr(65 + number % 26), number // 26
    return found
