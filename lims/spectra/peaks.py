"""Mass spectra from records of text: facts, then pairs of mass and intensity.

A record with fewer peaks than it announces was cut and is refused; with more, all are read and
that is said. What a peak is annotated with is not kept.
"""

from __future__ import annotations

import numpy as np

from lims.foundation.words import _
from lims.spectra import units
from lims.spectra.curves import Columns, made, on_lines
from lims.spectra.places import at_line
from lims.spectra.spectrum import Spectrum
from lims.spectra.texts import Pairs

_MORE_PEAKS = _("There are more peaks than the record announces; all are kept.")


def peak_list(
    facts: dict[str, str],
    pairs: Pairs,
    line: int,
    announced: int | None = None,
) -> Spectrum:
    """Return the mass spectrum of one record; `line` is where its peaks are announced."""
    masses, heights, places = pairs
    if announced is not None and len(masses) < announced:
        there = {"announced": announced, "there": len(masses)}
        raise at_line(
            places[-1] if places else line,
            _("%(announced)s peaks are announced, but %(there)s are there", **there),
        )
    if not masses:
        raise at_line(line, _("the record has no peaks"))
    columns = Columns(
        np.array(masses, dtype=np.float64),
        np.array(heights, dtype=np.float64),
        units.MASS,
        units.RELATIVE,
        sticks=True,
        title=facts.get("name", ""),
        facts=facts,
        where=on_lines(places),
        kind=units.mass_kind(facts),
    )
    if announced is not None and len(masses) > announced:
        columns.remarks.append(_MORE_PEAKS)
    return made(columns)
