"""A strict reader of the ZPL that is written here: every command is known, every place on the page.

It draws bitmaps and frames on a raster as a printer would, and gives back texts with their places.
It is not Zebra's: a command that is not in its list is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

NUMBER = r"(\d{1,5})"
ALONE = {
    "^CI28": r"\^CI28",
    "^LH": rf"\^LH{NUMBER},{NUMBER}",
    "^PW": rf"\^PW{NUMBER}",
    "^LL": rf"\^LL{NUMBER}",
    "^PQ": rf"\^PQ{NUMBER}",
}
GRAPHIC = re.compile(rf"\^FO{NUMBER},{NUMBER}\^GFA,{NUMBER},{NUMBER},{NUMBER},([0-9A-F]+)\^FS")
FRAME = re.compile(rf"\^FO{NUMBER},{NUMBER}\^GB{NUMBER},{NUMBER},{NUMBER}\^FS")
TEXT = re.compile(rf"\^FT{NUMBER},{NUMBER}\^A0N,{NUMBER},{NUMBER}\^FH_\^FD([^^~]*)\^FS")
ESCAPED = re.compile(rb"_([0-9A-F]{2})")


@dataclass
class Printed:
    """One label as a printer understood it."""

    width: int = 0
    height: int = 0
    copies: int = 0
    texts: list[tuple[int, int, int, str]] = field(default_factory=list)
    bitmaps: list[tuple[int, int, np.ndarray]] = field(default_factory=list)
    frames: list[tuple[int, int, int, int]] = field(default_factory=list)

    def picture(self) -> Image.Image:
        """Return the raster of bitmaps and frames, white around."""
        raster = np.full((self.height, self.width), 255, dtype=np.uint8)
        for x, y, dots in self.bitmaps:
            high, wide = dots.shape
            assert y + high <= self.height and x + wide <= self.width + 7, "beyond the label"
            room = raster[y : y + high, x : x + wide]
            room[dots[:, : room.shape[1]]] = 0
        for x, y, wide, high in self.frames:
            raster[y, x : x + wide] = raster[y + high - 1, x : x + wide] = 0
            raster[y : y + high, x] = raster[y : y + high, x + wide - 1] = 0
        return Image.fromarray(np.pad(raster, 16, constant_values=255))


def read_zpl(text: str) -> list[Printed]:
    """Return the labels of a text; raises AssertionError at the first thing that is not known."""
    assert text.isascii(), "UTF-8 is sent in hexadecimal"
    labels: list[Printed] = []
    now: Printed | None = None
    for line in text.splitlines():
        if line == "^XA":
            assert now is None
            now = Printed()
        elif line == "^XZ":
            assert now is not None
            labels.append(now)
            now = None
        else:
            assert now is not None, f"outside a label: {line[:40]}"
            _read_line(now, line)
    assert now is None
    return labels


def _read_line(label: Printed, line: str) -> None:
    if found := GRAPHIC.fullmatch(line):
        label.bitmaps.append(_bitmap(*found.groups()))
    elif found := TEXT.fullmatch(line):
        x, y, high, _wide = (int(one) for one in found.groups()[:4])
        label.texts.append((x, y, high, _said(found.group(5))))
    elif found := FRAME.fullmatch(line):
        x, y, wide, high, _line = (int(one) for one in found.groups())
        label.frames.append((x, y, wide, high))
    else:
        _read_setting(label, line)


def _read_setting(label: Printed, line: str) -> None:
    for name, pattern in ALONE.items():
        found = re.fullmatch(pattern, line)
        if found:
            if name == "^PW":
                label.width = int(found.group(1))
            elif name == "^LL":
                label.height = int(found.group(1))
            elif name == "^PQ":
                label.copies = int(found.group(1))
            return
    raise AssertionError(f"unknown: {line[:60]}")


def _bitmap(
    x: str, y: str, sent: str, total: str, per_row: str, data: str
) -> tuple[int, int, np.ndarray]:
    assert sent == total and len(data) == 2 * int(total) and int(total) % int(per_row) == 0
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(data), dtype=np.uint8))
    return int(x), int(y), bits.reshape(-1, int(per_row) * 8).astype(bool)


def _said(data: str) -> str:
    """Return field data as ^FH_ and ^CI28 say it."""
    return ESCAPED.sub(lambda one: bytes.fromhex(one.group(1).decode()), data.encode()).decode()
