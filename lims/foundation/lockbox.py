"""Small secrets kept in the database: encrypted with a key that only the server's folder holds.

A copy of the database alone opens none of them. What is kept says for what it was kept: moved to
another row, it does not open.
"""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lims.foundation.errors import Refused
from lims.foundation.words import _

KEY = "lockbox-0001.key"
KEY_BYTES, NONCE_BYTES = 32, 12


def lock(folder: Path, purpose: str, secret: str) -> str:
    """Return a secret encrypted (AES-256-GCM) for one purpose, as text that a column can hold."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_key(folder)).encrypt(nonce, secret.encode(), purpose.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unlock(folder: Path, purpose: str, kept: str) -> str:
    """Return a secret that was locked for this purpose; raises Refused when it does not open."""
    try:
        whole = base64.urlsafe_b64decode(kept.encode())
        opened = AESGCM(_key(folder)).decrypt(
            whole[:NONCE_BYTES], whole[NONCE_BYTES:], purpose.encode()
        )
    except (ValueError, InvalidTag):
        raise Refused(_("A kept secret does not open with the key of this server.")) from None
    return opened.decode()


def _key(folder: Path) -> bytes:
    return _read(folder / "keys" / KEY)


@lru_cache(maxsize=8)
def _read(place: Path) -> bytes:
    """Return the key, made when there is none; whoever comes second uses the first one's."""
    if not place.exists():
        _make(place)
    return place.read_bytes()


def _make(place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place.parent)  # 0600 from its first moment
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, place)  # all of it or nothing, and never over another one
        except FileExistsError:
            return
    finally:
        Path(temporary).unlink(missing_ok=True)
