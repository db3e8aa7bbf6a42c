"""Webhooks: one message as JSON to an allowed host over HTTPS, signed.

The host stands on the list of the server's operator, its address is looked up once and must be
public, redirects are not followed, and the answer's words are not read. The signature is
HMAC-SHA256 over moment, event and body; docs/alert-delivery.md tells a receiver how to check it.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lims.alerts import mailboxes
from lims.alerts.channels.deadline import Deadline, within
from lims.alerts.channels.letter import Letter
from lims.alerts.delivering import SENT, Outcome, later, never
from lims.foundation import clock
from lims.foundation.settings import Settings
from lims.foundation.words import _

TIMEOUT, DEADLINE = 10.0, 30.0
GONE = 410
UNTRUSTED = _("The certificate of the webhook cannot be trusted. Nothing was sent.")
SILENT = _("The webhook does not answer in time.")
UNREACHED = _("The webhook cannot be reached, or broke off.")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: an IPv4 address, perhaps a private one, in an IPv6 address."""


def webhook_channel(settings: Settings) -> WebhookChannel:
    """Return the channel as the installation has it set."""
    return WebhookChannel(
        allowed=mailboxes.hosts(settings.webhook_hosts),
        private=mailboxes.hosts(settings.webhook_private_hosts),
        certificates_file=settings.certificates_file,
    )


def body_of(letter: Letter) -> bytes:
    """Return what is sent: the same bytes however often it is sent."""
    return json.dumps(letter.content, ensure_ascii=False, sort_keys=True).encode()


def signed(secret: str, moment: int, event: str, body: bytes) -> str:
    """Return the signature: HMAC-SHA256 of `moment.event.body` in hexadecimal, after `v1=`."""
    told = f"{moment}.{event}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()


def headers_of(letter: Letter, body: bytes) -> dict[str, str]:
    """Return the headers of a letter sent now."""
    moment, event = int(clock.now().timestamp()), str(letter.id)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Balise",
        "Balise-Event": event,
        "Balise-Timestamp": str(moment),
        "Balise-Signature": signed(letter.secret, moment, event, body),
    }


def is_public(address: str) -> bool:
    """Tell whether an address is on the public network, also the one inside another."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if found.teredo is not None:
            return False
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


class _Pinned(http.client.HTTPSConnection):
    """A connection to the very address that was looked at, with the host's own certificate."""

    def __init__(
        self, host: str, port: int, address: str, trust: ssl.SSLContext, deadline: Deadline
    ) -> None:
        super().__init__(host, port, timeout=TIMEOUT, context=trust)
        self.address, self.trust, self.deadline = address, trust, deadline

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), TIMEOUT)
        self.deadline.watch(plain)
        sock = self.trust.wrap_socket(
            plain, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = sock
        self.deadline.watch(sock)
        sock.do_handshake()


def looked_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True)
class WebhookChannel:
    """Hosts that may be called, and those of them that may stand on a private network."""

    allowed: frozenset[str]
    private: frozenset[str] = frozenset()
    certificates_file: str = ""
    look_up: Callable[[str, int], list[str]] = looked_up
    deadline: float = DEADLINE

    def send(self, letter: Letter) -> Outcome:
        """Call a webhook once; what became of it, in words."""
        wrong = mailboxes.webhook_problem(letter.address, self.allowed)
        if wrong is not None:
            return never(wrong)
        if not letter.secret:
            return never(_("has no secret yet"))
        try:
            return self._called(letter)
        except (OSError, ValueError, http.client.HTTPException) as fault:
            kinds = ((ssl.SSLError, UNTRUSTED), (TimeoutError, SILENT), (Exception, UNREACHED))
            return later(next(words for kind, words in kinds if isinstance(fault, kind)))

    def _called(self, letter: Letter) -> Outcome:
        parts = urlsplit(letter.address)
        host, port = parts.hostname or "", parts.port or 443
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        found = self.look_up(host, port)
        if not found or not self._may_call(host, port, found):
            return never(_("This host stands on a private network, which is not allowed."))
        return _told(self._post(letter, host, port, found[0], path))

    def _may_call(self, host: str, port: int, found: list[str]) -> bool:
        return f"{host}:{port}" in self.private or all(is_public(one) for one in found)

    def _post(self, letter: Letter, host: str, port: int, address: str, path: str) -> int:
        """Return the status of the answer; no byte of its body is read."""
        body = body_of(letter)
        with within(self.deadline) as deadline:
            connection = _Pinned(host, port, address, self._trust(), deadline)
            try:
                connection.request("POST", path, body, headers_of(letter, body))
                return connection.getresponse().status
            finally:
                connection.close()

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.certificates_file:
            context.load_verify_locations(self.certificates_file)
        return context


def _told(status: int) -> Outcome:
    if 200 <= status < 300:
        return SENT
    if 300 <= status < 400:
        return later(_("The webhook answers with a redirect, which is not followed."))
    if status == GONE:
        return never(_("The webhook answers that it is gone for good (410)."))
    return later(_("The webhook answers %(code)s.", code=status))


def is_signed(
    secret: str, headers: Mapping[str, Any], body: bytes, now: int, window: int = 300
) -> bool:
    """Tell whether a receiver may believe a message: the check that a receiver writes.

    `window` is how many seconds old a message may be; an event that came before is shown once.
    """
    try:
        moment = int(headers["Balise-Timestamp"])
    except (KeyError, ValueError):
        return False
    wanted = signed(secret, moment, str(headers.get("Balise-Event", "")), body)
    given = str(headers.get("Balise-Signature", ""))
    same = hmac.compare_digest(wanted.encode(), given.encode(errors="replace"))
    return abs(now - moment) <= window and same
