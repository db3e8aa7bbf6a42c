from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation import sealing
from lims.foundation.errors import Invalid, NotFound
from tests.intake.sealer import Sealed, read, seal, seal_bytes

CHECKOUT = Path(__file__).resolve().parent.parent.parent
DEVICE = str(uuid.UUID(int=7))
BODY = {"sold_as": "ecstasy « été »", "samples": []}


def told(key: sealing.PublicKey) -> dict[str, str]:
    return {"id": key.id, "raw": key.raw}


def opened(folder: Path, sealed: Sealed) -> sealing.Opened:
    return sealing.open_envelope(folder, sealing.read_envelope(sealed.text))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("installation")


@pytest.fixture(scope="module")
def whole(folder: Path) -> Sealed:
    return seal(told(sealing.outbox_key(folder)), DEVICE, BODY)


def test_what_another_program_sealed_is_opened(folder: Path, whole: Sealed) -> None:
    found = opened(folder, whole)
    assert found.body == BODY
    assert found.recorded_at.isoformat() == "2026-11-21T23:30:00+00:00"
    envelope = sealing.read_envelope(whole.text)
    assert (str(envelope.id), str(envelope.device)) == (whole.id, DEVICE)
    assert envelope.hash == hashlib.sha256(whole.text).hexdigest()


def test_a_key_is_named_by_its_point_and_is_of_the_curve(folder: Path) -> None:
    key = sealing.outbox_key(folder)
    raw = read(key.raw)
    assert len(raw) == 65 and raw[0] == 4
    assert key.id == hashlib.sha256(raw).hexdigest()[:16]
    assert key != sealing.bundle_key(folder)


def test_only_the_servers_account_reads_the_keys(folder: Path) -> None:
    sealing.make_keys(folder)
    assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o700
    places = list((folder / "keys").iterdir())
    assert {place.name for place in places} == {"outbox-0001.pem", "bundle-0001.pem"}
    assert {stat.S_IMODE(place.stat().st_mode) for place in places} == {0o600}


@given(st.data())
def test_an_envelope_with_any_byte_changed_is_refused_in_words(
    folder: Path, whole: Sealed, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(whole.text) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != whole.text[place]))
    damaged = whole.text[:place] + bytes([byte]) + whole.text[place + 1 :]
    try:
        found = opened(folder, Sealed(whole.id, damaged))
    except Invalid as refusal:
        assert refusal.problems[0].field == "envelope" and str(refusal.problems[0].message)
    else:  # the last character of base64url may hold bits that mean nothing
        assert found.body == BODY


@given(st.integers(0, 10_000), st.binary(max_size=40))
def test_an_envelope_cut_short_or_overlong_is_refused_in_words(
    whole: Sealed, length: int, more: bytes
) -> None:
    cut = whole.text[: min(length, len(whole.text) - 1)]
    for text in (cut, whole.text + b"x" + more, more):
        with pytest.raises(Invalid):
            sealing.read_envelope(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sealing.PARTS), JSON, max_size=8))
def test_any_other_json_is_no_envelope(told: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        sealing.read_envelope(json.dumps(told).encode())


@given(st.binary(max_size=60) | JSON.map(lambda one: json.dumps(one).encode()))
def test_what_was_sealed_but_is_no_record_is_refused_in_words(folder: Path, plain: bytes) -> None:
    sealed = seal_bytes(told(sealing.outbox_key(folder)), DEVICE, plain)
    with pytest.raises(Invalid):
        opened(folder, sealed)


@pytest.mark.parametrize(
    "plain",
    [
        b"[" * 100_000,
        b'{"recorded_at":"2026-11-21T10:00:00","body":{}}',
        b'{"recorded_at":"1999-01-01T10:00:00Z","body":{}}',
        b'{"recorded_at":"2026-11-21T10:00:00Z","body":[]}',
        b'{"recorded_at":"2026-11-21T10:00:00Z","body":{"mass":NaN}}',
        b'{"recorded_at":"2026-11-21T10:00:00Z","body":{"mass":' + b"9" * 5000 + b"}}",
    ],
    ids=["deep", "no zone", "old", "list", "not a number", "long number"],
)
def test_a_record_that_no_device_writes_is_refused_in_words(folder: Path, plain: bytes) -> None:
    sealed = seal_bytes(told(sealing.outbox_key(folder)), DEVICE, plain)
    with pytest.raises(Invalid):
        opened(folder, sealed)


def test_the_outside_of_an_envelope_cannot_be_exchanged(folder: Path, whole: Sealed) -> None:
    envelope = json.loads(whole.text)
    for part, other in (
        ("id", str(uuid.uuid4())),
        ("kind", "scan"),
        ("device", str(uuid.uuid4())),
    ):
        changed = json.dumps({**envelope, part: other}).encode()
        with pytest.raises(Invalid):
            opened(folder, Sealed(whole.id, changed))


def test_a_record_for_another_server_is_refused(folder: Path, tmp_path: Path) -> None:
    foreign = seal(told(sealing.outbox_key(tmp_path)), DEVICE, BODY)
    with pytest.raises(Invalid, match="another look") as refusal:
        opened(folder, foreign)
    assert "does not hold" in str(refusal.value.problems[0].message)


def test_a_point_that_is_not_on_the_curve_is_refused(folder: Path, whole: Sealed) -> None:
    envelope = json.loads(whole.text)
    envelope["epk"] = "BA" + "A" * 85
    with pytest.raises(Invalid):
        opened(folder, Sealed(whole.id, json.dumps(envelope).encode()))


# ------------------------------------------------------------------------------------- new keys


def test_after_a_new_key_the_old_one_still_opens_until_it_is_dropped(tmp_path: Path) -> None:
    old = told(sealing.outbox_key(tmp_path))
    before = seal(old, DEVICE, BODY)
    new = told(sealing.rotate_outbox_key(tmp_path))
    assert told(sealing.outbox_key(tmp_path)) == new != old
    assert sealing.older_outbox_keys(tmp_path) == [old["id"]]
    assert opened(tmp_path, before).body == opened(tmp_path, seal(new, DEVICE, BODY)).body
    sealing.drop_outbox_key(tmp_path, old["id"])
    with pytest.raises(Invalid):
        opened(tmp_path, before)
    with pytest.raises(NotFound):
        sealing.drop_outbox_key(tmp_path, new["id"])
    assert told(sealing.outbox_key(tmp_path)) == new


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from lims.foundation import sealing\n"
        "sys.stdin.readline()\n"
        "print(sealing.outbox_key(Path(sys.argv[1])).id, sealing.bundle_key(Path(sys.argv[1])).id)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _each in range(4)
    ]
    answers = {process.communicate("go\n", timeout=60)[0] for process in started}
    assert len(answers) == 1 and answers.pop().strip()
    assert len(list((tmp_path / "keys").iterdir())) == 2


# -------------------------------------------------------------------------------------- signing


def test_a_bundle_is_signed_so_that_another_program_knows_it(folder: Path) -> None:
    signed = sealing.sign_bundle(folder, '{"alerts":["é"]}')
    key = sealing.bundle_key(folder)
    assert signed["key"] == key.id
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), read(key.raw))
    raw = read(signed["signature"])
    assert len(raw) == 64
    halves = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    signature = encode_dss_signature(*halves)
    public.verify(signature, signed["payload"].encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(signature, b'{"alerts":[]}', ec.ECDSA(hashes.SHA256()))
