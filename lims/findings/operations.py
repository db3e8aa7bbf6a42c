"""Concluding on a sample: draft, change, sign, second reading, release, amendment.

A finding says no more than verified runs allow; disagreements between methods stay in it and ask
for the author's words and for the reader's tick. What is released never changes: a correction is
a new version, and the old one stays readable.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.findings import evidence, queries, rules
from lims.findings.acts import (
    AmendFinding,
    ChooseDetection,
    DraftFinding,
    EditFinding,
    FindingReleased,
    ReleaseFinding,
    SendBackFinding,
    SubmitFinding,
)
from lims.findings.drafting import (
    Chosen,
    chosen_by,
    cited_evidence,
    compose_finding,
    has_evidence,
    refuse_unknown_choices,
)
from lims.findings.keeping import is_same_evidence, needs_explanation, write_finding
from lims.findings.records import Finding
from lims.findings.rulebook import choose_jurisdictions, publish_shipped_rules
from lims.findings.rules import FindingState
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field, refuse_stale
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.words import LANGUAGES, _
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.network import queries as network
from lims.network.rules import Permission

__all__ = [
    "AmendFinding",
    "ChooseDetection",
    "DraftFinding",
    "EditFinding",
    "FindingReleased",
    "ReleaseFinding",
    "SendBackFinding",
    "SubmitFinding",
    "amend_finding",
    "choose_jurisdictions",
    "draft_finding",
    "edit_finding",
    "publish_shipped_rules",
    "release_finding",
    "send_back_finding",
    "submit_finding",
]


def draft_finding(session: Session, actor: Actor, command: DraftFinding) -> Finding:
    """Compose a first draft; raises Refused without a verified run or with a finding begun."""
    actor.must(Permission.CONCLUDE)
    sample = session.get(Sample, command.sample_id)
    if sample is None:
        raise NotFound(_("There is no such sample."))
    site_id = evidence.site_of_runs(session, sample.id) or sample.laboratory_id or sample.site_id
    actor.must(Permission.CONCLUDE, site_id)
    begun = queries.latest_finding(session, sample.id)
    if begun is not None:
        if command.id is not None and begun.id == command.id:
            return begun
        raise Refused(_("A finding on this sample exists already. Open it instead."))
    if not has_evidence(session, sample.id):
        raise Refused(_("There is no verified run on this sample to conclude on."))
    found = _begin(session, actor, sample, site_id, command.id)
    write_finding(session, found, compose_finding(session, sample, Chosen()))
    _note(session, actor, "draft finding", found)
    return found


def edit_finding(session: Session, actor: Actor, command: EditFinding) -> Finding:
    """Change a draft; danger and texts follow. A colleague who does so becomes co-author."""
    actor.must(Permission.CONCLUDE)
    found = _own(session, actor, command.finding_id, Permission.CONCLUDE)
    refuse_stale(found, command.row_version)
    if found.state != FindingState.DRAFT:
        raise Refused(_("Only a draft can be changed. A released finding is corrected instead."))
    composed = compose_finding(session, found.sample, chosen_by(command))
    refuse_unknown_choices(session, command, composed)
    if actor.account not in (found.author, *found.co_authors):
        found.co_authors = [*found.co_authors, actor.account]
    found.explanation = command.explanation.strip()
    found.evidence_list_id = cited_evidence(session, found.sample_id, command.evidence_list_id)
    found.decided = list(command.decided)
    write_finding(session, found, composed, command.texts)
    _note(session, actor, "edit finding", found, match=found.match, danger=found.danger)
    return found


def submit_finding(session: Session, actor: Actor, command: SubmitFinding) -> Finding:
    """Sign a draft for the second reading; disagreements need the author's words first."""
    actor.must(Permission.CONCLUDE)
    found = _own(session, actor, command.finding_id, Permission.CONCLUDE)
    refuse_stale(found, command.row_version)
    rules.refuse_move(found.state, FindingState.TO_VERIFY)
    if actor.account not in (found.author, *found.co_authors):
        raise Refused(_("Only an author of this draft signs it. Change it first to become one."))
    _refuse_changed_facts(session, found)
    if needs_explanation(found) and not found.explanation:
        words = _("Methods disagree, or something found was left out. Say why you conclude so.")
        raise refuse_field("explanation", words)
    found.state = FindingState.TO_VERIFY
    found.submitted_at = clock.now()
    if found.version == 1 and found.sample.state != SampleState.TO_VERIFY:
        found.sample.move_to(SampleState.TO_VERIFY)
    _note(session, actor, "submit finding", found)
    return found


def send_back_finding(session: Session, actor: Actor, command: SendBackFinding) -> Finding:
    """Give a finding back to its author, with the reason."""
    actor.must(Permission.VERIFY)
    found = _own(session, actor, command.finding_id, Permission.VERIFY)
    refuse_stale(found, command.row_version)
    rules.refuse_move(found.state, FindingState.DRAFT)
    if not command.reason.strip():
        raise refuse_field("reason", _("Say what the author should look at."))
    found.state, found.submitted_at = FindingState.DRAFT, None
    found.reason = command.reason.strip()
    if found.version == 1:
        found.sample.move_to(SampleState.IN_ANALYSIS)
    _note(session, actor, "send back finding", found, reason=found.reason)
    return found


def release_finding(session: Session, actor: Actor, command: ReleaseFinding) -> Finding:
    """Sign as the second person: the finding stands, the version before it is superseded."""
    actor.must(Permission.VERIFY)
    found = _own(session, actor, command.finding_id, Permission.VERIFY)
    refuse_stale(found, command.row_version)
    rules.refuse_move(found.state, FindingState.RELEASED)
    site = network.site(session, found.site_id)
    found.lone_exception = refuse_unless_other_eyes(
        actor.account,
        author=found.author,
        seen_by=found.co_authors,
        lone_exception=site.lone_laboratory and command.lone_exception,
    )
    _refuse_unread(found, command.disagreements_read)
    _refuse_changed_facts(session, found)
    found.state, found.verified_by = FindingState.RELEASED, actor.account
    found.released_at = clock.now()
    _supersede(session, found)
    found.sample.move_to(SampleState.RELEASED if found.version == 1 else SampleState.AMENDED)
    facts = {"danger": found.danger, "lone_exception": found.lone_exception}
    _note(session, actor, "release finding", found, **facts)
    released = FindingReleased(found.id, found.sample_id, found.version)
    happenings.announce(session, actor, released)
    return found


def amend_finding(session: Session, actor: Actor, command: AmendFinding) -> Finding:
    """Begin a new version of what stands; the old version stands until the new one is released."""
    actor.must(Permission.CONCLUDE)
    old = _own(session, actor, command.finding_id, Permission.CONCLUDE)
    refuse_stale(old, command.row_version)
    if not command.reason.strip():
        raise refuse_field("reason", _("Say why this finding is corrected."))
    latest = queries.latest_finding(session, old.sample_id)
    if command.id is not None and latest is not None and latest.id == command.id:
        return latest
    if old.state != FindingState.RELEASED or latest is None or latest.id != old.id:
        raise Refused(_("Only the finding that stands can be corrected, once at a time."))
    found = _begin(session, actor, old.sample, old.site_id, command.id, after=old)
    found.reason, found.explanation = command.reason.strip(), old.explanation
    found.decided = list(old.decided)
    chosen = Chosen(decided=tuple(old.decided))
    write_finding(session, found, compose_finding(session, old.sample, chosen))
    _note(session, actor, "amend finding", found, reason=found.reason)
    return found


def _own(session: Session, actor: Actor, finding_id: uuid.UUID, permission: Permission) -> Finding:
    found = queries.finding(session, actor, finding_id)
    actor.must(permission, found.site_id)
    return found


def _begin(
    session: Session,
    actor: Actor,
    sample: Sample,
    site_id: uuid.UUID,
    finding_id: uuid.UUID | None,
    after: Finding | None = None,
) -> Finding:
    found = Finding(
        id=finding_id or uuid.uuid4(),
        sample=sample,
        sample_id=sample.id,
        site_id=site_id,
        version=after.version + 1 if after else 1,
        supersedes_id=after.id if after else None,
        state=FindingState.DRAFT,
        author=actor.account,
        match="",
        confidence="",
        explanation="",
        **{f"text_{language}": "" for language in LANGUAGES},
        co_authors=[],
        decided=[],
        composed={},
    )
    session.add(found)
    return found


def _refuse_changed_facts(session: Session, found: Finding) -> None:
    if not is_same_evidence(session, found):
        raise Refused(
            _("The verified runs have changed since this was written. Open it and save it again.")
        )


def _refuse_unread(found: Finding, read: tuple[str, ...]) -> None:
    if any(row["clash"] and row["key"] not in read for row in found.methods):
        words = _("Tick each disagreement that you have read, or send the finding back.")
        raise refuse_field("disagreements_read", words)


def _supersede(session: Session, found: Finding) -> None:
    if found.supersedes_id is None:
        return
    old = session.get_one(Finding, found.supersedes_id)
    rules.refuse_move(old.state, FindingState.SUPERSEDED)
    old.state = FindingState.SUPERSEDED


def _note(session: Session, actor: Actor, act: str, found: Finding, **facts: Any) -> None:
    subjects = [("finding", found.id), ("sample", found.sample_id)]
    journal.record(session, actor, act, subjects, version=found.version, **facts)
