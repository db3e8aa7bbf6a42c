"""The device's store: full disks, old versions, other tabs, wrong clocks, queues in files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser.devices import Opener, Table, begin, enrolled
from tests.browser.small_server import b64url, point

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
TWO_DAYS = 172_800_000
OLD_STORE = """async ([key, rows, codes]) => {
    const sealing = await import("/static/js/table/sealing.js");
    const made = [];
    for (const [kind, plaintext] of rows) {
        const id = crypto.randomUUID();
        const recorded_at = new Date().toISOString();
        const sealed = await sealing.seal(key, "k1", {id, kind, device: "old", plaintext});
        made.push({id, kind, recorded_at, ...sealed, tries: 2, next_at: 0});
    }
    await new Promise((done, failed) => {
        const asked = indexedDB.open("balise-table", 1);
        asked.onerror = () => failed(asked.error);
        asked.onupgradeneeded = () => {
            const db = asked.result;
            const store = db.createObjectStore("rows", {keyPath: "seq", autoIncrement: true});
            store.createIndex("id", "id", {unique: true});
            const facts = db.createObjectStore("facts");
            facts.put({id: "old", seal_key: {id: "k1", raw: key}}, "device");
            const pool = db.createObjectStore("codes", {keyPath: "code"});
            codes.forEach((code) => pool.put({code}));
            db.createObjectStore("selectors", {keyPath: "selector"}).put({selector: "ABCDE"});
            made.forEach((row) => store.add(row));
        };
        asked.onsuccess = () => { globalThis.old = asked.result; done(); };
    });
    return made.map((row) => row.id);
}"""


def in_store(page: Page) -> dict[str, int]:
    """Count what stands in the store, held codes included."""
    counted: dict[str, int] = page.evaluate(
        """async () => { const db = await new Promise(done => {
            const asked = indexedDB.open("balise-table");
            asked.onsuccess = () => done(asked.result); });
        const found = {};
        for (const name of db.objectStoreNames) found[name] = await new Promise(done => {
            const asked = db.transaction(name).objectStore(name).count();
            asked.onsuccess = () => done(asked.result); });
        db.close();
        return found; }"""
    )
    return counted


def test_a_full_device_says_so_in_words_and_writes_nothing_by_halves(
    table: Table, devices: Opener
) -> None:
    device = devices()
    page = device.context.new_page()
    chromium = device.context.new_cdp_session(page)
    quota = {"origin": table.address, "quotaSize": 1_000_000}
    chromium.send("Storage.overrideQuotaForOrigin", quota)
    page.goto(f"{table.address}/blank")
    begin(page)
    page.evaluate("table.enrol()")
    page.evaluate("table.reserve(20, 20)")
    table.server.stop()
    page.evaluate("table.record({ticket: true})")
    page.evaluate("table.outbox.wake('button')")
    before = in_store(page)
    asked = {"note": "x" * 3_000_000, "ticket": True, "id": "0b0e7c66-7d5c-4b6e-9d42-6c4ef6c0f3a1"}
    refused = page.evaluate("asked => table.tryRecord(asked)", asked)
    assert (refused["name"], refused["reason"]) == ("QuotaError", "full")
    assert set(refused["words"]) == {"fr", "nl", "en"} and "plein" in refused["words"]["fr"]
    assert in_store(page) == before
    assert page.evaluate("id => table.outbox.plain(id)", asked["id"]) is None
    chromium.send("Storage.overrideQuotaForOrigin", {"origin": table.address})
    assert page.evaluate("asked => table.tryRecord(asked)", asked) is None
    table.server.start()
    page.evaluate("table.outbox.wake('button')")
    assert len(table.held()) == 2
    assert in_store(page)["rows"] == in_store(page)["envelopes"] == 0, "wiped when acknowledged"


@pytest.mark.parametrize("name", ["add", "delete"])
def test_a_store_that_fails_in_the_middle_leaves_no_trace_of_the_record(
    table: Table, devices: Opener, name: str
) -> None:
    page = enrolled(devices)
    table.server.stop()
    before = in_store(page)
    refused = page.evaluate(
        """async name => { const proper = IDBObjectStore.prototype[name];
        IDBObjectStore.prototype[name] = function (...given) {
            if (this.name !== "rows") throw new DOMException("broken", "UnknownError");
            return proper.apply(this, given); };
        const told = await table.tryRecord({ticket: true});
        IDBObjectStore.prototype[name] = proper;
        return told; }""",
        name,
    )
    assert refused["reason"] == "broken"
    assert in_store(page) == before
    assert page.evaluate("table.ids()") == []


def test_the_same_record_is_not_saved_twice(table: Table, devices: Opener) -> None:
    page = enrolled(devices)
    table.server.stop()
    made = page.evaluate("table.record()")
    again = page.evaluate("id => table.tryRecord({id})", made["id"])
    assert again["reason"] == "twice"
    assert page.evaluate("table.ids()") == [made["id"]]


def old_store(table: Table, page: Page) -> list[str]:
    """Make the store of the first version in a tab, with three rows that wait in it."""
    rows = [["visit", '{"body":{"n":1}}'], ["photo", '{"body":{"n":2}}'], ["visit", "{}"]]
    key = b64url(point(table.small.key))
    made: list[str] = page.evaluate(OLD_STORE, [key, rows, ["BCDFGHJK", "22222222"]])
    return made


def test_rows_that_wait_in_a_store_of_the_first_version_are_all_sent_by_the_second(
    table: Table, devices: Opener
) -> None:
    device = devices()
    page = device.context.new_page()
    page.goto(f"{table.address}/blank")
    made = old_store(table, page)
    page.evaluate("old.close()")
    begin(page)
    rows = page.evaluate("table.outbox.rows()")
    assert [row["id"] for row in rows] == made
    assert {row["state"] for row in rows} == {"waiting"}
    assert [row["samples"] for row in rows] == [1, 0, 1]
    assert page.evaluate("table.store.left()") == {"codes": 2, "selectors": 1}
    assert in_store(page)["envelopes"] == 3
    page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('load')")
    assert table.small.arrivals[:3] == made
    assert len(table.small.arrivals) == 4


def test_a_tab_with_the_old_version_is_asked_to_close_and_its_rows_are_kept(
    table: Table, devices: Opener
) -> None:
    device = devices()
    first = device.context.new_page()
    first.goto(f"{table.address}/blank")
    made = old_store(table, first)
    second = device.context.new_page()
    second.goto(f"{table.address}/blank")
    second.wait_for_function("() => globalThis.table")
    second.evaluate("() => { table.beginning = table.begin(); }")
    second.wait_for_function("() => table.blocked === 1")
    first.evaluate("old.close()")
    second.evaluate("table.beginning")
    assert second.evaluate("table.ids()") == made


def test_a_tab_that_a_newer_version_replaced_says_so_and_does_not_stand_in_its_way(
    table: Table, devices: Opener
) -> None:
    page = enrolled(devices)
    table.server.stop()
    made = page.evaluate("table.record()")
    newer = page.context.new_page()
    newer.goto("about:blank")
    table.server.start()
    newer.goto(f"{table.address}/blank")
    version = newer.evaluate(
        """() => new Promise((done, failed) => {
            const asked = indexedDB.open("balise-table", 3);
            asked.onblocked = () => failed(new Error("blocked"));
            asked.onsuccess = () => {
                globalThis.kept = asked.result; done(asked.result.version); }; })"""
    )
    assert version == 3
    assert "replaced" in page.evaluate("table.events")
    refused = page.evaluate("table.tryRecord()")
    assert refused["reason"] == "newer"
    rows = newer.evaluate(
        """() => new Promise(done => {
            const asked = kept.transaction("rows").objectStore("rows").getAll();
            asked.onsuccess = () => done(asked.result.map(row => row.id)); })"""
    )
    assert rows == [made["id"]]


@pytest.mark.parametrize("skew", [-TWO_DAYS, TWO_DAYS])
def test_a_wrong_clock_is_sent_along_so_that_the_server_can_put_the_moment_right(
    table: Table, devices: Opener, skew: int
) -> None:
    page = enrolled(devices, skew=skew)
    made = page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    recorded = moment(table.small.opened[made["id"]]["recorded_at"])
    sent = moment(table.small.sent_at[-1])
    assert timedelta(0) <= sent - recorded < timedelta(seconds=5)
    assert abs(recorded - datetime.now(recorded.tzinfo)) > timedelta(days=1)


def moment(text: str) -> datetime:
    """Return a moment that a device wrote."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_a_clock_that_is_set_back_by_two_days_does_not_hold_the_queue_for_two_days(
    table: Table, devices: Opener
) -> None:
    page = enrolled(devices, skew=TWO_DAYS)
    table.faults.plan.append("503")
    page.evaluate("table.record()")
    page.evaluate("() => table.outbox.wake('record')")
    page.evaluate("() => { table.skew = 0; }")
    page.evaluate("table.outbox.wake('timer')")
    assert len(table.held()) == 1


def test_what_a_person_throws_away_leaves_a_note(table: Table, devices: Opener) -> None:
    page = enrolled(devices)
    table.server.stop()
    made = page.evaluate("table.record()")
    assert page.evaluate("id => table.outbox.forget(id, 'recorded twice')", made["id"]) is True
    (note,) = page.evaluate("table.store.get('forgotten')")
    assert (note["id"], note["reason"]) == (made["id"], "recorded twice")
    assert page.evaluate("table.ids()") == []


def test_a_block_whose_answer_was_lost_is_asked_for_again_and_comes_once(
    table: Table, devices: Opener
) -> None:
    page = enrolled(devices)
    before = page.evaluate("table.store.left()")
    page.evaluate(
        """async () => { const proper = table.transport.reserve;
        table.transport.reserve = async function (...given) {
            await proper.apply(this, given); return { status: 0, body: null }; };
        await table.outbox.reserve(7, 3); }"""
    )
    assert page.evaluate("table.store.left()") == before
    page.evaluate("table.reserve(50, 50)")
    assert page.evaluate("table.store.left()") == {
        **{"codes": before["codes"] + 7, "selectors": before["selectors"] + 3},
    }
    assert len(table.small.reserved) == 2
