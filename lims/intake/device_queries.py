"""Reading devices: one that the actor may use, the list of one's sites, what is left of each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, joinedload

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, NotPermitted
from lims.foundation.words import _
from lims.intake.device_records import Device, OutboxReceipt, ReservedSelector
from lims.intake.records import SampleCode, SampleCodeBlock
from lims.network.rules import Permission


class Withdrawn(NotPermitted):
    """The device was given up or lost; nothing is taken from it any more."""


def refuse_withdrawn(device: Device) -> None:
    """Raise Withdrawn when a device was given up or lost."""
    if device.withdrawn_at is not None:
        raise Withdrawn(_("This device was withdrawn. Enrol it again, or use another one."))


@dataclass(frozen=True)
class Kept:
    """A device and what it still has in hand, as far as the server knows."""

    device: Device
    codes: int
    selectors: int
    records: int


def device(session: Session, actor: Actor, device_id: uuid.UUID) -> Device:
    """Return a device of one of the actor's sites; raises NotFound."""
    actor.must(Permission.USE_DEVICE)
    found = session.get(Device, device_id, options=[joinedload(Device.site)])
    if found is None or not actor.may(Permission.USE_DEVICE, found.site_id):
        raise NotFound(_("There is no such device, or it is not for your sites."))
    return found


def devices(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[Kept], int]:
    """Return one page of the devices of the actor's sites, those in use first, and how many."""
    actor.must(Permission.USE_DEVICE)
    sites = actor.sites_for(Permission.USE_DEVICE)
    mine = true() if sites is None else Device.site_id.in_(sites)
    total = session.scalar(select(func.count()).select_from(Device).where(mine)) or 0
    query = (
        select(Device)
        .options(joinedload(Device.site))
        .where(mine)
        .order_by(Device.withdrawn_at.is_not(None), Device.name, Device.id)
    )
    found = session.scalars(query.offset((page - 1) * size).limit(size)).all()
    return _with_counts(session, found), total


def _with_counts(session: Session, found: Sequence[Device]) -> list[Kept]:
    ids = [one.id for one in found]
    codes = _counted(
        session,
        select(SampleCodeBlock.device_id, func.count())
        .join(SampleCode, SampleCode.block_id == SampleCodeBlock.id)
        .where(SampleCodeBlock.device_id.in_(ids), SampleCode.used.is_(False))
        .group_by(SampleCodeBlock.device_id),
    )
    selectors = _counted(
        session,
        select(ReservedSelector.device_id, func.count())
        .where(ReservedSelector.device_id.in_(ids), ReservedSelector.used.is_(False))
        .group_by(ReservedSelector.device_id),
    )
    records = _counted(
        session,
        select(OutboxReceipt.device_id, func.count())
        .where(OutboxReceipt.device_id.in_(ids))
        .group_by(OutboxReceipt.device_id),
    )
    return [
        Kept(one, codes.get(one.id, 0), selectors.get(one.id, 0), records.get(one.id, 0))
        for one in found
    ]


def _counted(session: Session, query: Any) -> dict[uuid.UUID, int]:
    return {device_id: int(n) for device_id, n in session.execute(query)}


def left_of(session: Session, found: Device) -> Kept:
    """Return what one device still has in hand."""
    return _with_counts(session, [found])[0]


def sealing_to(session: Session, key: str) -> int:
    """Return how many devices in use were last known to seal to a key."""
    query = select(func.count()).select_from(Device)
    return session.scalar(query.where(Device.seal_key == key, Device.withdrawn_at.is_(None))) or 0
