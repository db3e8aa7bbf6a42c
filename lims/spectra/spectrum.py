"""A measured spectrum as it stands in its file: values, units, and what the file says of itself.

Nothing is scaled, sorted or smoothed here; that is done where it is searched, and said there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """The technique that a spectrum is compared within."""

    EI = "ei"
    MSMS = "msms"
    IR = "ir"
    RAMAN = "raman"
    UV = "uv"
    OTHER = "other"


@dataclass(frozen=True, eq=False)
class Spectrum:
    """One spectrum. `x` and `y` have the same length and the order of the file.

    `sticks`: peaks (mass spectra), not a continuous curve. `z` is the third axis of a series,
    such as a retention time in seconds. `facts` has lower-case keys: name, inchikey, remarks …
    """

    kind: Kind
    x: Floats
    y: Floats
    x_unit: str
    y_unit: str
    sticks: bool
    title: str = ""
    block: int = 0
    z: float | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
