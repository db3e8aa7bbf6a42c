"""What a laboratory says of itself: how many samples it can do, and when it is closed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Problem, Refused
from lims.foundation.words import _
from lims.intake.rules import day_in_belgium
from lims.network import queries as network
from lims.network.records import Site
from lims.network.rules import OrganisationKind, Permission
from lims.overview.records import ClosedDays, StatedCapacity
from lims.protocols.rules import Technique

MOST_SAMPLES = 10_000
LONGEST = timedelta(days=366)
ANALYSES = tuple(one for one in Technique if one is not Technique.GUIDELINE)
Stated = TypeVar("Stated", StatedCapacity, ClosedDays)


@dataclass(frozen=True)
class StateCapacity:
    """So many samples each opening day or each week, with the days on which this holds."""

    laboratory_id: uuid.UUID
    samples: int
    per: str
    days: int
    technique: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class CloseDays:
    """Days on which a laboratory does not work."""

    laboratory_id: uuid.UUID
    first: date
    last: date | None = None


@dataclass(frozen=True)
class TakeBack:
    """Something that was said and no longer holds."""

    id: uuid.UUID


def state_capacity(session: Session, actor: Actor, command: StateCapacity) -> StatedCapacity:
    """Say how many samples a laboratory can do; what was said before stays readable."""
    actor.must(Permission.MANAGE_LABORATORY)
    laboratory = _laboratory(session, actor, command.laboratory_id)
    first = command.valid_from or day_in_belgium(clock.now())
    problems = _problems(command, first)
    if problems:
        raise Invalid(problems)
    made = StatedCapacity(
        id=uuid.uuid4(),
        laboratory_id=laboratory.id,
        technique=command.technique,
        samples=command.samples,
        per=command.per,
        days=command.days,
        valid_from=first,
        valid_until=command.valid_until,
        stated_by=actor.account,
        stated_at=clock.now(),
    )
    session.add(made)
    session.flush()
    facts = {"samples": made.samples, "per": made.per, "technique": made.technique}
    journal.record(session, actor, "state capacity", [("site", laboratory.id)], **facts)
    return made


def close_days(session: Session, actor: Actor, command: CloseDays) -> ClosedDays:
    """Say on which days a laboratory does not work."""
    actor.must(Permission.MANAGE_LABORATORY)
    laboratory = _laboratory(session, actor, command.laboratory_id)
    last = command.last or command.first
    if last < command.first:
        raise Invalid([Problem("last", _("The last day lies before the first."))])
    if last - command.first > LONGEST:
        raise Invalid([Problem("last", _("This is more than a year; check the dates."))])
    made = ClosedDays(
        id=uuid.uuid4(),
        laboratory_id=laboratory.id,
        first=command.first,
        last=last,
        stated_by=actor.account,
        stated_at=clock.now(),
    )
    session.add(made)
    session.flush()
    facts = {"first": made.first.isoformat(), "last": made.last.isoformat()}
    journal.record(session, actor, "close days", [("site", laboratory.id)], **facts)
    return made


def take_back_capacity(session: Session, actor: Actor, command: TakeBack) -> StatedCapacity:
    """Take back what was said of a capacity; it stays readable."""
    actor.must(Permission.MANAGE_LABORATORY)
    found = _take_back(session, actor, session.get(StatedCapacity, command.id))
    journal.record(session, actor, "take back capacity", [("site", found.laboratory_id)])
    return found


def take_back_days(session: Session, actor: Actor, command: TakeBack) -> ClosedDays:
    """Take back that a laboratory is closed on some days."""
    actor.must(Permission.MANAGE_LABORATORY)
    found = _take_back(session, actor, session.get(ClosedDays, command.id))
    journal.record(session, actor, "take back closed days", [("site", found.laboratory_id)])
    return found


def _laboratory(session: Session, actor: Actor, site_id: uuid.UUID) -> Site:
    found = network.site(session, site_id)
    actor.must(Permission.MANAGE_LABORATORY, found.id)
    if found.kind != OrganisationKind.LABORATORY:
        raise Invalid([Problem("laboratory_id", _("This site is not a laboratory."))])
    return found


def _problems(command: StateCapacity, first: date) -> list[Problem]:
    found = []
    if not 1 <= command.samples <= MOST_SAMPLES:
        words = _("A number from 1 to %(n)s, please.", n=MOST_SAMPLES)
        found.append(Problem("samples", words))
    if command.per not in ("day", "week"):
        found.append(Problem("per", _("Choose one of the list.")))
    if not 1 <= command.days <= 7:
        found.append(Problem("days", _("A number from 1 to %(n)s, please.", n=7)))
    if command.technique and command.technique not in ANALYSES:
        found.append(Problem("technique", _("Choose one of the list.")))
    if command.valid_until is not None and command.valid_until < first:
        found.append(Problem("valid_until", _("The end lies before the beginning.")))
    return found


def _take_back(session: Session, actor: Actor, found: Stated | None) -> Stated:
    if found is None:
        raise NotFound(_("There is no such statement."))
    actor.must(Permission.MANAGE_LABORATORY, found.laboratory_id)
    if found.withdrawn_at is not None:
        raise Refused(_("This has already been taken back."))
    found.withdrawn_at = clock.now()
    return found
