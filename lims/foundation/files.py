"""Files kept under the hash of their content: the same bytes are kept once, and cannot change.

Names given by people never become paths. What a file is about stands in the records.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from lims.foundation.errors import NotFound
from lims.foundation.words import _

PART = 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")


def store(folder: Path, data: bytes) -> str:
    """Keep bytes under `folder` and return their SHA-256 in hexadecimal."""
    return store_stream(folder, io.BytesIO(data))[0]


def store_stream(folder: Path, stream: IO[bytes]) -> tuple[str, int]:
    """Keep what a stream gives, part by part; return its SHA-256 and its length in bytes."""
    waiting = folder / "files"
    waiting.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, temporary = tempfile.mkstemp(dir=waiting)
    try:
        with os.fdopen(handle, "wb") as file:
            while part := stream.read(PART):
                digest.update(part)
                size += file.write(part)
            file.flush()
            os.fsync(file.fileno())
        place = _place(folder, digest.hexdigest())
        place.parent.mkdir(parents=True, exist_ok=True)
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def fetch(folder: Path, name: str) -> bytes:
    """Return the bytes kept under a hash; raises NotFound when they are absent or damaged."""
    if _HASH.fullmatch(name):
        place = _place(folder, name)
        if place.is_file():
            data = place.read_bytes()
            if hashlib.sha256(data).hexdigest() == name:
                return data
    raise NotFound(_("This file is not there any more."))


def path_of(folder: Path, name: str) -> Path:
    """Return where the bytes of a hash stand; raises NotFound when they are absent."""
    if not _HASH.fullmatch(name) or not _place(folder, name).is_file():
        raise NotFound(_("This file is not there any more."))
    return _place(folder, name)


def unused(folder: Path, named: Collection[str], before: datetime) -> list[Path]:
    """Return the kept files that are in no list of hashes and were written before a moment."""
    return [
        place
        for place in sorted((folder / "files").rglob("*"))
        if place.is_file()
        and place.name not in named
        and datetime.fromtimestamp(place.stat().st_mtime, UTC) < before
    ]


def _place(folder: Path, name: str) -> Path:
    return folder / "files" / name[:2] / name
