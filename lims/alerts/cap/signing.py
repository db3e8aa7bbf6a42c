"""Signs CAP messages with the key of this installation, and tells who signed a message.

Enveloped XML signature (W3C XMLDSig 1.1, as CAP 1.2 section 3.3.4.1 allows): RSA with SHA-256. A
certificate proves something only to a reader who got it another way before: it is pinned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from lims.alerts.cap.codes import XMLDSIG
from lims.alerts.cap.reading import Element, Unreadable, parse, text
from lims.alerts.cap.remarks import moment_of
from lims.foundation.sealing import keep_once

KEY_BITS = 3072
"""As strong as AES-128 until 2030 and later (NIST SP 800-57 part 1, table 2)."""
YEARS = 10
METHODS = frozenset(
    {
        *(SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512),
        *(SignatureMethod.ECDSA_SHA256, SignatureMethod.ECDSA_SHA384, SignatureMethod.ECDSA_SHA512),
        *(SignatureMethod.SHA256_RSA_MGF1, SignatureMethod.SHA512_RSA_MGF1),
    }
)
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
EXPECTED = SignatureConfiguration(
    location="./", expect_references=1, signature_methods=METHODS, digest_algorithms=DIGESTS
)


@dataclass(frozen=True)
class Seal:
    """The key that signs, and the certificate that goes with each message."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


class Signed(StrEnum):
    """What is known of a message's signature."""

    NOT = "not signed"
    BROKEN = "broken"
    UNKNOWN = "signed by an unknown sender"
    PINNED = "signed by a pinned sender"


@dataclass(frozen=True)
class Signature:
    """Whether a message is as it was signed, by whom, and what exactly was signed."""

    state: Signed
    fingerprint: str = ""
    subject: str = ""
    content: bytes = b""


# ----------------------------------------------------------------------------- our own key


def own_seal(folder: Path, key_file: str, certificate_file: str, name: str) -> Seal:
    """Return the key and certificate of this installation, made once when none are set.

    Raises ValueError when the files do not fit each other, OSError when they cannot be read.
    """
    if not key_file:
        key_place = _own_key(folder)
        return Seal(_key(key_place), _certificate(_own_certificate(folder, _key(key_place), name)))
    key = _key(Path(key_file))
    certificate = _certificate(Path(certificate_file or key_file))
    if certificate.public_key() != key.public_key():
        raise ValueError("The certificate of LIMS_CAP_CERTIFICATE_FILE belongs to another key.")
    return Seal(key, certificate)


def _own_key(folder: Path) -> Path:
    place = folder / "keys" / "cap-0001.pem"
    if place.exists():
        return place
    key = rsa.generate_private_key(65537, KEY_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return keep_once(place, pem)


def _own_certificate(folder: Path, key: rsa.RSAPrivateKey, name: str) -> Path:
    place = folder / "keys" / "cap-0001.crt"
    if place.exists():
        return place
    now = datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64] or "CAP")])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return keep_once(place, made.public_bytes(serialization.Encoding.PEM))


def _key(place: Path) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(place.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"{place.name} holds no RSA key")
    return key


def _certificate(place: Path) -> x509.Certificate:
    return read_certificate(place.read_bytes())


def read_certificate(data: bytes) -> x509.Certificate:
    """Return a certificate from PEM or DER; raises ValueError for anything else."""
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_certificate(data)
    return x509.load_der_x509_certificate(data)


def pinned_in(folder: str) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a folder; a file that holds none is passed over."""
    found = []
    for place in sorted(Path(folder).glob("*")) if folder else []:
        try:
            found.append(_certificate(place))
        except (OSError, ValueError):
            continue
    return tuple(found)


def has_ended(certificate: x509.Certificate, at: datetime) -> bool:
    """Tell whether the time of a certificate is over at a moment."""
    return at > certificate.not_valid_after_utc


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as people compare it: `A1:B2:…`."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


# ------------------------------------------------------------------------------- signatures


def sign(root: Element, seal: Seal) -> bytes:
    """Return the signed message as bytes; the same message and key give the same bytes."""
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = signer.sign(root, key=seal.key, cert=[seal.certificate])
    written: bytes = etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
    return written


def signature_of(data: bytes, pinned: Sequence[x509.Certificate] = ()) -> Signature:
    """Tell whether a message is as it was signed, and whether by a pinned certificate.

    What a stranger's certificate proves is only that nothing changed since the stranger signed.
    """
    try:
        root = parse(data, with_instructions=True)
    except Unreadable:
        return Signature(Signed.NOT)
    found = root.findall(f".//{{{XMLDSIG}}}Signature")
    if not found:
        return Signature(Signed.NOT)
    if len(found) > 1 or found[0].getparent() is not root or not _covers_all(found[0]):
        return Signature(Signed.BROKEN)
    for certificate in pinned:
        content = _verified(root, certificate)
        if content:
            return _told(Signed.PINNED, certificate, content)
    return _by_its_own(root, found[0])


def _covers_all(signature: Element) -> bool:
    """Tell whether a signature is about the whole message and not about a part of it."""
    cited = signature.findall(f".//{{{XMLDSIG}}}Reference")
    return len(cited) == 1 and cited[0].get("URI") == ""


def _by_its_own(root: Element, signature: Element) -> Signature:
    written = signature.findtext(f".//{{{XMLDSIG}}}X509Certificate") or ""
    try:
        armour = f"-----BEGIN CERTIFICATE-----\n{written.strip()}\n-----END CERTIFICATE-----\n"
        certificate = x509.load_pem_x509_certificate(armour.encode())
    except ValueError:
        return Signature(Signed.BROKEN)
    content = _verified(root, certificate)
    return _told(Signed.UNKNOWN, certificate, content) if content else Signature(Signed.BROKEN)


def _verified(root: Element, certificate: x509.Certificate) -> bytes:
    """Return what a certificate's key signed, or nothing.

    The certificate may not have ended when the message was sent: what was signed in time stays
    signed afterwards. A hostile file can provoke any fault of three libraries; each
    of them means the same.
    """
    try:
        begins = certificate.not_valid_before_utc
        sent = max(begins, moment_of(text(root, "sent")) or datetime.now(UTC))
        expected = replace(EXPECTED, verification_time=sent)
        checked = XMLVerifier().verify(root, x509_cert=certificate, expect_config=expected)
    except Exception:
        return b""
    if (
        isinstance(checked, list)
        or checked.signed_xml is None
        or checked.signed_xml.tag != root.tag
    ):
        return b""
    content: bytes = checked.signed_data
    return content


def _told(state: Signed, certificate: x509.Certificate, content: bytes) -> Signature:
    try:
        subject = certificate.subject.rfc4514_string()[:200]
    except ValueError:
        subject = ""
    return Signature(state, fingerprint(certificate), subject, content)
