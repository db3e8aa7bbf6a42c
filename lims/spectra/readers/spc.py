"""Galactic (GRAMS) SPC: the new format in both byte orders, and the old one.

Even x, one x for all traces, or one x for each; integers scaled by an exponent, or floats. Every
trace is one spectrum, its third axis `z`. After the published description of the format
(Galactic Universal Data Format Specification, 1997). The log text is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lims.foundation.words import _
from lims.spectra import units
from lims.spectra.binary import column, text_in, unpacked
from lims.spectra.curves import Columns, in_bytes, made
from lims.spectra.places import MOST_SPECTRA, at_byte
from lims.spectra.spectrum import Floats, Kind, Spectrum

NAME = "Galactic SPC"
ENDINGS = ("spc",)
_NEW, _NEW_BIG_ENDIAN, _OLD = 0x4B, 0x4C, 0x4D
_HEADER, _OLD_HEADER, _SUBHEADER = 512, 224, 32
_SIXTEEN_BITS, _MANY, _LABELLED, _OWN_X, _GIVEN_X = 1, 4, 32, 64, 128
_FLOATS = -128
_X = {
    0: "Arbitrary",
    1: "Wavenumber cm-1",
    2: "Micrometers",
    3: "Nanometers",
    4: "Seconds",
    5: "Minutes",
    6: "Hertz",
    9: "Mass m/z",
    10: "ppm",
    13: "Raman shift cm-1",
    14: "eV",
}
_Y = {
    0: "Arbitrary intensity",
    1: "Interferogram",
    2: "Absorbance",
    3: "Kubelka-Munk",
    4: "Counts",
    10: "Log(1/R)",
    11: "Percent",
    12: "Intensity",
    13: "Relative intensity",
    128: "Transmission",
    129: "Reflectance",
    130: "Single beam",
    131: "Emission",
}
_EXPERIMENTS = {
    1: "gas chromatogram",
    2: "chromatogram",
    3: "chromatogram",
    5: "near infrared",
    7: "UV-VIS",
    8: "X-ray diffraction",
    9: "mass spectrum",
    10: "NMR",
    11: "Raman",
    12: "fluorescence",
    14: "chromatogram",
}


@dataclass(frozen=True)
class _Header:
    """What the head of a file says of all its traces."""

    flags: int
    order: str
    experiment: int
    exponent: int
    points: int
    first: float
    last: float
    traces: int
    x_type: int
    y_type: int
    title: str
    start: int
    old: bool = False


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return (
        len(head) > 32
        and head[1] in (_NEW, _NEW_BIG_ENDIAN, _OLD)
        and b"\0" in head[:_OLD_HEADER]
        and not head.startswith(b"CDF")
    )


def read(data: bytes, _name: str) -> tuple[Spectrum, ...]:
    """Read every trace of a file; raises Unreadable."""
    version = unpacked("BB", data, 0)[1]
    if version not in (_NEW, _NEW_BIG_ENDIAN, _OLD):
        raise at_byte(1, _("version %(n)s of the format is not known", n=version))
    header = _old_header(data) if version == _OLD else _new_header(data, version)
    if header.traces > MOST_SPECTRA:
        raise at_byte(24, _("there are more than %(n)s spectra", n=MOST_SPECTRA))
    return tuple(_traces(data, header))


def _new_header(data: bytes, version: int) -> _Header:
    order = ">" if version == _NEW_BIG_ENDIAN else "<"
    flags, _v, experiment, exponent, points, first, last, traces, x_type, y_type = unpacked(
        f"{order}BBBbiddiBB", data, 0
    )
    unpacked(f"{_HEADER}s", data, 0)
    title = text_in(data[88:218])
    return _Header(
        *(flags, order, experiment, exponent, points, first, last),
        *(traces if flags & _MANY else 1, x_type, y_type, title, _HEADER),
    )


def _old_header(data: bytes) -> _Header:
    flags, _v, exponent, points, first, last, x_type, y_type = unpacked("<BBhfffBB", data, 0)
    title = text_in(data[64:194])
    if not -256 <= exponent <= 255:
        raise at_byte(2, _("the exponent makes no sense"))
    if not (np.isfinite(points) and 0 < points <= len(data)):
        raise at_byte(4, _("the number of points makes no sense"))
    # The old format counts no traces: they follow each other to the end of the file.
    each = _SUBHEADER + int(points) * (2 if flags & _SIXTEEN_BITS else 4)
    traces = max((len(data) - _OLD_HEADER) // each, 1) if flags & _MANY else 1
    return _Header(
        *(flags & ~(_OWN_X | _GIVEN_X), "<", 0, exponent, int(points), first, last),
        *(traces, x_type & 0x7F, y_type, title, _OLD_HEADER, True),
    )


def _traces(data: bytes, header: _Header) -> Iterator[Spectrum]:
    at, shared = header.start, None
    own = bool(header.flags & _OWN_X)
    if not own and header.points < 2:
        raise at_byte(4, _("the number of points makes no sense"))
    if header.traces < 1:
        raise at_byte(24, _("the number of traces makes no sense"))
    if header.flags & _GIVEN_X and not own:
        shared = column(data, at, header.points, f"{header.order}f4")
        at += 4 * header.points
    if shared is None and not own:
        column(data, at + _SUBHEADER, header.points, "i2" if header.flags & _SIXTEEN_BITS else "i4")
        shared = np.linspace(header.first, header.last, header.points)
    places = _directory(data, header) if own else None
    held = 0
    for number in range(header.traces):
        at = places[number] if places is not None else at
        begin = at
        spectrum, at = _trace(data, header, at, shared, number)
        held += at - begin
        if held > len(data):
            raise at_byte(begin, _("its blocks are together larger than the file"))
        yield spectrum


def _directory(data: bytes, header: _Header) -> list[int] | None:
    """Return where each trace begins, where a directory of them stands; its byte is `points`."""
    if header.points < _HEADER:
        return None
    entries = [
        unpacked(f"{header.order}iif", data, header.points + 12 * number)[0]
        for number in range(header.traces)
    ]
    for number, place in enumerate(entries):
        if place < _HEADER:
            at = header.points + 12 * number
            raise at_byte(at, _("the directory of the traces makes no sense"))
    return entries


def _trace(
    data: bytes, header: _Header, at: int, shared: Floats | None, number: int
) -> tuple[Spectrum, int]:
    """Read one trace; return it and the byte after it."""
    _flags, exponent, _index, z, _next, _noise, own_points = unpacked(
        f"{header.order}BbhfffI", data, at
    )
    at += _SUBHEADER
    own = shared is None
    points = own_points if own else header.points
    x = column(data, at, points, f"{header.order}f4") if shared is None else shared
    at += 4 * points if own else 0
    exponent = exponent if header.flags & _MANY or own else header.exponent
    exponent = _FLOATS if header.exponent == _FLOATS and not header.old else exponent
    y, end = _ordinates(data, at, points, exponent, header)
    z = float(z) if np.isfinite(z) else None
    columns = _columns(header, x, y, number, z)
    columns.where = in_bytes(at, 2 if header.flags & _SIXTEEN_BITS else 4)
    return made(columns), end


def _ordinates(
    data: bytes, at: int, points: int, exponent: int, header: _Header
) -> tuple[Floats, int]:
    if exponent == _FLOATS:
        return column(data, at, points, f"{header.order}f4"), at + 4 * points
    if header.flags & _SIXTEEN_BITS:
        scale = 2.0 ** (exponent - 16)
        return column(data, at, points, f"{header.order}i2") * scale, at + 2 * points
    scale = 2.0 ** (exponent - 32)
    if header.old:  # two words of 16 bits, the higher one first
        words = column(data, at, 2 * points, "<u2")
        whole = words[0::2] * 65_536 + words[1::2]
        return np.where(whole >= 2**31, whole - 2**32, whole) * scale, at + 4 * points
    return column(data, at, points, f"{header.order}i4") * scale, at + 4 * points


def _columns(header: _Header, x: Floats, y: Floats, number: int, z: float | None) -> Columns:
    experiment = _EXPERIMENTS.get(header.experiment, "")
    x_written = _X.get(header.x_type, f"type {header.x_type}")
    technique = "Raman" if header.x_type == 13 else experiment
    columns = Columns(x, y, x_written, _Y.get(header.y_type, f"type {header.y_type}"))
    columns.title, columns.block, columns.z = header.title, number, z
    columns.facts = {"name": header.title, "technique": technique}
    columns.technique = technique
    if units.x_name(x_written) == units.MASS:
        columns.sticks, columns.kind = bool(header.flags & (_OWN_X | _GIVEN_X)), Kind.EI
    elif technique and technique not in ("Raman", "UV-VIS", "near infrared"):
        columns.kind = Kind.OTHER
    return columns
