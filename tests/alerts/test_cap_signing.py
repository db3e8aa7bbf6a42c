from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from lims.alerts.cap import signing, writing
from lims.alerts.cap.checking import check
from lims.alerts.cap.signing import Seal, Signed
from tests.alerts.capping import SENT, cap_alert, changed, signed, unsigned


def test_one_changed_digit_is_refused(tmp_path: Path) -> None:
    content, seal = signed(tmp_path)
    assert check(content, [seal.certificate], signed=True).is_in_order
    assert f"{SENT:%Y}".encode() in content
    spoiled = changed(content, ("<sent>2026-11-22T10:00:00", "<sent>2026-11-22T10:00:01"))
    report = check(spoiled, [seal.certificate], signed=True)
    assert report.signature.state is Signed.BROKEN and report.rules == ["signature"]


def test_every_digit_of_the_message_is_under_the_signature(tmp_path: Path) -> None:
    content, seal = signed(tmp_path)
    told = content[: content.index(b"<ds:Signature")]
    digits = [at for at, byte in enumerate(told) if chr(byte).isdigit() and at > 120]
    for at in digits[::7]:
        other = b"1" if told[at : at + 1] != b"1" else b"2"
        spoiled = content[:at] + other + content[at + 1 :]
        assert check(spoiled, [seal.certificate], signed=True).rules, told[at - 20 : at + 5]


def test_another_key_is_refused_even_when_its_signature_is_sound(tmp_path: Path) -> None:
    _content, ours = signed(tmp_path / "ours")
    theirs, seal = signed(tmp_path / "theirs")
    report = check(theirs, [ours.certificate], signed=True)
    assert report.signature.state is Signed.UNKNOWN and report.rules == ["signature"]
    assert check(theirs).is_in_order
    assert check(theirs, [seal.certificate]).signature.state is Signed.PINNED


def test_a_message_without_a_signature_is_refused_where_one_is_asked(tmp_path: Path) -> None:
    _content, seal = signed(tmp_path)
    assert check(unsigned()).is_in_order
    assert check(unsigned(), [seal.certificate], signed=True).rules == ["signature"]


def test_a_signature_about_a_part_proves_nothing(tmp_path: Path) -> None:
    content, seal = signed(tmp_path)
    partly = changed(content, ('<ds:Reference URI=""', '<ds:Reference URI="#a"'))
    assert check(partly, [seal.certificate]).signature.state is Signed.BROKEN


def test_a_sound_message_hidden_in_another_proves_nothing(tmp_path: Path) -> None:
    content, seal = signed(tmp_path)
    inner = content[content.index(b"<alert") :].decode()
    outer = changed(unsigned(), ("</alert>", f"{inner}</alert>"))
    report = check(outer, [seal.certificate])
    assert report.signature.state is Signed.BROKEN and not report.is_cap


def ending(seal: Seal, at: datetime) -> Seal:
    """Return a seal with the same key, whose certificate ends at a moment."""
    who = seal.certificate.subject
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(seal.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=365))
        .not_valid_after(at)
        .sign(seal.key, hashes.SHA256())
    )
    return Seal(seal.key, made)


def test_what_was_signed_in_time_stays_signed_when_the_certificate_has_ended(
    tmp_path: Path,
) -> None:
    _content, seal = signed(tmp_path)
    old = SENT - timedelta(days=3000)
    ended = ending(seal, old)
    in_time = signing.sign(writing.write(cap_alert(sent=old - timedelta(days=1))), ended)
    report = check(in_time, [ended.certificate], signed=True)
    assert report.signature.state is Signed.PINNED and report.is_in_order
    too_late = signing.sign(writing.write(cap_alert(sent=old + timedelta(days=1))), ended)
    assert check(too_late, [ended.certificate]).signature.state is Signed.BROKEN
