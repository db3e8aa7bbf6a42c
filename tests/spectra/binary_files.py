"""Small files of the formats of instruments, written from numbers. All of them are synthetic."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np

MASSES, HEIGHTS = [41.0, 58.1, 77.0, 105.25], [120.0, 999.0, 3.5, 40.0]


def spc(
    flags: int = 0,
    traces: int = 1,
    *,
    points: int = 5,
    exponent: int = 20,
    order: str = "<",
    x_type: int = 1,
    y_type: int = 2,
) -> bytes:
    """Write a new SPC file: flags 0 even, 128 one x, 192 own x, 4 many, 1 sixteen bits."""
    version = 0x4B if order == "<" else 0x4C
    own = bool(flags & 64)
    head = struct.pack(
        *(f"{order}BBBbiddiBB", flags, version, 4, exponent, 0 if own else points),
        *(400.0, 400.0 + 2 * (points - 1), traces, x_type, y_type),
    )
    file = head.ljust(88, b"\0") + b"synthetic".ljust(512 - 88, b"\0")
    x = (400 + 2.0 * np.arange(points)).astype(f"{order}f4").tobytes()
    if flags & 128 and not own:
        file += x
    for trace in range(traces):
        sub = struct.pack(f"{order}BbhfffI", 0, exponent, trace, trace * 1.5, 0, 0, points)
        values = 1000 * (np.arange(points) + trace)
        if exponent == -128:
            y = (values / 4096).astype(f"{order}f4")
        else:
            y = values.astype(f"{order}i2" if flags & 1 else f"{order}i4")
        file += sub.ljust(32, b"\0") + (x if own else b"") + y.tobytes()
    return file


def old_spc(points: int = 5, exponent: int = 20) -> bytes:
    """Write an old SPC file: words of sixteen bits, the higher one first."""
    head = struct.pack("<BBhfffBB", 0, 0x4D, exponent, points, 400.0, 408.0, 1, 2)
    values = [1000 * n - 2000 for n in range(points)]
    words = b"".join(struct.pack("<HH", (v >> 16) & 0xFFFF, v & 0xFFFF) for v in values)
    return head.ljust(256, b"\0") + words


def _parameters(**values: float | int | str) -> bytes:
    text = b""
    for key, value in values.items():
        if isinstance(value, int):
            kind, raw = 0, struct.pack("<i", value)
        elif isinstance(value, float):
            kind, raw = 1, struct.pack("<d", value)
        else:
            kind, raw = 2, value.encode().ljust(len(value) + 2 - len(value) % 2, b"\0")
        text += key.encode().ljust(4, b"\0") + struct.pack("<HH", kind, len(raw) // 2) + raw
    text += b"END\0" + b"\0" * 4
    return text.ljust(-(-len(text) // 4) * 4, b"\0")


def opus(points: int = 6, *, announced: int | None = None) -> bytes:
    """Write an OPUS file with one absorbance block, its parameters and a sample's name."""
    values = (np.arange(points) / 8).astype("<f4").tobytes()
    said = announced or points
    status = _parameters(DPF=1, NPT=said, FXV=2000.0, LXV=1990.0, CSF=2.0, DXU="WN")
    sample = _parameters(SNM="synthetic", CNM="somebody")
    blocks = [(0x40000000 | 3 | 3 << 2 | 4 << 10, values)]
    blocks += [(0x40000000 | 3 | 3 << 2 | 1 << 4 | 4 << 10, status), (0x40000000 | 10 << 4, sample)]
    at, directory, body = 24 + 12 * len(blocks), b"", b""
    for kind, content in blocks:
        directory += struct.pack("<Iii", kind, len(content) // 4, at + len(body))
        body += content
    return b"\n\n\xfe\xfe" + struct.pack("<diii", 920622.0, 24, 40, len(blocks)) + directory + body


def netcdf(dimensions: dict[str, int], variables: dict[str, tuple[str, np.ndarray]]) -> bytes:
    """Write a classic netCDF file; each variable has one dimension, or none."""
    names = list(dimensions)

    def name(text: str) -> bytes:
        raw = text.encode()
        return struct.pack(">i", len(raw)) + raw.ljust(-(-len(raw) // 4) * 4, b"\0")

    mode = name("test_ionization_mode") + struct.pack(">ii", 2, 15) + b"Electron Impact\0"
    head = b"CDF\x01" + struct.pack(">iii", 0, 10, len(names))
    head += b"".join(name(one) + struct.pack(">i", dimensions[one]) for one in names)
    head += struct.pack(">ii", 12, 1) + mode + struct.pack(">ii", 11, len(variables))
    forms = {"i4": 4, "f4": 5, "f8": 6}

    def listed(start: int) -> tuple[bytes, bytes]:
        entries, body = b"", b""
        for one, (dimension, values) in variables.items():
            raw = values.astype(values.dtype.newbyteorder(">")).tobytes()
            form = forms[values.dtype.str[1:]]
            sizes = [names.index(dimension)] if dimension else []
            entries += name(one) + struct.pack(f">i{len(sizes)}i", len(sizes), *sizes)
            entries += struct.pack(">ii", 0, 0)
            entries += struct.pack(">iii", form, len(raw), start + len(body))
            body += raw.ljust(-(-len(raw) // 4) * 4, b"\0")
        return entries, body

    entries, body = listed(len(head) + len(listed(0)[0]))
    return head + entries + body


def andi(scans: int = 3) -> bytes:
    """Write an ANDI run: every scan has the same four masses, its heights times a bell."""
    n = len(MASSES)
    bell = np.exp(-(((np.arange(scans) - scans // 2) / 3) ** 2))
    return netcdf(
        {"scan_number": scans, "point_number": scans * n},
        {
            "scan_acquisition_time": ("scan_number", 60.0 + np.arange(scans) * 0.5),
            "scan_index": ("scan_number", np.arange(scans, dtype="i4") * n),
            "point_count": ("scan_number", np.full(scans, n, dtype="i4")),
            "mass_values": ("point_number", np.tile(MASSES, scans).astype("f4")),
            "intensity_values": ("point_number", np.outer(bell, HEIGHTS).ravel().astype("f4")),
        },
    )


def mzml(scans: int = 3, source: str = "MS:1000389") -> bytes:
    """Write an mzML run with plain and packed arrays."""

    def array(values: Sequence[float], term: str, pack: bool) -> str:
        raw = np.asarray(values, dtype="<f8").tobytes()
        text = base64.b64encode(zlib.compress(raw) if pack else raw).decode()
        terms = ("MS:1000523", "MS:1000574" if pack else "MS:1000576", term)
        said = "".join(f'<cvParam accession="{one}"/>' for one in terms)
        return f"<binaryDataArray>{said}<binary>{text}</binary></binaryDataArray>"

    spectra = "".join(
        f'<spectrum><cvParam accession="MS:1000511" value="1"/>'
        f'<cvParam accession="MS:1000016" value="{n}" unitAccession="UO:0000031"/>'
        f"{array(MASSES, 'MS:1000514', bool(n % 2))}{array(HEIGHTS, 'MS:1000515', True)}</spectrum>"
        for n in range(1, scans + 1)
    )
    begin = f'<?xml version="1.0"?><mzML><cvParam accession="{source}"/>'
    return f"{begin}<run>{spectra}</run></mzML>".encode()
