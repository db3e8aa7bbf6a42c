"""Certificates for tests: an authority of its own, and a server that it vouches for."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certificates:
    """An authority and a server's key and certificate, in a folder."""

    def __init__(self, folder: Path, host: str = "127.0.0.1") -> None:
        self.authority = folder / "authority.pem"
        self.chain, self.key = folder / "server.pem", folder / "server.key"
        root = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "synthetic authority")])
        signed = self._begun(name, name, root.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        signed = signed.add_extension(usage, critical=True)
        own = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
        signed = signed.add_extension(own, critical=False)
        paper = signed.sign(root, hashes.SHA256())
        self.authority.write_bytes(paper.public_bytes(serialization.Encoding.PEM))
        self._server(root, name, host, own)

    def _begun(self, issuer: x509.Name, subject: x509.Name, key: object) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .issuer_name(issuer)
            .subject_name(subject)
            .public_key(key)  # type: ignore[arg-type]
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )

    def _server(
        self,
        root: ec.EllipticCurvePrivateKey,
        issuer: x509.Name,
        host: str,
        authority: x509.SubjectKeyIdentifier,
    ) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "synthetic server")])
        try:
            named: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            named = x509.DNSName(host)
        whose = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority)
        begun = self._begun(issuer, name, key.public_key())
        begun = begun.add_extension(x509.SubjectAlternativeName([named]), critical=False)
        paper = begun.add_extension(whose, critical=False).sign(root, hashes.SHA256())
        self.chain.write_bytes(paper.public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        self.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))

    def server(self) -> ssl.SSLContext:
        """Return what a server shows to whoever calls it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context
