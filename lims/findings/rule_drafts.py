"""Reading danger rules on their way: drafts, what a trial on the past says, who judged what."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from lims.findings import danger, queries, rules, ruling, trials
from lims.findings.records import DangerRule, Finding
from lims.findings.rule_records import JudgedAgain, RuleDraft, RuleJudgement
from lims.findings.rules import FindingState, Rule
from lims.findings.ruling import RuleText
from lims.findings.trials import Looked, Past
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.network.rules import Permission

SIZE = 25
CANDIDATE = 0
"""The version number under which a draft is judged: no published version has it."""


def reader(actor: Actor) -> Permission:
    """Return the permission under which somebody reads drafts of danger rules."""
    may_approve = actor.may(Permission.APPROVE_RULES)
    both = actor.may(Permission.PUBLISH_RULES) or not may_approve
    return Permission.PUBLISH_RULES if both else Permission.APPROVE_RULES


def drafts(
    session: Session, actor: Actor, state: str = "", page: int = 1, size: int = SIZE
) -> tuple[list[RuleDraft], int]:
    """Return one page of drafts, what waits for review first, and how many there are."""
    actor.must(reader(actor))
    query = select(RuleDraft)
    if state:
        query = query.where(RuleDraft.state == state)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    waiting = RuleDraft.state != ruling.RuleDraftState.REVIEW
    ordered = query.order_by(waiting, RuleDraft.made_at.desc(), RuleDraft.number.desc())
    return list(session.scalars(ordered.offset((page - 1) * size).limit(size))), total


def draft(session: Session, actor: Actor, draft_id: uuid.UUID) -> RuleDraft:
    """Return a draft; raises NotFound."""
    actor.must(reader(actor))
    found = session.get(RuleDraft, draft_id)
    if found is None:
        raise NotFound(_("There is no such draft."))
    return found


def drafts_of_rule(session: Session, rule_key: str) -> Sequence[RuleDraft]:
    """Return the drafts on their way for one rule, oldest first."""
    query = select(RuleDraft).where(
        RuleDraft.rule_key == rule_key, RuleDraft.state.in_(ruling.ON_ITS_WAY)
    )
    return session.scalars(query.order_by(RuleDraft.made_at)).all()


def standing(session: Session, rule_key: str) -> DangerRule | None:
    """Return the latest version of a rule, or None for a new one."""
    query = select(DangerRule).where(DangerRule.rule_key == rule_key)
    return session.scalar(query.order_by(DangerRule.version.desc()).limit(1))


@dataclass(frozen=True)
class Tried:
    """What a rule would say of one finding of the past, and what the present version says."""

    past: Past
    fires: bool
    fired: bool
    outcome: dict[str, Any]
    is_graver: bool


@dataclass(frozen=True)
class Trial:
    """A rule held against the past: how often it would have fired, and where it differs."""

    looked: Looked
    lines: list[Tried] = field(default_factory=list)
    times: int = 0
    asks: int = 0

    @property
    def fires(self) -> int:
        return sum(one.fires for one in self.lines)

    @property
    def already(self) -> int:
        return sum(one.fires and one.fired for one in self.lines)

    @property
    def graver(self) -> int:
        return sum(one.is_graver for one in self.lines)

    def which(self, asked: str) -> list[Tried]:
        """Return the lines of one kind: would fire, newly, no longer."""
        if asked == "new":
            return [one for one in self.lines if one.fires and not one.fired]
        if asked == "gone":
            return [one for one in self.lines if one.fired and not one.fires]
        return [one for one in self.lines if one.fires]

    @property
    def figures(self) -> dict[str, int]:
        """Return the figures, as a draft keeps them."""
        new, gone = len(self.which("new")), len(self.which("gone"))
        told = {"times": self.times, "samples": self.fires, "already": self.already}
        told |= {"new": new, "gone": gone, "graver": self.graver, "asks": self.asks}
        return told | {"looked": self.looked.findings, "aimed": self.looked.aimed}


def trial(
    session: Session, actor: Actor, text: RuleText, months: int, most: int = trials.MOST
) -> Trial:
    """Hold a rule against the findings of the last months, beside the version in force.

    A context rule is tried as if it judged; a condition that people decide is counted as asked.
    """
    actor.must(reader(actor))
    candidate = ruling.judging(text, CANDIDATE)
    judging = [candidate, *_present(session, text.rule_key)]
    looked, weighed = trials.weigh_past(session, judging, trials.since(months), most)
    lines, times, asks = [], 0, 0
    for past, outcomes in weighed:
        mine = [one for one in outcomes if one["version"] == CANDIDATE]
        asks += any(one["verdict"] == rules.Verdict.ASK for one in mine)
        times += sum(one["raises"] for one in mine)
        line = _tried(past, mine, [one for one in outcomes if one["version"] != CANDIDATE])
        if line.fires or line.fired:
            lines.append(line)
    return Trial(looked, lines, times, asks)


def _present(session: Session, rule_key: str) -> list[Rule]:
    """Return the latest version of a rule as it judges here, whatever its dates; none if new."""
    record = standing(session, rule_key)
    return [] if record is None else [danger.rule_here(session, record)]


def _tried(past: Past, mine: Sequence[dict[str, Any]], present: Sequence[dict[str, Any]]) -> Tried:
    raising = [one for one in mine if one["raises"]]
    told = (raising or [one for one in present if one["raises"]] or [*mine, *present])[:1]
    outcome = told[0] if told else {}
    graver = bool(raising) and rules.rank(raising[0]["level"]) > rules.rank(past.danger)
    return Tried(past, bool(raising), any(one["raises"] for one in present), outcome, graver)


@dataclass(frozen=True)
class PlaceOfRules:
    """The context rules of one place: how many, and what choosing the place would change."""

    code: str
    rules: list[DangerRule]
    computed: int
    samples: int
    graver: int


def places(
    session: Session, actor: Actor, months: int, most: int = trials.MOST
) -> tuple[Looked, list[PlaceOfRules]]:
    """Return each place with what its context rules would have raised in the last months."""
    actor.must(reader(actor))
    current = queries.current_rules(session)
    context = [one for one in current if not one.in_force and danger.places(one.jurisdiction)]
    computed = {one.rule_key for one in context if one.condition != rules.Condition.HUMAN}
    judging = [
        replace(danger.rule_of(one), in_force=True) for one in context if one.rule_key in computed
    ]
    looked, weighed = trials.weigh_past(session, judging, trials.since(months), most)
    fired: Counter[str] = Counter()
    graver: Counter[str] = Counter()
    of_rule = {one.rule_key: danger.places(one.jurisdiction) for one in context}
    for past, outcomes in weighed:
        raising = [one for one in outcomes if one["raises"]]
        for code in {code for one in raising for code in of_rule[one["rule"]]}:
            fired[code] += 1
            levels = [one["level"] for one in raising if code in of_rule[one["rule"]]]
            graver[code] += rules.rank(rules.highest(levels)) > rules.rank(past.danger)
    return looked, [
        _place(code, context, computed, fired, graver)
        for code in danger.offered_jurisdictions(context)
    ]


def _place(
    code: str,
    context: Sequence[DangerRule],
    computed: set[str],
    fired: Counter[str],
    graver: Counter[str],
) -> PlaceOfRules:
    listed = [one for one in context if code in danger.places(one.jurisdiction)]
    judged = sum(one.rule_key in computed for one in listed)
    return PlaceOfRules(code, listed, judged, fired[code], graver[code])


def judged_by_version(session: Session, actor: Actor, rule_key: str) -> dict[int, tuple[int, int]]:
    """Return version → how many released findings it judged, and how many it raised."""
    actor.must(Permission.CONSULT)
    raised = func.sum(case((RuleJudgement.raises, 1), else_=0))
    query = select(RuleJudgement.version, func.count(), raised).where(
        RuleJudgement.rule_key == rule_key
    )
    rows = session.execute(query.group_by(RuleJudgement.version))
    return {version: (count, int(up or 0)) for version, count, up in rows}


def judged(
    session: Session,
    actor: Actor,
    rule_key: str,
    version: int | None = None,
    page: int = 1,
    size: int = SIZE,
) -> tuple[list[RuleJudgement], int]:
    """Return one page of the findings that a rule judged, the newest first, and how many."""
    actor.must(reader(actor))
    query = select(RuleJudgement).where(RuleJudgement.rule_key == rule_key)
    if version is not None:
        query = query.where(RuleJudgement.version == version)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.join(Finding).order_by(Finding.released_at.desc(), Finding.id)
    loaded = joinedload(RuleJudgement.finding).joinedload(Finding.sample).joinedload(Sample.site)
    rows = session.scalars(ordered.options(loaded).offset((page - 1) * size).limit(size))
    return list(rows), total


def judged_again(
    session: Session, actor: Actor, rule_key: str, page: int = 1, size: int = SIZE
) -> tuple[list[JudgedAgain], int]:
    """Return one page of the findings to look at again, newest first, and how many.

    A finding leaves the list when somebody says that it stays, or when a new version of it stands.
    """
    actor.must(reader(actor))
    query = select(JudgedAgain).join(Finding).where(JudgedAgain.settled_at.is_(None))
    query = query.where(Finding.state == FindingState.RELEASED)
    if rule_key:
        query = query.where(JudgedAgain.rule_key == rule_key)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    loaded = joinedload(JudgedAgain.finding).joinedload(Finding.sample).joinedload(Sample.site)
    ordered = query.order_by(Finding.released_at.desc(), JudgedAgain.id).options(loaded)
    return list(session.scalars(ordered.offset((page - 1) * size).limit(size))), total
