"""Deciding on candidates: a list is kept with all it stands on, then accepted, rejected or left.

An accepted candidate becomes an answer of the run; a spot that fits nothing gets a number.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.analysis.lanes import not_in_library
from lims.analysis.noting import named_substance, open_run
from lims.analysis.readings import PlateRead, SpotRead, read_plate
from lims.analysis.records import Answer, Run
from lims.analysis.states import AnswerKind
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field
from lims.foundation.numbers import next_number
from lims.foundation.words import Message, _
from lims.identification import queries
from lims.identification.queries import Ranked
from lims.identification.records import CandidateList, Decision, Unknown
from lims.identification.rules import NONE_OF_THE_LIBRARY
from lims.library.queries import library_version, substance_by_key
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.protocols.rules import Technique

VERDICTS = ("accept", "reject", "undecided")
LONGEST = 400


@dataclass(frozen=True)
class Decide:
    """What the analyst decides on one spot, or on the colour tests of one sample."""

    run_id: uuid.UUID
    row_version: int
    verdict: str
    spot_id: uuid.UUID | None = None
    sample_id: uuid.UUID | None = None
    substance: str = ""
    why: str = ""
    use_prior: bool = True


@dataclass(frozen=True)
class NumberUnknown:
    """A spot that fits nothing of the library, to be numbered across the network."""

    run_id: uuid.UUID
    row_version: int
    spot_id: uuid.UUID
    description: str = ""


@dataclass(frozen=True)
class SolveUnknown:
    """What a numbered unknown turned out to be."""

    unknown_id: uuid.UUID
    substance: str


def decide(session: Session, actor: Actor, command: Decide) -> Decision:
    """Keep the ranking as it stands now and decide on it; accepting a spot answers "found".

    Raises Invalid for a substance that is not on the list or a reason that is missing, Refused for
    a plate that is not accepted and for accepting on colours alone.
    """
    actor.must(Permission.ANALYSE)
    run = open_run(session, actor, command.run_id, command.row_version)
    if command.verdict not in VERDICTS:
        raise refuse_field("verdict", _("Choose one of the list."))
    plate, ranked = _rank(session, run, command)
    chosen = _chosen(session, ranked, command)
    if chosen is not None:
        _refuse_unfounded(run, plate)
    kept = _keep(session, run, ranked)
    if ranked.seen is not None:
        _withdraw_earlier(run, ranked.seen)
    made = Decision(
        candidate_list_id=kept.id,
        substance_id=chosen.id if chosen else None,
        verdict=command.verdict,
        why=command.why.strip(),
        by=actor.account,
        at=clock.now(),
    )
    session.add(made)
    if chosen is not None and ranked.seen is not None:
        _answer(run, ranked, ranked.seen, kept, chosen)
    journal.record(
        session,
        actor,
        "decide on candidates",
        [("run", run.id), ("sample", ranked.sample.id)],
        number=run.number,
        spot=ranked.label,
        verdict=command.verdict,
        substance=chosen.key if chosen else "",
    )
    return made


def _rank(session: Session, run: Run, command: Decide) -> tuple[PlateRead | None, Ranked]:
    ranked, plate = None, None
    if run.technique == Technique.TLC:
        plate = read_plate(session, run)
        seen = plate.spot(command.spot_id) if command.spot_id else None
        if seen is None or seen.lane.role not in queries.RANKED_LANES:
            raise refuse_field("spot_id", _("There is no such spot on this plate."))
        ranked = queries.rank_spot(session, run, plate, seen, command.use_prior)
    elif run.technique == Technique.REAGENT:
        by_id = {item.sample_id: item.sample for item in run.samples}
        sample = by_id.get(command.sample_id) if command.sample_id else None
        if sample is None:
            raise refuse_field("sample_id", _("This sample is not in this run."))
        ranked = queries.rank_colours(session, run, sample, command.use_prior)
    if ranked is None:
        raise Refused(_("Nothing has been observed yet."))
    return plate, ranked


def _chosen(session: Session, ranked: Ranked, command: Decide) -> Substance | None:
    """Return the substance that is accepted; another than the first needs a reason."""
    if len(command.why) > LONGEST:
        raise refuse_field("why", _("At most %(n)s characters, please.", n=LONGEST))
    if command.verdict != "accept":
        if command.verdict == "reject" and not command.why.strip():
            raise refuse_field("why", _("Say why, in a few words."))
        return None
    ranks = {one.substance: one.rank for one in ranked.ranking.candidates}
    if command.substance not in ranks or command.substance == NONE_OF_THE_LIBRARY:
        raise refuse_field("substance", _("Choose a candidate of the list."))
    if ranks[command.substance] > 1 and not command.why.strip():
        raise refuse_field("why", _("Say why you do not accept the first of the list."))
    return substance_by_key(session, command.substance)


def _refuse_unfounded(run: Run, plate: PlateRead | None) -> None:
    if plate is None:
        raise Refused(_("Colour tests exclude; they never confirm. Use another technique."))
    if not plate.is_accepted:
        why: Message = next(check.message for check in plate.checks if not check.passed)
        raise Refused(_("This plate is not accepted and cannot be concluded on: %(why)s", why=why))


def _keep(session: Session, run: Run, ranked: Ranked) -> CandidateList:
    kept = CandidateList(
        id=uuid.uuid4(),
        run_id=run.id,
        sample_id=ranked.sample.id,
        spot_id=ranked.seen.spot.id if ranked.seen else None,
        library_version=library_version(session),
        algorithm=ranked.ranking.algorithm,
        parameters=ranked.ranking.parameters.as_dict(),
        observed=queries.document_of(ranked),
        ranked=ranked.ranking.as_document()["candidates"],
        made_at=clock.now(),
    )
    session.add(kept)
    session.flush()
    return kept


def _withdraw_earlier(run: Run, seen: SpotRead) -> None:
    for answer in list(run.answers):
        if answer.evidence.get("spot_id") == str(seen.spot.id):
            run.answers.remove(answer)


def _answer(
    run: Run, ranked: Ranked, seen: SpotRead, kept: CandidateList, chosen: Substance
) -> None:
    """Answer "found", unless another spot of this sample already does."""
    for answer in run.answers:
        if (answer.sample_id, answer.substance_id) == (ranked.sample.id, chosen.id):
            return
    first = next(one for one in ranked.ranking.candidates if one.substance == chosen.key)
    run.answers.append(
        Answer(
            sample_id=ranked.sample.id,
            position=len(run.answers) + 1,
            substance_id=chosen.id,
            kind=AnswerKind.FOUND,
            evidence={
                **_standing(seen, ranked.label),
                "candidate_list": str(kept.id),
                "posterior": round(first.posterior, 4),
            },
        )
    )


def _standing(seen: SpotRead, label: str) -> dict[str, Any]:
    return {"spot_id": str(seen.spot.id), "spot": label, "seen": seen.seen}


def number_unknown(session: Session, actor: Actor, command: NumberUnknown) -> Unknown:
    """Number a spot that fits nothing; it stays an answer of the run until a method names it."""
    actor.must(Permission.ANALYSE)
    run = open_run(session, actor, command.run_id, command.row_version)
    wanted = Decide(run.id, run.row_version, "undecided", spot_id=command.spot_id)
    plate, ranked = _rank(session, run, wanted)
    _refuse_unfounded(run, plate)
    seen = ranked.seen
    if seen is None:
        raise refuse_field("spot_id", _("There is no such spot on this plate."))
    if len(command.description) > LONGEST:
        raise refuse_field("description", _("At most %(n)s characters, please.", n=LONGEST))
    _withdraw_earlier(run, seen)
    kept = _keep(session, run, ranked)
    made = Unknown(
        id=uuid.uuid4(),
        number=next_number(session, Unknown.number, "U-"),
        description=command.description.strip() or _described(ranked, seen),
        sample_id=ranked.sample.id,
        at=clock.now(),
    )
    session.add(made)
    evidence = {**_standing(seen, ranked.label), "candidate_list": str(kept.id)}
    run.answers.append(
        Answer(
            sample_id=ranked.sample.id,
            position=len(run.answers) + 1,
            group=made.number,
            kind=AnswerKind.FOUND,
            remark=made.description,
            evidence=evidence,
        )
    )
    subjects: list[tuple[str, uuid.UUID | str]] = [("run", run.id), ("sample", made.sample_id)]
    journal.record(session, actor, "number unknown", subjects, number=made.number)
    return made


def _described(ranked: Ranked, seen: SpotRead) -> str:
    """Describe a spot by what was seen of it."""
    parts = [f"hRf {one.hrf:g} ({one.system})" for one in ranked.evidence.hrfs]
    parts += [f"{one.reagent}: {' > '.join(one.colours)}" for one in ranked.evidence.colours]
    return "; ".join([*parts, seen.spot.intensity])[:LONGEST]


def solve_unknown(session: Session, actor: Actor, command: SolveUnknown) -> Unknown:
    """Say what a numbered unknown turned out to be; findings that name it are amended apart."""
    actor.must(Permission.CONCLUDE)
    found = queries.unknown(session, command.unknown_id)
    substance = named_substance(session, command.substance)
    if substance is None:
        raise refuse_field("substance", not_in_library(command.substance))
    if found.substance_id is not None:
        raise Refused(_("This unknown is already solved."))
    found.substance_id = substance.id
    subjects: list[tuple[str, uuid.UUID | str]] = [("sample", found.sample_id)]
    facts = {"number": found.number, "substance": substance.key}
    journal.record(session, actor, "solve unknown", subjects, **facts)
    return found
