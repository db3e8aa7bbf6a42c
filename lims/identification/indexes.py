"""Folders that are made once, complete or not at all, and shared by every process.

Of several processes that need the same folder, one makes it and the others wait; those of earlier
states are removed, but for the one that searches may still use.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# An earlier state stays until the searches that still use it are over.
_KEPT = 2


def build_once(place: Path, family: str, build: Callable[[Path], None]) -> None:
    """Make a folder by `build` unless it is there; older folders whose name begins alike go."""
    if place.is_dir():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with _lock(place.with_name(f".{place.name}.lock")):
        if place.is_dir():
            return
        made = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
        try:
            build(made)
            os.replace(made, place)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
        _forget_old(place.parent, family)


@contextmanager
def _lock(place: Path) -> Iterator[None]:
    """Hold a lock file, which the system frees when the process ends in any way."""
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget_old(folder: Path, family: str) -> None:
    found = [one for one in folder.glob(f"{family}*") if one.is_dir()]
    for old in sorted(found, key=lambda one: one.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
        old.with_name(f".{old.name}.lock").unlink(missing_ok=True)
