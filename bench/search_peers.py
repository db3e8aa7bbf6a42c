"""Other programs that search mass spectra, timed on the library that they are given.

Runs in an environment of its own, started by `lims bench search`; prints one JSON object. Usage:
python search_peers.py (matchms|flash_entropy) LIBRARY.npz HOW_MANY_QUERIES
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

MASS_POWER, INTENSITY_POWER = 1.3, 0.53
NOMINAL, FINE = 0.2, 0.02
# A single query is asked once: it takes many seconds.
SEVERAL = 2


def spectra(data: Any, which: str) -> Iterator[np.ndarray]:
    """Yield each spectrum as two columns, m/z and intensity."""
    starts, mz, heights = (data[f"{which}_{name}"] for name in ("starts", "mz", "heights"))
    for begin, end in pairwise(starts):
        yield np.column_stack([mz[begin:end], heights[begin:end]])


def timed(search: Callable[[Any], Any], queries: list[Any], rounds: int) -> dict[str, Any]:
    """Return the median over queries of the fastest of some rounds."""
    fastest = [float("inf")] * len(queries)
    for _round in range(rounds):
        for place, query in enumerate(queries):
            start = time.perf_counter()
            search(query)
            fastest[place] = min(fastest[place], 1000 * (time.perf_counter() - start))
    return {"ms_per_query": statistics.median(fastest), "queries": len(queries), "rounds": rounds}


def matchms(data: Any, count: int) -> dict[str, Any]:
    """Time the weighted greedy cosine against every spectrum of the library."""
    from matchms import Spectrum
    from matchms.similarity import CosineGreedy

    def made(peaks: np.ndarray) -> Any:
        columns = (np.ascontiguousarray(peaks[:, side], dtype=np.float64) for side in (0, 1))
        return Spectrum(*columns, metadata={}, metadata_harmonization=False)

    likeness = CosineGreedy(NOMINAL, MASS_POWER, INTENSITY_POWER)
    start = time.perf_counter()
    library = [made(peaks) for peaks in spectra(data, "library")]
    built = time.perf_counter() - start
    queries = [made(peaks) for peaks in spectra(data, "queries")][:count]
    likeness.pair(library[0], queries[0])

    def search(query: Any) -> Any:
        scores = [float(likeness.pair(one, query)["score"]) for one in library]
        return np.argsort(scores)[-50:]

    return {**timed(search, queries, 1 if count < SEVERAL else 3), "build_s": built}


def flash_entropy(data: Any, count: int) -> dict[str, Any]:
    """Time the open search of spectral entropy."""
    from ms_entropy import FlashEntropySearch

    def made(peaks: np.ndarray) -> np.ndarray:
        shares = peaks[:, 1] / peaks[:, 1].sum()
        return np.column_stack([peaks[:, 0], shares]).astype(np.float32)

    library = [
        {"id": place, "precursor_mz": 1500.0, "peaks": made(peaks)}
        for place, peaks in enumerate(spectra(data, "library"))
    ]
    start = time.perf_counter()
    index = FlashEntropySearch()
    index.build_index(library, clean_spectra=False)
    built = time.perf_counter() - start
    queries = [made(peaks) for peaks in spectra(data, "queries")][: count + 1]

    def search(query: Any) -> Any:
        scores = index.open_search(query, ms2_tolerance_in_da=FINE)
        return np.argpartition(scores, -50)[-50:]

    search(queries[0])
    return {**timed(search, queries[1:], 5), "build_s": built}


def main() -> None:
    """Time what the arguments name."""
    program, file, count = sys.argv[1:4]
    known = {"matchms": matchms, "flash_entropy": flash_entropy}
    with np.load(file) as data:
        sys.stdout.write(json.dumps(known[program](dict(data), int(count))) + "\n")


if __name__ == "__main__":
    main()
