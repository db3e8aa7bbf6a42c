"""A server that fails as real ones do: stopped, cut off before or after writing, slow, wrong.

A loopback WSGI layer around an application. The browser is told nothing: its connection is refused
or closed, or it reads an answer that means less than it seems.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

OTHER_HASH = "0" * 64
BLANK = b'<!doctype html><title>blank</title><script type="module" src="/blank.js"></script>'
SLOW = 0.9
"""Seconds that a slow answer takes; devices in these tests wait less."""
#: What may go wrong with one envelope on its way.
FAULTS = (
    *("cut before", "cut after", "slow", "500", "503", "429", "401", "400"),
    *("gate", "gate 403", "redirect", "409 other", "422", "withdrawn", "wrong echo"),
)
#: After these the server holds the envelope although the device was not told so.
UNTOLD = {"cut after", "slow", "wrong echo"}
TRANSIENT = ("cut before", "cut after", "slow", "500", "503", "429", "400", "gate", "gate 403")


class Faults:
    """WSGI middleware: the next envelopes meet the faults of the plan, one each; then none."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.plan: deque[str] = deque()
        self.always = ""
        self.tries: list[str] = []
        self.under_way = 0
        self.most_under_way = 0
        self.pause = 0.0
        self._count = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in ("/blank", "/blank.js"):
            return _blank(path, start)
        if environ["REQUEST_METHOD"] != "PUT" or not path.startswith("/table/outbox/"):
            return list(self.application(environ, start))
        with self._count:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return self._meet(path.rpartition("/")[2], environ, start)
        finally:
            with self._count:
                self.under_way -= 1

    def _meet(self, row: str, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        fault = self.plan.popleft() if self.plan else self.always
        self.tries.append(row)
        time.sleep(self.pause)
        if fault == "cut before":
            return _cut(environ)
        if fault in UNTOLD:
            return self._written(fault, row, environ, start)
        if fault:
            _read_all(environ)
            return _answered(fault, row, start)
        return list(self.application(environ, start))

    def _written(self, fault: str, row: str, environ: Any, start: Any) -> Iterable[bytes]:
        told: list[Any] = []
        body = list(self.application(environ, lambda *given: told.append(given)))
        if fault == "cut after":
            return _cut(environ)
        if fault == "slow":
            time.sleep(SLOW)
            start(*told[0])
            return body
        return _json(201, {"id": row, "hash": OTHER_HASH}, start)


def _blank(path: str, start: Any) -> Iterable[bytes]:
    if path == "/blank":
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [BLANK]
    start("200 OK", [("Content-Type", "text/javascript; charset=utf-8")])
    return [(Path(__file__).parent / "outbox_screen.js").read_bytes()]


def _read_all(environ: dict[str, Any]) -> None:
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def _cut(environ: dict[str, Any]) -> Iterable[bytes]:
    """Close the connection without an answer, as a killed process or a lost network does."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError


def _json(status: int, told: dict[str, Any], start: Any) -> Iterable[bytes]:
    start(f"{status} so", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]


def _answered(fault: str, row: str, start: Any) -> Iterable[bytes]:
    if fault in ("gate", "gate 403"):
        start("403 so" if "403" in fault else "200 OK", [("Content-Type", "text/html")])
        return [b"<title>Welcome to the network of this field</title>"]
    if fault == "redirect":
        start("302 so", [("Location", "/blank")])
        return [b""]
    named: dict[str, tuple[int, dict[str, Any]]] = {
        "409 other": (409, {"id": row, "hash": OTHER_HASH, "ours": {"n": 1}, "theirs": {"n": 2}}),
        "422": (
            422,
            {
                **{"id": row, "detail": "Not so.", "opened": {"site_id": "elsewhere"}},
                "errors": [{"field": "samples.0.form", "message": "The form is missing."}],
            },
        ),
        "withdrawn": (403, {"id": row, "withdrawn": True}),
    }
    status, told = named.get(fault) or (int(fault), {"title": "so"})
    return _json(status, told, start)


class _Quiet(WSGIRequestHandler):
    def log(self, *_given: Any, **_named: Any) -> None:
        """Say nothing: addresses and times of a test help nobody."""


class Stoppable:
    """A served application that can be really stopped, and started again at the same address."""

    def __init__(self, application: Any) -> None:
        self.faults = Faults(application)
        self._port = 0
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen; the first time on a free port, then on the same."""
        if self._server is not None:
            return
        self._server = make_server(
            "127.0.0.1", self._port, self.faults, threaded=True, request_handler=_Quiet
        )
        self._server.daemon_threads = True
        self._port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the socket: whoever calls now is refused."""
        if self._server is None:
            return
        self._server.shutdown()
        if self._thread is not None:
            self._thread.join(10)
        self._server.server_close()
        self._server = None


def wait_until(what: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until something is true, and return it; a bounded wait that says what did not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"did not come in {seconds} s: {what}")
