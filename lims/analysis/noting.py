"""What every act on a run shares: its line in the journal, reasons, notes, who may write in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from lims import journal
from lims.analysis import queries
from lims.analysis.measured import PlatePhoto
from lims.analysis.records import Run
from lims.analysis.states import refuse_unless_open
from lims.foundation.actors import Actor
from lims.foundation.errors import (
    Invalid,
    NotFound,
    Problem,
    Refused,
    refuse_field,
    refuse_stale,
)
from lims.foundation.words import Message, _
from lims.library.queries import resolve_name, substance_by_key
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.protocols.rules import Technique

MOST_MG = Decimal(100_000)


@dataclass(frozen=True)
class Used:
    """The mass in mg that a run used of one sample."""

    sample_id: uuid.UUID
    mg: Decimal | None


@dataclass(frozen=True)
class Notes:
    """What may be noted with any run: masses used, departures from the protocol, what was seen."""

    used: tuple[Used, ...] = ()
    deviation: str = ""
    note: str = ""


def record_in_journal(session: Session, actor: Actor, act: str, run: Run, **facts: object) -> None:
    """Write a journal line about a run and every sample in it."""
    about: list[tuple[str, uuid.UUID | str]] = [("run", run.id)]
    about += [("sample", item.sample_id) for item in run.samples]
    journal.record(session, actor, act, about, number=run.number, **facts)


def said_reason(reason: str) -> str:
    """Return a reason in words; raises Invalid when there is none."""
    kept = reason.strip()
    if not kept:
        raise refuse_field("reason", _("Say why, in a few words."))
    if len(kept) > 400:
        raise refuse_field("reason", _("At most %(n)s characters, please.", n=400))
    return kept


def refuse_unless_author(actor: Actor, run: Run) -> None:
    """Refuse everybody but the analyst of a run."""
    actor.must(Permission.ANALYSE, run.site_id)
    if run.analyst != actor.account:
        raise Refused(_("Only the analyst of a run may do this."))


def open_run(session: Session, actor: Actor, run_id: uuid.UUID, row_version: int) -> Run:
    """Return one's own run that is still being recorded, locked for this act."""
    run = queries.locked_run(session, run_id)
    refuse_unless_author(actor, run)
    refuse_stale(run, row_version)
    refuse_unless_open(run.state)
    flag_modified(run, "state")  # a changed part of a run is a changed run
    return run


def own_open_run(session: Session, actor: Actor, run_id: uuid.UUID) -> Run:
    """Return one's own run that is still being recorded, locked, without asking what was read."""
    run = queries.locked_run(session, run_id)
    refuse_unless_author(actor, run)
    refuse_unless_open(run.state)
    return run


def own_plate(session: Session, actor: Actor, run_id: uuid.UUID) -> Run:
    """Return one's own open run that has a plate, locked; raises Refused for another technique."""
    run = own_open_run(session, actor, run_id)
    if run.technique != Technique.TLC:
        raise Refused(_("This run has no plate."))
    return run


def photo_of(session: Session, run_id: uuid.UUID) -> PlatePhoto:
    """Return the photograph of a plate; raises NotFound."""
    found = session.get(PlatePhoto, run_id)
    if found is None:
        raise NotFound(_("This plate has no photograph."))
    return found


def note(run: Run, notes: Notes) -> None:
    """Keep the notes of a run; raises Invalid for a mass that cannot be, each with its place."""
    problems = []
    by_sample = {item.sample_id: item for item in run.samples}
    for place, used in enumerate(notes.used):
        if used.sample_id not in by_sample:
            problems.append(Problem(f"used.{place}.sample_id", not_in_run()))
        elif used.mg is not None and not (used.mg.is_finite() and 0 <= used.mg <= MOST_MG):
            words = _("A mass is from zero to %(most)s mg.", most=MOST_MG)
            problems.append(Problem(f"used.{place}.mg", words))
        else:
            by_sample[used.sample_id].used_mg = used.mg
    if len(notes.deviation) > 400:
        problems.append(Problem("deviation", _("At most %(n)s characters, please.", n=400)))
    if len(notes.note) > 2000:
        problems.append(Problem("note", _("At most %(n)s characters, please.", n=2000)))
    refuse_all(problems)
    run.deviation, run.note = notes.deviation.strip(), notes.note.strip()


def not_in_run() -> Message:
    """Return the words for a sample that the run does not hold."""
    return _("This sample is not in this run.")


def named_substance(session: Session, name: str) -> Substance | None:
    """Return the substance of a key, or of a name that can mean one only."""
    if not name.isprintable():
        return None
    return substance_by_key(session, name) or resolve_name(session, name).substance


def refuse_all(problems: Iterable[Problem]) -> None:
    """Raise Invalid when there is any problem."""
    found = list(problems)
    if found:
        raise Invalid(found)
