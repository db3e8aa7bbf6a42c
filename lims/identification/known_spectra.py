"""Searching for spectra of known compounds, measured elsewhere than those of the library.

A folder holds a library and queries, as files whose names say so. The right answer is a compound
with the same first block of the InChIKey; ranks count compounds, not spectra.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.identification import mass_ei, mass_msms, mass_peaks
from lims.identification.mass_ei import EiIndex
from lims.identification.mass_msms import MsmsIndex, Question
from lims.identification.trials import Trial
from lims.spectra import reading
from lims.spectra.spectrum import Spectrum

SKELETON = 14


@dataclass(frozen=True, eq=False)
class Known:
    """A library and queries whose compounds are known."""

    library: tuple[Spectrum, ...]
    queries: tuple[Spectrum, ...]

    @property
    def compounds(self) -> list[str]:
        """Return the compound of each library spectrum."""
        return [compound(one) for one in self.library]


def compound(spectrum: Spectrum) -> str:
    """Return the first block of the InChIKey, the skeleton without stereochemistry."""
    return spectrum.facts.get("inchikey", "")[:SKELETON]


def read_known(folder: Path, family: str) -> Known:
    """Return the library and the queries of a folder, or of its folder named `family`."""
    places = [folder, folder / family] if family else [folder]
    for place in places:
        libraries, queries = (sorted(place.glob(f"*{word}*.msp*")) for word in ("library", "quer"))
        if libraries and queries:
            return Known(_read(libraries), _read(queries))
    raise refuse_field(
        "data", _("This folder does not hold a file *library*.msp and a file *queries*.msp.")
    )


def _read(files: Sequence[Path]) -> tuple[Spectrum, ...]:
    found = []
    for file in files:
        with file.open("rb") as stream:
            found += [one.spectrum for one in reading.each(stream, file.name) if one.spectrum]
    return tuple(one for one in found if compound(one))


def evaluate_ei(known: Known) -> dict[str, Any]:
    """Return how often the right compound is found among electron-ionisation spectra."""
    index = EiIndex.build((str(i), one.x, one.y, None) for i, one in enumerate(known.library))
    found = _trial(known, lambda query: index.search(query.x, query.y, top=mass_ei.CANDIDATES))
    plain = _plain_cosine(known)
    return {
        **found.as_document(),
        "library_spectra": len(known.library),
        "library_compounds": len(set(known.compounds)),
        "baseline": {"name": "plain cosine", **plain.as_document()},
        "algorithm": mass_ei.ALGORITHM,
        "parameters": mass_ei.parameters(),
    }


def evaluate_msms(known: Known) -> dict[str, Any]:
    """Return the same for fragment spectra: with the precursor, and without."""
    index = MsmsIndex.build(
        (str(i), one.x, one.y, precursor(one)) for i, one in enumerate(known.library)
    )
    trials = {
        question: _trial(
            known,
            lambda query, asked=question: index.search(  # type: ignore[misc]
                query.x, query.y, precursor=precursor(query), question=asked, top=len(index)
            ),
        )
        for question in (Question.SAME_PRECURSOR, Question.OPEN)
    }
    return {
        **trials[Question.SAME_PRECURSOR].as_document(),
        "without_precursor": trials[Question.OPEN].as_document(),
        "library_spectra": len(known.library),
        "library_compounds": len(set(known.compounds)),
        "baseline": {
            "name": "plain cosine at nominal mass, without precursor",
            **_plain_cosine(known).as_document(),
        },
        "algorithm": mass_msms.ALGORITHM,
        "parameters": mass_msms.parameters(),
    }


def precursor(spectrum: Spectrum) -> float | None:
    """Return the m/z of the precursor, where the record gives a number."""
    try:
        return float(spectrum.facts.get("precursor_mz", ""))
    except ValueError:
        return None


def _trial(known: Known, search: Callable[[Spectrum], Sequence[Any]]) -> Trial:
    compounds, trial = known.compounds, Trial()
    for query in known.queries:
        order = dict.fromkeys(compounds[hit.position] for hit in search(query))
        ranks = {one: rank for rank, one in enumerate(order, start=1)}
        trial.add(ranks.get(compound(query)))
    return trial


def _plain_cosine(known: Known) -> Trial:
    """Return the trial of the cosine of intensities at nominal mass, nothing weighted."""
    library, queries = (
        mass_peaks.nominal(*mass_peaks.flat((one.x, one.y) for one in spectra))
        for spectra in (known.library, known.queries)
    )
    lengths = np.sqrt(mass_peaks.sums(library.intensities**2, library.starts))
    rows, trial, compounds = library.rows, Trial(), np.array(known.compounds)
    for place, query in enumerate(known.queries):
        part = slice(int(queries.starts[place]), int(queries.starts[place + 1]))
        whole = np.zeros(mass_peaks.BINS)
        whole[queries.bins[part]] = queries.intensities[part]
        dots = np.bincount(rows, whole[library.bins] * library.intensities, len(library))
        cosine = dots / np.maximum(lengths, 1e-12)
        right = compounds == compound(query)
        better = cosine > (cosine[right].max() if right.any() else np.inf)
        trial.add(len(set(compounds[better])) + 1 if right.any() else None)
    return trial
