"""The processes of an installation: two web applications and a worker, together from start to end.

Works on plain values. When one of the processes ends, the others are ended too, and the command
answers with an exit code: a half-running installation would be worse than none.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

from lims.foundation.shipped import shipped

PATIENCE = 15.0
THREADS = 4
WORKER = [sys.executable, "-m", "lims", "worker"]
"""The process that does the long work."""


class NotServed(Exception):
    """Serving cannot begin; the words say why."""


@dataclass(frozen=True)
class Server:
    """One application: its entry in wsgi.py, its address (host:port), its number of processes."""

    entry: str
    address: str
    workers: int


def refuse_taken_address(address: str) -> None:
    """Raise NotServed, in words, when nothing can listen at host:port."""
    host, _colon, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise NotServed(f"{address} is no address: write host:port, such as 127.0.0.1:8000.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as wrong:
            raise NotServed(
                f"Nothing can be served at {address}: {wrong.strerror or wrong}. Another program "
                "may be there: stop it, or choose another port."
            ) from wrong


def serve_together(servers: Sequence[Server], environment: Mapping[str, str]) -> int:
    """Run the servers and a worker until one ends or somebody stops them; return the exit code."""
    for server in servers:
        refuse_taken_address(server.address)
    stopped: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopped.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    running: list[subprocess.Popen[bytes]] = []
    try:
        for command in (*(_command(one) for one in servers), WORKER):
            running.append(subprocess.Popen(command, env=dict(environment)))
        while not stopped and all(process.poll() is None for process in running):
            time.sleep(0.1)
    finally:
        codes = [_end(process) for process in running]
        for number, handler in before.items():
            signal.signal(number, handler)
    if stopped:
        return 0
    return next((code for code in codes if code > 0), 1)


def _command(server: Server) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", f"wsgi:{server.entry}()"),
        *("--pythonpath", str(shipped("static").parent), "--bind", server.address),
        *("--workers", str(server.workers), "--worker-class", "gthread"),
        *("--threads", str(THREADS), "--graceful-timeout", "10"),
        *("--log-level", "warning", "--no-control-socket"),
    ]


def _end(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to end, then insist; return its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return 0
    return process.returncode


def environment_with(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without settings of another installation, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIMS_")}
    return {**kept, **settings}
