"""The doors of the testing point's table in miniature: what a device may rely on, in memory.

It opens envelopes with a key of its own, as the product does; what it does not know goes to the
application behind it (the screen's shell and files).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import uuid
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lims.foundation import codes


def b64url(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def raw(written: str) -> bytes:
    """Return the bytes of base64url without padding."""
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public point of a key, 65 bytes."""
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


class SmallServer:
    """Follows the contract of the doors: idempotent by identifier and hash, never twice a code."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.held: dict[str, str] = {}
        self.arrivals: list[str] = []
        self.opened: dict[str, dict[str, Any]] = {}
        self.sent_at: list[str] = []
        self.reserved: dict[str, dict[str, list[str]]] = {}
        self.logged_in = True
        self.csrf = "first"
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        parts = environ["PATH_INFO"].split("/")[1:]
        method = environ["REQUEST_METHOD"]
        doors = {
            ("GET", "session.json"): self._session,
            ("POST", "devices"): self._devices,
            ("PUT", "outbox"): self._outbox,
        }
        door = doors.get((method, parts[1])) if parts[0] == "table" and len(parts) > 1 else None
        if door is None:
            return list(self.application(environ, start))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        with self._lock:
            status, told = self._guarded(door, parts, body, environ)
        start(f"{status} so", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]

    def _guarded(self, door: Any, parts: list[str], body: bytes, environ: Any) -> Any:
        if not self.logged_in:
            return 401, {"title": "Please log in."}
        if environ["REQUEST_METHOD"] != "GET" and environ.get("HTTP_X_CSRFTOKEN") != self.csrf:
            return 400, {"title": "too old"}
        return door(parts, body, environ)

    def _session(self, _parts: Any, _body: bytes, _environ: Any) -> Any:
        return 200, {"account": "worker", "site_id": "site", "csrf": self.csrf}

    def _devices(self, parts: list[str], body: bytes, _environ: Any) -> Any:
        asked = json.loads(body)
        if parts[-1] == "reserve":
            made = self.reserved.setdefault(
                asked["id"],
                {
                    "codes": [codes.new_code() for _one in range(asked["codes"])],
                    "selectors": [_selector() for _one in range(asked["selectors"])],
                },
            )
            return 200, made
        key = {"id": "k1", "raw": b64url(point(self.key))}
        return 201, {**asked, "site_id": "site", "seal_key": key, "bundle_key": key}

    def _outbox(self, parts: list[str], body: bytes, environ: Any) -> Any:
        row, found = parts[-1], hashlib.sha256(body).hexdigest()
        self.sent_at.append(environ["HTTP_X_SENT_AT"])
        if row in self.held:
            same = self.held[row] == found
            opened = {} if same else {"ours": self.opened[row], "theirs": self.unseal(body)}
            return 409, {"id": row, "hash": self.held[row], "result": {}, **opened}
        self.opened[row] = self.unseal(body)
        self.held[row] = found
        self.arrivals.append(row)
        return 201, {"id": row, "hash": found, "result": {"id": row}}

    def unseal(self, envelope: bytes) -> dict[str, Any]:
        """Open an envelope as the contract says; anything else than its exact text is refused."""
        told = json.loads(envelope)
        assert list(told) == ["v", "id", "kind", "device", "key", "epk", "iv", "ct"]
        assert envelope == json.dumps(told, separators=(",", ":")).encode()
        assert told["v"] == 1 and str(uuid.UUID(told["id"])) == told["id"]
        epk = raw(told["epk"])
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), epk)
        shared = self.key.exchange(ec.ECDH(), theirs)
        key = HKDF(hashes.SHA256(), 32, salt=epk, info=b"balise outbox 1").derive(shared)
        bound = "|".join(["1", told["id"], told["kind"], told["device"], told["key"]]).encode()
        opened: dict[str, Any] = json.loads(
            AESGCM(key).decrypt(raw(told["iv"]), raw(told["ct"]), bound)
        )
        return opened


def _selector() -> str:
    return "".join(secrets.choice(codes.TICKET_ALPHABET) for _place in range(5))
