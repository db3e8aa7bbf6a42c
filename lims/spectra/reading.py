"""The one door of the readers: a file or a stream in, spectra or one sentence out.

A format is recognised by what the file holds; its ending only decides where that leaves a doubt.
Everything is bounded by the size of the file, whatever its header claims.
"""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import BinaryIO, TypeVar, cast

import numpy as np

from lims.foundation.errors import refuse_field
from lims.foundation.words import Message, _
from lims.spectra.pieces import Cut, Piece, pieces
from lims.spectra.places import (
    LARGEST_FILE,
    LARGEST_LIBRARY,
    MOST_SPECTRA,
    Unreadable,
    at_byte,
    sentence,
)
from lims.spectra.readers import andi, jcamp, massbank, mgf, msp, mzml, opus, sdf, spc, tables
from lims.spectra.spectrum import Spectrum
from lims.spectra.texts import lines_of

_Given = TypeVar("_Given")

FIELD = "file"
_HEAD = 64 * 1024
_GZIP = b"\x1f\x8b"
#: Binary formats first: their first bytes leave no doubt. Columns of numbers last: anything may
#: begin like them.
READERS: tuple[ModuleType, ...] = (
    opus,
    andi,
    spc,
    mzml,
    jcamp,
    massbank,
    mgf,
    sdf,
    msp,
    tables,
)
BINARY = (opus, andi, spc)
#: What people upload by mistake, by its first bytes.
_STRANGERS = {
    b"PK\x03\x04": "ZIP, XLSX, DOCX",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\xd0\xcf\x11\xe0": "XLS, DOC",
    b"\x89HDF": "netCDF-4, HDF5",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"Spectral Data File": "OMNIC SPA",
}


@dataclass(frozen=True)
class Record:
    """One record of a library: its spectrum, or why it has none.

    `position` is the byte after it in the file as unpacked: reading can go on from there. The
    spectra of one record share a position, so go on from the last position that is done with.
    """

    position: int
    spectrum: Spectrum | None
    refusal: Message | None


def read(data: bytes, name: str) -> tuple[Spectrum, ...]:
    """Read every spectrum of a file; raises Invalid with one sentence that says where."""
    format_name: Message | str = _("The file")
    try:
        data, name = _unpacked(data, name)
        reader = _reader_of(data[:_HEAD], name)
        format_name = reader.NAME
        return _guarded(reader, data, name)
    except Unreadable as wrong:
        raise refuse_field(FIELD, sentence(format_name, wrong)) from None


def each(stream: BinaryIO, name: str, start: int = 0) -> Iterator[Record]:
    """Give the records of a library one by one, from the byte `start` of the unpacked file on.

    The stream must be seekable. A record that cannot be read gives its refusal, and the next
    one follows; raises Invalid when the file as a whole is nothing that can be read.
    """
    stream.seek(0)
    packed = stream.read(2) == _GZIP
    stream.seek(0)
    opened = cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if packed else stream
    name = _bare(name) if packed else name
    format_name: Message | str = _("The file")
    try:
        head = _opened(opened.read, _HEAD)
        reader = _reader_of(head, name)
        format_name = reader.NAME
        _opened(opened.seek, start)
    except Unreadable as wrong:
        raise refuse_field(FIELD, sentence(format_name, wrong)) from None
    if getattr(reader, "CUT", None) is None:
        yield from _whole(opened, name)
    else:
        yield from _records(opened, reader, start)


def _whole(opened: BinaryIO, name: str) -> Iterator[Record]:
    """Give the spectra of a file that is no library, all at the position of its end."""
    opened.seek(0)
    data = opened.read(LARGEST_FILE + 1)
    for spectrum in read(data, name):
        yield Record(len(data), spectrum, None)


def _records(opened: BinaryIO, reader: ModuleType, start: int) -> Iterator[Record]:
    cut: Cut = reader.CUT
    position = start
    try:
        for piece in pieces(opened, cut, start):
            position = piece.end
            if position > LARGEST_LIBRARY:
                raise at_byte(position, _("the library is larger than can be read"))
            yield from _of_piece(reader, piece)
    except (EOFError, OSError, zlib.error):
        wrong = at_byte(position, _("the file is damaged or cut off"))
        yield Record(position, None, sentence(reader.NAME, wrong))
    except Unreadable as wrong:
        yield Record(position, None, sentence(reader.NAME, wrong))


def _of_piece(reader: ModuleType, piece: Piece) -> Iterator[Record]:
    """Give the spectra of one record; lines in its refusal are counted from its own first."""
    own = replace(piece, first_line=1)
    try:
        for spectrum in _recorded(reader, own):
            yield Record(piece.end, spectrum, None)
    except Unreadable as wrong:
        inner = sentence(reader.NAME, wrong)
        refusal = _("Record at byte %(byte)s: %(sentence)s", byte=piece.start, sentence=inner)
        yield Record(piece.end, None, refusal)


def _guarded(reader: ModuleType, data: bytes, name: str) -> tuple[Spectrum, ...]:
    """Read with one reader; what it did not foresee becomes a refusal too."""
    try:
        whole: Callable[[bytes, str], tuple[Spectrum, ...]] | None = getattr(reader, "read", None)
        # What overflows is infinite, and refused as such: no warning is needed.
        with np.errstate(all="ignore"):
            return whole(data, name) if whole is not None else _library(reader, data)
    except (ValueError, LookupError, ArithmeticError, TypeError, struct.error, RecursionError):
        raise Unreadable(_("the file is damaged in a way that no reader foresees")) from None


def _recorded(reader: ModuleType, piece: Piece) -> tuple[Spectrum, ...]:
    if piece.data is None:
        raise Unreadable(_("the record is larger than any spectrum"))
    try:
        with np.errstate(all="ignore"):
            found: tuple[Spectrum, ...] = reader.record(piece)
    except (ValueError, LookupError, ArithmeticError, TypeError):
        raise Unreadable(_("the file is damaged in a way that no reader foresees")) from None
    return found


def _library(reader: ModuleType, data: bytes) -> tuple[Spectrum, ...]:
    """Read a library as one file; the first record that is wrong refuses it."""
    if b"\n" not in data or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = "\n".join(lines_of(data)).encode("utf-8")
    found: list[Spectrum] = []
    for piece in pieces(io.BytesIO(data), reader.CUT):
        found += [replace(one, block=len(found)) for one in _recorded(reader, piece)]
        if len(found) > MOST_SPECTRA:
            raise Unreadable(_("there are more than %(n)s spectra", n=MOST_SPECTRA))
    if not found:
        raise Unreadable(_("there is no spectrum in it"))
    return tuple(found)


def _unpacked(data: bytes, name: str) -> tuple[bytes, str]:
    """Return a file without its gzip wrapping, never larger than a file may be."""
    if data[:2] == _GZIP:
        packed = gzip.GzipFile(fileobj=io.BytesIO(data))
        data, name = _opened(packed.read, LARGEST_FILE + 1), _bare(name)
    if len(data) > LARGEST_FILE:
        megabytes = LARGEST_FILE // (1024 * 1024)
        raise Unreadable(_("it is larger than %(n)s MB; import it as a library", n=megabytes))
    return data, name


def _bare(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name


def _opened(act: Callable[[int], _Given], argument: int) -> _Given:
    """Read or seek in a file that may be packed and damaged; raises Unreadable."""
    try:
        return act(argument)
    except (EOFError, OSError, zlib.error):
        raise Unreadable(_("the file is damaged or cut off")) from None


def _reader_of(head: bytes, name: str) -> ModuleType:
    """Return the reader for a file; raises Unreadable when no format is recognised."""
    if not head.strip(b"\0 \t\r\n"):
        raise Unreadable(_("it is empty"))
    stranger = next((what for first, what in _STRANGERS.items() if head.startswith(first)), None)
    if stranger is not None:
        raise Unreadable(_("%(format)s is no format that is read here", format=stranger))
    text = _as_lines(head)
    for reader in READERS:
        if reader.recognises(head if reader in BINARY else text):
            return reader
    ending = name.lower().rpartition(".")[2]
    for reader in READERS:
        if ending in reader.ENDINGS:
            return reader
    raise Unreadable(_("it holds no spectrum in a format that is known here"))


def _as_lines(head: bytes) -> bytes:
    """Return the beginning of a text as UTF-8 with line feeds, however it was written."""
    return "\n".join(lines_of(head)).encode("utf-8")
