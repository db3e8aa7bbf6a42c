"""Web servers for a measurement: gunicorn on a free loopback port, stopped by process id."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.measures import NotMeasured

CHECKOUT = Path(__file__).resolve().parent.parent
PATIENCE = 30.0
Request = tuple[str, str, bytes, Mapping[str, str]]


@contextmanager
def gunicorn(target: str, environment: Mapping[str, str], workers: int = 2) -> Iterator[int]:
    """Serve a WSGI target and give its port."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", target, "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(workers), "--no-control-socket", "--log-level", "error"]
    server = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, **environment})
    try:
        _wait_for(server, port)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def rate(port: int, request: Callable[[int], Request], count: int, clients: int = 8) -> float:
    """Send a bounded number of requests over a few kept connections; return requests per second.

    Any answer but 200, 201 or 204 ends the measurement: a refusal is fast and proves nothing.
    """
    wrong: list[str] = []
    share = count // clients

    def send(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        for number in range(client * share, (client + 1) * share):
            method, path, body, headers = request(number)
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in (200, 201, 204):
                wrong.append(f"{answer.status} {text[:300]!r}")
                return
        connection.close()

    threads = [threading.Thread(target=send, args=(client,)) for client in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - start
    if wrong:
        raise NotMeasured(f"the server refused: {wrong[0]}")
    return share * clients / taken


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise NotMeasured(f"the server ended with code {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise NotMeasured("the server did not start in time")
