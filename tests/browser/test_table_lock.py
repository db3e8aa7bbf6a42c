"""What the PIN keeps, what survives a reload, a lock and another language, and what is wiped."""

from __future__ import annotations

import pytest

from tests.browser.tables import PIN, Festival, Table, festival

pytestmark = pytest.mark.browser
__all__ = ["festival"]

STORED = """async () => {
    const opened = await new Promise((resolve) => {
        const asked = indexedDB.open("balise-table");
        asked.onsuccess = () => resolve(asked.result); });
    const names = Array.from(opened.objectStoreNames);
    const told = [];
    for (const name of names) {
        const all = await new Promise((resolve) => {
            const asked = opened.transaction(name).objectStore(name).getAll();
            asked.onsuccess = () => resolve(asked.result); });
        const text = (key, value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
            ? new TextDecoder("latin1").decode(value) : value;
        told.push(JSON.stringify(all, text)); }
    opened.close();
    return told.join("\\n"); }"""


@pytest.fixture
def table(festival: Festival) -> Table:
    festival.server.start()
    return festival.device().set_up()


def test_the_draft_survives_a_reload_behind_the_pin(festival: Festival, table: Table) -> None:
    table.answer(sold_as="canary-of-the-draft")
    table.page.wait_for_timeout(600)
    table.open()
    table.sees("locked")
    assert "canary-of-the-draft" not in table.page.content()
    assert "canary-of-the-draft" not in table.page.evaluate(STORED)
    table.unlock()
    table.sees("register")
    assert table.page.input_value("#f-samples-0-sold_as") == "canary-of-the-draft"
    assert table.page.is_checked("#f-samples-0-consent_destroy")


def test_the_draft_survives_the_lock_and_is_not_on_the_page_meanwhile(
    festival: Festival, table: Table
) -> None:
    table.answer(sold_as="canary-of-the-lock")
    table.page.click("#topbar [data-do='lock']")
    table.sees("locked")
    values = table.page.eval_on_selector_all("input", "all => all.map((one) => one.value)")
    assert "canary-of-the-lock" not in values
    table.unlock()
    table.sees("register")
    assert table.page.input_value("#f-samples-0-sold_as") == "canary-of-the-lock"


def test_a_change_of_language_keeps_what_was_typed_without_asking_for_the_pin(
    festival: Festival, table: Table
) -> None:
    table.answer(sold_as="ce qu'on a tapé")
    festival.server.stop()
    for language in ("nl", "en", "fr"):
        table.page.click(f".lang a[lang='{language}']")
        table.page.wait_for_selector(f"html[lang='{language}']")
        assert table.page.input_value("#f-samples-0-sold_as") == "ce qu'on a tapé"
        assert table.page.url.endswith(f"/table/{language}")
    shown = table.record()
    assert shown["codes"]
    festival.server.start()


def test_a_recorded_visit_leaves_no_readable_word_on_the_device(
    festival: Festival, table: Table
) -> None:
    festival.server.stop()
    table.answer(sold_as="canary-of-the-record")
    shown = table.record()
    table.page.click("[data-do='next-visit']")
    stored = table.page.evaluate(STORED)
    assert "canary-of-the-record" not in stored
    assert shown["ticket"].replace("-", "")[5:] not in stored
    festival.server.start()


def test_ten_wrong_pins_wipe_what_is_locked_and_leave_the_queue(
    festival: Festival, table: Table
) -> None:
    page = table.page
    festival.server.stop()
    table.answer()
    table.record()
    page.click("[data-do='next-visit']")
    table.answer(sold_as="half a visit")
    page.click("#topbar [data-do='lock']")
    table.sees("locked")
    for tries in range(9):
        table.unlock("111222")
        left = table.said("Wrong PIN. Tries left: %(n)s.", n=9 - tries)
        page.get_by_text(left).wait_for()
    table.open()  # closing the page gives no try back
    table.unlock("111222")
    table.sees("start")
    assert len(table.rows()) == 1
    kept = page.evaluate(
        """async () => {
            const { openStore } = await import("/static/js/table/store.js");
            const store = await openStore();
            return [(await store.get("lock")).wrapped, await store.get("kept draft"),
                await store.get("kept bundle")]; }"""
    )
    assert kept == [None, None, None]
    festival.server.start()
    table.set_up_again()
    table.sent()


def test_the_right_pin_gives_the_tries_back(festival: Festival, table: Table) -> None:
    page = table.page
    page.click("#topbar [data-do='lock']")
    table.unlock("111222")
    page.get_by_text(table.said("Wrong PIN. Tries left: %(n)s.", n=9)).wait_for()
    table.unlock(PIN)
    table.sees("register")
    page.click("#topbar [data-do='lock']")
    table.unlock("111222")
    page.get_by_text(table.said("Wrong PIN. Tries left: %(n)s.", n=9)).wait_for()


def test_an_idle_device_locks_itself(festival: Festival, table: Table) -> None:
    page = table.page
    page.clock.install()
    table.open()
    table.unlock()
    table.sees("register")
    page.clock.fast_forward("04:30")
    assert page.locator("[data-view='register']").is_visible()
    page.clock.fast_forward("01:00")
    table.sees("locked")


@pytest.mark.parametrize("pin", ["12345", "abcdef", "000000", "123456"], ids=str)
def test_a_pin_that_is_short_or_easy_is_refused(festival: Festival, pin: str) -> None:
    table = festival.device().open()
    page = table.page
    page.wait_for_selector("form[data-set-up]:not([hidden])")
    page.fill("#f-device-name", "tablette")
    page.fill("#f-pin", pin)
    page.fill("#f-pin-again", pin)
    page.click("form[data-set-up] button[type=submit]")
    page.wait_for_selector("form[data-set-up] [data-errors]:not([hidden])")
    assert page.locator("[data-view='start']").is_visible()
