"""Marks in the language of thermal label printers, ZPL II.

The square is sent as a bitmap (^GFA): its version, mask and modules are then ours and tested, not
the printer's. Everything that was ever typed goes through `field_data`, which lets no character
through that could begin a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lims.foundation.measures import MM
from lims.foundation.paper import CODE
from lims.intake.marks import Frame, Marks, Square, Words, width

#: Letters that are sent as they are; every other one as the bytes of its UTF-8, in hexadecimal.
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -.,:;/()+%#=?!&'")
LONGEST = 32_000
"""Dots: the largest page and place that ZPL II knows."""


def zpl(
    labels: Iterable[Marks],
    size: tuple[float, float],
    dots: float,
    *,
    copies: int = 1,
    shift: tuple[float, float] = (0.0, 0.0),
) -> str:
    """Return labels of one size (mm) for a printer of so many dots per mm, one format each."""
    wide, high = (min(LONGEST, round(side * dots)) for side in size)
    return "".join(_format(marks.moved(*shift), wide, high, dots, copies) for marks in labels)


def _format(marks: Marks, wide: int, high: int, dots: float, copies: int) -> str:
    """Return one label, from its begin (^XA) to its end (^XZ), a command or field a line."""
    head = ("^XA", "^CI28", "^LH0,0", f"^PW{wide}", f"^LL{high}")
    return "\n".join((*head, *_fields(marks, dots), f"^PQ{copies}", "^XZ", ""))


def _fields(marks: Marks, dots: float) -> Iterator[str]:
    for square in marks.squares:
        yield _bitmap(square, dots)
    for frame in marks.frames:
        yield _frame(frame, dots)
    for line in marks.lines:  # level ones only, as on tickets
        across = Frame(line.x, line.y, line.to_x - line.x, line.line, line.line)
        yield _frame(across, dots)
    for words in marks.words:
        yield _text(words, dots)


def _place(x: float, y: float, dots: float) -> str:
    return f"{_dots(x, dots)},{_dots(y, dots)}"


def _dots(length: float, dots: float) -> int:
    return min(LONGEST, max(0, round(length * dots)))


def _text(words: Words, dots: float) -> str:
    """Return a line in the printer's own scalable typeface; ^FT places its baseline."""
    x = words.x
    if words.align != "left":
        wide = width(words.text, words.size, words.font)
        x -= wide / 2 if words.align == "middle" else wide
    high = max(10, _dots(words.size / MM, dots))
    wide_type = round(high * 0.9) if words.font == CODE else high
    place = _place(x, words.y, dots)
    return f"^FT{place}^A0N,{high},{wide_type}^FH_^FD{field_data(words.text)}^FS"


def _frame(frame: Frame, dots: float) -> str:
    thick = max(1, _dots(frame.line, dots))
    wide, high = max(thick, _dots(frame.width, dots)), max(thick, _dots(frame.height, dots))
    return f"^FO{_place(frame.x, frame.y, dots)}^GB{wide},{high},{thick}^FS"


def _bitmap(square: Square, dots: float) -> str:
    """Return a QR code as ^GFA: whole dots per module, rows of whole bytes."""
    module = max(1, round(square.side * dots / len(square.modules)))
    per_row = -(-len(square.modules) * module // 8)
    rows = []
    for modules in square.modules:
        bits = "".join(("1" if dark else "0") * module for dark in modules)
        packed = int(bits.ljust(per_row * 8, "0"), 2).to_bytes(per_row)
        rows += [packed.hex().upper()] * module
    total = per_row * len(rows)
    place = _place(square.x, square.y, dots)
    return f"^FO{place}^GFA,{total},{total},{per_row},{''.join(rows)}^FS"


def field_data(text: str) -> str:
    """Return a text as field data under ^FH_: nothing in it can be read as a command.

    With ^CI28 the bytes after each underscore are UTF-8. Line ends and other controls become
    spaces.
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return "".join(
        letter
        if letter in PLAIN
        else "".join(f"_{byte:02X}" for byte in letter.encode("utf-8", "replace"))
        for letter in printable
    )
