"""Decided lists of candidates beside what independent techniques have confirmed.

From here come the accuracy of laboratories and the examples of a calibration. Read in a number of
queries that does not grow with the records.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from lims.analysis.records import Answer, Run
from lims.analysis.states import RunState
from lims.findings.accuracy import Judged, Row, independent, place_of, rows_of
from lims.findings.records import Detection, Finding
from lims.foundation.actors import Actor
from lims.identification import calibration
from lims.identification.calibration import Example
from lims.identification.fusion import Parameters, Setting
from lims.identification.knowledge import FOUND
from lims.identification.records import Calibration, CandidateList, Decision
from lims.identification.scoring import scored_of
from lims.library.records import Substance
from lims.network.records import Site
from lims.network.rules import Permission
from lims.protocols.records import ProtocolVersion

READERS = (Permission.READ_INDICATORS, Permission.ANALYSE, Permission.VERIFY)
BARE_SETTINGS: Mapping[str, str] = {"ftir": Setting.FTIR, "tlc": Setting.ONE_TLC_SYSTEM}
"""Which stated default a list of a technique would have by itself."""


@dataclass(frozen=True)
class DecidedList:
    """The last decided list on a spot, spectrum or sample of a run."""

    kept: CandidateList
    technique: str
    protocol: str
    site: str
    verdict: str
    accepted: str
    truth: frozenset[str]


@dataclass(frozen=True)
class Group:
    """The confirmed lists of one technique under one protocol by one algorithm."""

    technique: str
    protocol: str
    algorithm: str
    examples: tuple[Example, ...]
    newest: Calibration | None = None

    @property
    def samples(self) -> int:
        return calibration.samples_in(self.examples)

    @property
    def may_be_calibrated(self) -> bool:
        return self.samples >= calibration.FEWEST

    @property
    def default(self) -> float | None:
        """The stated likelihood ratio that this technique has before a calibration."""
        return Parameters().default_of(BARE_SETTINGS.get(self.technique, ""))


def may_see(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a run is of a laboratory whose figures the actor may read."""
    actor.must(next((one for one in READERS if actor.may(one)), READERS[0]))
    wanted: list[ColumnElement[bool]] = []
    for permission in READERS:
        sites = actor.sites_for(permission)
        if sites is None:
            return true()
        if sites:
            wanted.append(Run.site_id.in_(sites))
    return or_(*wanted)


def accuracy(session: Session, actor: Actor) -> list[Row]:
    """Return how often identification was right at the laboratories that the actor may read."""
    judged = [_judged(one) for one in decided_lists(session, may_see(actor))]
    return rows_of(judged)


def _judged(one: DecidedList) -> Judged:
    place = place_of(one.kept.ranked, one.truth)
    return Judged(
        one.technique, one.protocol, one.site, one.verdict, place, one.truth, one.accepted
    )


def decided_lists(session: Session, wanted: ColumnElement[bool]) -> list[DecidedList]:
    """Return every decided list of some runs with what is confirmed, the last of each spot."""
    query = (
        select(CandidateList, Run.technique, ProtocolVersion.name, Site.name, Decision.verdict)
        .add_columns(Substance.key)
        .join(Decision, Decision.candidate_list_id == CandidateList.id)
        .join(Run, Run.id == CandidateList.run_id)
        .join(ProtocolVersion, ProtocolVersion.id == Run.protocol_id)
        .join(Site, Site.id == Run.site_id)
        .outerjoin(Substance, Substance.id == Decision.substance_id)
        .where(Run.state == RunState.VERIFIED, wanted)
        .order_by(Decision.at, Decision.id)
    )
    last = {_about(row[0]): row for row in session.execute(query)}
    confirmed = _confirmed(session)
    return [
        DecidedList(
            kept=row[0],
            technique=row[1],
            protocol=row[2],
            site=row[3],
            verdict=row[4],
            accepted=row[5] or "",
            truth=_truth(confirmed.get(row[0].sample_id, {}), row[1]),
        )
        for row in last.values()
    ]


def _about(kept: CandidateList) -> tuple[uuid.UUID | None, ...]:
    return kept.run_id, kept.sample_id, kept.spot_id, kept.spectrum_id


def _truth(found_by: Mapping[str, set[str]], technique: str) -> frozenset[str]:
    return frozenset(key for key, others in found_by.items() if independent(technique, others))


def _confirmed(session: Session) -> dict[uuid.UUID, dict[str, set[str]]]:
    """Return sample → substance → techniques that found it, of findings that are confirmed."""
    query = (
        select(Finding.sample_id, Substance.key, Run.technique)
        .join(Detection, Detection.finding_id == Finding.id)
        .join(Substance, Substance.id == Detection.substance_id)
        .join(
            Answer,
            (Answer.sample_id == Finding.sample_id)
            & (Answer.substance_id == Detection.substance_id),
        )
        .join(Run, Run.id == Answer.run_id)
        .where(
            Finding.state == "released",
            Finding.confidence == "confirmed",
            Run.state == RunState.VERIFIED,
            Answer.kind.in_(FOUND),
        )
        .distinct()
    )
    found: dict[uuid.UUID, dict[str, set[str]]] = {}
    for sample_id, key, technique in session.execute(query):
        found.setdefault(sample_id, {}).setdefault(key, set()).add(technique)
    return found


def groups(session: Session) -> list[Group]:
    """Return what could be calibrated in the whole network, with the newest calibration of each."""
    examples: dict[tuple[str, str, str], list[Example]] = {}
    for one in decided_lists(session, true()):
        place = (one.technique, one.protocol, one.kept.algorithm)
        examples.setdefault(place, []).extend(examples_of(one))
    query = select(Calibration).order_by(Calibration.made_at)
    newest = {(one.technique, one.protocol, one.scores_of): one for one in session.scalars(query)}
    return [
        Group(*place, tuple(examples.get(place, ())), newest.get(place))
        for place in sorted({*examples, *newest})
    ]


def examples_of(one: DecidedList) -> Sequence[Example]:
    """Return the confirmed candidates of a list and its best rival; none when not confirmed."""
    lines = scored_of(one.kept.ranked, one.kept.method)
    if not one.truth or not lines:
        return ()
    sample, first = str(one.kept.sample_id), lines[0].substance
    right = [line for line in lines if line.substance in one.truth]
    rivals = [line for line in lines if line.substance not in one.truth][:1]
    return [
        Example(sample, line.score, line.gap, line.substance in one.truth, line.substance == first)
        for line in (*right, *rivals)
    ]


def groups_to_read(session: Session, actor: Actor) -> list[Group]:
    """Return what could be calibrated to somebody who may read figures of identification."""
    actor.must(
        next((one for one in (Permission.CALIBRATE, *READERS) if actor.may(one)), READERS[0])
    )
    return groups(session)
