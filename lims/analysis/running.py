"""Starting a run of a published protocol, and doing one again as a new row."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import queries
from lims.analysis.noting import record_in_journal, said_reason
from lims.analysis.records import Lane, Plate, Run, RunSample
from lims.analysis.states import LaneRole, RunState, refuse_move
from lims.custody import queries as custody
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Problem, Refused, refuse_field
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.intake.queries import sample_by_code
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.library.queries import library_version
from lims.network.rules import Permission
from lims.protocols import queries as protocols
from lims.protocols.records import ProtocolVersion
from lims.protocols.rules import Technique
from lims.quality import queries as quality
from lims.quality.rules import instrument_obstacles

MOST_SAMPLES = 12
S = SampleState


@dataclass(frozen=True)
class StartRun:
    """A run to be recorded; the laboratory is the one that has the samples.

    Samples come by identifier or by code as scanned or typed; the protocol by version or by name.
    """

    protocol_id: uuid.UUID | None = None
    sample_ids: tuple[uuid.UUID, ...] = ()
    id: uuid.UUID | None = None
    instrument_id: uuid.UUID | None = None
    parent_id: uuid.UUID | None = None
    codes: tuple[str, ...] = ()
    protocol: str = ""


@dataclass(frozen=True)
class Retest:
    """A run to be done again as a new row; nothing of it is copied."""

    run_id: uuid.UUID
    reason: str
    id: uuid.UUID | None = None


def start_run(session: Session, actor: Actor, command: StartRun) -> Run:
    """Start a run under the protocol's current version; the same identifier twice keeps one.

    Raises Invalid, Refused when a sample cannot be analysed or the person is not competent.
    """
    actor.must(Permission.ANALYSE)
    there = session.get(Run, command.id) if command.id else None
    if there is not None:
        actor.must(Permission.ANALYSE, there.site_id)
        _refuse_another(session, actor, there, command)
        return there
    protocol = _protocol(session, command)
    samples = _samples(session, _wanted(session, actor, command))
    site_id = _laboratory(session, samples)
    actor.must(Permission.ANALYSE, site_id)
    queries.refuse_incompetent(session, actor, protocol.name, site_id)
    _refuse_instrument(session, command.instrument_id, site_id, protocol.technique)
    run = _make(session, actor, protocol, site_id, command)
    for place, sample in enumerate(samples, start=1):
        run.samples.append(RunSample(sample_id=sample.id, position=place))
        _take_up(sample, site_id)
    session.flush()
    if protocol.technique == Technique.TLC:
        _lay_out(session, run, protocol.name, samples)
    record_in_journal(session, actor, "start run", run, protocol=protocol.label)
    return run


def _make(
    session: Session,
    actor: Actor,
    protocol: ProtocolVersion,
    site_id: uuid.UUID,
    command: StartRun,
) -> Run:
    run = Run(
        id=command.id or uuid.uuid4(),
        number=next_number(session, Run.number, "R-"),
        technique=protocol.technique,
        protocol_id=protocol.id,
        protocol_hash=protocol.content_hash,
        site_id=site_id,
        analyst=actor.account,
        instrument_id=command.instrument_id,
        library_version=library_version(session),
        state=RunState.RECORDED,
        started_at=clock.now(),
        parent_id=command.parent_id,
    )
    session.add(run)
    return run


def _refuse_another(session: Session, actor: Actor, there: Run, command: StartRun) -> None:
    mine = {item.sample_id for item in there.samples}
    same = command.protocol_id == there.protocol_id or command.protocol == there.protocol.name
    if not same or mine != set(_wanted(session, actor, command)):
        raise Refused(_("Another run already has this identifier."))


def _wanted(session: Session, actor: Actor, command: StartRun) -> list[uuid.UUID]:
    """Return the samples named by identifier and by code."""
    wanted, wrong = list(command.sample_ids), []
    for code in command.codes[: MOST_SAMPLES + 1]:
        try:
            wanted.append(sample_by_code(session, actor, code).id)
        except (Invalid, NotFound) as refusal:
            problems = refusal.problems if isinstance(refusal, Invalid) else ()
            said = problems[0].message if problems else refusal.message
            words = _("%(code)s: %(why)s", code=code[:20], why=said)
            wrong.append(Problem("samples", words))
    if wrong:
        raise Invalid(wrong)
    return wanted


def _protocol(session: Session, command: StartRun) -> ProtocolVersion:
    if command.protocol_id is not None:
        protocol = protocols.version(session, command.protocol_id)
    elif command.protocol:
        protocol = protocols.latest(session, command.protocol)
    else:
        raise refuse_field("protocol_id", _("Choose a protocol."))
    _refuse_old(session, protocol)
    return protocol


def _refuse_old(session: Session, protocol: ProtocolVersion) -> None:
    if protocol.technique == Technique.GUIDELINE:
        raise refuse_field("protocol_id", _("A guideline is not run on a sample."))
    newest = protocols.latest(session, protocol.name)
    if newest.id != protocol.id:
        words = _("This is not the version in force. Use %(label)s.", label=newest.label)
        raise refuse_field("protocol_id", words)


def _samples(session: Session, wanted: Sequence[uuid.UUID]) -> list[Sample]:
    ids = list(dict.fromkeys(wanted))
    if not ids:
        raise refuse_field("samples", _("Scan or type at least one sample code."))
    if len(ids) > MOST_SAMPLES:
        raise refuse_field("samples", _("At most %(n)s samples in one run.", n=MOST_SAMPLES))
    query = select(Sample).where(Sample.id.in_(ids)).order_by(Sample.id).with_for_update()
    found = {sample.id: sample for sample in session.scalars(query)}
    if len(found) != len(ids):
        raise refuse_field("samples", _("There is no such sample, or it is not for your sites."))
    return [found[one] for one in ids]


def _laboratory(session: Session, samples: Sequence[Sample]) -> uuid.UUID:
    """Return the site that has the samples; they must be together and not on the way."""
    for sample in samples:
        parcel = custody.active_parcel_of(session, sample.id)
        if sample.state == SampleState.SENT or (parcel and parcel.state == "in transit"):
            words = _("Sample %(code)s is on its way. Receive it first.", code=_shown(sample))
            raise refuse_field("samples", words)
    holders = {custody.holder(session, sample) for sample in samples}
    if len(holders) > 1:
        raise refuse_field("samples", _("These samples are not at the same place."))
    return holders.pop()


def _shown(sample: Sample) -> str:
    return f"{sample.code[:4]}-{sample.code[4:]}"


def _take_up(sample: Sample, site_id: uuid.UUID) -> None:
    """Move a sample into analysis; what is already further on stays where it is."""
    further = {S.IN_ANALYSIS, S.TO_VERIFY, S.RELEASED, S.AMENDED}
    if sample.state in further:
        return
    sample.move_to(S.IN_ANALYSIS)
    sample.not_analysed_reason = ""
    sample.laboratory_id = site_id


def _refuse_instrument(
    session: Session, instrument_id: uuid.UUID | None, site_id: uuid.UUID, technique: str
) -> None:
    if instrument_id is None:
        return
    instrument = quality.instrument(session, instrument_id)
    if instrument.site_id != site_id or instrument.technique != technique:
        words = _("This instrument is not for this technique at this laboratory.")
        raise refuse_field("instrument_id", words)
    obstacles = instrument_obstacles(
        calibrated_until=instrument.calibrated_until,
        out_of_service=instrument.out_of_service,
        on=clock.today(),
    )
    if obstacles:
        raise refuse_field("instrument_id", obstacles[0])


def _lay_out(session: Session, run: Run, name: str, samples: Sequence[Sample]) -> None:
    """Lay out an empty plate: references outside, a blank, the samples between them."""
    plate = Plate(run_id=run.id, system=queries.system_of(name))
    roles = [(LaneRole.REFERENCE, None), *((LaneRole.SAMPLE, one.id) for one in samples)]
    roles += [(LaneRole.BLANK, None), (LaneRole.REFERENCE, None)]
    for place, (role, sample_id) in enumerate(roles, start=1):
        plate.lanes.append(Lane(position=place, role=role, sample_id=sample_id))
    session.add(plate)
    session.flush()


def retest(session: Session, actor: Actor, command: Retest) -> Run:
    """Do a run again: a new row that points to its parent, under the version now in force."""
    actor.must(Permission.ANALYSE)
    parent = queries.locked_run(session, command.run_id)
    actor.must(Permission.ANALYSE, parent.site_id)
    there = session.get(Run, command.id) if command.id else None
    if there is not None and there.parent_id == parent.id:
        return there
    reason = said_reason(command.reason)
    if parent.state in (RunState.RECORDED, RunState.TO_VERIFY):
        parent.state = RunState.RETESTED
    elif parent.state != RunState.VERIFIED:
        refuse_move(parent.state, RunState.RETESTED)
    newest = protocols.latest(session, parent.protocol.name)
    sample_ids = tuple(item.sample_id for item in parent.samples)
    wanted = StartRun(newest.id, sample_ids, command.id, parent.instrument_id, parent.id)
    run = start_run(session, actor, wanted)
    run.reason = reason
    record_in_journal(session, actor, "retest", run, of=parent.number, reason=reason)
    return run
