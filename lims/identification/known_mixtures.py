"""Measuring the resolution of mixtures on mixtures whose composition is known.

A folder holds the pure spectra, the spectra of the mixtures and their fractions, as three tables.
Plain non-negative least squares on the same numbers is measured beside it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import _
from lims.identification import mixtures
from lims.identification.band_search import BandIndex
from lims.identification.mixtures import Parameters
from lims.identification.trials import share_with_interval
from lims.spectra import signal
from lims.spectra.spectrum import Floats, Kind, Spectrum

PURE, MIXED, FRACTIONS = "pure_spectra.csv", "mixture_spectra.csv", "mixture_fractions.csv"
SUFFIX = "_fraction"
# Pure and mixed spectra were measured with one setting: their scales mean something.
PARAMETERS = Parameters(as_measured=True)
RESAMPLES, SEED = 2000, 20240601


@dataclass(frozen=True, eq=False)
class KnownMixtures:
    """Pure spectra, mixtures and the fractions (0 to 1) of each; columns are components."""

    shift: Floats
    mixed_shift: Floats
    components: tuple[str, ...]
    names: tuple[str, ...]
    pure: Floats
    mixed: Floats
    fractions: Floats


def read_known_mixtures(folder: Path) -> KnownMixtures:
    """Read the three tables; Invalid, with the file named, when one is not as it should be."""
    components, shift, pure = _curves(folder / PURE)
    names, mixed_shift, mixed = _curves(folder / MIXED)
    header, rows = _table(folder / FRACTIONS)
    told = _told(header, rows, components)
    missing = [name for name in names if name not in told]
    if missing:
        raise refuse_field(
            "data", _("No fractions are given for: %(names)s.", names=", ".join(missing[:5]))
        )
    return KnownMixtures(
        shift, mixed_shift, components, names, pure, mixed, np.array([told[one] for one in names])
    )


def _told(
    header: list[str], rows: list[list[str]], components: Sequence[str]
) -> dict[str, list[float]]:
    wanted = [f"{component}{SUFFIX}" for component in components]
    try:
        order = [header.index(name) for name in wanted]
        return {row[0]: [float(row[place]) for place in order] for row in rows}
    except ValueError as wrong:
        words = _("The file %(name)s holds something that is not a number.", name=FRACTIONS)
        raise refuse_field("data", words) from wrong


def _table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        words = _("The file %(name)s could not be read.", name=path.name)
        raise refuse_field("data", words) from wrong
    if len(rows) < 2 or any(len(row) != len(rows[0]) for row in rows):
        raise refuse_field("data", _("The file %(name)s is not a table.", name=path.name))
    return rows[0], rows[1:]


def _curves(path: Path) -> tuple[tuple[str, ...], Floats, Floats]:
    header, rows = _table(path)
    try:
        values = np.array(rows, dtype=np.float64)
    except ValueError as wrong:
        words = _("The file %(name)s holds something that is not a number.", name=path.name)
        raise refuse_field("data", words) from wrong
    return tuple(header[1:]), values[:, 0], values[:, 1:].T


def resolved(known: KnownMixtures, parameters: Parameters = PARAMETERS) -> Floats:
    """Return the fractions that are found in each mixture; a refused one has none."""
    index = BandIndex.build(
        Kind.RAMAN, ((number, _spectrum(known.shift, y)) for number, y in enumerate(known.pure))
    )
    found = np.zeros(known.fractions.shape)
    for number, y in enumerate(known.mixed):
        try:
            mixture = mixtures.resolve(
                _spectrum(known.mixed_shift, y), index, parameters=parameters
            )
        except Invalid:
            continue
        for component in mixture.components:
            found[number, component.id] = component.fraction
    return found


def plainly_resolved(known: KnownMixtures) -> Floats:
    """Return what non-negative least squares on the numbers as they are gives, as fractions."""
    from scipy.optimize import nnls

    order = np.argsort(known.shift)
    pure = np.array(
        [np.interp(known.mixed_shift, known.shift[order], one[order]) for one in known.pure]
    )
    amounts = np.array([nnls(pure.T, y)[0] for y in known.mixed])
    whole = amounts.sum(axis=1, keepdims=True)
    return np.asarray(amounts / np.maximum(whole, 1e-300))


def _spectrum(shift: Floats, y: Floats) -> Spectrum:
    return Spectrum(Kind.RAMAN, shift, y, "cm-1", "arbitrary", sticks=False)


def evaluate(known: KnownMixtures) -> dict[str, Any]:
    """Return n, the root mean square error of the fractions, and how often the set is right."""
    found, plain = resolved(known), plainly_resolved(known)
    document = {
        "n": len(known.names),
        **figures(known, found),
        "unit": "rmse: fraction from 0 to 1, over all components of all mixtures",
        "mixtures": _each(known, found),
        "baseline": {"name": "plain non-negative least squares", **figures(known, plain)},
        "parameters": asdict(PARAMETERS),
        "algorithm": mixtures.ALGORITHM_VERSION,
        "signal": signal.ALGORITHM_VERSION,
    }
    return document


def figures(known: KnownMixtures, found: Floats) -> dict[str, Any]:
    """Return the errors of these fractions, and the share of exactly right component sets."""
    errors = found - known.fractions
    low, high = _resampled(errors)
    right = int(np.sum(((found > 0) == (known.fractions > 0)).all(axis=1)))
    per_component = np.sqrt(np.mean(errors**2, axis=0))
    return {
        "rmse": _rms(errors),
        "rmse_percent": round(100 * _rms(errors), 4),
        "rmse_ci": [low, high],
        "max_abs_error": round(float(np.max(np.abs(errors))), 6),
        "rmse_of": {
            name: round(float(value), 6)
            for name, value in zip(known.components, per_component, strict=True)
        },
        **share_with_interval("right_components", right, len(found)),
    }


def _rms(errors: Floats) -> float:
    return round(float(np.sqrt(np.mean(errors**2))), 6)


def _resampled(errors: Floats) -> tuple[float, float]:
    """Return the 95 % interval of the error, by drawing mixtures again (bootstrap, percentiles)."""
    draw = np.random.default_rng(SEED)
    picks = draw.integers(0, len(errors), (RESAMPLES, len(errors)))
    values = np.sqrt(np.mean(errors[picks] ** 2, axis=(1, 2)))
    low, high = np.percentile(values, [2.5, 97.5])
    return round(float(low), 6), round(float(high), 6)


def _each(known: KnownMixtures, found: Floats) -> Sequence[dict[str, Any]]:
    return [
        {
            "name": name,
            "found": dict(zip(known.components, np.round(mine, 4).tolist(), strict=True)),
            "known": dict(zip(known.components, truth.tolist(), strict=True)),
        }
        for name, mine, truth in zip(known.names, found, known.fractions, strict=True)
    ]
