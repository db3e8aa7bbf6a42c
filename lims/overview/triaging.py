"""The order of work as people decide it: a rule is proposed, another person adopts it.

Somebody who knows more than the rule moves one sample, with a reason that everybody reads.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field, refuse_stale
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.words import _
from lims.intake import queries as intake
from lims.intake import rules as intake_rules
from lims.intake import screening
from lims.intake.records import Sample
from lims.library import queries as library
from lims.library.records import Substance
from lims.network import queries as network
from lims.network.rules import OrganisationKind, Permission
from lims.overview import ordering, triage
from lims.overview.records import QueueMove, TriageRule
from lims.overview.triage import Fact, Line, RuleState


@dataclass(frozen=True)
class ProposeRule:
    """A new version of the order of work, for one laboratory or for all without their own."""

    lines: tuple[Line, ...]
    source: str
    laboratory_id: uuid.UUID | None = None


@dataclass(frozen=True)
class DecideRule:
    """What becomes of a version, and why where it is refused or ended."""

    rule_id: uuid.UUID
    reason: str = ""
    row_version: int | None = None


@dataclass(frozen=True)
class MoveSample:
    """A sample put forward or back in the work list, with the reason."""

    sample_id: uuid.UUID
    step: str
    reason: str


@dataclass(frozen=True)
class PutBackInOrder:
    """A moved sample goes where the rule puts it."""

    sample_id: uuid.UUID


def propose_rule(session: Session, actor: Actor, command: ProposeRule) -> TriageRule:
    """Draft a version of the rule; it orders nothing before another person approves it."""
    actor.must(Permission.PROPOSE_TRIAGE)
    problems = triage.problems(command.lines, _known(session, command.lines))
    source = command.source.strip()
    if not source:
        problems.append(Problem("source", _("This answer is needed.")))
    problems += intake_rules.wrong_text("source", source, 400)
    if command.laboratory_id is not None:
        laboratory = network.site(session, command.laboratory_id)
        if laboratory.kind != OrganisationKind.LABORATORY:
            problems.append(Problem("laboratory_id", _("This site is not a laboratory.")))
    if problems:
        raise Invalid(problems)
    last = session.scalar(select(func.max(TriageRule.number))) or 0
    made = TriageRule(
        id=uuid.uuid4(),
        number=last + 1,
        laboratory_id=command.laboratory_id,
        lines=triage.kept(command.lines),
        source=source,
        drafted_by=actor.account,
        drafted_at=clock.now(),
    )
    session.add(made)
    session.flush()
    _write(session, actor, "propose triage rule", made)
    return made


def approve_rule(session: Session, actor: Actor, command: DecideRule) -> TriageRule:
    """Put a proposed version in force; the version before it ends. Never one's own (Refused)."""
    actor.must(Permission.APPROVE_TRIAGE)
    found = _to_decide(session, actor, command, RuleState.IN_FORCE)
    refuse_unless_other_eyes(actor.account, author=found.drafted_by)
    before = session.scalars(
        select(TriageRule).where(
            TriageRule.state == RuleState.IN_FORCE,
            TriageRule.laboratory_id == found.laboratory_id
            if found.laboratory_id is not None
            else TriageRule.laboratory_id.is_(None),
        )
    )
    for one in before:
        one.state, one.ended_at = RuleState.REPLACED, clock.now()
    _decide(found, actor, RuleState.IN_FORCE)
    _write(session, actor, "approve triage rule", found)
    return found


def refuse_rule(session: Session, actor: Actor, command: DecideRule) -> TriageRule:
    """Refuse a proposed version and say why; it stays readable."""
    actor.must(Permission.APPROVE_TRIAGE)
    found = _to_decide(session, actor, command, RuleState.REFUSED)
    found.reason = _reason(command.reason, 400)
    _decide(found, actor, RuleState.REFUSED)
    _write(session, actor, "refuse triage rule", found, reason=found.reason)
    return found


def end_rule(session: Session, actor: Actor, command: DecideRule) -> TriageRule:
    """End the version in force and say why; the network's rule, or the example, orders again."""
    actor.must(Permission.APPROVE_TRIAGE)
    found = _to_decide(session, actor, command, RuleState.ENDED)
    found.reason = _reason(command.reason, 400)
    found.state, found.ended_at = RuleState.ENDED, clock.now()
    _write(session, actor, "end triage rule", found, reason=found.reason)
    return found


def move_sample(session: Session, actor: Actor, command: MoveSample) -> QueueMove:
    """Put a waiting sample before or after all others, with a reason; the journal keeps it."""
    actor.must(Permission.ORDER_WORK)
    sample = _waiting_sample(session, actor, command.sample_id)
    if command.step not in tuple(triage.Step):
        raise refuse_field("step", _("Choose one of the list."))
    reason = _reason(command.reason, 120)
    _end_moves(session, sample)
    made = QueueMove(
        id=uuid.uuid4(),
        sample_id=sample.id,
        step=command.step,
        reason=reason,
        by=actor.account,
        at=clock.now(),
    )
    session.add(made)
    session.flush()
    subjects = [("sample", sample.id)]
    act = "put forward" if command.step == triage.Step.FORWARD else "put back"
    journal.record(session, actor, act, subjects, reason=reason)
    return made


def put_back_in_order(session: Session, actor: Actor, command: PutBackInOrder) -> Sample:
    """Let the rule place a sample again; raises Refused when nobody had moved it."""
    actor.must(Permission.ORDER_WORK)
    sample = _waiting_sample(session, actor, command.sample_id)
    if not _end_moves(session, sample):
        raise Refused(_("Nobody has moved this sample."))
    journal.record(session, actor, "put back in order", [("sample", sample.id)])
    return sample


def _known(session: Session, lines: Collection[Line]) -> Mapping[Fact, Collection[str]]:
    named = {value for line in lines if line.fact == Fact.SOLD_AS for value in line.values}
    keys = session.scalars(select(Substance.key).where(Substance.key.in_(sorted(named)))).all()
    lists = {
        fact: [term.code for term in library.terms(session, name)]
        for fact, name in ordering.LISTS.items()
    }
    return {**lists, Fact.SOLD_AS: keys}


def _to_decide(
    session: Session, actor: Actor, command: DecideRule, wanted: RuleState
) -> TriageRule:
    """Return a version that the actor may decide on; what is for all needs a duty everywhere."""
    found = ordering.rule(session, actor, command.rule_id)
    if found.laboratory_id is not None:
        actor.must(Permission.APPROVE_TRIAGE, found.laboratory_id)
    elif actor.sites_for(Permission.APPROVE_TRIAGE) is not None:
        raise Refused(_("A rule for all laboratories is decided by the network's coordinator."))
    refuse_stale(found, command.row_version)
    if wanted not in triage.MOVES[RuleState(found.state)]:
        present = triage.STATE_WORDS[RuleState(found.state)]
        raise Refused(_("This version is %(state)s; that cannot be done with it.", state=present))
    return found


def _decide(found: TriageRule, actor: Actor, state: RuleState) -> None:
    found.state, found.decided_by, found.decided_at = state, actor.account, clock.now()


def _write(session: Session, actor: Actor, act: str, rule: TriageRule, **facts: str) -> None:
    subjects = [("triage_rule", rule.id)]
    journal.record(session, actor, act, subjects, number=rule.number, **facts)


def _waiting_sample(session: Session, actor: Actor, sample_id: uuid.UUID) -> Sample:
    sample = intake.sample(session, actor, sample_id)
    actor.must(Permission.ORDER_WORK, sample.laboratory_id)
    if sample.laboratory_id is None or sample.state not in ordering.WAITING:
        raise Refused(_("This sample does not wait in a work list."))
    return sample


def _end_moves(session: Session, sample: Sample) -> int:
    moves = session.scalars(
        select(QueueMove).where(QueueMove.sample_id == sample.id, QueueMove.ended_at.is_(None))
    ).all()
    for one in moves:
        one.ended_at = clock.now()
    return len(moves)


def _reason(text: str, longest: int) -> str:
    """Return a reason, looked through for persons; raises Invalid."""
    reason = text.strip()
    problems = intake_rules.wrong_text("reason", reason, longest)
    if not reason:
        problems = [Problem("reason", _("Say why in a few words."))]
    told = {} if problems else screening.warnings({"reason": reason}, frozenset({"reason"}))
    problems += [Problem(name, words) for name, words in told.items()]
    if problems:
        raise Invalid(problems)
    return reason
