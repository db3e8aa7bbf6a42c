"""Synthetic files of instruments: invented bands and ions, nobody's substance."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import numpy as np

from lims.analysis.instruments import Told
from lims.analysis.uploading import GiveFile, give_file
from tests.analysis.bench import Bench

BANDS = ((720, 9, 0.8), (1035, 12, 1.0), (1244, 10, 0.7), (1490, 8, 0.9), (2950, 20, 0.5))
OTHER_BANDS = ((812, 11, 0.9), (1150, 14, 0.6), (1380, 9, 1.0), (1655, 12, 0.8), (3300, 40, 0.6))
IONS = ((58, 100.0), (77, 22.0), (105, 31.0), (135, 44.0), (163, 12.0), (193, 8.0))


def curve(*bands: tuple[float, float, float], low: float = 600, high: float = 3800) -> Any:
    """Return wavenumbers and an invented absorbance."""
    x = np.arange(low, high + 1, 2.0)
    y = np.full(x.size, 0.02)
    for place, width, height in bands or BANDS:
        y = y + height * np.exp(-(((x - place) / width) ** 2))
    return x, y


def csv_file(x: Any, y: Any, head: str = "cm-1,absorbance") -> bytes:
    """Return two columns as text."""
    rows = [f"{a:.2f},{b:.6f}" for a, b in zip(x, y, strict=True)]
    return "\n".join([*([head] if head else []), *rows]).encode()


def infrared(*bands: tuple[float, float, float], head: str = "cm-1,absorbance") -> bytes:
    """Return a synthetic infrared spectrum as a CSV file."""
    return csv_file(*curve(*bands), head)


def mass_file(ions: Any = IONS, name: str = "synthetic A", **facts: str) -> bytes:
    """Return a synthetic mass spectrum as an MSP file."""
    head = [f"Name: {name}", *(f"{key}: {value}" for key, value in facts.items())]
    lines = [*head, f"Num Peaks: {len(ions)}", *(f"{mz} {height}" for mz, height in ions)]
    return "\n".join([*lines, "", ""]).encode()


def several(*spectra: Any) -> bytes:
    """Return several mass spectra in one MSP file."""
    return b"".join(
        mass_file(ions, f"scan {number}") for number, ions in enumerate(spectra, start=1)
    )


def give(bench: Bench, run: Any, data: bytes, folder: Path, **given: Any) -> Any:
    """Give a run a file as its analyst."""
    facts: dict[str, Any] = {"name": "file.csv", "sample_id": run.samples[0].sample_id} | given
    facts["told"] = Told(**facts.pop("told", {}))
    actor = facts.pop("actor", bench.network.chemist)
    command = GiveFile(run_id=run.id, data=data, folder=folder, **facts)
    made = give_file(bench.session, actor, command)
    bench.session.flush()
    return made


def an_id() -> uuid.UUID:
    return uuid.uuid4()
