"""A laboratory takes no samples of a kind until a day, and takes them again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused
from lims.foundation.words import LANGUAGES, _
from lims.intake import closures, screening
from lims.intake.closed import ClosedIntake
from lims.intake.rules import day_in_belgium
from lims.library import queries as library
from lims.network import queries as network
from lims.network.rules import OrganisationKind, Permission
from lims.protocols.rules import Technique

LONGEST = timedelta(days=366)
ANALYSES = tuple(one for one in Technique if one is not Technique.GUIDELINE)


@dataclass(frozen=True)
class CloseIntake:
    """What is not taken (a form, what needs a technique, or everything), until when, and why."""

    laboratory_id: uuid.UUID
    until: date
    form: str = ""
    technique: str = ""
    first: date | None = None
    words: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReopenIntake:
    """The end of a closure before its last day."""

    closure_id: uuid.UUID


def close_intake(session: Session, actor: Actor, command: CloseIntake) -> ClosedIntake:
    """Say that a laboratory does not take a kind of sample until a day; the public reads it too."""
    actor.must(Permission.MANAGE_LABORATORY)
    laboratory = network.site(session, command.laboratory_id)
    actor.must(Permission.MANAGE_LABORATORY, laboratory.id)
    if laboratory.kind != OrganisationKind.LABORATORY:
        raise Invalid([Problem("laboratory_id", _("This site is not a laboratory."))])
    first = command.first or day_in_belgium(clock.now())
    problems = _problems(command, first)
    if problems:
        raise Invalid(problems)
    library.refuse_unknown_term(session, "dosage_form", command.form, "form")
    made = ClosedIntake(
        id=uuid.uuid4(),
        laboratory_id=laboratory.id,
        form=command.form,
        technique=command.technique,
        first=first,
        until=command.until,
        words={code: text for code, text in command.words.items() if text},
        closed_by=actor.account,
        closed_at=clock.now(),
    )
    session.add(made)
    session.flush()
    facts = {"form": made.form, "technique": made.technique, "until": made.until.isoformat()}
    journal.record(session, actor, "close intake", [("site", laboratory.id)], **facts)
    return made


def reopen_intake(session: Session, actor: Actor, command: ReopenIntake) -> ClosedIntake:
    """Take a kind of sample again before the day that was said."""
    actor.must(Permission.MANAGE_LABORATORY)
    found = closures.closure(session, actor, command.closure_id)
    actor.must(Permission.MANAGE_LABORATORY, found.laboratory_id)
    if found.reopened_at is not None:
        raise Refused(_("This has already been opened again."))
    found.reopened_at = clock.now()
    subjects = [("site", found.laboratory_id)]
    journal.record(session, actor, "reopen intake", subjects, form=found.form)
    return found


def _problems(command: CloseIntake, first: date) -> list[Problem]:
    found = []
    if command.until < first:
        found.append(Problem("until", _("The last day lies before the first.")))
    elif command.until - first > LONGEST:
        found.append(Problem("until", _("This is more than a year; check the dates.")))
    elif command.until < day_in_belgium(clock.now()):
        found.append(Problem("until", _("This day is over.")))
    if command.technique and command.technique not in ANALYSES:
        found.append(Problem("technique", _("Choose one of the list.")))
    told = {code: text for code, text in command.words.items() if text}
    if told:
        found += [
            Problem(f"words.{code}", _("The text in this language is missing."))
            for code in LANGUAGES
            if code not in told
        ]
    warned = screening.warnings(told, frozenset(told))
    return found + [Problem(f"words.{code}", words) for code, words in warned.items()]
