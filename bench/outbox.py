"""Sealed visits of offline tables over HTTP, against the bare two rows and plain registration.

Each envelope holds one sample and the verifier of a ticket that the device made; it is opened,
registered, journalled, receipted and committed before the answer. Sealing is the devices' work and
is done before the clock runs.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bench import bare, registration
from bench.measures import Outcome, in_turns
from bench.servers import Request, gunicorn, rate
from lims.foundation import clock, sealing
from lims.foundation.database import make_engine, open_session
from lims.intake.devices import EnrolDevice, Reserve, enrol_device, reserve
from lims.network import queries

COUNT = 1000
ROUNDS = 2
DEVICES = 4
VERIFIER = "$argon2id$v=19$m=19456,t=2,p=1$" + "A" * 22 + "$" + "A" * 43
"""As long and as shaped as a real one; the server compares its shape and hashes nothing."""
WANTED = 100


def sealed_visits(folder: Path) -> Iterator[Request]:
    """Enrol devices, let them seal every visit of the measurement, and give one request each."""
    data = folder / "data"
    engine = make_engine(f"sqlite:///{data / 'balise.sqlite'}")
    key = sealing.outbox_key(data)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _read(key.raw))
    made: list[Request] = []
    wanted = 2 * (ROUNDS + 1) * COUNT
    with open_session(engine) as session:
        worker = queries.actor_by_account(session, "bench")
        site_id = uuid.UUID(os.environ["BENCH_SITE"])
        for number in range(DEVICES):
            command = EnrolDevice(uuid.uuid4(), f"bench {number}", site_id, data)
            device = enrol_device(session, worker, command)
            while len(made) < (number + 1) * wanted // DEVICES:
                asked = Reserve(uuid.uuid4(), device.id, 500, 500)
                given = reserve(session, worker, asked)
                made += [
                    _request(point, key.id, str(device.id), site_id, *pair)
                    for pair in zip(given.codes, given.selectors, strict=True)
                ]
        session.commit()
    engine.dispose()
    return iter(made)


def _request(
    point: ec.EllipticCurvePublicKey,
    key: str,
    device: str,
    site_id: uuid.UUID,
    code: str,
    selector: str,
) -> Request:
    plain = json.dumps(_record(site_id, code, selector)).encode()
    id = str(uuid.uuid4())
    mine = ec.generate_private_key(ec.SECP256R1())
    raw = mine.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    secret = HKDF(hashes.SHA256(), 32, salt=raw, info=b"balise outbox 1").derive(
        mine.exchange(ec.ECDH(), point)
    )
    nonce = os.urandom(12)
    outside = f"1|{id}|visit|{device}|{key}".encode()
    sealed = AESGCM(secret).encrypt(nonce, plain, outside)
    envelope = {"v": 1, "id": id, "kind": "visit", "device": device, "key": key}
    envelope |= {"epk": _written(raw), "iv": _written(nonce), "ct": _written(sealed)}
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {os.environ['BENCH_KEY']}",
        "X-Sent-At": clock.now().isoformat(),
    }
    text = json.dumps(envelope, separators=(",", ":")).encode()
    return "PUT", f"/api/intake/outbox/{id}", text, headers


def _record(site_id: uuid.UUID, code: str, selector: str) -> dict[str, object]:
    sample = {
        "id": str(uuid.uuid4()),
        "code": code,
        "form": "tablet",
        "sold_as": "MDMA",
        "colour": "pink",
        "logo": "none",
        "mass_mg": "250",
        "consent_destroy": True,
    }
    ticket = {"selector": selector, "verifier": VERIFIER}
    body = {"site_id": str(site_id), "samples": [sample], "with_ticket": False, "ticket": ticket}
    return {"recorded_at": clock.now().isoformat(), "body": body}


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def measure() -> list[Outcome]:
    """Measure in turns with the bare server, then with plain registration; two workers each."""
    with tempfile.TemporaryDirectory(prefix="balise-bench-") as name:
        folder = Path(name)
        environment = registration.prepare(folder)
        waiting = sealed_visits(folder)
        url = f"sqlite:///{folder / 'bare.sqlite'}"
        bare.make_tables(url)
        with (
            gunicorn("wsgi:staff()", environment) as port,
            gunicorn("bench.bare:make_app()", {"BENCH_DATABASE_URL": url}) as bare_port,
        ):
            ours, theirs = in_turns(
                lambda: rate(port, lambda _number: next(waiting), COUNT),
                lambda: rate(bare_port, registration.bare_request, COUNT),
                ROUNDS,
            )
            again, plain = in_turns(
                lambda: rate(port, lambda _number: next(waiting), COUNT),
                lambda: rate(port, registration.our_request, COUNT),
                ROUNDS,
            )
    promise = f"{WANTED} samples/s"
    return [
        Outcome("outbox, against bare rows", "samples/s", ours, theirs, promise, ours >= WANTED),
        Outcome("outbox, against registration", "samples/s", again, plain),
    ]
