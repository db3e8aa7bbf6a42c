"""Numbers among bytes, never beyond the end of the file."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from lims.foundation.words import _
from lims.spectra.places import at_byte
from lims.spectra.spectrum import Floats


def unpacked(form: str, data: bytes, at: int) -> tuple[Any, ...]:
    """Return the values of a struct that begins at a byte; raises Unreadable."""
    if at < 0 or at + struct.calcsize(form) > len(data):
        raise at_byte(len(data), _("the file ends before byte %(n)s, where it goes on", n=at))
    return struct.unpack_from(form, data, at)


def column(data: bytes, at: int, count: int, form: str) -> Floats:
    """Return `count` numbers of a numpy form that begin at a byte; raises Unreadable.

    The file is asked first: a count of billions costs nothing but this refusal.
    """
    size = np.dtype(form).itemsize
    if at < 0 or count < 0 or at + count * size > len(data):
        there = {"announced": count, "there": max((len(data) - max(at, 0)) // size, 0)}
        raise at_byte(
            min(max(at, 0), len(data)),
            _("%(announced)s points are announced, but %(there)s are there", **there),
        )
    return np.frombuffer(data, dtype=form, count=count, offset=at).astype(np.float64)


def text_in(field: bytes) -> str:
    """Return a text that ends at its first zero byte."""
    return field.partition(b"\0")[0].decode("cp1252", errors="replace").strip()
