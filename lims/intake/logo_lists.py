"""Reading the list of logos: what a word stands for, which words mean the same, the list itself."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select, union, union_all
from sqlalchemy.orm import Session, selectinload

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake.logo_records import Logo, LogoAlias
from lims.intake.logo_words import fold_logo
from lims.intake.records import Sample
from lims.network.rules import Permission

MOST_SUGGESTED = 500
MOST_OTHER_WORDS = 1000


@dataclass(frozen=True)
class LogoFilters:
    """Which logos; an empty answer does not narrow."""

    words: str = ""
    state: str = ""


@dataclass(frozen=True)
class LogoRow:
    """A logo that stands for itself, what was merged into it, and how many samples bear it."""

    logo: Logo
    merged: Sequence[Logo]
    samples: int


def entry_of(session: Session, words: str) -> Logo | None:
    """Return the entry that words name, by its own name or another word for it, or None."""
    folded = fold_logo(words)
    if not folded:
        return None
    aliased = select(LogoAlias.logo_id).where(LogoAlias.folded == folded)
    named = select(Logo).where(or_(Logo.folded == folded, Logo.id.in_(aliased)))
    return session.scalar(named.order_by(Logo.folded != folded).limit(1))


def same_words(session: Session, words: str, logo_id: uuid.UUID | None = None) -> frozenset[str]:
    """Return every folded word for the logo that words name, or that an entry is; at least them.

    An entry counts before the words: it is what they were when they were typed.
    """
    folded = fold_logo(words)
    if not folded and logo_id is None:
        return frozenset()
    if logo_id is not None:
        standing = select(Logo.standing_id).where(Logo.id == logo_id)
    else:
        aliased = select(LogoAlias.logo_id).where(LogoAlias.folded == folded)
        standing = select(Logo.standing_id).where(or_(Logo.folded == folded, Logo.id.in_(aliased)))
    own = select(Logo.folded).where(Logo.standing_id.in_(standing))
    others = (
        select(LogoAlias.folded)
        .join(Logo, Logo.id == LogoAlias.logo_id)
        .where(Logo.standing_id.in_(standing))
    )
    return frozenset(session.scalars(union(own, others))) | ({folded} if folded else set())


def suggestions(session: Session, limit: int = MOST_SUGGESTED) -> list[str]:
    """Return the names to offer while typing: known ones first, then what was proposed."""
    named = select(Logo.name).where(Logo.merged_into_id.is_(None))
    ordered = named.order_by(Logo.state != "known", Logo.name).limit(limit)
    return list(session.scalars(ordered))


def most_used(
    session: Session, limit: int = MOST_SUGGESTED, others: int = MOST_OTHER_WORDS
) -> list[tuple[str, list[str]]]:
    """Return the logos that most samples bear, with the other words for them, the most used first.

    Other words are aliases and what was merged; of all logos together, at most `others`.
    """
    used = (
        select(Logo.standing_id, func.count(Sample.id).label("samples"))
        .join(Sample, Sample.logo_id == Logo.id)
        .group_by(Logo.standing_id)
        .subquery()
    )
    often = func.coalesce(used.c.samples, 0).desc()
    named = select(Logo.id, Logo.name).where(Logo.merged_into_id.is_(None))
    ordered = named.outerjoin(used, used.c.standing_id == Logo.id).order_by(
        often, Logo.state != "known", Logo.name
    )
    found = {key: (name, list[str]()) for key, name in session.execute(ordered.limit(limit))}
    merged = select(Logo.standing_id, Logo.name.label("words")).where(
        Logo.merged_into_id.is_not(None)
    )
    aliased = select(Logo.standing_id, LogoAlias.words).join(LogoAlias.logo)
    said = union_all(merged, aliased).subquery()
    query = (
        select(said.c.standing_id, said.c.words)
        .outerjoin(used, used.c.standing_id == said.c.standing_id)
        .where(said.c.standing_id.in_(found))
        .order_by(often, said.c.words)
    )
    for key, words in session.execute(query.limit(others)):
        found[key][1].append(words)
    return list(found.values())


def logo(session: Session, actor: Actor, logo_id: uuid.UUID) -> Logo:
    """Return a logo; raises NotFound."""
    actor.must(Permission.CONSULT)
    found = session.get(Logo, logo_id)
    if found is None:
        raise NotFound(_("There is no such logo."))
    return found


def standing(session: Session, logo: Logo) -> Logo | None:
    """Return the logo that stands for a merged one, or None while it stands for itself."""
    return None if logo.merged_into_id is None else session.get(Logo, logo.standing_id)


def logos(
    session: Session, actor: Actor, filters: LogoFilters, page: int = 1, size: int = 50
) -> tuple[list[LogoRow], int]:
    """Return one page of the logos that stand for themselves, by name, and how many there are."""
    actor.must(Permission.CONSULT)
    wanted: list[ColumnElement[bool]] = [Logo.merged_into_id.is_(None)]
    if filters.state:
        wanted.append(Logo.state == filters.state)
    if folded := fold_logo(filters.words):
        wanted.append(Logo.id.in_(_meant(folded)))
    total = session.scalar(select(func.count()).select_from(Logo).where(*wanted)) or 0
    rows = session.scalars(
        select(Logo)
        .where(*wanted)
        .options(selectinload(Logo.aliases))
        .order_by(Logo.name, Logo.folded)
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    return rows_of(session, rows), total


def _meant(folded: str) -> Select[uuid.UUID]:
    """Select the entries that stand for those of which a word begins or goes on like this."""
    aliased = select(LogoAlias.logo_id).where(LogoAlias.folded.contains(folded, autoescape=True))
    own = Logo.folded.contains(folded, autoescape=True)
    return select(Logo.standing_id).where(or_(own, Logo.id.in_(aliased)))


def rows_of(session: Session, found: Sequence[Logo]) -> list[LogoRow]:
    """Return logos with what was merged into them and how many samples bear them."""
    ids = [one.id for one in found]
    inside = session.scalars(
        select(Logo)
        .where(Logo.standing_id.in_(ids), Logo.merged_into_id.is_not(None))
        .options(selectinload(Logo.aliases))
        .order_by(Logo.name)
    ).all()
    merged: dict[uuid.UUID, list[Logo]] = {}
    for one in inside:
        merged.setdefault(one.standing_id, []).append(one)
    counting = (
        select(Logo.standing_id, func.count(Sample.id))
        .join(Sample, Sample.logo_id == Logo.id)
        .where(Logo.standing_id.in_(ids))
        .group_by(Logo.standing_id)
    )
    counted = {standing: int(n) for standing, n in session.execute(counting)}
    return [LogoRow(one, merged.get(one.id, []), counted.get(one.id, 0)) for one in found]


def standing_names(session: Session, limit: int = MOST_SUGGESTED) -> list[tuple[str, str]]:
    """Return logos into which another can be merged, as identifier and name."""
    query = select(Logo.id, Logo.name).where(Logo.merged_into_id.is_(None))
    return [
        (str(key), name) for key, name in session.execute(query.order_by(Logo.name).limit(limit))
    ]
