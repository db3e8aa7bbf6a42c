from __future__ import annotations

import http.server
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lims.alerts.channels import Letter
from lims.alerts.channels.webhook import WebhookChannel, is_public, is_signed, signed
from lims.alerts.delivering import Outcome
from tests.alerts.certifying import Certificates

HOST = "hooks.example"
LETTER = Letter(
    id=uuid.UUID("00000000-0000-4000-8000-000000000002"),
    kind="webhook",
    address="",
    language="nl",
    subject="",
    body="",
    queued_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
    content={"number": "2026-0001", "headline": "Opgelet: één"},
    secret="synthetic secret",
)


@dataclass
class Hook:
    """A real webhook on the loopback address: what it was sent, and what it answers."""

    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    pause: float = 0.0


@contextmanager
def hook(folder: Path, host: str = HOST) -> Iterator[tuple[Hook, WebhookChannel]]:
    """Run a webhook, with a channel that may call it and finds it here."""
    papers, told = Certificates(folder, host), Hook()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            told.heard.append((self.path, dict(self.headers), self.rfile.read(size)))
            time.sleep(told.pause)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_given: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = papers.server().wrap_socket(server.socket, server_side=True)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    here = frozenset({f"{HOST}:{told.port}"})
    channel = WebhookChannel(here, here, str(papers.authority), lambda _host, _port: ["127.0.0.1"])
    try:
        yield told, channel
    finally:
        server.shutdown()
        server.server_close()


def letter(told: Hook, **given: Any) -> Letter:
    return replace(LETTER, **({"address": f"https://{HOST}:{told.port}/in?a=b"} | given))


def outcome(found: Outcome) -> tuple[bool, bool]:
    assert found.is_sent or str(found.why)
    return found.is_sent, found.is_final


def test_a_webhook_is_sent_its_message_signed_so_that_its_receiver_can_check_it(
    tmp_path: Path,
) -> None:
    with hook(tmp_path) as (told, channel):
        assert outcome(channel.send(letter(told))) == (True, False)
    [(path, headers, body)] = told.heard
    assert path == "/in?a=b" and json.loads(body) == LETTER.content
    assert headers["Balise-Event"] == str(LETTER.id)
    now = int(time.time())
    assert is_signed(LETTER.secret, headers, body, now)
    assert not is_signed("another secret", headers, body, now)
    assert not is_signed(LETTER.secret, headers, body.replace(b"1", b"2"), now)
    assert not is_signed(LETTER.secret, {**headers, "Balise-Event": "other"}, body, now)


def test_an_old_message_that_somebody_plays_again_is_not_believed() -> None:
    body, moment, event = b"{}", 1_000_000, "e"
    headers = {"Balise-Timestamp": str(moment), "Balise-Event": event}
    headers["Balise-Signature"] = signed("s", moment, event, body)
    assert is_signed("s", headers, body, moment + 300)
    assert not is_signed("s", headers, body, moment + 301)
    assert not is_signed("s", {}, body, moment)
    assert not is_signed("s", {**headers, "Balise-Signature": "v1=é\udc80"}, body, moment)


def test_two_copies_have_the_same_event_and_the_same_bytes(tmp_path: Path) -> None:
    with hook(tmp_path) as (told, channel):
        for _copy in range(2):
            channel.send(letter(told))
    first, second = told.heard
    assert first[1]["Balise-Event"] == second[1]["Balise-Event"] and first[2] == second[2]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, (True, False)),
        (202, (True, False)),
        (301, (False, False)),
        (307, (False, False)),
        (401, (False, False)),
        (410, (False, True)),
        (429, (False, False)),
        (500, (False, False)),
    ],
)
def test_the_answer_of_a_webhook_decides_whether_it_is_tried_again(
    tmp_path: Path, status: int, expected: tuple[bool, bool]
) -> None:
    with hook(tmp_path) as (told, channel):
        told.status = status
        assert outcome(channel.send(letter(told))) == expected


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    with hook(tmp_path) as (told, channel):
        told.status, told.headers = 307, {"Location": f"https://{HOST}:{told.port}/other"}
        channel.send(letter(told))
    assert [path for path, _headers, _body in told.heard] == ["/in?a=b"]


def test_a_webhook_on_a_private_network_is_called_only_when_the_operator_says_so(
    tmp_path: Path,
) -> None:
    with hook(tmp_path) as (told, channel):
        careful = replace(channel, private=frozenset())
        assert outcome(careful.send(letter(told))) == (False, True)
        mixed = replace(careful, look_up=lambda _host, _port: ["192.0.2.1", "127.0.0.1"])
        assert outcome(mixed.send(letter(told))) == (False, True)
    assert told.heard == []


def test_the_address_that_was_looked_at_is_the_one_that_is_called(tmp_path: Path) -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    with hook(tmp_path) as (told, channel):
        assert outcome(replace(channel, look_up=rebinding).send(letter(told))) == (True, False)
    assert asked == [HOST]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1"),
        *("2001:0:1:1:1:1:1:1", "not an address"),
    ],
)
def test_an_address_that_is_not_public_is_known_in_every_disguise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address", ["http://hooks.example/", "https://elsewhere.example/", "https://hooks.example/x"]
)
def test_what_left_the_list_of_hosts_is_not_called_any_more(address: str) -> None:
    def never(_host: str, _port: int) -> list[str]:
        raise AssertionError("it was looked up")

    channel = WebhookChannel(frozenset({"hooks.example:8443"}), look_up=never)
    assert outcome(channel.send(replace(LETTER, address=address))) == (False, True)


def test_a_host_with_a_strange_certificate_gets_nothing(tmp_path: Path) -> None:
    with hook(tmp_path, "other.example") as (told, channel):
        assert outcome(channel.send(letter(told))) == (False, False)
        assert outcome(replace(channel, certificates_file="").send(letter(told))) == (False, False)
    assert told.heard == []


def test_nothing_goes_out_unsigned(tmp_path: Path) -> None:
    with hook(tmp_path) as (told, channel):
        assert outcome(channel.send(letter(told, secret=""))) == (False, True)
    assert told.heard == []


def test_a_webhook_that_is_not_there_or_has_no_address_is_tried_again(tmp_path: Path) -> None:
    def lost(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "no such host")

    with hook(tmp_path) as (told, channel):
        assert outcome(replace(channel, look_up=lost).send(letter(told))) == (False, False)
    assert outcome(channel.send(letter(told))) == (False, False)


def dripping(connection: socket.socket, over: threading.Event) -> None:
    try:
        while not over.wait(0.05):
            connection.sendall(b"\x16")
    except OSError:
        pass


def silent(_connection: socket.socket, over: threading.Event) -> None:
    over.wait(20)


@pytest.mark.parametrize("speak", [dripping, silent], ids=["dripping", "silent"])
def test_a_webhook_that_never_ends_is_left_at_the_deadline(
    tmp_path: Path, speak: Callable[[socket.socket, threading.Event], None]
) -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            connection, _address = listening.accept()
            with connection:
                speak(connection, over)

        threading.Thread(target=run, daemon=True).start()
        port = listening.getsockname()[1]
        here = frozenset({f"{HOST}:{port}"})
        channel = WebhookChannel(here, here, "", lambda _h, _p: ["127.0.0.1"], deadline=0.5)
        begun = time.monotonic()
        found = channel.send(replace(LETTER, address=f"https://{HOST}:{port}/"))
        over.set()
    assert outcome(found) == (False, False) and time.monotonic() - begun < 5
