"""Measuring library search where a library holds a substance more than once.

Each such spectrum is searched in all the others; the right answer is another spectrum of the same
substance. Substances with one spectrum only stand among the wrong answers.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.identification.band_search import BandIndex, parameters
from lims.identification.trials import Trial
from lims.spectra.spectrum import Kind, Spectrum

TABLE = "ramanbiolib_spectra_wide.csv.gz"
BESIDE = ("id", "component")


def read_wide(folder: Path) -> list[tuple[str, Spectrum]]:
    """Read a table with one spectrum per line and one column per Raman shift (cm⁻¹)."""
    path = folder / TABLE if folder.is_dir() else folder
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        x = np.array(rows[0][len(BESIDE) :], dtype=np.float64)
        return [
            (
                row[1].strip().lower(),
                Spectrum(
                    Kind.RAMAN,
                    x,
                    np.array([float(one or "nan") for one in row[len(BESIDE) :]]),
                    "cm-1",
                    "arbitrary",
                    sticks=False,
                ),
            )
            for row in rows[1:]
        ]
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, ValueError, IndexError) as wrong:
        words = _("The file %(name)s could not be read.", name=path.name)
        raise refuse_field("ramanbiolib", words) from wrong


def evaluate_repeats(spectra: list[tuple[str, Spectrum]]) -> dict[str, Any]:
    """Return the ranks of another spectrum of the same substance, for all that have one."""
    index = BandIndex.build(
        Kind.RAMAN, ((number, spectrum) for number, (_name, spectrum) in enumerate(spectra))
    )
    held = Counter(spectra[int(number)][0] for number in index.ids)
    trial = Trial()
    for number, (name, spectrum) in enumerate(spectra):
        if held[name] < 2 or number in index.refused:
            continue
        others = [hit for hit in index.search(spectrum, top=len(spectra)) if hit.id != number]
        ranks = [place for place, hit in enumerate(others, 1) if spectra[hit.id][0] == name]
        trial.add(ranks[0] if ranks else None)
    return {
        **trial.as_document(),
        "library": int(index.ids.size),
        "refused": len(index.refused),
        "parameters": parameters(Kind.RAMAN),
    }
