"""The offline screen: how much a device keeps of it, and how soon a slow tablet can use it.

The screen is opened as at a table: kept by its service worker, on a processor slowed down four
times, by a device that is not set up yet; it counts as ready when its form stands and listens.
Beside it a bare page of one element, opened in the same browser in the same run.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench import registration
from bench.measures import NotMeasured, Outcome, in_turns
from bench.servers import PATIENCE, gunicorn
from lims.intake.table_pages import SCANNER

ROUNDS = 7
SLOWED = 4
LARGEST_KB = 300
LONGEST_MS = 1000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-dev-shm-usage"]
BARE = b'<!doctype html><p>bare</p><script>document.documentElement.dataset.ready = "yes"</script>'
WATCH = """new MutationObserver(() => {
    const root = document.documentElement;
    if (root && root.dataset.ready && !window.readyAt) window.readyAt = performance.now();
}).observe(document, { attributes: true, childList: true, subtree: true });"""
KEPT = """async () => { const { active } = await navigator.serviceWorker.ready;
    return active.state === "activated" && Boolean(navigator.serviceWorker.controller); }"""


def measure() -> list[Outcome]:
    """Weigh the shell; with a Chromium also time the screen, in turns with a bare page."""
    with tempfile.TemporaryDirectory(prefix="balise-bench-") as name:
        environment = registration.prepare(Path(name))
        with gunicorn("wsgi:staff()", environment) as port:
            return [*_weights(port), *_times(port)]


def _weights(port: int) -> list[Outcome]:
    scanner = {f"/static/{name}" for name in SCANNER}
    told = json.loads(_get(port, "/table/shell.json"))
    sizes = {path: len(gzip.compress(_get(port, path))) / 1000 for path in told["files"]}
    without = sum(size for path, size in sizes.items() if path not in scanner)
    promise = f"under {LARGEST_KB} kB"
    return [
        Outcome("shell without scanner", "kB gzip", without, None, promise, without < LARGEST_KB),
        Outcome("shell with scanner", "kB gzip", sum(sizes.values())),
    ]


def _get(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise NotMeasured(f"{path} answered {answer.status}")
    return body


def _times(port: int) -> list[Outcome]:
    name = f"screen interactive, CPU slowed {SLOWED}x"
    try:
        ours, bare = _timed(f"http://127.0.0.1:{port}/table/fr")
    except NotMeasured as reason:
        return [Outcome(name, "ms", None, reason=str(reason))]
    return [Outcome(name, "ms", ours, bare, f"under {LONGEST_MS} ms", ours < LONGEST_MS)]


def _timed(address: str) -> tuple[float, float]:
    """Return the median milliseconds until the screen, and until a bare page, is ready."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NotMeasured("playwright is not installed (make install is without it)") from None
    path = os.environ.get("BALISE_CHROMIUM") or shutil.which("chromium")
    if path is None:
        raise NotMeasured("no Chromium was found; BALISE_CHROMIUM may name one")
    with sync_playwright() as playwright, _bare_page() as bare:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            page = browser.new_page()
            page.add_init_script(WATCH)
            page.goto(address)
            page.wait_for_function("() => window.readyAt")
            page.wait_for_function(KEPT)
            devices = page.context.new_cdp_session(page)
            devices.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
            return in_turns(lambda: _opened(page, address), lambda: _opened(page, bare), ROUNDS)
        finally:
            browser.close()


def _opened(page: Any, address: str) -> float:
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.readyAt")
    return float(page.evaluate("window.readyAt"))


class _Bare(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer the bare page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(BARE)

    def log_message(self, *_given: Any) -> None:
        """Say nothing."""


@contextmanager
def _bare_page() -> Iterator[str]:
    """Serve the bare page and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bare)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
