"""Arrays of an index kept as files, read back without being loaded: processes share the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_ABOUT = "about.json"


def save(folder: Path, arrays: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write arrays and what is to be known of them into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    (folder / _ABOUT).write_text(json.dumps({**about, "arrays": sorted(arrays)}), encoding="utf-8")


def load(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the arrays of a folder, mapped into memory, and what is known of them."""
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    # A plain array over the mapping: numpy's own class of mapped arrays is slow to slice.
    arrays = {
        name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
        for name in about.pop("arrays")
    }
    return arrays, about


def names(ids: list[str]) -> np.ndarray[Any, np.dtype[np.bytes_]]:
    """Return identifiers as an array that can be mapped."""
    return np.array([one.encode() for one in ids], dtype=np.bytes_)


def name(ids: np.ndarray[Any, np.dtype[np.bytes_]], place: int) -> str:
    """Return one identifier."""
    found: bytes = ids[place]
    return found.decode()
