"""Which version of a rule judged which finding, kept at the release; and judging again.

Judging again never changes a finding and never raises a signal: it makes a list for people, who
amend what should read otherwise and say of the rest why it stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.findings import danger, queries, trials
from lims.findings.acts import FindingReleased
from lims.findings.records import DangerRule, Finding
from lims.findings.rule_records import JudgedAgain, RuleJudgement
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.words import _
from lims.network.rules import Permission


@dataclass(frozen=True)
class JudgeAgain:
    """Hold the present version of a rule against what stands since some months."""

    rule_key: str
    months: int


@dataclass(frozen=True)
class LeaveAsItIs:
    """Somebody looked at a finding of the list, and why it stays as it is."""

    id: uuid.UUID
    reason: str


def keep_judgements(session: Session, actor: Actor, happening: FindingReleased) -> None:
    """Keep for each rule that judged a released finding which version it was, and its verdict."""
    actor.must(Permission.VERIFY)
    finding = session.get_one(Finding, happening.finding_id)
    by_rule: dict[str, Mapping[str, Any]] = {}
    for outcome in finding.danger_outcomes:
        there = by_rule.get(outcome["rule"])
        if there is None or (outcome["raises"] and not there["raises"]):
            by_rule[outcome["rule"]] = outcome
    for key, outcome in by_rule.items():
        session.add(
            RuleJudgement(
                id=uuid.uuid4(),
                finding_id=finding.id,
                rule_key=key,
                version=int(outcome["version"]),
                verdict=str(outcome["verdict"]),
                level=str(outcome["level"]),
                raises=bool(outcome["raises"]),
            )
        )
    session.flush()


def judge_again(session: Session, actor: Actor, command: JudgeAgain) -> list[JudgedAgain]:
    """List the findings that the present version of a rule would judge otherwise, for people.

    Asking again adds only what is not on the list of this version. Raises NotFound, Invalid.
    """
    actor.must(Permission.PUBLISH_RULES)
    if command.months not in trials.MONTHS:
        raise refuse_field("months", _("Choose one of the list."))
    record, *earlier = queries.rule_versions(session, actor, command.rule_key)
    judging = [danger.rule_here(session, record), *(danger.rule_of(one) for one in earlier)]
    looked, weighed = trials.weigh_past(session, judging, trials.since(command.months))
    there = set(session.scalars(_listed(record)))
    made = []
    for past, outcomes in weighed:
        mine = [outcome for outcome in outcomes if outcome["version"] == record.version]
        one = _otherwise(past, mine, record, actor)
        if one is not None and one.finding_id not in there:
            made.append(one)
    session.add_all(made)
    session.flush()
    facts = {"version": record.version, "months": command.months, "otherwise": len(made)}
    facts |= {"looked": looked.findings, "aimed": looked.aimed}
    subjects = [("danger_rule", record.rule_key)]
    journal.record(session, actor, "judge again", subjects, rule=record.rule_key, **facts)
    return made


def _listed(record: DangerRule) -> Any:
    return select(JudgedAgain.finding_id).where(
        JudgedAgain.rule_key == record.rule_key, JudgedAgain.version == record.version
    )


def _otherwise(
    past: trials.Past, outcomes: Sequence[Mapping[str, Any]], record: DangerRule, actor: Actor
) -> JudgedAgain | None:
    """Return a line of the list when the finding was judged otherwise, by another version."""
    kept = [one for one in past.outcomes if one["rule"] == record.rule_key]
    before = max((int(one["version"]) for one in kept), default=0)
    raised = any(one["raises"] for one in kept)
    raises = any(one["raises"] for one in outcomes)
    levels = {one["level"] for one in kept if one["raises"]}
    same_level = not raises or record.level in levels
    if before == record.version or (raised == raises and same_level):
        return None
    told = [one for one in outcomes if one["raises"]] or [*outcomes, *kept]
    return JudgedAgain(
        id=uuid.uuid4(),
        finding_id=past.finding_id,
        rule_key=record.rule_key,
        version=record.version,
        before_version=before,
        raised=raised,
        raises=raises,
        words=told[0]["words"] if told else {},
        made_by=actor.account,
        made_at=clock.now(),
    )


def leave_as_it_is(session: Session, actor: Actor, command: LeaveAsItIs) -> JudgedAgain:
    """Take a finding off the list with a reason; the finding and its level stay as they are."""
    actor.must(Permission.PUBLISH_RULES)
    found = session.get(JudgedAgain, command.id, with_for_update=True)
    if found is None:
        raise NotFound(_("There is no such line in the list."))
    if found.settled_at is not None:
        raise Refused(_("Somebody has already looked at this finding."))
    if not command.reason.strip():
        raise refuse_field("reason", _("Say why: others will ask."))
    found.settled_at, found.settled_by = clock.now(), actor.account
    found.reason = command.reason.strip()
    finding = session.get_one(Finding, found.finding_id)
    subjects = [("finding", finding.id), ("sample", finding.sample_id)]
    facts = {"rule": found.rule_key, "version": found.version, "reason": found.reason}
    journal.record(session, actor, "leave finding as it is", subjects, **facts)
    return found
