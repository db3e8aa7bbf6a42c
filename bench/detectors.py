"""The detectors beside the R package surveillance: the same weeks of the same synthetic series.

R answers from one process of its own, in turns with ours, so that a busy machine slows both; the
start of R and the loading of its package are not counted. Without R nothing is measured.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from bench.measures import NotMeasured, Outcome, in_turns, seconds
from lims.surveillance import detectors

SERIES, WEEKS, JUDGED = 10, 330, 40
ROUNDS, SEED = 3, 20261122
LEAST = 20
SCRIPT = Path(__file__).with_suffix(".R")
AT = np.arange(WEEKS - JUDGED, WEEKS)
Judge = Callable[[np.ndarray, np.ndarray], object]
FLEXIBLE: dict[str, Any] = {"b": 5, "w": 3, "periods": 10, "alpha": 0.005}
OURS: dict[str, Judge] = {
    "EARS C1": lambda y, n: detectors.ears(y, AT, method="C1"),
    "EARS C2": lambda y, n: detectors.ears(y, AT, method="C2"),
    "EARS C3": lambda y, n: detectors.ears(y, AT, method="C3"),
    "Farrington flexible, nbPlugin": lambda y, n: detectors.farrington_flexible(y, AT, **FLEXIBLE),
    "Farrington flexible, delta": lambda y, n: detectors.farrington_flexible(
        y, AT, threshold_method="delta", **FLEXIBLE
    ),
    "Farrington": lambda y, n: detectors.farrington(y, AT, b=5),
    "CUSUM, rossi": lambda y, n: detectors.cusum(y, AT),
    "Bayes": lambda y, n: detectors.bayes(y, AT, b=2),
    "RKI": lambda y, n: detectors.rki(y, AT, b=2),
    "binomial CUSUM": lambda y, n: detectors.binomial_cusum(
        y, n, AT, p0=y[:, : AT[0]].sum(axis=1) / n[:, : AT[0]].sum(axis=1)
    ),
}


def series() -> tuple[np.ndarray, np.ndarray]:
    """Return synthetic counts with season and overdispersion, and totals that they are part of."""
    random = np.random.default_rng(SEED)
    wave = 0.5 * np.cos(2 * np.pi * np.arange(WEEKS) / 52)
    mean = np.geomspace(0.5, 40, SERIES)[:, None] * np.exp(wave)
    counts = random.negative_binomial(mean / 0.5, 1 / 1.5)
    return counts, counts + random.poisson(10 * mean + 5)


def measure() -> list[Outcome]:
    """Measure each method on ten series and forty weeks, in seconds, beside R."""
    program = shutil.which("Rscript")
    if program is None:
        raise NotMeasured("R is not installed (Rscript)")
    counts, totals = series()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, values in (("counts", counts.T), ("totals", totals.T), ("weeks", AT + 1)):
            np.savetxt(folder / f"{name}.csv", values, fmt="%d", delimiter=",")
        order = [program, "--vanilla", str(SCRIPT), place]
        with subprocess.Popen(
            order, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdin and process.stdout
            try:
                if not process.stdout.readline().startswith("ready"):
                    raise NotMeasured("R has no package surveillance")
                return [
                    _beside(name, judge, counts, totals, process.stdin, process.stdout)
                    for name, judge in OURS.items()
                ]
            finally:
                process.stdin.close()


def _beside(
    name: str,
    judge: Judge,
    counts: np.ndarray,
    totals: np.ndarray,
    ask: IO[str],
    answer: IO[str],
) -> Outcome:
    def of_r() -> float:
        ask.write(f"{name}\n")
        ask.flush()
        told = answer.readline()
        if not told:
            raise NotMeasured(f"R stopped at {name}")
        return float(told)

    ours, theirs = in_turns(lambda: seconds(lambda: judge(counts, totals)), of_r, ROUNDS)
    return Outcome(name, "s", ours, theirs, f"{LEAST} times as fast as R", ours * LEAST <= theirs)
