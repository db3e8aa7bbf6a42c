from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation import codes, sealing
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.foundation.settings import Settings
from lims.intake import device_queries, devices, operations, queries, tickets
from lims.intake.device_queries import Withdrawn
from lims.intake.device_records import Device, ReservedSelector
from lims.intake.records import SampleCode, Ticket
from tests.makers import Network, told_sample, told_visit

Enrol = Callable[..., Device]


@pytest.fixture
def enrol(session: Session, at_table: Network, settings: Settings) -> Enrol:
    def enrolled(name: str = "tablet 1", who: str = "worker", **changed: Any) -> Device:
        actor = at_table.actors[who]
        given = {"id": uuid.uuid4(), "site_id": actor.site_id, **changed}
        command = devices.EnrolDevice(name=name, folder=settings.data_dir, **given)
        return devices.enrol_device(session, actor, command)

    return enrolled


def reserve(session: Session, network: Network, device: Device, n: int = 5, **changed: Any) -> Any:
    given = {"id": uuid.uuid4(), "codes": n, "selectors": n, **changed}
    return devices.reserve(session, network.worker, devices.Reserve(device_id=device.id, **given))


def register(session: Session, network: Network, code: str = "", **told: Any) -> Any:
    command = told_visit(network, told_sample(code=code), **told)
    return operations.register_visit(session, network.worker, command).samples[0]


def withdraw(session: Session, network: Network, device: Device, who: str = "worker") -> None:
    command = devices.WithdrawDevice(device.id, "lost at the festival")
    devices.withdraw_device(session, network.actors[who], command)


# ------------------------------------------------------------------------------------- enrolling


def test_a_device_is_enrolled_once_and_learns_the_key(enrol: Enrol, settings: Settings) -> None:
    made = enrol()
    again = enrol("another name", id=made.id)
    assert again is made and made.name == "tablet 1"
    assert made.seal_key == sealing.outbox_key(settings.data_dir).id
    assert made.last_seen is not None


def test_a_device_is_enrolled_where_one_works(enrol: Enrol, at_table: Network) -> None:
    with pytest.raises(NotPermitted):
        enrol(who="counsellor")
    with pytest.raises(NotPermitted):
        enrol(site_id=at_table.festival.id)
    made = enrol()
    with pytest.raises(Refused):
        enrol(id=made.id, who="festival_worker")
    assert enrol(who="chemist").site_id == at_table.laboratory.id


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "jan@example.org"])
def test_a_device_has_a_name_that_is_of_no_person(enrol: Enrol, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        enrol(name)
    assert refusal.value.problems[0].field == "name"


# ------------------------------------------------------------------------------------- reserving


def test_what_is_reserved_is_given_to_nobody_else(
    session: Session, at_table: Network, enrol: Enrol
) -> None:
    one, other = enrol(), enrol("tablet 2")
    first, second = reserve(session, at_table, one), reserve(session, at_table, other)
    assert len(set(first.codes) | set(second.codes)) == 10
    assert len(set(first.selectors) | set(second.selectors)) == 10
    assert all(codes.read_code(code) == code for code in first.codes)
    mine = [register(session, at_table).code for _each in range(5)]
    assert not set(mine) & (set(first.codes) | set(second.codes))
    with pytest.raises(Invalid):  # the site's own are used up: those of the tablets are not taken
        register(session, at_table)
    assert queries.codes_left(session, at_table.counter.id) == ("", 0)


def test_a_request_that_is_repeated_gives_the_same(
    session: Session, at_table: Network, enrol: Enrol
) -> None:
    device, id = enrol(), uuid.uuid4()
    first = reserve(session, at_table, device, id=id)
    assert reserve(session, at_table, device, id=id) == first
    assert reserve(session, at_table, device) != first
    with pytest.raises(Invalid):
        reserve(session, at_table, enrol("tablet 2"), id=id)


def test_a_selector_is_reserved_without_codes_and_the_reverse(
    session: Session, at_table: Network, enrol: Enrol
) -> None:
    device, id = enrol(), uuid.uuid4()
    found = reserve(session, at_table, device, codes=0, id=id)
    assert not found.codes and len(found.selectors) == 5
    assert reserve(session, at_table, device, codes=0, id=id) == found
    assert len(reserve(session, at_table, device, selectors=0).codes) == 5


@pytest.mark.parametrize("n", [-1, 0, 1001])
def test_a_request_has_a_size(session: Session, at_table: Network, enrol: Enrol, n: int) -> None:
    device = enrol()
    with pytest.raises(Invalid):
        reserve(session, at_table, device, n)


def test_a_device_does_not_hoard(
    session: Session, at_table: Network, enrol: Enrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_IN_HAND", 4)
    device, id = enrol(), uuid.uuid4()
    first = reserve(session, at_table, device, id=id)
    with pytest.raises(Refused):
        reserve(session, at_table, device)
    assert reserve(session, at_table, device, id=id) == first


def test_a_ticket_of_the_server_never_takes_a_reserved_selector(
    session: Session, at_table: Network, enrol: Enrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = reserve(session, at_table, enrol()).selectors
    real, drawn = codes.new_ticket, iter(kept)

    def unlucky() -> codes.Ticket:
        selector = next(drawn, None)
        return codes.Ticket(selector, "0" * 10, "0") if selector else real()

    monkeypatch.setattr(tickets.codes, "new_ticket", unlucky)
    register(session, at_table)
    assert session.scalars(select(Ticket.selector)).one() not in kept


def test_a_code_of_a_tablet_may_be_typed_at_its_site_only(
    session: Session, at_table: Network, enrol: Enrol
) -> None:
    code = reserve(session, at_table, enrol()).codes[0]
    assert register(session, at_table, code).code == code
    festival = devices.Reserve(uuid.uuid4(), enrol(who="festival_worker").id, 1)
    other = devices.reserve(session, at_table.festival_worker, festival).codes[0]
    with pytest.raises(Invalid):
        register(session, at_table, other)


# ------------------------------------------------------------------------- giving up, losing


def test_what_a_device_returns_is_void_for_everybody(
    session: Session, at_table: Network, enrol: Enrol
) -> None:
    device = enrol()
    found = reserve(session, at_table, device)
    used = register(session, at_table, found.codes[0])
    command = devices.ReturnUnused(device.id, tuple(found.codes), tuple(found.selectors[:2]))
    devices.return_unused(session, at_table.worker, command)
    left = device_queries.left_of(session, device)
    assert (left.codes, left.selectors) == (0, 3)
    assert session.get(SampleCode, used.code) is not None
    with pytest.raises(Invalid):
        register(session, at_table, found.codes[1])


def test_a_device_returns_nothing_of_another(
    session: Session, at_table: Network, enrol: Enrol
) -> None:
    one, other = enrol(), enrol("tablet 2")
    found = reserve(session, at_table, other)
    command = devices.ReturnUnused(one.id, tuple(found.codes), tuple(found.selectors))
    devices.return_unused(session, at_table.worker, command)
    left = device_queries.left_of(session, other)
    assert (left.codes, left.selectors) == (5, 5)


@pytest.mark.parametrize("who", ["worker", "local_coordinator"])
def test_a_lost_tablet_is_withdrawn_and_its_codes_are_void(
    session: Session, at_table: Network, enrol: Enrol, who: str
) -> None:
    device = enrol()
    code = reserve(session, at_table, device).codes[0]
    withdraw(session, at_table, device, who)
    assert (device.withdrawn_by, device.withdrawn_reason) == (who, "lost at the festival")
    for act in (
        lambda: reserve(session, at_table, device),
        lambda: enrol(id=device.id),
    ):
        with pytest.raises(Withdrawn):
            act()
    with pytest.raises(Invalid):
        register(session, at_table, code)
    with pytest.raises(Refused):
        withdraw(session, at_table, device)


def test_a_withdrawal_says_why(session: Session, at_table: Network, enrol: Enrol) -> None:
    device = enrol()
    for reason in ("", "x" * 121, "taken by Jan Peeters"):
        with pytest.raises(Invalid):
            command = devices.WithdrawDevice(device.id, reason)
            devices.withdraw_device(session, at_table.worker, command)


def test_a_device_of_another_site_is_not_there(
    session: Session, at_table: Network, enrol: Enrol
) -> None:
    device = enrol()
    with pytest.raises(NotFound):
        withdraw(session, at_table, device, "festival_worker")
    with pytest.raises(NotPermitted):
        withdraw(session, at_table, device, "auditor")
    seen, total = device_queries.devices(session, at_table.festival_worker)
    assert (seen, total) == ([], 0)


def test_the_list_tells_what_each_device_has_left(
    session: Session, at_table: Network, enrol: Enrol
) -> None:
    one, other = enrol(), enrol("tablet 2")
    register(session, at_table, reserve(session, at_table, one).codes[0])
    withdraw(session, at_table, other)
    rows, total = device_queries.devices(session, at_table.worker)
    assert total == 2
    assert [(row.device.name, row.codes, row.selectors) for row in rows] == [
        ("tablet 1", 4, 5),
        ("tablet 2", 0, 0),
    ]


def test_a_new_key_keeps_the_old_one_while_a_device_may_need_it(
    session: Session, at_table: Network, enrol: Enrol, settings: Settings
) -> None:
    device = enrol()
    old = device.seal_key
    command = devices.RotateKey(settings.data_dir, drop_old=True)
    rotated = devices.rotate_key(session, at_table.administrator, command)
    assert rotated.older == ((old, 1),) and not rotated.dropped
    withdraw(session, at_table, device)
    again = devices.rotate_key(session, at_table.administrator, command)
    assert set(again.dropped) == {old, rotated.key}
    with pytest.raises(NotPermitted):
        devices.rotate_key(session, at_table.worker, command)


def test_reserved_selectors_are_counted_once(
    session: Session, at_table: Network, enrol: Enrol
) -> None:
    reserve(session, at_table, enrol(), 200)
    assert session.scalar(select(func.count()).select_from(ReservedSelector)) == 200
