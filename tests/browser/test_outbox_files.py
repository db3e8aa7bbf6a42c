"""A queue that is carried by file: to another device, whole, and damaged."""

from __future__ import annotations

import json

import pytest

from tests.browser.devices import Opener, Table, enrolled

pytestmark = pytest.mark.browser


def test_a_queue_is_carried_by_file_to_another_device_and_arrives_once(
    table: Table, devices: Opener
) -> None:
    first, second = enrolled(devices), enrolled(devices)
    table.server.stop()
    made = [first.evaluate("table.record()")["id"] for _one in range(3)]
    written = first.evaluate("table.file()")
    told = json.loads(written)
    assert list(told) == ["balise_outbox", "device", "rows"]
    assert list(told["rows"][0]) == ["seq", "id", "kind", "recorded_at", "hash", "envelope"]
    assert second.evaluate("text => table.outbox.importFile(text)", written) == {
        **{"taken": 3, "present": 0, "wrong": 0},
    }
    assert second.evaluate("text => table.outbox.importFile(text)", written)["present"] == 3
    table.server.start()
    second.evaluate("table.outbox.wake('online')")
    first.evaluate("table.outbox.wake('online')")
    assert table.small.arrivals == made
    assert first.evaluate("table.ids()") == second.evaluate("table.ids()") == []


def test_what_was_refused_or_conflicts_is_carried_too(table: Table, devices: Opener) -> None:
    page = enrolled(devices)
    table.faults.plan.extend(["422", "409 other"])
    for _one in range(2):
        page.evaluate("table.record()")
        page.evaluate("table.outbox.wake('button')")
    assert [state for _id, state in page.evaluate("table.states()")] == ["refused", "conflict"]
    assert len(json.loads(page.evaluate("table.file()"))["rows"]) == 2


def test_a_damaged_file_is_refused_row_by_row(table: Table, devices: Opener) -> None:
    page = enrolled(devices)
    table.server.stop()
    for _one in range(2):
        page.evaluate("table.record()")
    told = json.loads(page.evaluate("table.file()"))
    page.evaluate("table.store.wipe()")
    told["rows"][0]["envelope"] = told["rows"][0]["envelope"].replace('"v":1', '"v":2')
    damaged = json.dumps({**told, "rows": [*told["rows"], {"id": "x"}, None]})
    found = page.evaluate("text => table.outbox.importFile(text)", damaged)
    assert found == {"taken": 1, "present": 0, "wrong": 3}
    refused = page.evaluate("() => table.outbox.importFile('[1]').catch(error => error.reason)")
    assert refused == "file"
