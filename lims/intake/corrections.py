"""What happens to a registration afterwards: corrected, withdrawn, not analysed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field, refuse_stale
from lims.foundation.happenings import announce
from lims.foundation.words import _
from lims.intake import answers, queries, rules, screening
from lims.intake.declarations import RegisterSample
from lims.intake.logos import marks_of
from lims.intake.photos import let_go_of_photos
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.library import queries as library
from lims.network.rules import Permission

OPEN = {
    SampleState.REGISTERED,
    SampleState.SENT,
    SampleState.RECEIVED,
    SampleState.IN_ANALYSIS,
    SampleState.TO_VERIFY,
    SampleState.NOT_ANALYSED,
}
"""States in which what was told at the table may still be corrected."""


@dataclass(frozen=True)
class CorrectSample:
    """All answers of a sample as they should have been; its code stays."""

    sample_id: uuid.UUID
    row_version: int
    answers: RegisterSample
    ask_names: bool = False


@dataclass(frozen=True)
class WithdrawSample:
    """The person takes the sample out of the work."""

    sample_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class MarkNotAnalysed:
    """The sample will not be analysed; `reason` is of vocabulary not_analysed_reason."""

    sample_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class SampleWithdrawn:
    """A sample was taken out of the work; nothing counts it any more."""

    sample_id: uuid.UUID


@dataclass(frozen=True)
class MassCorrected:
    """The mass that was handed in was not what had been written down."""

    sample_id: uuid.UUID
    before_mg: Decimal | None


def correct_sample(session: Session, actor: Actor, command: CorrectSample) -> Sample:
    """Correct what was told at the table; raises Stale when somebody else did meanwhile."""
    actor.must(Permission.REGISTER)
    sample = queries.sample(session, actor, command.sample_id)
    actor.must(Permission.REGISTER, sample.site_id)
    refuse_stale(sample, command.row_version)
    if sample.state not in OPEN:
        raise Refused(_("This sample is concluded; its registration is not changed any more."))
    given = replace(command.answers, code="")
    problems = answers.wrong_answers(session, given, ask_names=command.ask_names)
    if problems:
        raise Invalid(problems)
    facts = {**answers.facts_of(given), **answers.resolved(session, given)}
    facts |= marks_of(session, actor, given)
    before = sample.mass_mg
    if facts["mass_mg"] != before and sample.state != SampleState.REGISTERED:
        raise refuse_field("mass_mg", _("The sample has left; its mass is weighed, not corrected."))
    changed = sorted(name for name, value in facts.items() if getattr(sample, name) != value)
    for name in changed:
        setattr(sample, name, facts[name])
    if "consent_photo" in changed and not sample.consent_photo:
        let_go_of_photos(session, actor, sample)
    journal.record(session, actor, "correct sample", [("sample", sample.id)], changed=changed)
    if "mass_mg" in changed:
        announce(session, actor, MassCorrected(sample.id, before))
    return sample


def withdraw_sample(session: Session, actor: Actor, command: WithdrawSample) -> Sample:
    """Withdraw a sample at the person's wish; it stays readable and is analysed no further."""
    actor.must(Permission.REGISTER)
    sample = queries.sample(session, actor, command.sample_id)
    actor.must(Permission.REGISTER, sample.site_id)
    reason = command.reason.strip()
    problems = rules.wrong_text("reason", reason, 120)
    if not reason:
        problems = [Problem("reason", _("Say why in a few words."))]
    told = {} if problems else screening.warnings({"reason": reason}, frozenset({"reason"}))
    problems += [Problem(name, words) for name, words in told.items()]
    if problems:
        raise Invalid(problems)
    sample.move_to(SampleState.WITHDRAWN)
    journal.record(session, actor, "withdraw sample", [("sample", sample.id)], reason=reason)
    announce(session, actor, SampleWithdrawn(sample.id))
    return sample


def mark_not_analysed(session: Session, actor: Actor, command: MarkNotAnalysed) -> Sample:
    """Say honestly that a sample will not be analysed, and why."""
    actor.must(Permission.FOLLOW_SAMPLES)
    sample = queries.sample(session, actor, command.sample_id)
    if sample.laboratory_id is None or not actor.may(Permission.RECEIVE, sample.laboratory_id):
        actor.must(Permission.REGISTER, sample.site_id)
    if not command.reason:
        raise refuse_field("reason", _("Choose a reason."))
    library.refuse_unknown_term(session, "not_analysed_reason", command.reason, "reason")
    sample.move_to(SampleState.NOT_ANALYSED)
    sample.not_analysed_reason = command.reason
    subjects = [("sample", sample.id)]
    journal.record(session, actor, "mark not analysed", subjects, reason=command.reason)
    return sample
