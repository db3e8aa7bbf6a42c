"""Unknowns: what no method names yet has a number across the network, until somebody solves it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.analysis.noting import open_run, record_in_journal
from lims.analysis.queries import locked_run
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.identification import queries
from lims.identification.answering import add_answer, refuse_to_conclude, withdraw_answer
from lims.identification.queries import Fit
from lims.identification.records import Unknown
from lims.library.queries import substance
from lims.network.rules import Permission

LONGEST = 400


@dataclass(frozen=True)
class NumberUnknown:
    """A spot that nothing of the library explains; `number` when it was met before."""

    run_id: uuid.UUID
    sample_id: uuid.UUID
    spot_id: uuid.UUID
    description: str = ""
    number: str = ""
    row_version: int | None = None


@dataclass(frozen=True)
class SolveUnknown:
    """An unknown that a method has named since; answers that were given stay as they are."""

    unknown_id: uuid.UUID
    substance_id: uuid.UUID


def number_unknown(session: Session, actor: Actor, command: NumberUnknown) -> Unknown:
    """Number an unknown and answer the run with it; the same spot keeps its number.

    Raises Invalid without a description or for an unknown number, Refused on a failed plate.
    """
    actor.must(Permission.ANALYSE)
    run = locked_run(session, command.run_id)
    version = run.row_version if command.row_version is None else command.row_version
    run = open_run(session, actor, run.id, version)
    fits = queries.preview(session, actor, run.id)
    fit = queries.fit_of(fits, command.sample_id, command.spot_id)
    if fit.sample.id != command.sample_id:
        raise refuse_field("sample_id", _("This spot is of another sample."))
    refuse_to_conclude(fits, fit)
    unknown = _numbered_before(session, fit) or _unknown(session, command)
    withdraw_answer(run, fit)
    evidence = {"unknown_id": str(unknown.id)}
    add_answer(run, fit, None, unknown.number, unknown.description, evidence)
    record_in_journal(session, actor, "number unknown", run, unknown=unknown.number)
    return unknown


def _numbered_before(session: Session, fit: Fit) -> Unknown | None:
    if fit.answer is None or not fit.answer.group:
        return None
    return session.scalar(select(Unknown).where(Unknown.number == fit.answer.group))


def _unknown(session: Session, command: NumberUnknown) -> Unknown:
    number = "".join(one for one in command.number if one.isprintable()).strip().upper()
    if number:
        found = session.scalar(select(Unknown).where(Unknown.number == number[:20]))
        if found is None:
            raise refuse_field("number", _("There is no unknown of this number."))
        return found
    description = command.description.strip()
    if not description:
        raise refuse_field("description", _("Describe what was seen, in a few words."))
    if len(description) > LONGEST:
        raise refuse_field("description", _("At most %(n)s characters, please.", n=LONGEST))
    made = Unknown(
        number=next_number(session, Unknown.number, "U-"),
        description=description,
        sample_id=command.sample_id,
    )
    session.add(made)
    session.flush()
    return made


def solve_unknown(session: Session, actor: Actor, command: SolveUnknown) -> Unknown:
    """Name an unknown; raises Refused when it was solved as something else before."""
    actor.must(Permission.CONCLUDE)
    unknown = session.get(Unknown, command.unknown_id, with_for_update=True)
    if unknown is None:
        raise NotFound(_("There is no such unknown."))
    found = substance(session, command.substance_id)
    if unknown.substance_id not in (None, found.id):
        raise Refused(_("This unknown has already been solved as something else."))
    unknown.substance_id = found.id
    about = [("sample", unknown.sample_id), ("substance", found.id)]
    facts = {"unknown": unknown.number, "substance": found.key}
    journal.record(session, actor, "solve unknown", about, **facts)
    return unknown
