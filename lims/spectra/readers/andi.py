"""ANDI/netCDF: mass-spectrometric runs (ASTM E2077) and chromatograms (ASTM E1947).

Of a run the scan at the top of each peak is one spectrum, with its retention time in seconds as
`z` (see `lims.spectra.runs`); of a chromatogram the trace. The header is read here, without a
library: one that believes a false count asks for more memory than there is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lims.foundation.words import _
from lims.spectra import netcdf, units
from lims.spectra.curves import Columns, made
from lims.spectra.places import Unreadable, at_byte
from lims.spectra.runs import MOST_APEXES, chosen_scans
from lims.spectra.spectrum import Floats, Kind, Spectrum

_Ints = NDArray[np.int64]

NAME = "ANDI netCDF"
ENDINGS = ("cdf", "nc")
_ONLY_TOPS = _("Of the run only the scans at the top of a peak are kept.")


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return head.startswith(b"CDF") and len(head) > 3 and head[3] in (1, 2, 5)


def read(data: bytes, _name: str) -> tuple[Spectrum, ...]:
    """Read the spectra of a run, or the trace of a chromatogram; raises Unreadable."""
    if not data.startswith(b"CDF"):
        raise at_byte(0, _("the file does not begin like this format"))
    file = netcdf.contents(data)
    masses, heights = file.numbers("mass_values"), file.numbers("intensity_values")
    if masses is not None and heights is not None:
        return _run(file, masses, heights)
    trace = file.numbers("ordinate_values")
    if trace is None:
        raise Unreadable(_("it has neither scans nor a chromatogram"))
    return (_chromatogram(file, trace),)


def _run(file: netcdf.Contents, masses: Floats, heights: Floats) -> tuple[Spectrum, ...]:
    starts, counts = _scans(file, masses.size)
    if heights.size != masses.size:
        raise Unreadable(_("masses and intensities are not equally many"))
    total = file.numbers("total_intensity")
    if total is None or total.size != starts.size:
        sums = np.concatenate(([0.0], np.cumsum(heights)))
        total = sums[starts + counts] - sums[starts]
    times = file.numbers("scan_acquisition_time")
    there = np.flatnonzero(counts > 0)
    chosen = [int(there[one]) for one in chosen_scans(total[there])] if there.size else []
    if not chosen:
        raise Unreadable(_("there is no spectrum in it"))
    found = []
    for block, scan in enumerate(chosen):
        part = slice(int(starts[scan]), int(starts[scan] + counts[scan]))
        columns = Columns(masses[part], heights[part], "M/Z", "arbitrary", sticks=True)
        columns.block, columns.facts = block, _facts(file, scan)
        columns.title = columns.facts["name"]
        columns.kind = units.mass_kind(columns.facts)
        if times is not None and times.size > scan and np.isfinite(times[scan]):
            columns.z = float(times[scan])
            columns.facts["retention_time"] = f"{times[scan]:.3f} s"
        if starts.size > MOST_APEXES:
            columns.remarks.append(_ONLY_TOPS)
        found.append(made(columns))
    return tuple(found)


def _scans(file: netcdf.Contents, points: int) -> tuple[_Ints, _Ints]:
    """Return where each scan begins and how many points it has, held against the points."""
    starts, counts = file.numbers("scan_index"), file.numbers("point_count")
    if starts is None:
        raise Unreadable(_("nothing says where its scans begin"))
    lengths = np.diff(np.append(starts, points)) if counts is None else counts
    if lengths.size != starts.size:
        raise Unreadable(_("its scans are not where it says"))
    inside = (starts >= 0) & (lengths >= 0) & (starts + lengths <= points)
    if not inside.all():  # also where a value is not a number
        raise Unreadable(_("its scans are not where it says"))
    return starts.astype(np.int64), lengths.astype(np.int64)


def _facts(file: netcdf.Contents, scan: int) -> dict[str, str]:
    def said(key: str) -> str:
        value = file.attributes.get(key, "")
        return value.strip() if isinstance(value, str) else ""

    return {
        "name": said("experiment_title") or said("sample_name"),
        "ionisation": said("test_ionization_mode"),
        "ion_mode": said("test_ionization_polarity"),
        "instrument_type": said("test_separation_type"),
        "scan": str(scan + 1),
        "technique": "mass spectrum",
    }


def _chromatogram(file: netcdf.Contents, trace: Floats) -> Spectrum:
    step, delay = file.numbers("actual_sampling_interval"), file.numbers("actual_delay_time")
    if step is None or step.size == 0 or not float(step[0]) > 0:
        raise Unreadable(_("nothing says how far the points stand apart"))
    begin = float(delay[0]) if delay is not None and delay.size else 0.0
    facts = _facts(file, 0)
    facts.update(scan="", ionisation="", technique="chromatogram")
    x = np.asarray(begin + float(step[0]) * np.arange(trace.size), dtype=np.float64)
    columns = Columns(x, trace, "seconds", "arbitrary", title=facts["name"], facts=facts)
    columns.kind = Kind.OTHER
    return made(columns)
