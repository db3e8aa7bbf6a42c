"""Reading what partners reported: imports, samples, the review list, names that wait."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import Session, selectinload

from lims.exchange.records import PartnerDetection, PartnerImport, PartnerSample, UnresolvedName
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.library.records import Substance, VocabularyTerm
from lims.network.rules import Permission

Row = TypeVar("Row")
PAGE_SIZE = 50


@dataclass(frozen=True)
class Part(Generic[Row]):
    """One page of a list: its rows, how many there are in all, and which page this is."""

    rows: Sequence[Row]
    total: int
    page: int
    size: int = PAGE_SIZE

    @property
    def first(self) -> int:
        return min((self.page - 1) * self.size + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)


@dataclass(frozen=True)
class SampleFilter:
    """Which partner samples are wanted; an empty field does not narrow the list."""

    source: str = ""
    flag: str = ""
    substance: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None
    analysed: bool | None = None


def imports(session: Session, actor: Actor, page: int = 1) -> Part[PartnerImport]:
    """Return the imports, newest first."""
    actor.must(Permission.CONSULT)
    return _part(session, select(PartnerImport).order_by(PartnerImport.at.desc()), page)


def one_import(session: Session, actor: Actor, import_id: uuid.UUID) -> PartnerImport:
    """Return one import with its report; raises NotFound."""
    actor.must(Permission.CONSULT)
    found = session.get(PartnerImport, import_id)
    if found is None:
        raise NotFound(_("There is no such import."))
    return found


def partner_samples(
    session: Session, actor: Actor, wanted: SampleFilter, page: int = 1
) -> Part[PartnerSample]:
    """Return partner samples with their detections, newest first."""
    actor.must(Permission.CONSULT)
    asked = _samples().where(*_conditions(wanted))
    return _part(session, asked.order_by(*_newest_first()), page)


def one_sample(session: Session, actor: Actor, sample_id: uuid.UUID) -> PartnerSample:
    """Return one partner sample with its detections; raises NotFound."""
    actor.must(Permission.CONSULT)
    found = session.scalar(_samples().where(PartnerSample.id == sample_id))
    if found is None:
        raise NotFound(_("There is no such sample."))
    return found


def review_list(
    session: Session, actor: Actor, source: str = "", page: int = 1
) -> Part[PartnerSample]:
    """Return the samples that danger rules or flags point to and nobody has looked at yet."""
    actor.must(Permission.IMPORT_RESULTS)
    asked = _samples().where(PartnerSample.to_review.is_(True))
    if source:
        asked = asked.where(PartnerSample.source == source)
    return _part(session, asked.order_by(*_newest_first()), page)


def unresolved_names(
    session: Session, actor: Actor, source: str = "", state: str = "waiting", page: int = 1
) -> Part[UnresolvedName]:
    """Return the names that wait for a person, the most frequent first."""
    actor.must(Permission.IMPORT_RESULTS)
    asked = select(UnresolvedName).where(UnresolvedName.state == state)
    if source:
        asked = asked.where(UnresolvedName.source == source)
    ordered = asked.order_by(UnresolvedName.occurrences.desc(), UnresolvedName.name)
    return _part(session, ordered, page)


def waiting_counts(session: Session, actor: Actor) -> tuple[int, int]:
    """Return how many samples wait for review, and how many names for a decision."""
    actor.must(Permission.IMPORT_RESULTS)
    samples = select(func.count()).where(PartnerSample.to_review.is_(True))
    names = select(func.count()).where(UnresolvedName.state == "waiting")
    return session.scalar(samples) or 0, session.scalar(names) or 0


def substance_names(session: Session, language: str) -> list[str]:
    """Return the library's names in one language, for suggestions."""
    column = {"fr": Substance.name_fr, "nl": Substance.name_nl}.get(language, Substance.name_en)
    return list(session.scalars(select(column).order_by(column)))


def labels(session: Session, language: str) -> dict[str, dict[str, str]]:
    """Return list → code → label of the vocabularies that partner samples use."""
    used = ("dosage_form", "colour", "route", "effect", "not_analysed_reason", "abundance")
    found: dict[str, dict[str, str]] = {name: {} for name in used}
    asked = select(VocabularyTerm).where(VocabularyTerm.list_name.in_(used))
    for term in session.scalars(asked):
        found[term.list_name][term.code] = str(term.labels.get(language, term.code))
    return found


def _samples() -> Select[PartnerSample]:
    found = selectinload(PartnerSample.detections).selectinload(PartnerDetection.substance)
    return select(PartnerSample).options(found)


def _newest_first() -> tuple[Any, ...]:
    unknown_last = PartnerSample.received.is_(None)
    return unknown_last, PartnerSample.received.desc(), PartnerSample.source_id


def _conditions(wanted: SampleFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.source:
        found.append(PartnerSample.source == wanted.source)
    if wanted.flag:
        found.append(
            cast(PartnerSample.flags, String).contains(f'"{wanted.flag}"', autoescape=True)
        )
    if wanted.substance:
        holding = (
            select(PartnerDetection.sample_id)
            .join(Substance, Substance.id == PartnerDetection.substance_id)
            .where(Substance.key == wanted.substance)
        )
        found.append(PartnerSample.id.in_(holding))
    if wanted.text:
        looked = (PartnerSample.source_id, PartnerSample.name, PartnerSample.sold_as)
        found.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in looked)))
    if wanted.since:
        found.append(PartnerSample.received >= wanted.since)
    if wanted.until:
        found.append(PartnerSample.received <= wanted.until)
    if wanted.analysed is not None:
        found.append(PartnerSample.analysed.is_(wanted.analysed))
    return found


def _part(session: Session, asked: Select[Row], page: int) -> Part[Row]:
    total = session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0
    shown = asked.offset((max(page, 1) - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return Part(session.scalars(shown).unique().all(), total, max(page, 1))
