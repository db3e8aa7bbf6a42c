"""The queue in sight: refused rows opened again, conflicts compared, files, logins that end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lims.intake.records import Visit
from tests.browser.faults import wait_until
from tests.browser.tables import Festival, Table, festival

pytestmark = pytest.mark.browser
__all__ = ["festival"]


@pytest.fixture
def table(festival: Festival) -> Table:
    festival.server.start()
    return festival.device().set_up()


def refused(table: Table) -> None:
    """Record a visit that the server must refuse: its note looks like a person."""
    page = table.page
    table.answer()
    page.locator("[data-sample]:not([hidden]) details").last.evaluate("one => { one.open = true; }")
    page.fill("#f-samples-0-note", "Appelle Mme Dupont au 0475 12 34 56")
    table.record()
    wait_until(lambda: [row for row in table.rows() if row["state"] == "refused"])
    page.click("[data-do='next-visit']")


def test_a_refused_record_is_opened_put_right_and_sent_again(
    festival: Festival, table: Table
) -> None:
    page = table.page
    refused(table)
    row = table.rows()[0]
    table.answer(sold_as="the next visit")
    page.wait_for_timeout(500)
    table.go("lists")
    place = page.locator("[data-list='refused']")
    place.locator("[data-do='edit']").click()
    table.sees("register")
    assert page.input_value("#f-samples-0-note") == "Appelle Mme Dupont au 0475 12 34 56"
    assert page.locator("#f-samples-0-note").get_attribute("aria-invalid") == "true"
    page.fill("#f-samples-0-note", "friable, odeur de solvant")
    shown = table.record()
    assert shown["codes"]
    table.sent()
    samples = festival.visit(row["id"])
    assert samples is not None and samples[0].note == "friable, odeur de solvant"
    page.click("[data-do='next-visit']")
    assert page.input_value("#f-samples-0-sold_as") == "the next visit"


def test_a_refused_record_can_be_opened_after_a_reload_because_the_server_opens_it(
    festival: Festival, table: Table
) -> None:
    refused(table)
    table.open()
    table.unlock()
    table.sees("register")
    table.go("lists")
    table.page.locator("[data-list='refused'] [data-do='edit']").click()
    table.sees("register")
    table.page.wait_for_function(
        "() => document.querySelector('#f-samples-0-note').value.includes('Dupont')"
    )


def test_a_conflict_is_compared_and_the_own_answers_are_taken_as_a_correction(
    festival: Festival, table: Table
) -> None:
    page = table.page
    row = conflicting(festival, table)
    place = page.locator("[data-list='conflict']")
    place.locator("[data-do='compare']").click()
    table.sees("conflict")
    clash = page.locator("[data-compared] tr.clash")
    assert "MDMA" in clash.inner_text() and "Kétamine" in clash.inner_text()
    page.click("[data-do='send-mine']")
    table.sent()
    samples = festival.visit(row)
    assert samples is not None and samples[0].sold_as == "Kétamine"


def test_a_conflict_is_settled_by_keeping_what_the_server_has(
    festival: Festival, table: Table
) -> None:
    row = conflicting(festival, table)
    table.page.locator("[data-list='conflict'] [data-do='compare']").click()
    table.sees("conflict")
    table.page.click("[data-do='keep-theirs']")
    table.sent()
    samples = festival.visit(row)
    assert samples is not None and samples[0].sold_as == "MDMA"


def conflicting(festival: Festival, table: Table) -> str:
    """Let the server take a visit without the device hearing of it, then correct the visit."""
    festival.server.faults.plan.append("cut after")
    festival.server.faults.always = "503"
    table.answer(sold_as="MDMA")
    table.record()
    row: str = table.rows()[0]["id"]
    wait_until(lambda: festival.visit(row))
    table.page.click("[data-do='correct']")
    table.page.fill("#f-samples-0-sold_as", "Kétamine")
    table.record()
    festival.server.faults.always = ""
    table.page.click("[data-do='next-visit']")
    table.go("lists")
    table.page.locator("[data-strip] [data-do='send']").click()
    wait_until(lambda: [one for one in table.rows() if one["state"] == "conflict"])
    return row


def test_an_ended_login_loses_nothing_and_says_what_to_do(festival: Festival, table: Table) -> None:
    page = table.page
    table.log_out()
    table.answer()
    table.record()
    wait_until(lambda: table.said("The login has ended.") in table.strip())
    link = page.locator("[data-strip] [data-log-in]")
    assert link.is_visible()
    assert "next=%2Ftable%2Ffr" in str(link.get_attribute("href"))
    table.log_in()
    table.open()
    table.sent()


def test_the_queue_leaves_as_a_file_and_arrives_from_another_device(
    festival: Festival, table: Table, tmp_path: Path
) -> None:
    page = table.page
    before = festival.count(Visit)
    festival.server.stop()
    table.answer(sold_as="canary-of-the-file")
    table.record()
    page.click("[data-do='next-visit']")
    table.go("lists")
    with page.expect_download() as waited:
        page.click("[data-view='lists'] [data-do='export']")
    file = tmp_path / "queue.json"
    waited.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    assert "canary-of-the-file" not in text
    assert len(json.loads(text)["rows"]) == 1
    festival.server.start()
    other = festival.device().set_up("tablette 3")
    other.go("device")
    other.page.set_input_files("[data-import]", file)
    other.sent()
    wait_until(lambda: festival.count(Visit) == before + 1)


def test_a_record_is_forgotten_only_after_exporting_saying_why_and_typing_its_name(
    festival: Festival, table: Table
) -> None:
    page = table.page
    festival.server.stop()
    table.answer()
    table.record()
    page.click("[data-do='next-visit']")
    table.go("lists")
    page.locator("[data-list='waiting'] [data-do='forget']").click()
    box = page.locator("dialog[open]")
    go = box.locator("button[type=submit]")
    go.click()
    box.get_by_text(table.said("Export the queue first: the file is the last copy of this record."))
    with page.expect_download():
        box.locator("[data-do='export']").click()
    go.click()
    assert table.said("Say why.") in box.inner_text()
    page.fill("#f-forget-why", "essai")
    go.click()
    assert table.said("Type the first four characters of the record.") in box.inner_text()
    assert len(table.rows()) == 1
    page.fill("#f-forget-word", table.rows()[0]["id"][:4])
    go.click()
    wait_until(lambda: not table.rows())
    festival.server.start()


def test_without_codes_the_device_says_what_to_do_and_takes_a_printed_label(
    festival: Festival, table: Table
) -> None:
    page = table.page
    festival.server.stop()
    code = page.evaluate(
        """async () => {
            const { openStore } = await import("/static/js/table/store.js");
            const store = await openStore();
            let last = null;
            for (let code = await store.takeCode(); code; code = await store.takeCode()) {
                last = code; }
            while (await store.takeSelector());
            return last; }"""
    )
    table.open()
    table.unlock()
    table.sees("register")
    words = "No code is left: scan or type printed labels, and fill up when there is a network."
    wait_until(lambda: table.said(words) in table.strip())
    table.answer()
    page.click("[data-record]")
    page.locator("form[data-table] [data-errors]").wait_for()
    page.fill("#f-samples-0-code", code)
    shown = table.record()
    assert shown["ticket"] == ""
    assert code in shown["codes"][0].replace("-", "")
    assert table.said("Ticket for the person") in page.locator("[data-ticket-card]").inner_text()
    festival.server.start()
    page.click("[data-strip] [data-do='send']")
    table.sent()
