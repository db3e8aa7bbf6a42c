"""Whatever happens in whatever order: a recorded identifier is in an outbox or on the server.

Never twice, never lost. Records, corrections, sending, every fault, reloads, a second tab, an
expired login and a queue carried by file, in orders that hypothesis makes up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.browser.devices import Device, Table, begin
from tests.browser.faults import FAULTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
EXAMPLES, STEPS = 28, 16
#: What the next envelopes meet, one each; mostly something.
MISHAPS = st.lists(st.sampled_from(["", *FAULTS, "cut after", "422"]), max_size=3)
CARRY = """async () => { const text = await table.file();
await table.store.wipe(); await table.begin({patience: 400});
const found = await table.outbox.importFile(text); return found.wrong; }"""


class OutboxMachine(RuleBasedStateMachine):
    """One device with up to two tabs, before a server that fails as the rules please."""

    browser: ClassVar[Browser]
    table: ClassVar[Table]

    @initialize()
    def begin(self) -> None:
        self.table.again()
        self.table.server.start()
        self.recorded: set[str] = set()
        self.codes: list[str] = []
        self.device = Device(self.browser.new_context(), self.table.address)
        self.first = self.device.tab(patience=400)
        self.second: Page | None = None
        self.first.evaluate("table.enrol()")
        self.first.evaluate("table.reserve(40, 5)")

    def teardown(self) -> None:
        if not hasattr(self, "device"):
            return
        try:
            self.table.server.start()
            self._heal_and_send()
        finally:
            self.device.context.close()
        assert not self.device.wrong, self.device.wrong

    def _heal_and_send(self) -> None:
        self.table.faults.plan.clear()
        self.table.small.logged_in = True
        for _press in range(8):
            self.first.evaluate("table.outbox.wake('button')")
            if not self.first.evaluate("table.outbox.summary()")["waiting"]:
                break
        states = dict(self.first.evaluate("table.states()"))
        assert set(states.values()) <= {"refused", "conflict"}, (
            "everything that may be sent was sent"
        )
        for one in [one for one, state in states.items() if state == "refused"]:
            self.first.evaluate("id => table.outbox.again(id)", one)
        self.first.evaluate("table.outbox.wake('button')")
        left = dict(self.first.evaluate("table.states()"))
        assert set(left.values()) <= {"conflict"}
        assert self.recorded - set(self.table.small.held) <= set(left)
        self.everything_recorded_is_somewhere()

    def _tab(self, second: bool) -> Page:
        return self.second if second and self.second is not None else self.first

    @rule(second=st.booleans(), samples=st.integers(1, 2), mishaps=MISHAPS)
    def record(self, second: bool, samples: int, mishaps: list[str]) -> None:
        self.table.faults.plan.extend(mishaps)
        made = self._tab(second).evaluate("n => table.record({samples: n})", samples)
        assert made["id"] not in self.recorded
        self.recorded.add(made["id"])
        self.codes += [code for code in made["codes"] if code]

    @rule(second=st.booleans())
    def correct(self, second: bool) -> None:
        self._tab(second).evaluate(
            """async () => { for (const row of await table.outbox.rows()) {
            const body = table.outbox.plain(row.id);
            if (!body || !body.samples) continue;
            body.samples[0].note = "corrected";
            await table.outbox.replace(row.id, body).catch(() => {});
            return; } }"""
        )

    @rule(
        second=st.booleans(),
        reason=st.sampled_from(["button", "timer", "online", "load"]),
        mishaps=MISHAPS,
    )
    def send(self, second: bool, reason: str, mishaps: list[str]) -> None:
        self.table.faults.plan.extend(mishaps)
        self._tab(second).evaluate("reason => table.outbox.wake(reason)", reason)

    @rule()
    def send_from_both_tabs_at_once(self) -> None:
        for tab in filter(None, (self.first, self.second)):
            tab.evaluate("() => { table.round = table.outbox.wake('button'); }")
        for tab in filter(None, (self.first, self.second)):
            tab.evaluate("table.round")

    @rule(send=st.booleans())
    def reload(self, send: bool) -> None:
        if send:
            self.first.evaluate("() => { table.outbox.wake('button'); }")
        self.first.reload()
        begin(self.first, patience=400)

    @precondition(lambda self: self.second is None)
    @rule()
    def open_a_second_tab(self) -> None:
        self.second = self.device.tab(patience=400)

    @precondition(lambda self: self.second is not None)
    @rule()
    def close_the_second_tab(self) -> None:
        assert self.second is not None
        self.second.close()
        self.second = None

    @rule(second=st.booleans())
    def try_the_refused_again(self, second: bool) -> None:
        self._tab(second).evaluate(
            """async () => { for (const row of await table.outbox.rows())
            if (row.state !== "waiting") await table.outbox.again(row.id); }"""
        )

    @rule()
    def carry_the_queue_by_file_over_a_wiped_store(self) -> None:
        if self.second is not None:
            self.second.close()
            self.second = None
        assert self.first.evaluate(CARRY) == 0
        self.first.evaluate("table.enrol()")
        self.first.evaluate("table.reserve(20, 2)")

    @rule(second=st.booleans(), samples=st.integers(1, 2))
    def record_and_send_after_the_login_ended(self, second: bool, samples: int) -> None:
        self.table.small.logged_in = False
        self.record(second=second, samples=samples, mishaps=[])
        self.send(second=second, reason="button", mishaps=[])
        self.everything_recorded_is_somewhere()
        self.table.small.logged_in = True

    @rule(second=st.booleans(), samples=st.integers(1, 2), mishaps=MISHAPS)
    def record_while_the_server_is_stopped(
        self, second: bool, samples: int, mishaps: list[str]
    ) -> None:
        self.table.server.stop()
        for _visit in range(3):
            self.record(second=second, samples=samples, mishaps=[])
        self.send(second=second, reason="online", mishaps=[])
        self.everything_recorded_is_somewhere()
        self.table.server.start()
        self.send(second=not second, reason="online", mishaps=mishaps)

    @invariant()
    def everything_recorded_is_somewhere(self) -> None:
        if not hasattr(self, "device"):
            return
        waiting = self.first.evaluate("table.ids()")
        arrived = self.table.small.arrivals
        assert self.recorded <= set(waiting) | set(arrived), "lost"
        assert set(waiting) | set(arrived) <= self.recorded, "from nowhere"
        assert len(waiting) == len(set(waiting)), "twice in the outbox"
        assert len(arrived) == len(set(arrived)), "twice on the server"
        assert len(self.codes) == len(set(self.codes)), "a code twice"


def test_every_recorded_identifier_is_in_the_outbox_or_on_the_server(
    browser: Browser, table: Table
) -> None:
    bound: Any = type("Bound", (OutboxMachine,), {"browser": browser, "table": table})
    bounded = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, phases=[Phase.generate])
    run_state_machine_as_test(bound, settings=bounded)
