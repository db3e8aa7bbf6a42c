"""A device in plain Python, written from docs/offline.md alone: it knows nothing of the server."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

RECORDED_AT = "2026-11-21T23:30:00.000Z"


def written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Sealed:
    """One envelope, as it lies in the queue of a device."""

    id: str
    text: bytes
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        self.hash = hashlib.sha256(self.text).hexdigest()


def seal(
    key: dict[str, str],
    device: str,
    body: dict[str, Any],
    *,
    kind: str = "visit",
    id: str = "",
    recorded_at: str = RECORDED_AT,
) -> Sealed:
    """Seal a record to a server's public key, given as the server tells it."""
    plain = json.dumps({"recorded_at": recorded_at, "body": body}, ensure_ascii=False)
    return seal_bytes(key, device, plain.encode(), kind=kind, id=id)


def seal_bytes(
    key: dict[str, str], device: str, plain: bytes, *, kind: str = "visit", id: str = ""
) -> Sealed:
    name = id or str(uuid.uuid4())
    mine = ec.generate_private_key(ec.SECP256R1())
    point = mine.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), read(key["raw"]))
    secret = HKDF(hashes.SHA256(), 32, salt=point, info=b"balise outbox 1").derive(
        mine.exchange(ec.ECDH(), theirs)
    )
    nonce = os.urandom(12)
    outside = f"1|{name}|{kind}|{device}|{key['id']}".encode()
    envelope = {
        "v": 1,
        "id": name,
        "kind": kind,
        "device": device,
        "key": key["id"],
        "epk": written(point),
        "iv": written(nonce),
        "ct": written(AESGCM(secret).encrypt(nonce, plain, outside)),
    }
    return Sealed(name, json.dumps(envelope, separators=(",", ":")).encode())


def visit_body(site_id: object, code: str, **changed: Any) -> dict[str, Any]:
    """Return a visit with one complete sample, as the screen of a device tells it."""
    sample = {
        "id": str(uuid.uuid4()),
        "code": code,
        "form": "tablet",
        "sold_as": "MDMA",
        "consent_destroy": True,
        **changed.pop("sample", {}),
    }
    told = {"site_id": str(site_id), "samples": [sample], "with_ticket": False, "ticket": None}
    return {**told, **changed}
