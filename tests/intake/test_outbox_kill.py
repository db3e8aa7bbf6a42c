"""A real server, killed at any moment while devices send: nothing is lost, nothing is doubled."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation.settings import Settings
from lims.intake import devices
from lims.intake.device_records import OutboxReceipt
from lims.intake.records import Sample, Visit
from lims.journal.queries import verify_chain
from tests.conftest import SECRET
from tests.intake.sealer import Sealed, seal, visit_body
from tests.makers import Network, api_headers

CHECKOUT = Path(__file__).resolve().parent.parent.parent
RECORDS, DEVICES, KILLS = 90, 3, 6


@dataclass
class Server:
    """The staff application under gunicorn, on one port, killed and started again."""

    settings: Settings
    port: int
    process: Any = field(default=None)

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "wsgi:staff()", "--log-level", "critical"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--no-control-socket"]
        environment = {
            **os.environ,
            "LIMS_DATA_DIR": str(self.settings.data_dir),
            "LIMS_DATABASE_URL": self.settings.database,
            "LIMS_SECRET_KEY": SECRET,
            "LIMS_SECURE_COOKIES": "no",
        }
        self.process = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, start_new_session=True
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        pytest.fail("the server did not start")

    def kill(self) -> None:
        """Stop the server and its workers at once: no process of it runs another instruction."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Sender:
    """A device that sends its queue in order, again and again, until all of it is acknowledged."""

    port: int
    headers: dict[str, str]
    queue: list[Sealed]
    acknowledged: list[str] = field(default_factory=list)
    repeated: int = 0
    refused: list[str] = field(default_factory=list)

    def send_all(self, until: float) -> None:
        for sealed in self.queue:
            while time.monotonic() < until and not self._sent(sealed):
                time.sleep(0.01)

    def _sent(self, sealed: Sealed) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            path = f"/api/intake/outbox/{sealed.id}"
            connection.request("PUT", path, sealed.text, self.headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if answer.status not in (201, 409) or sealed.hash not in text:
            self.refused.append(f"{answer.status} {text[:200]}")
            return answer.status < 500
        self.repeated += answer.status == 409
        self.acknowledged.append(sealed.id)
        return True


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = Server(settings, port)
    running.start()
    yield running
    running.kill()


def queues(session: Session, network: Network, folder: Path) -> list[list[Sealed]]:
    """Enrol devices and let each record its part, without network."""
    from lims.intake.device_schemas import keyed

    found = []
    for number in range(DEVICES):
        command = devices.EnrolDevice(uuid.uuid4(), f"tablet {number}", network.counter.id, folder)
        device = devices.enrol_device(session, network.worker, command)
        reserve = devices.Reserve(uuid.uuid4(), device.id, RECORDS // DEVICES)
        codes = devices.reserve(session, network.worker, reserve).codes
        key = keyed(device, folder)["seal_key"]
        bodies = [visit_body(network.counter.id, code) for code in codes]
        found.append([seal(key, str(device.id), body) for body in bodies])
    session.commit()
    return found


def test_every_record_that_was_acknowledged_is_there_exactly_once(
    session: Session, at_table: Network, settings: Settings, server: Server
) -> None:
    headers = api_headers(session, "worker")
    queued = queues(session, at_table, settings.data_dir)
    until = time.monotonic() + 120
    senders = [Sender(server.port, headers, queue) for queue in queued]
    threads = [threading.Thread(target=one.send_all, args=(until,)) for one in senders]
    for thread in threads:
        thread.start()
    chance = random.Random(4)
    kills = 0
    while kills < KILLS and any(thread.is_alive() for thread in threads):
        time.sleep(chance.uniform(0.05, 0.6))
        server.kill()
        server.start()
        kills += 1
    for thread in threads:
        thread.join()
    assert not [words for one in senders for words in one.refused]
    acknowledged = [id for one in senders for id in one.acknowledged]
    recorded = [sealed.id for queue in queued for sealed in queue]
    session.rollback()
    kept = [str(id) for id in session.scalars(select(OutboxReceipt.id))]
    assert sorted(kept) == sorted(recorded) == sorted(acknowledged)
    counted = [session.scalar(select(func.count()).select_from(one)) for one in (Visit, Sample)]
    assert counted == [RECORDS, RECORDS]
    assert verify_chain(session).first_bad is None
    session.rollback()
    assert kills >= 3, "the server was too quick for the test to mean anything"
