"""Danger rules by four eyes: one person writes a version, another reads it and publishes it.

What is published judges from then on; what was judged before stays judged by the version that
stood, and nothing here raises a signal.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from lims import journal
from lims.findings import queries, rule_drafts, rule_form, ruling
from lims.findings.records import DangerRule
from lims.findings.rule_records import RuleDraft
from lims.findings.ruling import RuleDraftState, RuleText
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Problem, refuse_field, refuse_stale
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.intake import screening
from lims.network.rules import Permission

TRIED_MONTHS = 12
"""Over how many months the trial goes that a draft keeps when it is sent to review."""


@dataclass(frozen=True)
class DraftRule:
    """A danger rule or its next version, as somebody wants it."""

    text: RuleText
    why: str
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class EditRule:
    """Another wording of a draft."""

    draft_id: uuid.UUID
    text: RuleText
    why: str
    row_version: int


@dataclass(frozen=True)
class MoveRule:
    """A draft sent to review, or published, as it was read."""

    draft_id: uuid.UUID
    row_version: int


@dataclass(frozen=True)
class EndRule:
    """A draft sent back or withdrawn, and why."""

    draft_id: uuid.UUID
    reason: str
    row_version: int


def draft_rule(session: Session, actor: Actor, command: DraftRule) -> RuleDraft:
    """Begin a draft; it judges nothing. The same `id` twice keeps one. Raises Invalid."""
    actor.must(Permission.PUBLISH_RULES)
    known = session.get(RuleDraft, command.id) if command.id else None
    if known is not None:
        return known
    _refuse_text(session, command.text, command.why)
    made = RuleDraft(
        id=command.id or uuid.uuid4(),
        number=next_number(session, RuleDraft.number, "RD-"),
        rule_key=command.text.rule_key,
        state=RuleDraftState.DRAFT,
        content=ruling.kept(command.text),
        why=command.why.strip(),
        base_version=queries.last_version(session, command.text.rule_key),
        author=actor.account,
        editors=[],
        trial={},
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    _write(session, actor, "draft danger rule", made)
    return made


def edit_rule(session: Session, actor: Actor, command: EditRule) -> RuleDraft:
    """Write a draft anew; whoever does is one of its authors. Raises Refused in review, Invalid."""
    actor.must(Permission.PUBLISH_RULES)
    found = _to_change(session, command.draft_id, command.row_version)
    ruling.refuse_editing(found.state)
    _refuse_text(session, command.text, command.why)
    if command.text.rule_key != found.rule_key:
        raise refuse_field("rule_key", _("A draft keeps the name of its rule. Begin a new draft."))
    found.content, found.why = ruling.kept(command.text), command.why.strip()
    found.base_version = queries.last_version(session, found.rule_key)
    if actor.account != found.author:
        found.editors = sorted({*found.editors, actor.account})
    _write(session, actor, "edit danger rule", found)
    return found


def submit_rule(session: Session, actor: Actor, command: MoveRule) -> RuleDraft:
    """Send a draft to another person, with what a trial on the past says of it."""
    actor.must(Permission.PUBLISH_RULES)
    found = _to_change(session, command.draft_id, command.row_version)
    ruling.refuse_move(found.state, RuleDraftState.REVIEW)
    ruling.refuse_outrun(found.base_version, queries.last_version(session, found.rule_key))
    tried = rule_drafts.trial(session, actor, ruling.read(found.content), TRIED_MONTHS)
    found.trial = {"months": TRIED_MONTHS, **tried.figures}
    found.state, found.submitted_at, found.reason = RuleDraftState.REVIEW, clock.now(), ""
    _write(session, actor, "submit danger rule", found, trial=found.trial)
    return found


def send_back_rule(session: Session, actor: Actor, command: EndRule) -> RuleDraft:
    """Give a draft back to who wrote it, with a question; its author may take it back too."""
    actor.must(rule_drafts.reader(actor))
    found = _to_change(session, command.draft_id, command.row_version)
    ruling.refuse_move(found.state, RuleDraftState.DRAFT)
    found.reason = _reason(command.reason)
    found.state, found.submitted_at = RuleDraftState.DRAFT, None
    _write(session, actor, "send back danger rule", found, reason=found.reason)
    return found


def withdraw_rule(session: Session, actor: Actor, command: EndRule) -> RuleDraft:
    """Give a draft up, with the reason; it stays readable."""
    actor.must(Permission.PUBLISH_RULES)
    found = _to_change(session, command.draft_id, command.row_version)
    ruling.refuse_move(found.state, RuleDraftState.WITHDRAWN)
    found.reason = _reason(command.reason)
    found.state = RuleDraftState.WITHDRAWN
    found.decided_at, found.decided_by = clock.now(), actor.account
    _write(session, actor, "withdraw danger rule", found, reason=found.reason)
    return found


def approve_rule(session: Session, actor: Actor, command: MoveRule) -> RuleDraft:
    """Publish a draft as the second person: it judges from now on. Never one's own (Refused).

    Raises Refused when a newer version stands than the one that the draft was compared with.
    """
    actor.must(Permission.APPROVE_RULES)
    found = _to_change(session, command.draft_id, command.row_version)
    ruling.refuse_move(found.state, RuleDraftState.PUBLISHED)
    refuse_unless_other_eyes(actor.account, author=found.author, seen_by=found.editors)
    last = queries.last_version(session, found.rule_key)
    ruling.refuse_outrun(found.base_version, last)
    text = ruling.read(found.content)
    _refuse_text(session, text, found.why)
    session.add(
        DangerRule(
            id=uuid.uuid4(),
            version=last + 1,
            published_at=clock.now(),
            published_by=actor.account,
            drafted_by=found.author,
            **asdict(text),
        )
    )
    found.state, found.published_version = RuleDraftState.PUBLISHED, last + 1
    found.decided_at, found.decided_by = clock.now(), actor.account
    session.flush()
    facts = {"version": last + 1, "level": text.level, "in_force": text.in_force}
    _write(session, actor, "publish danger rule", found, drafted_by=found.author, **facts)
    return found


def _to_change(session: Session, draft_id: uuid.UUID, row_version: int) -> RuleDraft:
    found = session.get(RuleDraft, draft_id, with_for_update=True)
    if found is None:
        raise NotFound(_("There is no such draft."))
    refuse_stale(found, row_version)
    return found


def _refuse_text(session: Session, text: RuleText, why: str) -> None:
    problems = rule_form.problems(session, text)
    if not why.strip():
        problems.append(Problem("why", _("Say why in a few words.")))
    if problems:
        raise Invalid(problems)


def _reason(text: str) -> str:
    """Return a reason, looked through for persons; raises Invalid."""
    reason = text.strip()
    if not reason:
        raise refuse_field("reason", _("Say why: others will ask."))
    told = screening.warnings({"reason": reason}, frozenset({"reason"}))
    if told:
        raise Invalid([Problem(name, words) for name, words in told.items()])
    return reason


def _write(session: Session, actor: Actor, act: str, draft: RuleDraft, **facts: object) -> None:
    subjects: list[tuple[str, uuid.UUID | str]] = [("danger_rule", draft.rule_key)]
    subjects.append(("rule_draft", draft.id))
    journal.record(session, actor, act, subjects, rule=draft.rule_key, **facts)
