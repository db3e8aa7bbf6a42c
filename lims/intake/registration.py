"""Registering a visit: anonymous, all or nothing, and once however often it is sent."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, select, true, update
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock, codes
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, refuse_field
from lims.foundation.happenings import announce
from lims.foundation.words import LANGUAGES, _
from lims.intake import answers, device_tickets, rules, tickets
from lims.intake.declarations import RegisterSample, RegisterVisit
from lims.intake.device_records import Device
from lims.intake.label_records import printed
from lims.intake.logos import marks_of
from lims.intake.records import Sample, SampleCode, SampleCodeBlock, Visit
from lims.network import queries as network
from lims.network.records import Site
from lims.network.rules import Permission

_CODES: Any = SampleCode.__table__


@dataclass(frozen=True)
class Registration:
    """What was registered. `ticket` is there once: its secret is kept nowhere."""

    visit: Visit
    samples: list[Sample]
    ticket: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SampleRegistered:
    """A sample was handed in."""

    sample_id: uuid.UUID


def register_visit(session: Session, actor: Actor, command: RegisterVisit) -> Registration:
    """Register a visit with its samples and make its ticket.

    The same visit sent again gives the same registration, without the ticket; raises Refused when
    its identifier comes with other answers, Invalid with every problem beside its field.
    """
    actor.must(Permission.REGISTER, command.site_id)
    if (known := session.get(Visit, command.id)) is not None:
        answers.refuse_other_answers(known, command)
        return Registration(known, list(known.samples))
    site = network.site(session, command.site_id)
    answers.refuse_wrong_visit(session, command)
    device_tickets.refuse_wrong_ticket(session, command)
    visit, samples = _records(session, actor, site, command)
    journal.record(
        session,
        actor,
        "register visit",
        [("visit", visit.id), *(("sample", sample.id) for sample in samples)],
        samples=len(samples),
        site=site.name,
        **({"ticket": "made on the device"} if command.ticket is not None else {}),
    )
    for sample in samples:
        announce(session, actor, SampleRegistered(sample.id))
    if command.ticket is not None:
        tickets.keep_ticket(session, actor, visit, command.ticket)
    ticket = tickets.make_ticket(session, actor, visit) if command.with_ticket else None
    return Registration(visit, samples, ticket)


def _records(
    session: Session, actor: Actor, site: Site, command: RegisterVisit
) -> tuple[Visit, list[Sample]]:
    told = list(enumerate(command.samples))
    found = [answers.resolved(session, sample, f"samples.{place}.") for place, sample in told]
    # Codes that are told go first: the next free one may be the label of a later sample.
    taken = {
        place: _code(session, site, sample.code, f"samples.{place}.code", command.device_id)
        for place, sample in sorted(told, key=lambda one: not one[1].code.strip())
    }
    marks = [marks_of(session, actor, sample) for _place, sample in told]
    visit = _visit(command, actor.account)
    session.add(visit)
    session.flush()
    samples = [
        _sample(visit, sample, place + 1, taken[place], found[place] | marks[place])
        for place, sample in told
    ]
    session.add_all(samples)
    return visit, samples


def _visit(command: RegisterVisit, account: str) -> Visit:
    moment = command.recorded_at or clock.now()
    return Visit(
        id=command.id,
        site_id=command.site_id,
        day=command.day or rules.day_in_belgium(moment),
        session_name=command.session_name,
        language=command.language if command.language in LANGUAGES else "fr",
        first_visit=command.first_visit,
        age_band=command.age_band,
        gender=command.gender,
        table_scale=command.table_scale,
        registered_by=account,
        recorded_at=moment,
        samples=[],
    )


def _sample(
    visit: Visit, given: RegisterSample, position: int, code: str, substances: dict[str, Any]
) -> Sample:
    return Sample(
        id=given.id or uuid.uuid4(),
        code=code,
        visit=visit,
        site_id=visit.site_id,
        position=position,
        state=rules.SampleState.REGISTERED,
        recorded_at=visit.recorded_at,
        **answers.facts_of(given),
        **substances,
    )


def _code(session: Session, site: Site, text: str, field: str, device_id: uuid.UUID | None) -> str:
    """Take the code that was typed or scanned, or without one the next free code of the site."""
    try:
        if text.strip():
            return _typed_code(session, site, text, device_id)
        return _next_code(session, site)
    except Invalid as refusal:
        raise Invalid([Problem(field, one.message) for one in refusal.problems]) from refusal


def _next_code(session: Session, site: Site) -> str:
    for open_blocks, first_free in _WAYS:
        for block_id in session.scalars(open_blocks, {"site_id": site.id}).all():
            code = session.scalar(first_free, {"block_id": block_id})
            if code is not None:  # otherwise somebody else is taking the last ones
                session.execute(_TAKE, {"taken": code})
                return code
    raise refuse_field(
        "code", _("No free code is left for this site. Make a new block of codes first.")
    )


def _open_blocks(wanted: ColumnElement[bool]) -> Select[uuid.UUID]:
    """Return the question which blocks of a site have codes left, the oldest first.

    Asked apart from the code: both together make the database sort every free code of the site.
    """
    left = exists().where(
        SampleCode.block_id == SampleCodeBlock.id, SampleCode.used.is_(False), wanted
    )
    return (
        select(SampleCodeBlock.id)
        .where(
            SampleCodeBlock.site_id == bindparam("site_id"),
            SampleCodeBlock.device_id.is_(None),  # those a device hands out are on their way
            left,
        )
        .order_by(SampleCodeBlock.number)
    )


def _first_free(wanted: ColumnElement[bool]) -> Select[str]:
    free = (SampleCode.block_id == bindparam("block_id"), SampleCode.used.is_(False), wanted)
    query = select(SampleCode.code).where(*free).order_by(SampleCode.code).limit(1)
    return query.with_for_update(of=SampleCode, skip_locked=True)


# A blank label of a printed code lies on a pad: those come last. Made once, as every act asks them.
_WAYS = tuple((_open_blocks(wanted), _first_free(wanted)) for wanted in (~printed(), true()))
_TAKE = update(_CODES).where(_CODES.c.code == bindparam("taken")).values(used=True)


def _typed_code(session: Session, site: Site, text: str, device_id: uuid.UUID | None) -> str:
    code = codes.read_code(text)
    block = session.scalar(
        select(SampleCodeBlock)
        .join(SampleCode, SampleCode.block_id == SampleCodeBlock.id)
        .where(SampleCode.code == code)
    )
    if block is None:
        raise refuse_field("code", _("No block holds this code. Is it a label of this network?"))
    if block.site_id != site.id:
        raise refuse_field("code", _("This code belongs to another site."))
    _refuse_lost(session, block, device_id)
    free = update(SampleCode).where(SampleCode.code == code, SampleCode.used.is_(False))
    if not getattr(session.execute(free.values(used=True)), "rowcount", 0):
        raise refuse_field("code", _("This code is already on a sample."))
    return code


def _refuse_lost(session: Session, block: SampleCodeBlock, device_id: uuid.UUID | None) -> None:
    """Raise Invalid for a code of a withdrawn device, unless that device's own record brings it."""
    device = session.get(Device, block.device_id) if block.device_id else None
    if device is not None and device.withdrawn_at is not None and device.id != device_id:
        raise refuse_field("code", _("This code was on a device that is lost or withdrawn."))
