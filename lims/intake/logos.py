"""The growing list of logos: proposed while registering, named, given other words, merged.

Samples keep the words that were typed and the entry that they named. Merging moves no sample: the
entry points to the one that stands for it, and undoing takes that pointer away again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.intake import logo_lists, rules, screening
from lims.intake.declarations import RegisterSample
from lims.intake.logo_records import Logo, LogoAlias
from lims.intake.logo_words import LONGEST, fold_logo
from lims.network.rules import Permission

KNOWN = "known"


@dataclass(frozen=True)
class NameLogo:
    """What a logo is called; its former name stays a word for it, and it is known from now."""

    logo_id: uuid.UUID
    name: str
    row_version: int | None = None


@dataclass(frozen=True)
class AddAlias:
    """Another word for a logo."""

    logo_id: uuid.UUID
    words: str


@dataclass(frozen=True)
class RemoveAlias:
    """A word that does not mean this logo."""

    alias_id: uuid.UUID


@dataclass(frozen=True)
class MergeLogos:
    """Two entries are one mark: the first is shown and found as the second from now on."""

    logo_id: uuid.UUID
    into_id: uuid.UUID
    row_version: int | None = None


@dataclass(frozen=True)
class UndoMerge:
    """An entry stands for itself again, with all that had been merged into it."""

    logo_id: uuid.UUID


def propose_logo(session: Session, actor: Actor, words: str) -> uuid.UUID | None:
    """Return the entry that words name; new words become a proposed entry. No logo is None."""
    actor.must(Permission.REGISTER)
    if not fold_logo(words):
        return None
    known = logo_lists.entry_of(session, words)
    if known is not None:
        return known.id
    made = _made(session, words, actor.account)
    if made is None:  # somebody else proposed the same at the same moment
        return getattr(logo_lists.entry_of(session, words), "id", None)
    journal.record(session, actor, "propose logo", [("logo", made.id)], name=made.name)
    return made.id


def marks_of(session: Session, actor: Actor, given: RegisterSample) -> dict[str, uuid.UUID | None]:
    """Return the entries that the words for front and back of a sample name."""
    actor.must(Permission.REGISTER)
    return {
        "logo_id": propose_logo(session, actor, given.logo),
        "logo_back_id": propose_logo(session, actor, given.logo_back),
    }


def _made(session: Session, words: str, account: str) -> Logo | None:
    own = uuid.uuid4()
    made = Logo(id=own, name=words.strip(), folded=fold_logo(words), standing_id=own, by=account)
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        return None
    return made


def name_logo(session: Session, actor: Actor, command: NameLogo) -> Logo:
    """Give a logo its name and take it as known; the former name stays a word for it."""
    actor.must(Permission.EDIT_PRODUCTS)
    found = logo_lists.logo(session, actor, command.logo_id)
    refuse_stale(found, command.row_version)
    words = _words("name", command.name)
    folded = fold_logo(words)
    if folded != found.folded:
        other = logo_lists.entry_of(session, words)
        if other is not None and other.id != found.id:
            raise refuse_field("name", _("Another logo has this name. Merge the two instead."))
        own = next((one for one in found.aliases if one.folded == folded), None)
        if own is not None:
            found.aliases.remove(own)
            session.flush()
        _add_words(session, actor, found, found.name)
        found.folded = folded
    before, found.name, found.state = found.name, words, KNOWN
    session.flush()
    journal.record(session, actor, "name logo", [("logo", found.id)], before=before, name=words)
    return found


def add_alias(session: Session, actor: Actor, command: AddAlias) -> Logo:
    """Add another word for a logo; raises Invalid when it means another logo already."""
    actor.must(Permission.EDIT_PRODUCTS)
    found = logo_lists.logo(session, actor, command.logo_id)
    words = _words("words", command.words)
    other = logo_lists.entry_of(session, words)
    if other is not None and other.id != found.id:
        raise refuse_field("words", _("This word means another logo. Merge the two instead."))
    if other is None:
        _add_words(session, actor, found, words)
        session.flush()
        about = [("logo", found.id)]
        journal.record(session, actor, "add word for logo", about, name=found.name, words=words)
    return found


def _add_words(session: Session, actor: Actor, logo: Logo, words: str) -> None:
    alias = LogoAlias(id=uuid.uuid4(), words=words, folded=fold_logo(words), by=actor.account)
    logo.aliases.append(alias)


def remove_alias(session: Session, actor: Actor, command: RemoveAlias) -> Logo:
    """Take a word off a logo; samples that were registered with it keep the logo."""
    actor.must(Permission.EDIT_PRODUCTS)
    alias = session.get(LogoAlias, command.alias_id)
    if alias is None:
        raise NotFound(_("There is no such word for a logo."))
    found, words = alias.logo, alias.words
    found.aliases.remove(alias)
    session.flush()
    about = [("logo", found.id)]
    journal.record(session, actor, "remove word for logo", about, name=found.name, words=words)
    return found


def merge_logos(session: Session, actor: Actor, command: MergeLogos) -> Logo:
    """Let one entry stand for another; nothing is lost and it can be undone."""
    actor.must(Permission.EDIT_PRODUCTS)
    found = logo_lists.logo(session, actor, command.logo_id)
    refuse_stale(found, command.row_version)
    target = logo_lists.logo(session, actor, command.into_id)
    target = session.get_one(Logo, target.standing_id)
    if found.merged_into_id is not None:
        raise Refused(_("This logo is merged already. Undo that first."))
    if target.id == found.id:
        raise refuse_field("into_id", _("Choose another logo."))
    found.merged_into_id = target.id
    for one in session.scalars(select(Logo).where(Logo.standing_id == found.id)).all():
        one.standing_id = target.id
    session.flush()
    both = [("logo", found.id), ("logo", target.id)]
    journal.record(session, actor, "merge logos", both, name=found.name, into=target.name)
    return target


def undo_merge(session: Session, actor: Actor, command: UndoMerge) -> Logo:
    """Let an entry stand for itself again, with what had been merged into it before."""
    actor.must(Permission.EDIT_PRODUCTS)
    found = logo_lists.logo(session, actor, command.logo_id)
    if found.merged_into_id is None:
        raise Refused(_("This logo is not merged."))
    target = session.get_one(Logo, found.standing_id)
    found.merged_into_id = None
    for one in _beneath(session, found, target):
        one.standing_id = found.id
    session.flush()
    both = [("logo", found.id), ("logo", target.id)]
    journal.record(session, actor, "undo merge of logos", both, name=found.name, of=target.name)
    return found


def _beneath(session: Session, logo: Logo, standing: Logo) -> Sequence[Logo]:
    """Return a logo and all that were merged into it, one into the other."""
    family = session.scalars(select(Logo).where(Logo.standing_id == standing.id)).all()
    found = [logo]
    for one in found:
        found += [other for other in family if other.merged_into_id == one.id]
    return found


def _words(field: str, text: str) -> str:
    words = text.strip()
    problems = rules.wrong_text(field, words, LONGEST)
    if problems:
        raise refuse_field(field, problems[0].message)
    if not fold_logo(words):
        raise refuse_field(field, _("Write what the logo is called."))
    warned = screening.warnings({field: words}, frozenset())
    if warned:
        raise refuse_field(field, warned[field])
    return words
