"""Reading the library: vocabularies, substances and their names."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Pool, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lims.foundation.errors import NotFound, refuse_field
from lims.foundation.words import LANGUAGES, _
from lims.library import rules
from lims.library.records import (
    LibraryVersion,
    StructureConfirmation,
    Substance,
    SubstanceName,
    VocabularyTerm,
)


@dataclass(frozen=True)
class Term:
    """A term of a controlled list, with its labels and other columns."""

    code: str
    labels: Mapping[str, str]
    extra: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""

    def label(self, language: str) -> str:
        """Return the label in a language, else in English, else the code."""
        return self.labels.get(language) or self.labels.get("en") or self.code


@dataclass(frozen=True)
class Resolution:
    """What a name means: one substance, or the several that it can mean, or none."""

    substance: Substance | None
    candidates: tuple[Substance, ...] = ()


_Lists = dict[str, dict[str, Term]]
_known: WeakKeyDictionary[Pool, tuple[str, _Lists]] = WeakKeyDictionary()
"""Connection pool → content hash and terms; a new version of the library is read anew."""


# Made once: every registration asks these, and SQLAlchemy then finds their SQL again at once.
_LATEST = select(LibraryVersion).order_by(LibraryVersion.number.desc()).limit(1)
_NAMED = select(SubstanceName.substance_id).where(SubstanceName.folded == bindparam("folded"))
_MEANT = (
    select(Substance)
    .where(
        or_(
            Substance.id.in_(_NAMED),
            Substance.inchikey == bindparam("inchikey"),
            Substance.cas == bindparam("cas"),
        )
    )
    .order_by(Substance.key)
)


def latest_version(session: Session) -> LibraryVersion | None:
    """Return the version that was loaded last, if any."""
    return session.scalar(_LATEST)


def library_version(session: Session) -> int:
    """Return the number of the library's version, 0 before the first load."""
    return session.scalar(select(func.max(LibraryVersion.number))) or 0


def terms(session: Session, list_name: str) -> Sequence[Term]:
    """Return the terms of a list in their order; an unknown list is empty."""
    return tuple(_lists(session).get(list_name, {}).values())


def term_label(session: Session, list_name: str, code: str, language: str) -> str:
    """Return the label of a code, or the code itself when the list does not hold it."""
    found = _lists(session).get(list_name, {}).get(code)
    return found.label(language) if found else code


def refuse_unknown_term(session: Session, list_name: str, code: str, field: str) -> None:
    """Raise Invalid when a code is not in a list; an empty code passes."""
    if code and code not in _lists(session).get(list_name, {}):
        raise refuse_field(field, _("Choose one of the list."))


def _lists(session: Session) -> _Lists:
    """Return every list, read anew when the library's version has changed since."""
    kept: _Lists | None = session.info.get("vocabularies")
    if kept is not None:
        return kept
    version = latest_version(session)
    if version is None:
        return _read_lists(session)
    pool = cast(Engine, session.get_bind()).pool
    known = _known.get(pool)
    if known is None or known[0] != version.content_hash:
        known = _known[pool] = (version.content_hash, _read_lists(session))
    session.info["vocabularies"] = known[1]
    return known[1]


def _read_lists(session: Session) -> _Lists:
    lists: _Lists = {}
    query = select(VocabularyTerm).order_by(VocabularyTerm.list_name, VocabularyTerm.sort)
    for row in session.scalars(query):
        term = Term(row.code, dict(row.labels), dict(row.extra), row.source)
        lists.setdefault(row.list_name, {})[row.code] = term
    return lists


def substance(session: Session, substance_id: uuid.UUID) -> Substance:
    """Return a substance; raises NotFound."""
    found = session.get(Substance, substance_id)
    if found is None:
        raise NotFound(_("This substance is not in the library."))
    return found


def substance_by_key(session: Session, key: str) -> Substance | None:
    """Return the substance of a key such as "mdma", or None."""
    return session.scalar(select(Substance).where(Substance.key == key))


def resolve_name(session: Session, text: str) -> Resolution:
    """Return what a name, synonym, InChIKey or CAS number means; several are never guessed."""
    wanted = rules.printable(text)
    folded = rules.fold(wanted)
    if not folded:
        return Resolution(None)
    values = {"folded": folded, "inchikey": wanted.upper(), "cas": wanted}
    found = tuple(session.scalars(_MEANT, values))
    return Resolution(found[0], found) if len(found) == 1 else Resolution(None, found)


def suggestions(session: Session, language: str, limit: int = 400) -> list[str]:
    """Return names to offer while typing, the psychoactive substances first."""
    name = name_column(language)
    query = select(name).order_by(Substance.role != rules.Role.PSYCHOACTIVE, name).limit(limit)
    return list(dict.fromkeys(session.scalars(query)))


def substance_keys(session: Session) -> list[str]:
    """Return the key of every substance, as danger rules name them."""
    return list(session.scalars(select(Substance.key).order_by(Substance.key)))


def name_column(language: str) -> Any:
    """Return the column of the names in a language, English for any other."""
    return getattr(Substance, f"name_{language if language in LANGUAGES else 'en'}")


def locked_substance(session: Session, substance_id: uuid.UUID) -> Substance:
    """Return a substance that nobody else changes until this act is done; raises NotFound."""
    found = session.get(Substance, substance_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(_("This substance is not in the library."))
    return found


def of_skeleton(session: Session, skeleton: str) -> Substance | None:
    """Return the substance whose InChIKey has this first block, stereoisomers alike, or None."""
    fits = Substance.inchikey.startswith(skeleton, autoescape=True)
    return session.scalars(select(Substance).where(fits).order_by(Substance.key)).first()


def chemical_classes(session: Session) -> list[str]:
    """Return the classes that occur."""
    query = select(Substance.chemical_class).distinct().order_by(Substance.chemical_class)
    return list(session.scalars(query))


def names(session: Session, substance_id: uuid.UUID) -> list[SubstanceName]:
    """Return every name and synonym of a substance as written."""
    query = select(SubstanceName).where(SubstanceName.substance_id == substance_id)
    return list(session.scalars(query.order_by(SubstanceName.folded)))


def confirmations(session: Session, substance_id: uuid.UUID) -> list[StructureConfirmation]:
    """Return who vouched for the structure of a substance, taken back or not, in order."""
    query = select(StructureConfirmation).where(StructureConfirmation.substance_id == substance_id)
    return list(session.scalars(query.order_by(StructureConfirmation.at)))
