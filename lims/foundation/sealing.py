"""Keys of this installation: records come sealed to one, bundles go out signed with the other.

Keys are PEM files that only the server's account may read. Opening refuses in words whatever is
damaged, cut, foreign or sealed to a key that is not held; what was inside is never written down.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lims.foundation.errors import Invalid, NotFound, refuse_field
from lims.foundation.words import Message, _

VERSION = 1
SALT_INFO = b"balise outbox 1"
CURVE = ec.SECP256R1()
OUTBOX, BUNDLE = "outbox", "bundle"
PARTS = ("v", "id", "kind", "device", "key", "epk", "iv", "ct")
LONGEST_KIND = 40
YEARS = range(2020, 2060)
"""Years in which a device's clock is believed at all; its error is corrected by the server."""
_BASE64 = re.compile(r"[A-Za-z0-9_-]+")
_NUMBER = re.compile(r"(outbox|bundle)-(\d{4})\.pem")


@dataclass(frozen=True)
class PublicKey:
    """A key as a device keeps it: its name and its point, 65 bytes in base64url."""

    id: str
    raw: str


@dataclass(frozen=True)
class Envelope:
    """A sealed record as it came; nothing of its content can be read here."""

    id: uuid.UUID
    kind: str
    device: uuid.UUID
    key: str
    sender: bytes
    nonce: bytes
    sealed: bytes = field(repr=False)
    hash: str


@dataclass(frozen=True)
class Opened:
    """What was in an envelope: the moment by the device's clock, and the record."""

    recorded_at: datetime
    body: Mapping[str, Any] = field(repr=False)


# ----------------------------------------------------------------------------------------- keys


def make_keys(folder: Path) -> None:
    """Make the first key of each kind where there is none."""
    for kind in (OUTBOX, BUNDLE):
        _newest(folder, kind)


def outbox_key(folder: Path) -> PublicKey:
    """Return the key to which devices seal now."""
    return _public(_private(_newest(folder, OUTBOX)))


def bundle_key(folder: Path) -> PublicKey:
    """Return the key by which devices know a bundle."""
    return _public(_private(_newest(folder, BUNDLE)))


def rotate_outbox_key(folder: Path) -> PublicKey:
    """Make the next key of the outbox; the ones before it still open what was sealed to them."""
    number = _numbers(folder, OUTBOX)[-1:] or [0]
    return _public(_private(_make(folder, OUTBOX, number[0] + 1)))


def older_outbox_keys(folder: Path) -> list[str]:
    """Return the names of the keys that only open, oldest first."""
    return [_public(_private(place)).id for place in _places(folder, OUTBOX)[:-1]]


def drop_outbox_key(folder: Path, key: str) -> None:
    """Destroy an older key: what is still sealed to it can never be read; raises NotFound."""
    for place in _places(folder, OUTBOX)[:-1]:
        if _public(_private(place)).id == key:
            place.unlink()
            _settle(place.parent)
            return
    raise NotFound(_("There is no older key of this name."))


def _newest(folder: Path, kind: str) -> Path:
    places = _places(folder, kind)
    return places[-1] if places else _make(folder, kind, 1)


def _numbers(folder: Path, kind: str) -> list[int]:
    try:
        names = os.listdir(folder / "keys")
    except FileNotFoundError:
        return []
    found = (_NUMBER.fullmatch(name) for name in names)
    return sorted(int(one[2]) for one in found if one is not None and one[1] == kind)


def _places(folder: Path, kind: str) -> list[Path]:
    return [_place(folder, kind, number) for number in _numbers(folder, kind)]


def _place(folder: Path, kind: str, number: int) -> Path:
    return folder / "keys" / f"{kind}-{number:04}.pem"


def _make(folder: Path, kind: str, number: int) -> Path:
    """Write a fresh key under its number; whoever comes second uses the first one's."""
    written = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    key = ec.generate_private_key(CURVE)
    pem = key.private_bytes(*written, serialization.NoEncryption())
    return keep_once(_place(folder, kind, number), pem)


def keep_once(place: Path, data: bytes) -> Path:
    """Write a file that only the server's account reads, unless it is there already."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place.parent)  # 0600 from its first moment
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, place)  # all of it or nothing, and never over another one
        except FileExistsError:
            return place
    finally:
        Path(temporary).unlink(missing_ok=True)
    _settle(place.parent)
    return place


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@lru_cache(maxsize=64)
def _private(place: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(place.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{place.name} is no key of the curve P-256")
    return key


@lru_cache(maxsize=64)
def _public(key: ec.EllipticCurvePrivateKey) -> PublicKey:
    raw = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return PublicKey(hashlib.sha256(raw).hexdigest()[:16], _written(raw))


# ------------------------------------------------------------------------------------- opening


def read_envelope(data: bytes) -> Envelope:
    """Return the outside of a sealed record; raises Invalid for anything that is none."""
    try:
        told = json.loads(data.decode())
        if not isinstance(told, dict) or set(told) != set(PARTS) or told["v"] != VERSION:
            raise ValueError
        texts = {name: told[name] for name in PARTS[1:]}
        if not all(isinstance(text, str) for text in texts.values()):
            raise ValueError
        if not 0 < len(texts["kind"].encode()) <= LONGEST_KIND or len(texts["key"].encode()) > 64:
            raise ValueError
        return Envelope(
            id=_identifier(texts["id"]),
            kind=texts["kind"],
            device=_identifier(texts["device"]),
            key=texts["key"],
            sender=_read(texts["epk"], 65),
            nonce=_read(texts["iv"], 12),
            sealed=_read(texts["ct"]),
            hash=hashlib.sha256(data).hexdigest(),
        )
    except (ValueError, RecursionError):
        raise _wrong(_("This is not a sealed record, or it is cut short.")) from None


def open_envelope(folder: Path, envelope: Envelope) -> Opened:
    """Return what is in a sealed record; raises Invalid when no key of this server opens it."""
    for place in reversed(_places(folder, OUTBOX)):
        if _public(_private(place)).id == envelope.key:
            return _opened(_unsealed(_private(place), envelope))
    raise _wrong(_("This record is sealed to a key that this server does not hold."))


def _unsealed(key: ec.EllipticCurvePrivateKey, envelope: Envelope) -> bytes:
    outside = f"{VERSION}|{envelope.id}|{envelope.kind}|{envelope.device}|{envelope.key}"
    try:
        sender = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, envelope.sender)
        shared = key.exchange(ec.ECDH(), sender)
        return AESGCM(_derived(shared, envelope.sender)).decrypt(
            envelope.nonce, envelope.sealed, outside.encode()
        )
    except (ValueError, InvalidTag):
        raise _wrong(_("This record is damaged: its seal does not fit.")) from None


def _derived(shared: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=SALT_INFO).derive(shared)


def _opened(plain: bytes) -> Opened:
    try:
        told = json.loads(plain.decode(), parse_constant=_no_number)
        if not isinstance(told, dict) or not isinstance(told.get("body"), dict):
            raise ValueError
        moment = read_moment(told.get("recorded_at"))
        if moment is None:
            raise ValueError
    except (ValueError, RecursionError):
        raise _wrong(_("What was sealed is no record of a device.")) from None
    return Opened(moment, told["body"])


def read_moment(text: Any) -> datetime | None:
    """Return the aware moment that a device wrote, or None when no clock shows such a time."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if moment is None or moment.utcoffset() is None or moment.year not in YEARS:
        return None
    return moment


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _identifier(text: str) -> uuid.UUID:
    found = uuid.UUID(text)
    if str(found) != text:
        raise ValueError("not written as identifiers are")
    return found


def _read(text: str, length: int | None = None) -> bytes:
    if not _BASE64.fullmatch(text):
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if length is not None and len(data) != length:
        raise ValueError("another length")
    return data


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _wrong(message: Message) -> Invalid:
    return refuse_field("envelope", message)


# ------------------------------------------------------------------------------------- signing


def sign_bundle(folder: Path, payload: str) -> dict[str, str]:
    """Return a payload with its signature (ECDSA P-256, SHA-256, r and s as 64 bytes)."""
    key = _private(_newest(folder, BUNDLE))
    r, s = decode_dss_signature(key.sign(payload.encode(), ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return {"payload": payload, "signature": _written(signature), "key": _public(key).id}
