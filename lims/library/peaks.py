"""The numbers of a reference spectrum: how they are kept, told apart and summed up.

Arrays are kept as little-endian float64, in the order of the file. Nothing here changes a value.
"""

from __future__ import annotations

import hashlib

import numpy as np

from lims.library.rules import fold
from lims.spectra.spectrum import Floats, Kind, Spectrum

STICKS = (Kind.EI, Kind.MSMS)
STRONGEST = 10
IDENTITY = 160
SKELETON = 14
"""Characters of the first block of an InChIKey."""


def packed(values: Floats) -> bytes:
    """Return numbers as little-endian float64."""
    return np.ascontiguousarray(values, dtype="<f8").tobytes()


def unpacked(data: bytes) -> Floats:
    """Return the numbers kept in bytes."""
    return np.frombuffer(data, dtype="<f8").astype(np.float64)


def content_hash(kind: str, x: bytes, y: bytes, *identity: str) -> str:
    """Return the SHA-256 that tells two spectra apart: their numbers and what they are of."""
    digest = hashlib.sha256("\x1f".join((kind, *identity)).encode())
    digest.update(x)
    digest.update(y)
    return digest.hexdigest()


def identity_of(inchikey: str, name: str) -> str:
    """Return under which word a spectrum's substance is decided: skeleton, else folded name."""
    if inchikey:
        return inchikey[:SKELETON]
    folded = fold(name)
    return f"name:{folded}"[:IDENTITY] if folded else ""


def nominal_ions(kind: str, x: Floats, y: Floats) -> str:
    """Return the nominal m/z of the ten strongest peaks as ",58,77,": searchable as text."""
    if kind not in STICKS or not len(x):
        return ""
    order = np.argsort(-y, kind="stable")[:STRONGEST]
    whole = dict.fromkeys(int(value) for value in np.floor(x[order] + 0.5) if 0 < value < 10_000)
    return "," + ",".join(str(value) for value in whole) + ","


def is_usable(spectrum: Spectrum) -> bool:
    """Tell whether a spectrum has finite numbers at all, and as many x as y."""
    same = len(spectrum.x) == len(spectrum.y) > 0
    return bool(same and np.isfinite(spectrum.x).all() and np.isfinite(spectrum.y).all())
