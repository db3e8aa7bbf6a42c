"""The table in bad hands and on bad disks: locked, full, closed in the middle, another's login."""

from __future__ import annotations

import pytest

from tests.browser.conftest import staff_token
from tests.browser.faults import wait_until
from tests.browser.tables import PIN, Festival, Table, festival

pytestmark = pytest.mark.browser
__all__ = ["festival"]

NOTE = "Appelle Mme Dupont au 0475 12 34 56"


@pytest.fixture
def table(festival: Festival) -> Table:
    festival.server.start()
    return festival.device().set_up()


def refused(table: Table) -> None:
    """Record a visit that the server must refuse, and go on to the next."""
    page = table.page
    table.answer()
    page.locator("[data-sample]:not([hidden]) details").last.evaluate("one => { one.open = true; }")
    page.fill("#f-samples-0-note", NOTE)
    table.record()
    wait_until(lambda: [row for row in table.rows() if row["state"] == "refused"])
    page.click("[data-do='next-visit']")


def lock(table: Table) -> None:
    table.page.click("#topbar [data-do='lock']")
    table.sees("locked")


def test_a_locked_device_opens_no_refused_record_and_throws_none_away(
    festival: Festival, table: Table
) -> None:
    page = table.page
    refused(table)
    lock(table)
    table.go("lists")
    page.locator("[data-list='refused'] li").wait_for()
    assert page.locator("[data-view='lists'] [data-do='export']").is_visible()
    assert not page.locator("[data-list] li button").count()
    # Not even by whoever calls the act without its button.
    page.evaluate(
        """() => { const one = document.createElement("button");
        one.dataset.do = "edit";
        one.dataset.id = document.querySelector("[data-row]").dataset.row;
        document.querySelector("main").append(one);
        one.click(); }"""
    )
    page.wait_for_timeout(500)
    values = page.eval_on_selector_all("textarea, input", "all => all.map(one => one.value)")
    assert NOTE not in values


def fill_up(table: Table, full: bool = True) -> None:
    """Let every write fail as it does on a full disk, or no longer."""
    table.page.evaluate(
        """full => { const store = IDBObjectStore.prototype;
        window.properly ||= { put: store.put, add: store.add };
        for (const name of ["put", "add"]) store[name] = !full ? window.properly[name]
            : () => { throw new DOMException("full", "QuotaExceededError"); }; }""",
        full,
    )


def test_a_full_device_locks_all_the_same_and_gives_back_what_was_typed(
    festival: Festival, table: Table
) -> None:
    page = table.page
    fill_up(table)
    table.answer(sold_as="canary-of-the-full-disk " + "x" * 90)
    lock(table)
    values = page.eval_on_selector_all("input", "all => all.map(one => one.value)")
    assert not [one for one in values if "canary" in one]
    table.unlock()
    page.locator("[data-unlock] [data-wrong]").wait_for()
    assert "plein" in page.locator("[data-unlock] [data-wrong]").inner_text()
    fill_up(table, False)
    table.unlock()
    table.sees("register")
    assert "canary" in page.input_value("#f-samples-0-sold_as")


@pytest.mark.parametrize("how", ["locked", "loaded again"])
def test_a_refused_record_that_is_half_put_right_can_be_recorded_after_the_break(
    festival: Festival, table: Table, how: str
) -> None:
    page = table.page
    refused(table)
    row = table.rows()[0]["id"]
    table.answer(sold_as="the next visit")
    page.wait_for_timeout(500)
    table.go("lists")
    page.locator("[data-list='refused'] [data-do='edit']").click()
    table.sees("register")
    page.fill("#f-samples-0-note", "friable")
    page.wait_for_timeout(500)
    if how == "locked":
        lock(table)
    else:
        table.open()
        table.sees("locked")
    table.unlock()
    table.sees("register")
    assert row[:8] in page.locator("[data-editing]").inner_text()
    page.click(".lang a[lang='nl']")
    page.wait_for_selector("html[lang='nl']")
    assert row[:8] in page.locator("[data-editing]").inner_text()
    assert page.input_value("#f-samples-0-note") == "friable"
    table.record()
    table.sent()
    samples = festival.visit(row)
    assert samples is not None and samples[0].note == "friable"
    page.click("[data-do='next-visit']")
    assert page.input_value("#f-samples-0-sold_as") == "the next visit"


def test_a_ticket_in_sight_is_not_written_down_while_its_visit_is_corrected(
    festival: Festival, table: Table
) -> None:
    festival.server.stop()
    table.answer()
    shown = table.record()
    table.page.click("[data-do='correct']")
    table.page.fill("#f-samples-0-sold_as", "Kétamine")
    table.page.wait_for_timeout(500)
    table.open()
    table.unlock()
    table.sees("register")
    found = table.record()
    assert shown["ticket"] and not found["ticket"]
    festival.server.start()


def test_what_another_persons_login_was_refused_goes_when_the_right_one_logs_in(
    festival: Festival, table: Table
) -> None:
    token = staff_token(festival.world, "liege")
    cookie = {"name": "balise", "value": token, "url": festival.address}
    table.page.context.add_cookies([cookie])
    for _each in range(2):
        table.answer()
        table.record()
        table.page.click("[data-do='next-visit']")
    wait_until(lambda: {row["state"] for row in table.rows()} == {"refused"})
    # Asked by their names: the tablet of the test before may still be sending.
    mine = [row["id"] for row in table.rows()]
    assert [festival.visit(one) for one in mine] == [None, None]
    table.log_in()
    table.open()
    table.sent()
    assert all(festival.visit(one) for one in mine)


def test_a_printed_label_that_this_device_used_before_is_told_at_once(
    festival: Festival, table: Table
) -> None:
    page = table.page
    festival.server.stop()
    table.answer()
    code = table.record()["codes"][0]
    page.click("[data-do='next-visit']")
    table.open()
    table.unlock(PIN)
    table.sees("register")
    table.answer()
    page.fill("#f-samples-0-code", code)
    page.click("[data-record]")
    page.locator("form[data-table] [data-errors]").wait_for()
    words = "This code is on a sample already that was recorded on this device. Take another label."
    assert table.said(words) in page.locator("form[data-table]").inner_text()
    assert len(table.rows()) == 1
    festival.server.start()


@pytest.mark.parametrize("how", ["scanned wrongly", "typed"])
def test_a_code_written_for_another_keyboard_is_understood_or_refused_with_the_reason(
    festival: Festival, table: Table, how: str
) -> None:
    page = table.page
    festival.server.stop()
    code = page.evaluate(
        """async () => {
            const { openStore } = await import("/static/js/table/store.js");
            return (await openStore()).takeCode(); }"""
    )
    turned = code.translate(str.maketrans("QWM2346789", "AZ?é\"'§è!ç"))
    table.answer()
    page.fill("#f-samples-0-code", turned if how == "scanned wrongly" else turned + "é")
    page.click("[data-record]")
    if how == "scanned wrongly":
        table.sees("done")
        assert [one.replace("-", "") for one in table.shown()["codes"]] == [code]
    else:
        page.locator("form[data-table] [data-errors]").wait_for()
        assert "AZERTY" in page.locator("form[data-table] [data-errors]").inner_text()
    festival.server.start()


def test_a_visit_recorded_by_a_clock_that_was_years_wrong_is_asked_for_its_day(
    festival: Festival, table: Table
) -> None:
    page = table.page
    festival.server.stop()
    # The tablet's clock fell back while it lay without power, and is right again when it sends.
    page.evaluate(
        """() => { window.properNow = Date.now;
        Date.now = () => new Date("2021-01-01T10:00:00Z").getTime(); }"""
    )
    table.answer()
    table.record()
    row = table.rows()[0]["id"]
    page.evaluate("() => { Date.now = window.properNow; }")
    page.click("[data-do='next-visit']")
    festival.server.start()
    page.click("[data-strip] [data-do='send']")
    wait_until(lambda: [one for one in table.rows() if one["state"] == "refused"])
    table.go("lists")
    page.locator("[data-list='refused'] [data-do='edit']").click()
    table.sees("register")
    page.locator("#f-day").wait_for()
    today = page.evaluate("new Intl.DateTimeFormat('en-CA').format(new Date())")
    page.fill("#f-day", today)
    table.record()
    table.sent()
    assert festival.visit(row)
