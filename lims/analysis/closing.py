"""How a run ends: sent to verification, verified by another person, sent back, or withdrawn."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.analysis import queries, readings
from lims.analysis.noting import record_in_journal, refuse_unless_author, said_reason
from lims.analysis.records import Run
from lims.analysis.rules import is_accepted
from lims.analysis.states import LaneRole, RunState, refuse_move
from lims.custody.operations import UseMass, use_mass
from lims.custody.records import MassEntry
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field, refuse_stale
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.words import _
from lims.intake.rules import SampleState
from lims.library.measuring import LearnFromStandards, Standard, learn_from_standards
from lims.library.references import cited_retentions
from lims.network.queries import site
from lims.network.rules import Permission
from lims.protocols.rules import Technique


@dataclass(frozen=True)
class SubmitRun:
    """A run that is ready for another person's eyes."""

    run_id: uuid.UUID
    row_version: int


@dataclass(frozen=True)
class WithdrawRun:
    """A run that its author takes back, with the reason."""

    run_id: uuid.UUID
    row_version: int
    reason: str


@dataclass(frozen=True)
class VerifyRun:
    """A run that a second person has seen and agrees with."""

    run_id: uuid.UUID
    row_version: int


@dataclass(frozen=True)
class SendBackRun:
    """A run that a second person does not agree with, with the reason."""

    run_id: uuid.UUID
    row_version: int
    reason: str


@dataclass(frozen=True)
class RunVerified:
    """Happened: a run has been verified."""

    run_id: uuid.UUID


def submit_run(session: Session, actor: Actor, command: SubmitRun) -> Run:
    """Send a run to verification and enter in the ledger what it used of each sample."""
    actor.must(Permission.ANALYSE)
    run = queries.locked_run(session, command.run_id)
    refuse_unless_author(actor, run)
    refuse_stale(run, command.row_version)
    refuse_move(run.state, RunState.TO_VERIFY)
    if not queries.has_results(session, run):
        raise Refused(_("Nothing is recorded in this run yet."))
    _use_up(session, actor, run)
    run.state, run.ended_at = RunState.TO_VERIFY, clock.now()
    record_in_journal(session, actor, "submit run", run)
    return run


def _use_up(session: Session, actor: Actor, run: Run) -> None:
    """Enter the masses used that are not in the ledger yet; what was entered stays used."""
    for item in run.samples:
        if item.used_mg is None:
            continue
        query = select(func.sum(MassEntry.mg)).where(
            MassEntry.cause_id == run.id, MassEntry.sample_id == item.sample_id
        )
        entered = -(session.scalar(query) or Decimal(0))
        if item.used_mg < entered:
            words = _("The ledger already has %(mg)s mg used by this run.", mg=entered)
            raise refuse_field("used_mg", words)
        if item.used_mg > entered:
            mg = item.used_mg - entered
            use_mass(session, actor, UseMass(item.sample_id, run.site_id, mg, run.id))


def withdraw_run(session: Session, actor: Actor, command: WithdrawRun) -> Run:
    """Take back one's own run before it is verified; it stays readable with its reason."""
    actor.must(Permission.ANALYSE)
    run = queries.locked_run(session, command.run_id)
    refuse_unless_author(actor, run)
    refuse_stale(run, command.row_version)
    refuse_move(run.state, RunState.WITHDRAWN)
    run.state, run.reason = RunState.WITHDRAWN, said_reason(command.reason)
    session.flush()
    _give_back(session, run)
    record_in_journal(session, actor, "withdraw run", run, reason=run.reason)
    return run


def _give_back(session: Session, run: Run) -> None:
    """Let samples wait for analysis again when no other run on them stands."""
    for item in run.samples:
        others = queries.standing_runs(session, item.sample_id)
        if item.sample.state == SampleState.IN_ANALYSIS and not others:
            item.sample.move_to(SampleState.RECEIVED)


def verify_run(session: Session, actor: Actor, command: VerifyRun) -> Run:
    """Verify another person's run; its accepted standards become this laboratory's references.

    Raises Refused for one's own work, twice the same eyes, or a plate that is not accepted.
    """
    actor.must(Permission.VERIFY)
    run = queries.locked_run(session, command.run_id)
    actor.must(Permission.VERIFY, run.site_id)
    refuse_stale(run, command.row_version)
    refuse_move(run.state, RunState.VERIFIED)
    alone = refuse_unless_other_eyes(
        actor.account,
        author=run.analyst,
        lone_exception=site(session, run.site_id).lone_laboratory,
    )
    if run.technique == Technique.TLC:
        _learn_from_plate(session, actor, run)
    run.state, run.verified_by, run.verified_at = RunState.VERIFIED, actor.account, clock.now()
    facts = {"lone_laboratory": True} if alone else {}
    record_in_journal(session, actor, "verify run", run, **facts)
    happenings.announce(session, actor, RunVerified(run.id))
    return run


def _learn_from_plate(session: Session, actor: Actor, run: Run) -> None:
    """Give the library what the standards show; a plate that is not accepted is refused."""
    plate = readings.read_plate(session, run)
    if not is_accepted(plate.checks):
        reasons = [check.message for check in plate.checks if not check.passed]
        raise Refused(
            _("This plate is not accepted and cannot be concluded on: %(why)s", why=reasons[0])
        )
    known = _standards_of(plate, _plate_references(session, plate))
    where = (run.id, run.protocol_id, run.site_id)
    learn_from_standards(session, actor, LearnFromStandards(*where, known))


def _plate_references(session: Session, plate: readings.PlateRead) -> dict[str, uuid.UUID]:
    """Return which substance each plate reference is, where the library holds it."""
    cited = cited_retentions(session, system=plate.plate.system)
    return {row.substance_key: row.substance_id for row in cited if row.substance_id is not None}


def _standards_of(
    plate: readings.PlateRead, references: Mapping[str, uuid.UUID]
) -> tuple[Standard, ...]:
    """Return the spots of the reference lanes that teach: one alone of its substance in its lane.

    Plate references are what the plate is corrected with: they teach colours, and no hRf.
    """
    seen = [one for one in plate.spots if one.lane.role == LaneRole.REFERENCE]
    what = {
        one.spot.id: references.get(one.spot.reference, one.spot.substance_id)
        if one.spot.reference
        else one.spot.substance_id
        for one in seen
    }
    there = Counter((one.lane.id, what[one.spot.id]) for one in seen)
    return tuple(
        Standard(substance, None if one.spot.reference else one.corrected, one.colours)
        for one in seen
        if (substance := what[one.spot.id]) is not None and there[one.lane.id, substance] == 1
    )


def send_back_run(session: Session, actor: Actor, command: SendBackRun) -> Run:
    """Send a run back to its author with the reason; its state is recorded again."""
    actor.must(Permission.VERIFY)
    run = queries.locked_run(session, command.run_id)
    actor.must(Permission.VERIFY, run.site_id)
    refuse_stale(run, command.row_version)
    refuse_move(run.state, RunState.RECORDED)
    refuse_unless_other_eyes(actor.account, author=run.analyst)
    run.state, run.reason, run.ended_at = RunState.RECORDED, said_reason(command.reason), None
    record_in_journal(session, actor, "send back run", run, reason=run.reason)
    return run
