"""The screen without a network reads codes too: its reader comes from the kept shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lims.foundation import codes
from tests.browser.devices import Table
from tests.browser.films import HIGH, WIDE, drawn

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
READ = """async ([grey, width, height, address]) => {
    const image = new ImageData(width, height);
    grey.forEach((value, at) => image.data.set([value, value, value, 255], at * 4));
    const reader = new Worker(address);
    return await new Promise((done) => {
        reader.onmessage = (message) => done(message.data);
        reader.onerror = () => done("no reader");
        reader.postMessage({ id: 1, image, thorough: true });
    }); }"""


def test_a_code_is_read_with_the_server_stopped(table: Table, browser: Browser) -> None:
    code = "BCDF234" + codes.check_character("BCDF234")
    frame: Any = drawn(code, turned=10)[0]
    with browser.new_context() as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(f"{table.address}/table/en")
        page.evaluate(
            """async () => {
            const { keepShell } = await import("/static/js/table/shell.js");
            await keepShell({ isIdle: () => true, offer: () => {} });
            await navigator.serviceWorker.ready; }"""
        )
        page.reload()
        table.server.stop()
        page.reload()
        assert page.locator("#scanner").get_attribute("data-reader") == "/table/reader.js"
        loaded = page.evaluate("""async () => Boolean(await import("/static/js/scan/camera.js"))""")
        told = [frame.flatten().tolist(), WIDE, HIGH, "/table/reader.js"]
        assert loaded and page.evaluate(READ, told)["found"] == [{"text": code, "format": "QRCode"}]
