"""The screen without a network: the service worker, its versions, and what the shell holds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lims.foundation.shipped import shipped
from lims.intake import table_pages
from lims.network.rules import Duty
from tests.browser.devices import Table
from tests.browser.faults import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from tests.makers import Network

pytestmark = pytest.mark.browser
SHELL_NAMES = (
    """async () => (await caches.keys()).filter((name) => name.startsWith("balise-shell-"))"""
)


@pytest.fixture
def context(browser: Any) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="nl-BE")
    made.set_default_timeout(10_000)
    yield made
    made.close()


def ready(page: Page, address: str, language: str = "fr") -> None:
    """Open the screen and wait until it works without a network."""
    page.goto(f"{address}/table/{language}")
    page.evaluate(
        """async () => {
        const { keepShell } = await import("/static/js/table/shell.js");
        globalThis.offered = [];
        globalThis.idle = true;
        const offer = (take) => offered.push(take);
        globalThis.kept = await keepShell({ isIdle: () => idle, offer });
        await navigator.serviceWorker.ready; }"""
    )


def test_the_screen_opens_with_the_server_stopped_in_every_language_and_after_a_reload(
    table: Table, context: BrowserContext
) -> None:
    page = context.new_page()
    ready(page, table.address)
    table.server.stop()
    failed: list[str] = []
    page.on("requestfailed", lambda one: failed.append(f"{one.failure} {one.url}"))
    for address in ("/table/fr", "/table/nl?from=menu", "/table/en"):
        page.goto(table.address + address)
        assert page.locator("html").get_attribute("lang") == address[7:9]
        page.reload()
        assert page.locator("html").get_attribute("lang") == address[7:9]
    page.goto(f"{table.address}/table")
    assert page.locator("html").get_attribute("lang") == "nl", "the language of the tablet"
    missing = page.evaluate(
        """async (paths) => { const bad = [];
        for (const path of paths) {
            const answer = await fetch(path).catch(() => null);
            if (!answer || !answer.ok) bad.push(path); }
        return bad; }""",
        [f"/static/{name}" for name in files(table)],
    )
    assert missing == []
    lost = [one for one in failed if "ABORTED" not in one]
    assert not [one for one in lost if "/static/" in one or "/table/fr" in one]


def files(table: Table) -> list[str]:
    """Return the shell's files under `static/`."""
    with table.small.application.app_context():
        return table_pages.files()


def test_nothing_but_the_shell_is_ever_kept(table: Table, context: BrowserContext) -> None:
    page = context.new_page()
    ready(page, table.address)
    page.evaluate(
        """async () => { for (const path of ["/table/session.json", "/table/bundle.json",
        "/log-in", "/static/vendor/htmx.min.js"]) await fetch(path).catch(() => null); }"""
    )
    page.goto(f"{table.address}/table/en?ticket=1234")
    kept = page.evaluate(
        """async () => { const all = [];
        for (const name of await caches.keys())
            for (const one of await (await caches.open(name)).keys())
                all.push(new URL(one.url).pathname + new URL(one.url).search);
        return all; }"""
    )
    assert sorted(kept) == sorted(
        page.evaluate("async () => (await (await fetch('/table/shell.json')).json()).files")
    )
    assert len(page.evaluate(SHELL_NAMES)) == 1


def test_a_new_version_waits_until_nothing_is_half_typed_and_takes_over_without_losing_rows(
    table: Table, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = context.new_page()
    ready(page, table.address)
    screen = context.new_page()
    screen.goto(f"{table.address}/blank")
    screen.wait_for_function("() => globalThis.table")
    screen.evaluate("table.begin()")
    screen.evaluate("table.enrol()")
    table.faults.always = "503"
    made = [screen.evaluate("table.record()")["id"] for _one in range(3)]
    (old,) = page.evaluate(SHELL_NAMES)
    monkeypatch.setattr(table_pages, "INK", "#000000")
    page.evaluate("() => { idle = false; }")
    page.evaluate("kept.registration.update()")
    wait_until(lambda: page.evaluate("Boolean(kept.registration.waiting)"))
    assert page.evaluate("offered.length") == 0
    assert old in page.evaluate(SHELL_NAMES)
    page.evaluate("() => { idle = true; kept.propose(); }")
    assert page.evaluate("offered.length") == 1
    with page.expect_navigation():
        page.evaluate("offered[0]()")
    wait_until(lambda: page.evaluate(SHELL_NAMES) not in ([old], []))
    wait_until(lambda: len(page.evaluate(SHELL_NAMES)) == 1)
    table.faults.always = ""
    assert screen.evaluate("table.ids()") == made
    screen.evaluate("table.outbox.wake('button')")
    assert table.small.arrivals == made


def test_a_shell_with_a_file_missing_or_of_another_version_is_not_installed(
    table: Table, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = context.new_page()
    ready(page, table.address)
    before = page.evaluate(SHELL_NAMES)
    true_version = table_pages.version
    monkeypatch.setattr(table_pages, "version", lambda: "f" * 64)
    assert failed_update(page)
    monkeypatch.setattr(table_pages, "version", true_version)
    monkeypatch.setattr(table_pages, "INK", "#000001")
    monkeypatch.setattr(table_pages, "contents", with_a_stranger(table_pages.contents))
    assert failed_update(page)
    assert page.evaluate(SHELL_NAMES) == before
    table.server.stop()
    page.reload()
    assert page.locator("html").get_attribute("lang") == "fr"


def with_a_stranger(contents: Any) -> Any:
    """Return a list of files with one that nobody serves."""
    return lambda: {**contents(), "/static/js/no-such-file.js": b""}


def failed_update(page: Page) -> bool:
    """Look for a new version and tell whether its installation failed."""
    told: bool = page.evaluate(
        """async () => { const found = new Promise((done) => {
            kept.registration.addEventListener("updatefound", () => {
                const one = kept.registration.installing;
                one.addEventListener("statechange", () => done(one.state)); }, { once: true }); });
        await kept.registration.update();
        return (await found) === "redundant"; }"""
    )
    return told


def test_the_shell_is_the_same_for_everybody_and_asks_nobody_who_they_are(
    app: Any, network: Network, settings: Any
) -> None:
    from tests.makers import log_in_client

    stranger = app.test_client()
    addresses = ["/table/fr", "/table/nl", "/table/en", "/table/worker.js", "/table/shell.json"]
    addresses.append("/table/manifest.webmanifest")
    from lims.foundation.database import open_session

    with open_session(app.extensions["house"].engine) as session:
        worker = log_in_client(app, session, "worker")
        session.commit()
    for address in addresses:
        first = stranger.get(address, headers={"Accept-Language": "en"})
        second = worker.get(f"{address}?lang=nl", headers={"Accept-Language": "nl"})
        assert first.status_code == second.status_code == 200
        assert first.data == second.data, address
        assert "Set-Cookie" not in first.headers and first.headers["Cache-Control"] == "no-cache"
        for secret in (b"worker", b"Counter", b"csrf", b"Synthetic"):
            if address != "/table/worker.js" and not address.endswith("shell.json"):
                assert secret not in without_scripts(first.data), (address, secret)
    assert stranger.get("/table/de").status_code == 404
    assert stranger.get("/table").headers["Location"].startswith("/table/")
    assert Duty.TESTING_POINT_WORKER not in stranger.get("/table/en").text


def without_scripts(page: bytes) -> bytes:
    """Return a page without the addresses of its scripts."""
    return re.sub(rb'src="[^"]*"', b"", page)


def test_every_file_that_the_screen_asks_for_is_in_its_shell(app: Any, settings: Any) -> None:
    told = app.test_client().get("/table/shell.json").json
    listed = set(told["files"])
    pages = [app.test_client().get(f"/table/{code}").text for code in ("fr", "nl", "en")]
    asked = {
        address.partition("#")[0]
        for page in pages
        for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    }
    static = shipped("static")
    for script in (static / "js" / "table").glob("*.js"):
        asked |= {imported(script, name) for name in imports_of(script)}
    for sheet in [
        static / name.removeprefix("/static/") for name in listed if name.endswith(".css")
    ]:
        for name in re.findall(
            r"url\([\"']?(/static/[^\"')#]+)", sheet.read_text(encoding="utf-8")
        ):
            asked.add(name)
    assert asked <= listed, asked - listed
    assert "/static/js/worker.js" not in listed, "the worker is no file of the shell"


def imports_of(script: Path) -> list[str]:
    """Return what a script imports from files beside it."""
    return re.findall(r'(?:from|import)\s*\(?"(\.[^"]+)"', script.read_text(encoding="utf-8"))


def imported(script: Path, name: str) -> str:
    """Return the address of what a script imports."""
    found = (script.parent / name).resolve().relative_to(shipped("static").resolve())
    return f"/static/{found.as_posix()}"


def test_the_version_is_a_digest_over_every_byte_of_the_shell(app: Any, settings: Any) -> None:
    client = app.test_client()
    told = client.get("/table/shell.json").json
    lines = [
        f"{path} {hashlib.sha256(client.get(path).data).hexdigest()}\n" for path in told["files"]
    ]
    assert told["version"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert f'const VERSION = "{told["version"]}";' in client.get("/table/worker.js").text
    manifest = client.get("/table/manifest.webmanifest").json
    for icon in manifest["icons"]:
        assert client.get(icon["src"]).data.startswith(b"\x89PNG")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
