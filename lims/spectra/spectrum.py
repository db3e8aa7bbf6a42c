"""One spectrum as its file says it: two columns of numbers, their units, and what it is of.

Holds values only. How a file is read stands in `reading`, how a curve is prepared in `signal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Kind(StrEnum):
    """What sort of spectrum it is."""

    EI = "ei"
    MSMS = "msms"
    IR = "ir"
    RAMAN = "raman"
    UV = "uv"
    OTHER = "other"


@dataclass(frozen=True, eq=False)
class Spectrum:
    """A spectrum: `x` and `y` are float64 of one length, in the order of the file.

    `sticks`: peaks of a mass spectrum, not the points of a curve. `facts` have lower-case keys such
    as name, inchikey, smiles, formula, cas, precursor_mz, collision_energy, licence, source.
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
