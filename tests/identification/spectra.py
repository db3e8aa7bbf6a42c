"""A synthetic library of spectra and runs with synthetic files; every substance is invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from lims.analysis.records import Run
from lims.identification.spectrum_deciding import DecideOnSpectrum, decide_on_spectrum
from lims.identification.spectrum_fits import fits_of
from lims.library.spectra import ReferenceSpectrum
from lims.library.versions import note_library_change
from tests.analysis.bench import Bench, make_bench, make_named
from tests.analysis.instrument import BANDS, IONS, OTHER_BANDS, csv_file, curve, give
from tests.library.makers import make_reference_spectrum, make_spectrum_library

THIRD_BANDS = ((690, 12, 1.0), (900, 10, 0.7), (1460, 14, 0.9), (1720, 9, 1.0), (3010, 25, 0.4))
SPECTRA = {"synthetic-a": BANDS, "synthetic-b": OTHER_BANDS, "synthetic-c": THIRD_BANDS}


def make_spectral_bench(session: Any, network: Any) -> Bench:
    """Make a bench whose library holds three invented substances and their infrared spectra."""
    bench = make_bench(session, network)
    for key in SPECTRA:
        bench.substances[key] = make_named(session, key, [])
    library = make_spectrum_library(
        session, name="Synthetic infrared", kind="ir", licence="synthetic, free"
    )
    for key, bands in SPECTRA.items():
        x, y = curve(*bands)
        make_reference_spectrum(
            session, library, x, y, name=key, substance_id=bench.substances[key].id
        )
    x, y = curve((780, 14, 1.0), (1120, 9, 0.9), (1600, 20, 0.8))
    make_reference_spectrum(session, library, x, y, name="synthetic without a substance")
    note_library_change(session)
    session.commit()
    return bench


def mixed(**shares: float) -> bytes:
    """Return a synthetic infrared file of a mixture, with a little noise."""
    rng = np.random.default_rng(7)
    x, _y = curve()
    y = sum(share * curve(*SPECTRA[key.replace("_", "-")])[1] for key, share in shares.items())
    return csv_file(x, y + rng.normal(0, 0.002, x.size))


def spectrum_of(bench: Bench, folder: Path, data: bytes | None = None, **given: Any) -> Any:
    """Return the spectrum of a new FTIR run with a file: synthetic A unless data is given."""
    run = given.pop("run", None) or bench.start("ftir")
    made = give(bench, run, data or mixed(synthetic_a=1.0), folder, **given)
    assert made.state == "read", made.refusal
    return made.spectra[0]


MASS_SPECTRA = {
    "synthetic-a": IONS,
    "synthetic-b": ((91, 100.0), (65, 30.0), (119, 52.0), (176, 21.0), (148, 14.0)),
    "synthetic-c": ((44, 100.0), (121, 62.0), (149, 38.0), (77, 27.0), (205, 9.0)),
}


def make_mass_library(bench: Bench, kind: str = "ei", **given: Any) -> Any:
    """Add a library of the mass spectra of the three invented substances."""
    session = bench.session
    library = make_spectrum_library(
        session, name=f"Synthetic {kind}", kind=kind, licence="synthetic, free"
    )
    for key, ions in MASS_SPECTRA.items():
        x, y = (np.array(column, float) for column in zip(*ions, strict=True))
        facts = {name: value[key] for name, value in given.items()}
        own = bench.substances[key].id
        make_reference_spectrum(session, library, x, y, name=key, substance_id=own, **facts)
    note_library_change(session)
    session.commit()
    return library


def names(found: Any) -> list[str]:
    """Return the names of the candidates, in order."""
    return [one.reference.name for one in found.candidates]


def run_of(bench: Bench, measured: Any) -> Any:
    """Return the run of a measured spectrum."""
    return bench.session.get_one(Run, measured.upload.run_id)


def fits(bench: Bench, measured: Any, folder: Path) -> Any:
    """Return what fits a measured spectrum."""
    return fits_of(bench.session, run_of(bench, measured), measured, folder)


def decided(bench: Bench, measured: Any, folder: Path, verdict: str, **given: Any) -> list[Any]:
    """Decide as the analyst; `names` are the references meant."""
    wanted = given.pop("names", ())
    ids = tuple(
        bench.session.scalars(
            select(ReferenceSpectrum.id).where(ReferenceSpectrum.name == name)
        ).one()
        for name in wanted
    )
    command = DecideOnSpectrum(
        spectrum_id=measured.id,
        row_version=run_of(bench, measured).row_version,
        verdict=verdict,
        folder=folder,
        reference_ids=given.pop("reference_ids", ids),
        **given,
    )
    made = decide_on_spectrum(bench.session, bench.network.chemist, command)
    bench.session.flush()
    return made
