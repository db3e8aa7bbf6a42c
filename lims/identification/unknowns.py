"""Unknowns: what no method names yet has a number across the network, until somebody solves it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.analysis import holdings
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.noting import open_run, record_in_journal
from lims.analysis.queries import locked_run
from lims.analysis.records import Run
from lims.foundation import happenings
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.identification import queries
from lims.identification.answering import (
    add_answer,
    refuse_to_conclude,
    stand_on_spectrum,
    withdraw_answer,
    withdraw_from_spectrum,
)
from lims.identification.queries import Fit
from lims.identification.records import Unknown
from lims.identification.resemblance import spectra_in
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
class NumberSpectrum:
    """A spectrum that nothing of the library explains; `number` when it was met before."""

    spectrum_id: uuid.UUID
    row_version: int
    description: str = ""
    number: str = ""


@dataclass(frozen=True)
class UnknownSolved:
    """Happened: an unknown has been named; findings that name its number need a new version."""

    unknown_id: uuid.UUID
    number: str
    substance_id: uuid.UUID


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
    unknown = _numbered_before(session, fit) or _unknown(session, command, command.sample_id)
    withdraw_answer(run, fit)
    evidence = {"unknown_id": str(unknown.id)}
    add_answer(run, fit, None, unknown.number, unknown.description, evidence)
    record_in_journal(session, actor, "number unknown", run, unknown=unknown.number)
    return unknown


def number_spectrum(session: Session, actor: Actor, command: NumberSpectrum) -> Unknown:
    """Number what a spectrum shows and answer the run with it; the same one keeps its number.

    Raises Invalid without a description or for an unknown number, Refused for a blank.
    """
    actor.must(Permission.ANALYSE)
    measured = holdings.measured(session, actor, command.spectrum_id)
    run = open_run(session, actor, measured.upload.run_id, command.row_version)
    sample_id = measured.upload.sample_id
    if sample_id is None or measured.upload.role != "sample":
        raise Refused(_("A background or a blank is looked at, not decided on."))
    unknown = _numbered_on(session, run, measured) or _unknown(session, command, sample_id)
    withdraw_from_spectrum(run, measured.id)
    facts = {"unknown_id": str(unknown.id), "spectrum_id": str(measured.id)}
    stand_on_spectrum(run, sample_id, None, unknown.number, unknown.description, facts, "present")
    record_in_journal(session, actor, "number unknown", run, unknown=unknown.number)
    return unknown


def _numbered_on(session: Session, run: Run, measured: MeasuredSpectrum) -> Unknown | None:
    for answer in run.answers:
        if answer.group and measured.id in spectra_in(answer.evidence):
            return session.scalar(select(Unknown).where(Unknown.number == answer.group))
    return None


def _numbered_before(session: Session, fit: Fit) -> Unknown | None:
    if fit.answer is None or not fit.answer.group:
        return None
    return session.scalar(select(Unknown).where(Unknown.number == fit.answer.group))


def _unknown(
    session: Session, command: NumberUnknown | NumberSpectrum, sample_id: uuid.UUID
) -> Unknown:
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
        sample_id=sample_id,
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
    if unknown.substance_id == found.id:
        return unknown
    unknown.substance_id = found.id
    about = [("sample", unknown.sample_id), ("substance", found.id)]
    facts = {"unknown": unknown.number, "substance": found.key}
    journal.record(session, actor, "solve unknown", about, **facts)
    session.flush()
    happenings.announce(session, actor, UnknownSolved(unknown.id, unknown.number, found.id))
    return unknown
