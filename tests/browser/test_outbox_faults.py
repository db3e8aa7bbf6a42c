"""The outbox before a server that fails: nothing lost, nothing twice, nothing in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.devices import Device, Opener, Table, begin
from tests.browser.faults import OTHER_HASH, TRANSIENT, wait_until

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.browser


@pytest.fixture
def device(devices: Opener) -> Device:
    made = devices()
    page = made.tab()
    page.evaluate("table.enrol()")
    page.evaluate("table.reserve(20, 20)")
    return made


def test_a_record_is_kept_while_the_server_is_stopped_and_sent_when_it_is_back(
    table: Table, device: Device
) -> None:
    page = device.tabs[0]
    table.server.stop()
    made = page.evaluate("table.record({samples: 2, ticket: true})")
    page.evaluate("table.outbox.wake('online')")
    assert page.evaluate("table.outbox.summary()") == {
        **{"waiting": 1, "refused": 0, "conflicts": 0, "samples": 2},
        "oldest": page.evaluate("table.outbox.rows()")[0]["recorded_at"],
    }
    table.server.start()
    page.evaluate("table.outbox.wake('online')")
    assert table.held() == {made["id"]: made["hash"]}
    assert page.evaluate("table.outbox.rows()") == []
    opened = table.small.opened[made["id"]]["body"]
    assert [one["code"] for one in opened["samples"]] == made["codes"]
    assert opened["ticket"]["selector"]
    assert f"sent {made['id']}" in page.evaluate("table.events")


@pytest.mark.parametrize("fault", [*TRANSIENT, "redirect", "wrong echo"])
def test_a_row_stays_until_the_server_has_named_it_and_then_arrives_once(
    table: Table, device: Device, fault: str
) -> None:
    page = device.tabs[0]
    if fault == "slow":
        page.evaluate("table.begin({patience: 400})")
    table.faults.plan.extend([fault, fault] if fault == "400" else [fault])
    made = page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    table.faults.plan.clear()
    if fault != "slow":
        assert page.evaluate("table.pauses.length") > 0
    page.evaluate("table.outbox.wake('button')")
    page.evaluate("table.outbox.wake('button')")
    assert page.evaluate("table.ids()") == []
    assert table.small.arrivals == [made["id"]]


def test_an_expired_login_keeps_the_queue_and_is_said(table: Table, device: Device) -> None:
    page = device.tabs[0]
    table.small.logged_in = False
    page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    assert "login" in page.evaluate("table.events")
    assert page.evaluate("table.outbox.summary()")["waiting"] == 1
    table.small.logged_in = True
    page.evaluate("table.outbox.wake('login')")
    assert len(table.held()) == 1


def test_a_token_that_is_too_old_is_fetched_again_and_nobody_notices(
    table: Table, device: Device
) -> None:
    page = device.tabs[0]
    table.small.csrf = "second"
    page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    assert len(table.held()) == 1
    assert page.evaluate("table.pauses") == []


def test_a_withdrawn_device_keeps_its_queue_and_says_so(table: Table, device: Device) -> None:
    page = device.tabs[0]
    table.faults.always = "withdrawn"
    page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    assert "withdrawn" in page.evaluate("table.events")
    assert page.evaluate("table.states()")[0][1] == "waiting"


def test_another_hash_under_the_same_identifier_is_a_conflict_that_people_see(
    table: Table, device: Device
) -> None:
    page = device.tabs[0]
    table.faults.plan.append("409 other")
    made = page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    assert page.evaluate("table.states()") == [[made["id"], "conflict"]]
    assert OTHER_HASH not in table.held().values()
    opened = page.evaluate("id => table.outbox.opened(id)", made["id"])
    assert opened == {"ours": {"n": 2}, "theirs": {"n": 1}}
    stored = page.evaluate("id => table.store.row(id)", made["id"])
    assert "theirs" not in str(stored)


def test_a_refused_row_is_kept_with_its_reasons_lets_others_pass_and_is_sent_when_corrected(
    table: Table, device: Device
) -> None:
    page = device.tabs[0]
    table.faults.plan.append("422")
    refused = page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    passed = page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    assert list(table.held()) == [passed["id"]]
    (row,) = page.evaluate("table.outbox.rows()")
    assert row["state"] == "refused"
    assert row["answer"]["errors"][0]["message"] == "The form is missing."
    stored = page.evaluate("id => table.store.row(id)", refused["id"])["answer"]
    assert stored["errors"] == [{"field": "samples.0.form", "message": ""}], "no word of it on disk"
    page.evaluate(
        """async id => { const body = table.outbox.plain(id);
        body.samples[0].form = "tablet"; await table.outbox.replace(id, body); }""",
        refused["id"],
    )
    page.evaluate("table.outbox.wake('button')")
    assert table.small.opened[refused["id"]]["body"]["samples"][0]["form"] == "tablet"
    assert page.evaluate("table.ids()") == []


def test_a_photograph_waits_for_its_visit_and_nothing_else_does(
    table: Table, device: Device
) -> None:
    page = device.tabs[0]
    table.faults.plan.append("422")
    visit = page.evaluate("table.record()")
    page.evaluate(
        """sample => table.outbox.record("photo", {sample_id: sample, side: "front", jpeg: ""})""",
        visit["samples"][0],
    )
    other = page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    assert list(table.held()) == [other["id"]]
    page.evaluate("id => table.outbox.again(id)", visit["id"])
    page.evaluate("table.outbox.wake('button')")
    assert table.small.arrivals[1] == visit["id"]
    assert len(table.small.arrivals) == 3


def test_rows_leave_in_the_order_in_which_they_were_recorded(table: Table, device: Device) -> None:
    page = device.tabs[0]
    table.server.stop()
    made = [page.evaluate("table.record()")["id"] for _one in range(6)]
    table.server.start()
    page.evaluate("table.outbox.wake('online')")
    assert table.small.arrivals == made


def test_a_row_at_which_the_server_breaks_does_not_hold_up_the_others_for_ever(
    table: Table, device: Device
) -> None:
    page = device.tabs[0]
    table.faults.plan.extend(["500"] * 3)
    broken = page.evaluate("table.record()")
    following = page.evaluate("table.record()")
    for _press in range(4):
        page.evaluate("table.outbox.wake('button')")
    assert following["id"] in table.held()
    page.evaluate("table.outbox.wake('button')")
    assert broken["id"] in table.held()


def test_the_pause_grows_with_jitter_and_ends_with_the_first_success(
    table: Table, device: Device
) -> None:
    page = device.tabs[0]
    page.evaluate("() => { table.random = 0.999999; }")
    table.faults.always = "503"
    page.evaluate("table.record()")
    for _press in range(11):
        page.evaluate("table.outbox.wake('button')")
    pauses = [round(one / 1000) for one in page.evaluate("table.pauses")][:11]
    assert pauses[:9] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert max(pauses) == 300
    tries = len(table.faults.tries)
    page.evaluate("table.outbox.wake('timer')")
    assert len(table.faults.tries) == tries, "the timer waits until the pause is over"
    table.faults.always = ""
    page.evaluate("table.outbox.wake('button')")
    assert page.evaluate("table.store.get('pause')") is None


def test_two_tabs_at_once_send_each_row_once_and_one_at_a_time(
    table: Table, device: Device
) -> None:
    first, second = device.tabs[0], device.tab()
    table.server.stop()
    made = [first.evaluate("table.record()")["id"] for _one in range(4)]
    made += [second.evaluate("table.record()")["id"] for _one in range(4)]
    table.server.start()
    table.faults.pause = 0.03
    wakes = "() => { table.round = table.outbox.wake('online'); }"
    first.evaluate(wakes)
    second.evaluate(wakes)
    first.evaluate("table.round")
    second.evaluate("table.round")
    assert table.small.arrivals == made
    assert table.faults.most_under_way == 1
    assert first.evaluate("table.ids()") == second.evaluate("table.ids()") == []


def test_one_tab_sees_what_another_recorded(device: Device) -> None:
    first, second = device.tabs[0], device.tab()
    second.evaluate("() => { table.events.length = 0; }")
    first.evaluate("table.record()")
    second.wait_for_function("() => table.events.includes('change')")


def test_a_page_that_is_loaded_again_while_it_sends_loses_and_doubles_nothing(
    table: Table, device: Device
) -> None:
    page = device.tabs[0]
    table.server.stop()
    made = [page.evaluate("table.record()")["id"] for _one in range(5)]
    table.server.start()
    table.faults.pause = 0.15
    page.evaluate("() => { table.outbox.wake('online'); }")
    wait_until(lambda: len(table.faults.tries) >= 2)
    page.reload()
    begin(page)
    table.faults.pause = 0
    page.evaluate("table.outbox.wake('load')")
    assert table.small.arrivals == made
    assert page.evaluate("table.ids()") == []


def test_what_is_recorded_is_sent_without_anybody_pressing(table: Table, devices: Opener) -> None:
    made: Any = devices().tab(real=True, random=0.1)
    made.evaluate("table.enrol()")
    made.evaluate("table.outbox.start()")
    table.faults.plan.append("503")
    made.evaluate("table.record()")
    wait_until(lambda: len(table.held()) == 1)


@pytest.mark.parametrize(
    "happening",
    [
        "dispatchEvent(new Event('online'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
        "table.outbox.start()",
    ],
    ids=["online", "visible", "load"],
)
def test_a_network_that_is_back_a_page_in_sight_and_a_page_opened_send_at_once(
    table: Table, device: Device, happening: str
) -> None:
    page = device.tabs[0]
    if "start" not in happening:
        page.evaluate("table.outbox.start()")
    table.server.stop()
    page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    table.server.start()
    page.evaluate(f"() => {{ {happening}; }}")
    wait_until(lambda: len(table.held()) == 1)
    wait_until(lambda: page.evaluate("table.ids()") == [])
