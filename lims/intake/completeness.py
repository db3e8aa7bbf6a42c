"""What samples lack before they leave: the rule of `needing` on the protocols in force now."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from lims.foundation.words import LANGUAGES, Message, say
from lims.intake import needing
from lims.intake.needing import Lacking, Need, Needs
from lims.intake.photo_records import SamplePhoto
from lims.intake.records import Sample
from lims.intake.rules import TEXTS, SampleState
from lims.protocols import queries as protocols

PHOTO = "photo"


def standing_needs(session: Session) -> Needs:
    """Return what is needed under the current version of every protocol."""
    return needing.needs_of(version.document for version in protocols.current(session))


def needs(session: Session) -> dict[str, Any]:
    """Return what is needed as plain values in three languages, for a script to apply the rule."""
    found = standing_needs(session)
    return {
        "answers": [
            {
                "fields": list(need.fields),
                "words": _said(need.words),
                "required": need.required,
                "forms": list(need.forms),
                "when": need.when,
                "whole": need.whole,
            }
            for need in found.answers
        ],
        "masses": [
            {
                "protocol": one.protocol,
                "titles": dict(one.titles),
                "mg": format(one.mg, "f"),
                "source": one.source,
            }
            for one in found.masses
        ],
    }


def _said(words: Message) -> dict[str, str]:
    return {language: say(words, language) for language in LANGUAGES}


def lacking(session: Session, samples: Sequence[Sample]) -> dict[uuid.UUID, Lacking]:
    """Return what each sample lacks, by its identifier; those that lack nothing are there too."""
    found = standing_needs(session)
    pictured = _pictured(session, [sample.id for sample in samples])
    return {sample.id: needing.lacking(_answers(sample, pictured), found) for sample in samples}


def _pictured(session: Session, sample_ids: Sequence[uuid.UUID]) -> Collection[uuid.UUID]:
    if not sample_ids:
        return ()
    query = select(SamplePhoto.sample_id).where(SamplePhoto.sample_id.in_(sample_ids))
    return set(session.scalars(query.distinct()))


def _answers(sample: Sample, pictured: Collection[uuid.UUID]) -> dict[str, Any]:
    names = {field for need in (*needing.START, *needing.WANTED.values()) for field in need.fields}
    names |= {"whole_or_part", "consent_photo"}
    return {name: getattr(sample, name) for name in names - {PHOTO}} | {
        PHOTO: sample.id in pictured
    }


def is_incomplete(session: Session) -> ColumnElement[bool]:
    """Return the condition that a sample which has not left yet lacks something."""
    open_ones = [_lacks(need) for need in standing_needs(session).answers]
    return and_(Sample.state == SampleState.REGISTERED, or_(false(), *open_ones))


def _lacks(need: Need) -> ColumnElement[bool]:
    wanted = [or_(*(_is_empty(field) for field in need.fields))]
    if need.forms:
        wanted.append(Sample.form.in_(need.forms))
    if need.when:
        wanted.append(getattr(Sample, need.when).is_(True))
    if need.whole:
        wanted.append(Sample.whole_or_part != "part")
    return and_(*wanted)


def _is_empty(field: str) -> ColumnElement[bool]:
    if field == PHOTO:
        return ~select(SamplePhoto.id).where(SamplePhoto.sample_id == Sample.id).exists()
    column: ColumnElement[Any] = getattr(Sample, field)
    if field in TEXTS:
        return column == ""
    return column.is_(False) if field.startswith("consent_") else column.is_(None)
