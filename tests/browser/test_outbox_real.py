"""The device's engine before the real application: what it records arrives once, and is right."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, select

from lims.foundation import clock
from lims.foundation.database import open_session
from lims.intake.device_records import OutboxReceipt
from lims.intake.records import Sample, Visit
from lims.intake.tickets import open_ticket
from lims.network.records import StaffSession
from tests.browser import mortal_server
from tests.browser.conftest import World, make_world, staff_token
from tests.browser.devices import Device, begin, opened_devices
from tests.browser.faults import Stoppable, wait_until
from tests.conftest import SECRET
from tests.makers import load_vocabularies, make_network

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
TWO_DAYS = 172_800_000
DEVICES, SAMPLES = 3, 500


@dataclass
class RealTable:
    """The real application, which can be stopped, and devices whose people are logged in."""

    world: World
    server: Stoppable
    opener: Any
    before: dict[type[Any], int] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.server.address

    def session(self) -> Any:
        return open_session(self.world.app.extensions["house"].engine)

    def count(self, table: type[Any]) -> int:
        """Count the records that this test has added."""
        with self.session() as session:
            found = session.scalar(select(func.count()).select_from(table)) or 0
        return found - self.before.get(table, 0)

    def log_in(self, device: Device, address: str = "") -> None:
        """Give a browser the session of a worker."""
        token = staff_token(self.world, "worker")
        where = address or self.address
        device.context.add_cookies([{"name": "balise", "value": token, "url": where}])

    def device(self, codes: int = 20, **how: Any) -> Page:
        """Return the tab of an enrolled device with codes and selectors of its own."""
        made: Device = self.opener()
        self.log_in(made)
        page = made.tab(**how)
        assert page.evaluate("table.enrol()") == 201
        assert page.evaluate("n => table.reserve(n, 5)", codes) == 200
        return page


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("real"), demonstration=False)
    with open_session(made.app.extensions["house"].engine) as session:
        make_network(session)
        load_vocabularies(session)
        session.commit()
    yield made
    for application in (made.app, made.public_app):
        application.extensions["house"].engine.dispose()


@pytest.fixture
def real(browser: Browser, world: World) -> Iterator[RealTable]:
    server = Stoppable(world.app)
    server.start()
    made = RealTable(world, server, None)
    made.before = {table: made.count(table) for table in (Visit, Sample, OutboxReceipt)}
    with opened_devices(browser, made) as made.opener:
        yield made
    server.stop()


def test_a_visit_recorded_without_a_network_arrives_whole_and_its_ticket_opens(
    real: RealTable,
) -> None:
    page = real.device()
    real.server.stop()
    made = page.evaluate("table.record({samples: 2, ticket: true})")
    page.evaluate("table.outbox.wake('online')")
    real.server.start()
    page.evaluate("table.outbox.wake('online')")
    assert page.evaluate("table.outbox.rows()") == []
    with real.session() as session:
        visit = session.get_one(Visit, uuid.UUID(made["id"]))
        assert [one.code for one in visit.samples] == made["codes"]
        assert [str(one.id) for one in visit.samples] == made["samples"]
        found = open_ticket(session, made["printed"])
        assert found is not None and found.visit_id == visit.id


@pytest.mark.parametrize("fault", ["cut before", "cut after", "500", "gate", "wrong echo"])
def test_each_row_arrives_once_whatever_happened_to_the_first_try(
    real: RealTable, fault: str
) -> None:
    page = real.device()
    real.server.stop()
    for _one in range(3):
        page.evaluate("table.record()")
    real.server.start()
    real.server.faults.plan.extend([fault, "", fault])
    for _press in range(3):
        page.evaluate("table.outbox.wake('button')")
    assert page.evaluate("table.ids()") == []
    assert real.count(Visit) == real.count(OutboxReceipt) == real.count(Sample) == 3


def test_a_login_that_ended_keeps_the_queue_until_somebody_logs_in_again(
    real: RealTable,
) -> None:
    page = real.device()
    with real.session() as session:
        session.execute(delete(StaffSession))
        session.commit()
    page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    assert "login" in page.evaluate("table.events")
    assert page.evaluate("table.outbox.summary()")["waiting"] == 1
    real.log_in(Device(page.context, real.address))
    page.evaluate("table.outbox.wake('login')")
    assert real.count(Visit) == 1


def test_what_a_rule_refuses_is_opened_for_correction_and_then_sent(real: RealTable) -> None:
    page = real.device()
    made = page.evaluate(
        """async () => { const { id, body } = await table.visit();
        body.samples[0].form = ""; body.samples[0].price = "minus one";
        await table.outbox.record("visit", body, { id, samples: 1 }); return id; }"""
    )
    page.evaluate("table.outbox.wake('button')")
    (row,) = page.evaluate("table.outbox.rows()")
    assert row["state"] == "refused", row
    assert row["answer"]["errors"]
    page.reload()
    begin(page)
    page.evaluate("id => table.outbox.again(id)", made)
    page.evaluate("table.outbox.wake('button')")
    opened = page.evaluate("id => table.outbox.opened(id).ours", made)
    assert opened["samples"][0]["price"] == "minus one"
    opened["samples"][0] |= {"form": "tablet", "price": "5"}
    page.evaluate("([id, body]) => table.outbox.replace(id, body)", [made, opened])
    page.evaluate("table.outbox.wake('button')")
    assert page.evaluate("table.ids()") == []
    with real.session() as session:
        assert session.get_one(Visit, uuid.UUID(made)).samples[0].form == "tablet"


def test_a_visit_that_was_corrected_after_its_answer_was_lost_is_a_conflict_with_both_sides(
    real: RealTable,
) -> None:
    page = real.device()
    page.evaluate("() => { table.random = 1; }")
    real.server.faults.plan.append("cut after")
    made = page.evaluate("table.record()")
    wait_until(lambda: page.evaluate("table.pauses.length"))
    page.evaluate(
        """async id => { const body = table.outbox.plain(id);
        body.samples[0].note = "second thought"; await table.outbox.replace(id, body); }""",
        made["id"],
    )
    page.evaluate("table.outbox.wake('button')")
    assert page.evaluate("table.states()") == [[made["id"], "conflict"]]
    opened = page.evaluate("id => table.outbox.opened(id)", made["id"])
    assert opened["ours"]["samples"][0]["note"] == "second thought"
    assert opened["theirs"]["samples"][0]["note"] == ""
    assert real.count(Visit) == 1


@pytest.mark.parametrize("skew", [-TWO_DAYS, TWO_DAYS])
def test_a_device_with_a_wrong_clock_records_on_the_right_day(real: RealTable, skew: int) -> None:
    page = real.device(skew=skew)
    made = page.evaluate("table.record()")
    page.evaluate("table.outbox.wake('button')")
    with real.session() as session:
        visit = session.get_one(Visit, uuid.UUID(made["id"]))
        assert abs((visit.day - clock.today()).days) <= 1  # midnight may pass between the two
        receipt = session.get_one(OutboxReceipt, uuid.UUID(made["id"]))
        assert abs((receipt.skew_seconds or 0) * 1000 + skew) < 60_000


def test_a_process_that_is_killed_after_it_wrote_and_before_it_answered_doubles_nothing(
    real: RealTable, tmp_path: Path
) -> None:
    real.server.stop()
    deadline, port = tmp_path / "deadline", free_port()
    address, settings = f"http://127.0.0.1:{port}", real.world.settings
    environment = {
        "LIMS_DATA_DIR": str(settings.data_dir),
        "LIMS_DATABASE_URL": settings.database_url,
        "LIMS_SECRET_KEY": SECRET,
        "LIMS_SECURE_COOKIES": "no",
    }
    deadline.write_text("3")
    process = mortal_server.begun(port, deadline, environment)
    try:
        wait_until(lambda: answers(port), 30)
        device: Device = real.opener()
        device.address = address
        real.log_in(device, address)
        page = device.tab(patience=30_000)
        assert page.evaluate("table.enrol()") == 201
        assert page.evaluate("table.reserve(10, 0)") == 200
        page.evaluate("async () => { for (let n = 0; n < 6; n += 1) await table.record(); }")
        page.evaluate("table.outbox.wake('button')")
        process.wait(20)
        assert real.count(Visit) == 3
        assert page.evaluate("table.outbox.summary()")["waiting"] == 4, "the third was not told"
        deadline.unlink()
        process = mortal_server.begun(port, deadline, environment)
        wait_until(lambda: answers(port), 30)
        page.evaluate("table.outbox.wake('online')")
        assert page.evaluate("table.ids()") == []
        assert real.count(Visit) == real.count(OutboxReceipt) == 6
    finally:
        process.kill()
        process.wait(10)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_five_hundred_samples_of_three_devices_arrive_as_five_hundred_with_no_code_twice(
    real: RealTable,
) -> None:
    pages = [real.device(codes=180) for _each in range(DEVICES)]
    real.server.stop()
    sizes = [1 + place % 4 for place in range(400)]
    left, told, turn = SAMPLES, [], 0
    while left:
        page = pages[turn % DEVICES]
        most = -(-SAMPLES // DEVICES)
        mine = sum(len(one["codes"]) for where, one in told if where is page)
        size = min(sizes[turn], left, most - mine)
        turn += 1
        if size <= 0:
            continue
        told.append((page, page.evaluate("n => table.record({samples: n})", size)))
        left -= size
    faults = ["", "cut after", "", "", "500", "", "cut before", "", "gate", "", "", "cut after"]
    real.server.start()
    for turn in range(40):
        real.server.faults.plan.extend(faults[turn % 7 :] if turn < 4 else [])
        for page in pages:
            page.evaluate("() => { table.round = table.outbox.wake('online'); }")
        for page in pages:
            page.evaluate("table.round")
        if not any(page.evaluate("table.ids()") for page in pages):
            break
    codes = [code for _page, one in told for code in one["codes"]]
    with real.session() as session:
        kept = list(session.scalars(select(Sample.code).where(Sample.code.in_(codes))))
        visits = {str(one) for one in session.scalars(select(OutboxReceipt.id))}
    assert real.count(Sample) == len(kept) == len(set(kept)) == len(codes) == SAMPLES
    assert {one["id"] for _page, one in told} <= visits
    assert real.count(OutboxReceipt) == real.count(Visit) == len(told)
