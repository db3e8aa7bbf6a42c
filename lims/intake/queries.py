"""Reading the intake: samples by code and by list, blocks and what is left of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from lims.foundation import clock, codes
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound
from lims.foundation.words import _
from lims.intake import completeness, rules
from lims.intake.label_records import printed
from lims.intake.records import Sample, SampleCode, SampleCodeBlock, Ticket, Visit
from lims.network.records import Site
from lims.network.rules import Permission

LARGEST_NUMBER = 2**31 - 1
"""The largest that a number column holds in every database."""


@dataclass(frozen=True)
class SampleFilters:
    """Which samples; an empty answer does not narrow."""

    state: str = ""
    form: str = ""
    code: str = ""
    site_id: uuid.UUID | None = None
    incomplete: bool = False


@dataclass(frozen=True)
class Block:
    """A block of codes and how many of them no sample has yet."""

    record: SampleCodeBlock
    site_name: str
    codes: int
    free: int


def _sites_of(actor: Actor) -> frozenset[uuid.UUID] | None:
    """Return the sites whose samples an actor may know of; None: all."""
    follows = actor.sites_for(Permission.FOLLOW_SAMPLES)
    reads = actor.sites_for(Permission.READ_FINDINGS)
    return None if follows is None or reads is None else follows | reads


def may_know(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a sample was handed in, or is examined, where the actor works."""
    sites = _sites_of(actor)
    if sites is None:
        return true()
    return or_(Sample.site_id.in_(sites), Sample.laboratory_id.in_(sites))


def sample(session: Session, actor: Actor, sample_id: uuid.UUID) -> Sample:
    """Return a sample that the actor may know of; raises NotFound."""
    _refuse_stranger(actor)
    found = session.scalar(_whole().where(Sample.id == sample_id, may_know(actor)))
    if found is None:
        raise NotFound(_("There is no such sample, or it is not for your sites."))
    return found


def sample_by_code(session: Session, actor: Actor, text: str, *, anywhere: bool = False) -> Sample:
    """Return the sample whose code, or outside code, was typed or scanned.

    `anywhere` looks beyond the actor's sites, for those to whom the visitor shows the code.
    Raises Invalid for a code that cannot be, NotFound for one that no sample has.
    """
    _refuse_stranger(actor)
    known = true() if anywhere else may_know(actor)
    found = session.scalars(_whole().where(_by_code(text), known).limit(2)).all()
    if len(found) != 1:
        refuse_unreadable(text)
        raise NotFound(_("No sample has this code, or it is not for your sites."))
    return found[0]


def find_by_code(session: Session, text: str) -> Sample | None:
    """Return the sample of a code whoever asks: a parcel brings what it brings."""
    found = session.scalars(_whole().where(_by_code(text)).limit(2)).all()
    return found[0] if len(found) == 1 else None


def refuse_unreadable(text: str) -> None:
    """Raise Invalid, in words, when a text cannot be a sample code."""
    codes.read_code(text)


def _by_code(text: str) -> ColumnElement[bool]:
    try:
        return Sample.code == codes.read_code(text)
    except Invalid:
        plain = "".join(letter for letter in text.strip() if letter.isprintable())[:61]
        return and_(Sample.outside_code == plain, Sample.outside_code != "")


def _whole() -> Select[Sample]:
    return select(Sample).options(
        joinedload(Sample.visit), joinedload(Sample.site), joinedload(Sample.sold_as_substance)
    )


def may_follow(actor: Actor, sample: Sample) -> bool:
    """Tell whether an actor follows this sample: from where it was handed in, or analysed."""
    sites = actor.sites_for(Permission.FOLLOW_SAMPLES)
    return sites is None or sample.site_id in sites or sample.laboratory_id in sites


def _refuse_stranger(actor: Actor) -> None:
    if not actor.may(Permission.READ_FINDINGS):
        actor.must(Permission.FOLLOW_SAMPLES)


def samples(
    session: Session,
    actor: Actor,
    filters: SampleFilters,
    page: int = 1,
    size: int = 50,
) -> tuple[list[Sample], int]:
    """Return one page of the samples that the actor may know of, newest first, and how many."""
    actor.must(Permission.FOLLOW_SAMPLES)
    wanted = [may_know(actor)]
    if filters.state:
        wanted.append(Sample.state == filters.state)
    if filters.form:
        wanted.append(Sample.form == filters.form)
    if filters.site_id:
        wanted.append(Sample.site_id == filters.site_id)
    if filters.incomplete:
        wanted.append(completeness.is_incomplete(session))
    if typed := filters.code.strip():
        wanted.append(_code_begins(typed))
    total = session.scalar(select(func.count()).select_from(Sample).where(*wanted)) or 0
    rows = session.scalars(
        _whole()
        .where(*wanted)
        .order_by(Sample.recorded_at.desc(), Sample.position.desc(), Sample.code)
        .offset((page - 1) * size)
        .limit(size)
    )
    return list(rows), total


def _code_begins(typed: str) -> ColumnElement[bool]:
    plain = "".join(letter for letter in typed.upper() if letter in codes.ALPHABET)[:8]
    shown = "".join(letter for letter in typed if letter.isprintable())[:60]
    outside = and_(
        Sample.outside_code != "", Sample.outside_code.startswith(shown, autoescape=True)
    )
    return or_(Sample.code.startswith(plain), outside) if plain else outside


def states_count(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many samples that the actor may know of are in each state."""
    actor.must(Permission.FOLLOW_SAMPLES)
    rows = session.execute(
        select(Sample.state, func.count()).where(may_know(actor)).group_by(Sample.state)
    )
    counted = {str(state): int(n) for state, n in rows}
    return {str(state): counted[state] for state in rules.SampleState if state in counted}


def visit(session: Session, actor: Actor, visit_id: uuid.UUID) -> Visit:
    """Return a visit of one of the actor's sites; raises NotFound."""
    actor.must(Permission.FOLLOW_SAMPLES)
    found = session.get(Visit, visit_id)
    if found is None or not actor.may(Permission.FOLLOW_SAMPLES, found.site_id):
        raise NotFound(_("There is no such visit."))
    return found


def has_ticket(session: Session, visit_id: uuid.UUID) -> bool:
    """Tell whether a visit has a ticket that still opens."""
    query = select(Ticket.id).where(Ticket.visit_id == visit_id, Ticket.secret_hash != "")
    return session.scalar(query.limit(1)) is not None


def block(session: Session, actor: Actor, number: int) -> SampleCodeBlock:
    """Return a block of one of the actor's sites by its number; raises NotFound."""
    actor.must(Permission.PRINT)
    query = select(SampleCodeBlock).where(SampleCodeBlock.number == number)
    found = session.scalar(query) if number <= LARGEST_NUMBER else None
    if found is None or not actor.may(Permission.PRINT, found.site_id):
        raise NotFound(_("There is no such block of codes."))
    return found


def blocks(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[Block], int]:
    """Return one page of the blocks of the actor's sites, newest first, and how many there are."""
    actor.must(Permission.PRINT)
    sites = actor.sites_for(Permission.PRINT)
    mine = true() if sites is None else SampleCodeBlock.site_id.in_(sites)
    total = session.scalar(select(func.count()).select_from(SampleCodeBlock).where(mine)) or 0
    free = func.count().filter(SampleCode.used.is_(False))
    rows = session.execute(
        select(SampleCodeBlock, Site.name, func.count(), free)
        .join(Site, Site.id == SampleCodeBlock.site_id)
        .join(SampleCode, SampleCode.block_id == SampleCodeBlock.id)
        .where(mine)
        .group_by(SampleCodeBlock.id, Site.name)
        .order_by(SampleCodeBlock.number.desc())
        .offset((page - 1) * size)
        .limit(size)
    )
    return [Block(record, name, n, left) for record, name, n, left in rows], total


@dataclass(frozen=True)
class Strip:
    """What stands above the table's screen: work of today, what waits, codes left."""

    today: int
    waiting: int
    next_code: str
    codes_left: int


def strip(session: Session, actor: Actor, site_id: uuid.UUID) -> Strip:
    """Return how many samples a site registered today and how many wait for a parcel there."""
    actor.must(Permission.FOLLOW_SAMPLES, site_id)
    day = rules.day_in_belgium(clock.now())
    today, waiting = session.execute(
        select(
            func.count().filter(Visit.day == day),
            func.count().filter(Sample.state == rules.SampleState.REGISTERED),
        )
        .select_from(Sample)
        .join(Visit, Visit.id == Sample.visit_id)
        .where(Sample.site_id == site_id)
    ).one()
    return Strip(today, waiting, *codes_left(session, site_id))


def codes_left(session: Session, site_id: uuid.UUID) -> tuple[str, int]:
    """Return the code that a site will take next ("" when none is left) and how many are left."""
    free = (
        select(SampleCode.code)
        .join(SampleCodeBlock, SampleCodeBlock.id == SampleCode.block_id)
        .where(
            SampleCodeBlock.site_id == site_id,
            SampleCodeBlock.device_id.is_(None),
            SampleCode.used.is_(False),
        )
    )
    in_order = free.order_by(SampleCodeBlock.number, SampleCode.code).limit(1)
    first = session.scalar(in_order.where(~printed())) or session.scalar(in_order)
    left = session.scalar(select(func.count()).select_from(free.subquery())) or 0
    return first or "", left
