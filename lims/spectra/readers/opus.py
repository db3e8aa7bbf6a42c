"""Bruker OPUS: result spectra (absorbance, transmittance, Raman …) out of a file of blocks.

A directory names each block by bits: what it holds, of the sample, the reference or their ratio,
values or their parameters. Ratios and other results are read; interferograms, phases and the
two single channels are not, unless nothing else is there. Names of operators are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lims.foundation.words import _
from lims.spectra.binary import column, text_in, unpacked
from lims.spectra.curves import Columns, in_bytes, made
from lims.spectra.places import Unreadable, at_byte
from lims.spectra.spectrum import Floats, Kind, Spectrum

NAME = "Bruker OPUS"
ENDINGS = (*"0123456789", "opus")
_MAGIC = b"\n\n\xfe\xfe"
_MOST_BLOCKS = 2_000
_LARGEST_TEXT = 4_000
_SAMPLE, _REFERENCE, _RATIO = 1, 2, 3
#: Values stand as they are, packed for the preview, or many spectra in one block.
_PLAIN, _SERIES = 0, 2
_X = {"WN": "cm-1", "RSH": "Raman shift cm-1", "MI": "µm", "NM": "nm", "PNT": "points"}
#: Bits 10 to 16 of a block's type → what it holds.
_HOLDS = {
    1: "single channel",
    4: "absorbance",
    5: "transmittance",
    6: "Kubelka-Munk",
    10: "raman intensity",
    11: "emission",
    12: "reflectance",
    14: "power",
    15: "log(1/R)",
    16: "ATR absorbance",
    17: "photoacoustic",
}
_SINGLE_CHANNEL, _RAMAN = 1, 10


@dataclass(frozen=True)
class _Block:
    """One entry of the directory."""

    holds: int
    side: int
    parameters: int
    derived: int
    extent: int
    size: int
    at: int


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return head.startswith(_MAGIC)


def read(data: bytes, _name: str) -> tuple[Spectrum, ...]:
    """Read every result of a file, or its sample channel where it has none."""
    if not recognises(data):
        raise at_byte(0, _("the file does not begin like this format"))
    blocks = list(_directory(data))
    values = [one for one in blocks if one.parameters == 0 and one.holds in _HOLDS]
    series = [one for one in values if one.extent == _SERIES]
    if series:
        raise at_byte(series[0].at, _("series of spectra are not read from this format"))
    values = [one for one in values if one.extent == _PLAIN and not one.derived]
    results = [one for one in values if one.holds != _SINGLE_CHANNEL]
    chosen = results or [one for one in values if one.side == _SAMPLE] or values
    if not chosen:
        raise Unreadable(_("there is no spectrum in it"))
    if sum(one.size for one in chosen) > len(data):
        raise at_byte(chosen[0].at, _("its blocks are together larger than the file"))
    described = _described(data, blocks)
    return tuple(
        _spectrum(data, one, _status(data, one, blocks), described, number)
        for number, one in enumerate(chosen)
    )


def _directory(data: bytes) -> Iterator[_Block]:
    _version, start, _most, count = unpacked("<diii", data, 4)
    if not 0 < count <= _MOST_BLOCKS:
        raise at_byte(20, _("the directory of the blocks makes no sense"))
    for number in range(count):
        at = start + 12 * number
        kind, words, place = unpacked("<Iii", data, at)
        if place <= 0 or words < 0:
            if number:
                break
            raise at_byte(at, _("the directory of the blocks makes no sense"))
        yield _Block(
            holds=kind >> 10 & 0x7F,
            side=kind >> 2 & 0b11,
            parameters=kind >> 4 & 0x3F,
            derived=kind >> 17 & 0b11,
            extent=kind >> 19 & 0b111,
            size=4 * words,
            at=place,
        )


def _parameters(data: bytes, block: _Block) -> dict[str, float | str]:
    """Return the parameters of a block: three letters, kind, size, value."""
    found: dict[str, float | str] = {}
    at, end = block.at, min(block.at + block.size, len(data))
    while at + 8 <= end:
        key, kind, words = unpacked("<4sHH", data, at)
        name = text_in(key)
        if name == "END" or not name:
            break
        if kind == 0 and words >= 2:
            found[name] = float(unpacked("<i", data, at + 8)[0])
        elif kind == 1 and words >= 4:
            found[name] = float(unpacked("<d", data, at + 8)[0])
        elif kind > 1:
            found[name] = text_in(data[at + 8 : at + 8 + min(2 * words, _LARGEST_TEXT)])
        at += 8 + 2 * words
    return found


def _status(data: bytes, block: _Block, blocks: list[_Block]) -> dict[str, float | str]:
    """Return the parameters that belong to a block of values."""
    for one in blocks:
        if one.parameters == 1 and (one.holds, one.side) == (block.holds, block.side):
            return _parameters(data, one)
    raise at_byte(block.at, _("nothing says what the values of this block are"))


def _described(data: bytes, blocks: list[_Block]) -> dict[str, str]:
    """Return what the file says of sample and instrument."""
    found: dict[str, str] = {}
    for one in blocks:
        if one.holds == 0 and one.parameters:
            for key, value in _parameters(data, one).items():
                if isinstance(value, str) and value:
                    found.setdefault(key, value)
    return found


def _spectrum(
    data: bytes,
    block: _Block,
    status: dict[str, float | str],
    described: dict[str, str],
    number: int,
) -> Spectrum:
    x, y = _values(data, block, status)
    x_code = str(status.get("DXU", "WN"))
    technique = "Raman" if block.holds == _RAMAN or x_code == "RSH" else "infrared"
    columns = Columns(x, y, _X.get(x_code, x_code), _HOLDS[block.holds], technique=technique)
    columns.title, columns.block = described.get("SNM", ""), number
    columns.where = in_bytes(block.at, 4)
    columns.facts = {
        "name": columns.title,
        "form": described.get("SFM", ""),
        "instrument": described.get("INS", ""),
        # What follows the sign is the serial number of the accessory.
        "accessory": re.sub(r"#.*", "", described.get("ACC", "")).strip(),
        "technique": technique,
    }
    if block.holds == _SINGLE_CHANNEL:
        columns.kind = Kind.OTHER
        columns.remarks.append(_("The file holds a single channel only, not the ratio."))
    return made(columns)


def _values(data: bytes, block: _Block, status: dict[str, float | str]) -> tuple[Floats, Floats]:
    points, first, last = (status.get(key) for key in ("NPT", "FXV", "LXV"))
    if not isinstance(points, float) or not isinstance(first, float) or not isinstance(last, float):
        raise at_byte(block.at, _("nothing says what the values of this block are"))
    if 4 * points > block.size:
        there = {"announced": int(points), "there": block.size // 4}
        problem = _("%(announced)s points are announced, but %(there)s are there", **there)
        raise at_byte(block.at, problem)
    factor = status.get("CSF", 1.0)
    scale = factor if isinstance(factor, float) and np.isfinite(factor) and factor else 1.0
    form = "<i4" if status.get("DPF") == 2 else "<f4"
    y = column(data, block.at, int(points), form) * scale
    return np.linspace(first, last, y.size), y
