"""Stocktaking: what is in a place is scanned; what is missing or unexpected is named."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims import journal
from lims.custody import places
from lims.custody.conventions import StockResult
from lims.custody.stores import StockLine, Stocktaking, StoragePlace
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.codes import read_code
from lims.foundation.errors import NotFound, Refused
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.intake import queries as intake
from lims.intake.records import Sample
from lims.intake.rules import wrong_text
from lims.journal.operations import Subject
from lims.network.rules import Permission


@dataclass(frozen=True)
class BeginStocktaking:
    """A place that is counted."""

    place_id: uuid.UUID
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class ScanStock:
    """A code that is there; `foreign` keeps a text that cannot be a code of ours."""

    stocktaking_id: uuid.UUID
    code: str
    foreign: bool = False


@dataclass(frozen=True)
class CloseStocktaking:
    """The end of a count: what was not scanned is missing."""

    stocktaking_id: uuid.UUID


def begin_stocktaking(session: Session, actor: Actor, command: BeginStocktaking) -> Stocktaking:
    """Begin to count a place; a count that is open there is gone on with."""
    actor.must(Permission.MANAGE_CUSTODY)
    place = session.get(StoragePlace, command.place_id)
    if place is None:
        raise NotFound(_("There is no such place, or it is not of your sites."))
    actor.must(Permission.MANAGE_CUSTODY, place.site_id)
    going = session.scalar(select(Stocktaking).where(Stocktaking.open_place_id == place.id))
    if going is not None:
        return going
    made = Stocktaking(
        id=command.id or uuid.uuid4(),
        number=next_number(session, Stocktaking.number, "T-"),
        place_id=place.id,
        open_place_id=place.id,
        started_at=clock.now(),
        by=actor.account,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as taken:
        raise Refused(_("Another count has this identifier, or was just begun.")) from taken
    facts = {"number": made.number, "place": place.name}
    journal.record(session, actor, "begin stocktaking", [("place", place.id)], **facts)
    return made


def _open(session: Session, actor: Actor, stocktaking_id: uuid.UUID) -> Stocktaking:
    found = session.get(Stocktaking, stocktaking_id, with_for_update=True)
    if found is None:
        raise NotFound(_("There is no such count, or it is not of your sites."))
    actor.must(Permission.MANAGE_CUSTODY, found.place.site_id)
    if found.closed_at is not None:
        raise Refused(_("This count is closed."))
    return found


def scan_stock(session: Session, actor: Actor, command: ScanStock) -> StockLine:
    """Take one scan of a count; the same code again changes nothing."""
    actor.must(Permission.MANAGE_CUSTODY)
    counted = _open(session, actor, command.stocktaking_id)
    sample = intake.find_by_code(session, command.code)
    code = sample.code if sample is not None else _foreign(command)
    known = next((line for line in counted.lines if line.code == code), None)
    if known is not None:
        return known
    here = places.standing_ids(session, counted.place_id)
    is_here = sample is not None and sample.id in here
    result = StockResult.FOUND if is_here else StockResult.UNEXPECTED
    line = _line(session, counted, sample, code, result)
    about: list[Subject] = [("place", counted.place_id)]
    about += [("sample", sample.id)] if sample is not None else []
    facts = {"number": counted.number, "scan": str(result)}
    journal.record(session, actor, "scan stock", about, **facts)
    return line


def _foreign(command: ScanStock) -> str:
    text = command.code.strip()
    if command.foreign and text and not wrong_text("code", text, 60):
        return text
    return read_code(command.code)


def _line(
    session: Session, counted: Stocktaking, sample: Sample | None, code: str, result: StockResult
) -> StockLine:
    query = select(func.max(StockLine.position)).where(StockLine.stocktaking_id == counted.id)
    line = StockLine(
        id=uuid.uuid4(),
        stocktaking=counted,
        sample=sample,
        code=code,
        position=(session.scalar(query) or 0) + 1,
        result=result,
        at=clock.now(),
    )
    session.add(line)
    session.flush()
    return line


def close_stocktaking(session: Session, actor: Actor, command: CloseStocktaking) -> Stocktaking:
    """Close a count: each sample that was not scanned is named missing, in its own life too."""
    actor.must(Permission.MANAGE_CUSTODY)
    counted = _open(session, actor, command.stocktaking_id)
    scanned = {line.sample_id for line in counted.lines}
    lacking = places.standing_ids(session, counted.place_id) - scanned
    for sample in session.scalars(
        select(Sample).where(Sample.id.in_(lacking)).order_by(Sample.code)
    ).all():
        _line(session, counted, sample, sample.code, StockResult.MISSING)
        about: list[Subject] = [("place", counted.place_id), ("sample", sample.id)]
        journal.record(session, actor, "miss at stocktaking", about, number=counted.number)
    counted.closed_at, counted.open_place_id = clock.now(), None
    results = [line.result for line in counted.lines]
    facts = {str(result): results.count(result) for result in StockResult}
    place: list[Subject] = [("place", counted.place_id)]
    journal.record(session, actor, "close stocktaking", place, number=counted.number, **facts)
    return counted
