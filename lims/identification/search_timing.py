"""How long a search takes, on synthetic libraries of a stated size, beside other programs.

The peers live in an environment of their own under the data folder, filled from a hashed lock;
where that fails their figures are absent, with the reason, and nothing else stops.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lims.foundation.shipped import shipped
from lims.identification import synthetic_spectra
from lims.identification.band_search import BandIndex
from lims.identification.mass_ei import EiIndex
from lims.identification.synthetic_spectra import Synthetic
from lims.spectra.spectrum import Kind, Spectrum

LOCK = "requirements-bench.lock"
PEERS = {"flash_entropy": "bench/search_peers.py", "matchms": "bench/search_peers.py"}
# How many queries a peer is asked in a small and in a large library.
QUERIES = {"matchms": (5, 1), "flash_entropy": (20, 20)}
LARGE = 50_000
# Seconds for an installation, for one peer on one library, and for all peers together.
INSTALL_LIMIT, PEER_LIMIT, PEERS_LIMIT = 240, 110, 180
SEED = 2026
ROUNDS = 5
POINTS = 2_000
TOP = 50
_CURVES_ASKED = "it searches peaks, not curves"


class _Spent:
    """How long the peers of this run have taken together."""

    seconds = 0.0


def search_figures(data_dir: Path, *, queries: int = 200, peers: bool = True) -> dict[str, Any]:
    """Return times, sizes and ratios for 10,000 and 350,000 EI spectra and 10,000 IR curves."""
    _Spent.seconds = 0.0
    python, reason = peer_python(data_dir) if peers else (None, "peers were not asked for")
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "data": "synthetic; the distribution stands in lims/identification/synthetic_spectra.py",
        "ei_10000": ei_figures(10_000, queries, python, reason),
        "ei_350000": ei_figures(350_000, queries, python, reason),
        "ir_10000": ir_figures(10_000, min(queries, 50)),
    }


def ei_figures(count: int, queries: int, python: Path | None, reason: str) -> dict[str, Any]:
    """Return the figures of one library of synthetic electron-ionisation spectra."""
    library = synthetic_spectra.synthetic_ei(count, SEED)
    chosen, asked = synthetic_spectra.queries_of(library, queries, SEED + 1)
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        folder = Path(place) / "index"
        _built(library).save(folder)
        seconds = time.perf_counter() - start
        index = EiIndex.load(folder)
        found: dict[str, Any] = {
            "build_s": round(seconds, 2),
            "memory_mb": round(sum(file.stat().st_size for file in folder.iterdir()) / 1e6, 1),
            "build_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            **_timed([partial(index.search, *asked.peaks(at), top=TOP) for at in range(queries)]),
        }
        first = [index.search(*asked.peaks(at), top=1)[0].position for at in range(queries)]
        found["found_first"] = round(float(np.mean(np.array(first) == chosen)), 4)
        found["numpy_ms_per_query"] = _plain_numpy(library, asked)
        found |= _peers_on(Path(place), library, asked, python, reason)
    for peer in (*PEERS, "numpy"):
        theirs = found[f"{peer}_ms_per_query"]
        ratio = round(theirs / found["ms_per_query"], 1) if theirs else None
        found[f"times_faster_than_{peer}"] = ratio
    return found


def _built(library: Synthetic) -> EiIndex:
    count = len(library.starts) - 1
    ids = [str(number) for number in range(count)]
    counts, none = np.diff(library.starts), np.full(count, np.nan)
    return EiIndex.of_arrays(ids, counts, library.mz, library.heights, none)


def ir_figures(count: int, queries: int) -> dict[str, Any]:
    """Return the figures of a library of synthetic infrared curves."""
    x, curves = synthetic_spectra.synthetic_bands(count, POINTS, SEED)

    def spectrum(place: int) -> Spectrum:
        return Spectrum(Kind.IR, x, curves[place], "cm-1", "absorbance", False)

    start = time.perf_counter()
    index = BandIndex.build(Kind.IR, ((place, spectrum(place)) for place in range(count)))
    seconds = time.perf_counter() - start
    plain = (curves - curves.mean(1, keepdims=True)).astype(np.float32)
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    ours = [partial(index.search, spectrum(at), top=TOP) for at in range(queries)]
    bare = [partial(_correlated, plain, at) for at in range(queries)]
    return {
        **_timed(ours),
        "build_s": round(seconds, 2),
        "memory_mb": round((index.rows.nbytes + index.curves.nbytes) / 1e6, 1),
        "points": POINTS,
        "grid_points": int(index.rows.shape[1]),
        "numpy_ms_per_query": _timed(bare)["ms_per_query"],
        **{f"{peer}_ms_per_query": None for peer in PEERS},
        **{f"{peer}_reason": _CURVES_ASKED for peer in PEERS},
    }


def peer_python(data_dir: Path) -> tuple[Path | None, str]:
    """Return the interpreter that holds the peers, made on first use, or why there is none."""
    lock, folder = shipped(LOCK), data_dir / "bench"
    if not lock.is_file() or not all(shipped(one).is_file() for one in PEERS.values()):
        return None, "the list of peers is not part of this installation"
    python, kept = folder / "venv" / "bin" / "python", folder / LOCK
    if kept.is_file() and kept.read_bytes() == lock.read_bytes() and python.is_file():
        return python, ""
    folder.mkdir(parents=True, exist_ok=True)
    pip = ("-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", "-r", str(lock))
    try:
        for step in (
            (sys.executable, "-m", "venv", "--clear", str(folder / "venv")),
            (python, *pip),
        ):
            subprocess.run(step, check=True, capture_output=True, timeout=INSTALL_LIMIT)
    except (subprocess.SubprocessError, OSError) as wrong:
        return None, f"the peers could not be installed: {type(wrong).__name__}"
    shutil.copy(lock, kept)
    return python, ""


def _peers_on(
    place: Path,
    library: Synthetic,
    asked: Synthetic,
    python: Path | None,
    reason: str,
) -> dict[str, Any]:
    file, large = place / "library.npz", len(library.starts) > LARGE
    if python is not None:
        parts = {"library": library, "queries": asked}
        np.savez(
            file,
            **{
                f"{which}_{name}": getattr(one, name)
                for which, one in parts.items()
                for name in ("starts", "mz", "heights")
            },
        )
    found: dict[str, Any] = {}
    for peer, script in PEERS.items():
        # The slow one is asked once where a single query takes many seconds; the number is stated.
        some = QUERIES[peer][large]
        told, why = _asked_peer(python, reason, script, peer, file, some)
        found[f"{peer}_ms_per_query"] = round(told["ms_per_query"], 3) if told else None
        found[f"{peer}_queries"] = told.get("queries", 0)
        found[f"{peer}_build_s"] = round(told["build_s"], 2) if told else None
        if why:
            found[f"{peer}_reason"] = why
    return found


def _asked_peer(
    python: Path | None, reason: str, script: str, peer: str, file: Path, queries: int
) -> tuple[dict[str, Any], str]:
    if python is None:
        return {}, reason
    limit = min(PEER_LIMIT, PEERS_LIMIT - _Spent.seconds)
    if limit < 1:
        return {}, f"the peers before it had used all of {PEERS_LIMIT} s"
    start = time.monotonic()
    order = (str(python), str(shipped(script)), peer, str(file), str(queries))
    try:
        done = subprocess.run(order, check=True, capture_output=True, timeout=limit)
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {}, f"it took longer than {limit:.0f} s"
    except (subprocess.SubprocessError, OSError, ValueError, IndexError) as wrong:
        return {}, f"it failed: {type(wrong).__name__}"
    finally:
        _Spent.seconds += time.monotonic() - start
    return told, ""


def _plain_numpy(library: Synthetic, asked: Synthetic) -> float:
    """Return the time of a weighted cosine over every peak, in plain numpy."""
    mass = library.mz.astype(np.int64)
    weight = np.sqrt(library.heights) * library.mz
    rows = np.repeat(np.arange(len(library.starts) - 1), np.diff(library.starts))
    lengths = np.sqrt(np.bincount(rows, weight**2))

    def search(place: int) -> Any:
        mz, height = asked.peaks(place)
        query = np.zeros(1000)
        query[mz.astype(np.int64)] = np.sqrt(height) * mz
        return _highest(np.bincount(rows, query[mass] * weight) / lengths)

    some = min(10, len(asked.starts) - 1)
    return float(_timed([partial(search, at) for at in range(some)])["ms_per_query"])


def _correlated(curves: Any, place: int) -> Any:
    return _highest(curves @ curves[place])


def _highest(scores: Any) -> Any:
    return np.argpartition(scores, -TOP)[-TOP:]


def _timed(searches: Sequence[Callable[[], object]]) -> dict[str, Any]:
    """Return the median and the 95th percentile of what each search took.

    Each is run in every round and its fastest counts: other work on the machine only slows it.
    """
    fastest = [float("inf")] * len(searches)
    for _round in range(ROUNDS):
        for place, search in enumerate(searches):
            start = time.perf_counter()
            search()
            fastest[place] = min(fastest[place], 1000 * (time.perf_counter() - start))
    return {
        "ms_per_query": round(statistics.median(fastest), 3),
        "ms_p95": round(float(np.percentile(fastest, 95)), 3),
        "queries": len(searches),
        "rounds": ROUNDS,
    }
