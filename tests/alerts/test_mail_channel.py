from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.alerts.channels import Letter
from lims.alerts.channels.mail import MailChannel, written
from lims.alerts.delivering import Outcome
from tests.alerts.certifying import Certificates
from tests.alerts.mailing import Inbox, mail_server

LETTER = Letter(
    id=uuid.UUID("00000000-0000-4000-8000-000000000001"),
    kind="mail",
    address="desk@office.example",
    language="fr",
    subject="[Réseau] Alerte 2026-0001",
    body="Réseau\n\nAlerte : à lire.\n",
    queued_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
)


def channel(inbox: Inbox, **given: Any) -> MailChannel:
    values: dict[str, Any] = {"tls": "none", "timeout": 5.0, "deadline": 20.0}
    return MailChannel("127.0.0.1", inbox.port, "alerts@network.example", **(values | given))


def told(outcome: Outcome) -> tuple[bool, bool]:
    assert outcome.is_sent or str(outcome.why)
    return outcome.is_sent, outcome.is_final


def test_a_mail_says_that_a_machine_wrote_it_and_of_which_list_it_is() -> None:
    mail = written(LETTER, "alerts@network.example")
    assert mail["Message-ID"] == f"<{LETTER.id}@network.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<alerts.network.example>"
    assert mail["Content-Language"] == "fr"
    assert "à lire" in mail.get_content()
    assert mail.as_bytes().isascii()


def test_two_copies_of_a_letter_are_the_same_bytes() -> None:
    both = [written(LETTER, "alerts@network.example").as_bytes() for _n in range(2)]
    assert both[0] == both[1]


@given(st.text(max_size=20), st.sampled_from(["\r\n", "\n", "\r"]), st.text(max_size=20))
def test_a_line_break_never_becomes_another_header(first: str, cut: str, second: str) -> None:
    for name in ("subject", "address"):
        odd = replace(LETTER, **{name: f"{first}{cut}Bcc: x@y.example{second}"})
        try:
            mail = written(odd, "alerts@network.example")
        except ValueError:
            continue
        assert "Bcc" not in mail
        head = mail.as_bytes().partition(b"\r\n\r\n")[0]
        assert not [one for one in head.split(b"\r\n") if one.lower().startswith(b"bcc:")]


def test_a_mail_arrives_whole() -> None:
    with mail_server() as inbox:
        assert told(channel(inbox).send(LETTER)) == (True, False)
    [mail] = inbox.mails()
    assert mail["Subject"] == LETTER.subject
    assert mail.get_content().replace("\r\n", "\n") == LETTER.body  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("answer", "is_final"),
    [
        ("550 no such mailbox", True),
        ("553 not allowed", True),
        ("450 greylisted, come back in five minutes", False),
        ("452 too full", False),
    ],
)
def test_a_mailbox_that_is_refused_is_given_up_and_a_greylisted_one_is_tried_again(
    answer: str, is_final: bool
) -> None:
    with mail_server() as inbox:
        inbox.rcpt_answer = answer
        outcome = channel(inbox).send(LETTER)
        assert told(outcome) == (False, is_final)
        assert (answer[:3] in str(outcome.why) and "mailbox" not in answer) or is_final
        inbox.rcpt_answer = ""
        assert told(channel(inbox).send(LETTER)) == (True, False)


@pytest.mark.parametrize(("answer", "is_final"), [("554 no", True), ("451 later", False)])
def test_a_message_that_is_refused_after_its_text_is_told_apart(
    answer: str, is_final: bool
) -> None:
    with mail_server() as inbox:
        inbox.data_answer = answer
        assert told(channel(inbox).send(LETTER)) == (False, is_final)


def test_a_server_that_breaks_off_after_the_text_may_have_it_and_is_tried_again() -> None:
    with mail_server() as inbox:
        inbox.breaks_off = True
        assert told(channel(inbox).send(LETTER)) == (False, False)
        inbox.breaks_off = False
        assert told(channel(inbox).send(LETTER)) == (True, False)
    names = {mail["Message-ID"] for mail in inbox.mails()}
    assert len(inbox.taken) == 2 and len(names) == 1


def test_what_the_server_says_is_not_kept() -> None:
    with mail_server() as inbox:
        inbox.rcpt_answer = "550 desk@office.example is a CANARY"
        assert "CANARY" not in str(channel(inbox).send(LETTER).why)


@contextmanager
def talker(speak: Any) -> Iterator[Inbox]:
    """Run something on the loopback address that accepts one connection and speaks its own way."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        inbox = Inbox(listening.getsockname()[1])
        over = threading.Event()

        def run() -> None:
            connection, _address = listening.accept()
            with connection:
                speak(connection, over)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield inbox
        over.set()
        thread.join(5)


def test_a_server_that_says_nothing_is_left_in_time() -> None:
    with talker(lambda _connection, over: over.wait(10)) as inbox:
        outcome = channel(inbox, timeout=0.3).send(LETTER)
    assert told(outcome) == (False, False)


def test_a_server_that_never_ends_its_answer_is_left_at_the_deadline() -> None:
    def drip(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"220 hello\r\n")
        try:
            while not over.wait(0.05):
                connection.sendall(b"250-x\r\n")
        except OSError:
            pass

    begun = datetime.now(UTC)
    with talker(drip) as inbox:
        outcome = channel(inbox, timeout=5.0, deadline=0.6).send(LETTER)
    assert told(outcome) == (False, False)
    assert (datetime.now(UTC) - begun).total_seconds() < 4


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert told(channel(Inbox(port)).send(LETTER)) == (False, False)


def test_nothing_is_sent_without_encryption_to_another_machine() -> None:
    for host in ("mail.example", "192.0.2.1", "10.0.0.1"):
        away = MailChannel(host, 25, "alerts@network.example", tls="none")
        assert told(away.send(LETTER)) == (False, False)


def test_without_a_mail_server_nothing_is_lost() -> None:
    assert told(MailChannel("", 25, "alerts@network.example").send(LETTER)) == (False, False)
    assert told(MailChannel("127.0.0.1", 25, "").send(LETTER)) == (False, False)


def test_a_server_whose_certificate_is_known_gets_the_mail_encrypted(tmp_path: Path) -> None:
    papers = Certificates(tmp_path)
    with mail_server(tls_context=papers.server(), require_starttls=True) as inbox:
        known = channel(inbox, tls="starttls", certificates_file=str(papers.authority))
        assert told(known.send(LETTER)) == (True, False)
    assert len(inbox.taken) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "other.example"])
def test_a_server_with_a_strange_certificate_gets_nothing(tmp_path: Path, host: str) -> None:
    papers = Certificates(tmp_path, host)
    trusted = "" if host == "127.0.0.1" else str(papers.authority)
    with mail_server(tls_context=papers.server(), require_starttls=True) as inbox:
        outcome = channel(inbox, tls="starttls", certificates_file=trusted).send(LETTER)
    assert told(outcome) == (False, False) and inbox.taken == []


def test_a_server_without_encryption_gets_nothing_when_encryption_is_asked() -> None:
    with mail_server() as inbox:
        outcome = channel(inbox, tls="starttls").send(LETTER)
    assert told(outcome) == (False, False) and inbox.taken == []


def test_the_password_comes_from_its_file(tmp_path: Path) -> None:
    papers = Certificates(tmp_path)
    file = tmp_path / "password"
    file.write_text("right\n", encoding="utf-8")
    asked: list[tuple[bytes, bytes]] = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
        from aiosmtpd.smtp import AuthResult

        asked.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    with mail_server(tls_context=papers.server(), authenticator=check, auth_required=True) as inbox:
        given = {"tls": "starttls", "certificates_file": str(papers.authority), "user": "alerts"}
        known = channel(inbox, password_file=str(file), **given)
        assert told(known.send(LETTER)) == (True, False)
        file.write_text("wrong", encoding="utf-8")
        assert told(known.send(LETTER)) == (False, False)
    assert asked[0] == (b"alerts", b"right") and len(inbox.taken) == 1
