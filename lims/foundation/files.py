"""Files kept under the hash of their content: the same bytes are kept once, and cannot change.

Names given by people never become paths. What a file is about stands in the records.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from lims.foundation.errors import NotFound
from lims.foundation.words import _

_HASH = re.compile(r"[0-9a-f]{64}")


def store(folder: Path, data: bytes) -> str:
    """Keep bytes under `folder` and return their SHA-256 in hexadecimal."""
    name = hashlib.sha256(data).hexdigest()
    place = _place(folder, name)
    if place.exists():
        return name
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return name


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


def _place(folder: Path, name: str) -> Path:
    return folder / "files" / name[:2] / name
