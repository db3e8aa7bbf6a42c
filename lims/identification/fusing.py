"""Keeping all evidence on a sample as it stands, and the bench times of a laboratory."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field
from lims.foundation.words import _
from lims.identification.fusion import ALGORITHM_VERSION, Parameters
from lims.identification.fusion_documents import fused_document, question_document
from lims.identification.gathering import gather_evidence
from lims.identification.records import BenchTime, CandidateList
from lims.intake import queries as intake
from lims.journal import operations as journal
from lims.network.rules import Permission
from lims.protocols import queries as protocols

LONGEST_WHY = 200
MOST_MINUTES = Decimal(10_000)


@dataclass(frozen=True)
class KeepFusion:
    """All evidence on a sample, to be kept as it is now."""

    sample_id: uuid.UUID
    with_prior: bool = True


@dataclass(frozen=True)
class RecordBenchTime:
    """How long a protocol takes at the bench of one laboratory, in minutes for one sample."""

    site_id: uuid.UUID
    protocol: str
    minutes: Decimal
    why: str = ""


def keep_fusion(session: Session, actor: Actor, command: KeepFusion) -> CandidateList:
    """Keep all evidence on a sample as it is now; raises Refused when there is none."""
    actor.must(Permission.ANALYSE)
    sample = intake.sample(session, actor, command.sample_id)
    if sample.laboratory_id is not None:
        actor.must(Permission.ANALYSE, sample.laboratory_id)
    found = gather_evidence(
        session, sample, with_prior=command.with_prior, demonstration=actor.demonstration
    )
    if not found.told:
        raise Refused(_("Nothing has been observed of this sample yet."))
    kept = CandidateList(
        run_id=None,
        sample_id=sample.id,
        method="fusion",
        library_version=found.library_version,
        algorithm=ALGORITHM_VERSION,
        parameters=asdict(Parameters()),
        observed=question_document(found.statements, found.prior),
        ranked=fused_document(found.fused),
    )
    session.add(kept)
    session.flush()
    facts = {"list": str(kept.id), "first": found.fused.leader}
    journal.record(session, actor, "keep all evidence", [("sample", sample.id)], **facts)
    return kept


def record_bench_time(session: Session, actor: Actor, command: RecordBenchTime) -> BenchTime:
    """Record how long a protocol takes here; raises Invalid for a time that cannot be."""
    actor.must(Permission.MANAGE_LABORATORY, command.site_id)
    known = {one.name for one in protocols.current(session)}
    if command.protocol not in known:
        raise refuse_field("protocol", _("There is no such protocol."))
    if not (command.minutes.is_finite() and 0 < command.minutes <= MOST_MINUTES):
        words = _("A bench time is more than zero and at most %(n)s minutes.", n=MOST_MINUTES)
        raise refuse_field("minutes", words)
    made = BenchTime(
        site_id=command.site_id,
        protocol=command.protocol,
        minutes=command.minutes,
        why=command.why.strip()[:LONGEST_WHY],
        by=actor.account,
    )
    session.add(made)
    session.flush()
    about = [("site", command.site_id)]
    facts = {"protocol": made.protocol, "minutes": str(made.minutes)}
    journal.record(session, actor, "record bench time", about, **facts)
    return made
