"""The network's half-yearly and yearly reports: drafted, read by another person, frozen.

A report that is approved never changes: its files are kept byte for byte with their hash. What was
wrong is corrected in a new edition that says what it changes.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import (
    Invalid,
    NotPermitted,
    Problem,
    Refused,
    refuse_field,
    refuse_stale,
)
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.words import LANGUAGES, _
from lims.intake import screening
from lims.intake.rules import day_in_belgium
from lims.network import logins
from lims.network.rules import Permission
from lims.overview import (
    indicator_periods,
    report_contents,
    report_files,
    report_lists,
    report_told,
)
from lims.overview.report_disclosure import overlap
from lims.overview.report_records import NetworkReport, ReportFile

LONGEST = 6000
"""Characters of a commentary in one language."""
DRAFT, APPROVED, REPLACED = "draft", "approved", "replaced"


@dataclass(frozen=True)
class DraftReport:
    """A report of a half-year or year; of a period that has one, its next edition."""

    period: str
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class EditReport:
    """The words of a draft in each language; `redraw` counts its figures again."""

    report_id: uuid.UUID
    commentary: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    not_a_person: bool = False
    redraw: bool = False
    row_version: int | None = None


@dataclass(frozen=True)
class ApproveReport:
    """The second person's word, with their password; the network's name stands on the report."""

    report_id: uuid.UUID
    password: str
    network: str = "Balise"
    demonstration: bool = False
    row_version: int | None = None


def draft_report(session: Session, actor: Actor, command: DraftReport) -> NetworkReport:
    """Draw up a report as a draft; the same identifier twice keeps one.

    Raises Refused while a draft of the period is open, Invalid for a period that cannot be.
    """
    actor.must(Permission.MAKE_REPORT)
    _must_everywhere(actor, Permission.MAKE_REPORT)
    known = session.get(NetworkReport, command.id) if command.id is not None else None
    if known is not None:
        return known
    period = indicator_periods.named(command.period)
    if period.first > day_in_belgium(clock.now()):
        raise refuse_field("period", _("This period has not begun."))
    last = report_lists.latest(session, period.name)
    if last is not None and last.state == DRAFT:
        raise Refused(_("A draft of this report is already open."))
    made = NetworkReport(
        id=command.id or uuid.uuid4(),
        period=period.name,
        edition=last.edition + 1 if last is not None else 1,
        contents=report_contents.draw_up(session, actor, period),
        drawn_at=clock.now(),
        author=actor.account,
    )
    session.add(made)
    session.flush()
    _write(session, actor, "draft report", made)
    return made


def edit_report(session: Session, actor: Actor, command: EditReport) -> NetworkReport:
    """Write the words of a draft, looked through for persons; count its figures again if asked."""
    actor.must(Permission.MAKE_REPORT)
    found = _draft(session, actor, command.report_id, command.row_version, Permission.MAKE_REPORT)
    problems = _wrong("commentary", command.commentary, command.not_a_person)
    problems += _wrong("changes", command.changes, command.not_a_person)
    if problems:
        raise Invalid(problems)
    found.commentary, found.changes = _kept(command.commentary), _kept(command.changes)
    if actor.account not in (found.author, *found.editors):
        found.editors = [*found.editors, actor.account]
    if command.redraw:
        period = indicator_periods.named(found.period)
        found.contents = report_contents.draw_up(session, actor, period)
        found.drawn_at = clock.now()
    session.flush()
    _write(session, actor, "edit report", found, redrawn=command.redraw)
    return found


def approve_report(session: Session, actor: Actor, command: ApproveReport) -> NetworkReport:
    """Approve and freeze a report; the edition before is replaced, and stays readable.

    Raises Refused for one's own work, before the period is over, or while words are missing in a
    language; Invalid for a wrong password.
    """
    actor.must(Permission.APPROVE_REPORT)
    found = _draft(
        session, actor, command.report_id, command.row_version, Permission.APPROVE_REPORT
    )
    for author in (found.author, *found.editors):
        refuse_unless_other_eyes(actor.account, author=author)
    if not logins.is_own_password(session, actor, command.password):
        raise refuse_field("password", _("This is not your password."))
    _refuse_unfinished(found)
    _refuse_overtaken(session, found)
    before = report_lists.approved(session, found.period)
    if before is not None:
        before.state = REPLACED
    found.state, found.approved_by, found.approved_at = APPROVED, actor.account, clock.now()
    made = report_files.files(report_told.edition_of(found, command.network, command.demonstration))
    found.hash = report_files.hash_of(made)
    found.files = [
        ReportFile(
            name=one.name,
            public=one.public,
            sha256=one.sha256,
            size=len(one.content),
            content=one.content,
        )
        for one in sorted(made, key=lambda one: one.name)
    ]
    session.flush()
    _write(session, actor, "approve report", found, hash=found.hash)
    return found


def _draft(
    session: Session,
    actor: Actor,
    report_id: uuid.UUID,
    row_version: int | None,
    permission: Permission,
) -> NetworkReport:
    _must_everywhere(actor, permission)
    found = report_lists.report(session, actor, report_id)
    refuse_stale(found, row_version)
    if found.state != DRAFT:
        raise Refused(_("An approved report never changes. Draft a new edition."))
    return found


def _must_everywhere(actor: Actor, permission: Permission) -> None:
    if actor.sites_for(permission) is not None:
        raise NotPermitted(_("Whole reports are for the coordination of the network."))


def _refuse_unfinished(report: NetworkReport) -> None:
    period = indicator_periods.named(report.period)
    if period.last >= day_in_belgium(clock.now()):
        raise Refused(_("This period is not over. A report is approved after its last day."))
    if report.drawn_at < period.ends:
        raise Refused(_("The figures were drawn up before the period was over: draw them again."))
    told = [code for code in LANGUAGES if report.commentary.get(code)]
    if told and len(told) < len(LANGUAGES):
        raise Refused(_("The commentary is missing in a language. Write all three, or none."))
    if report.edition > 1 and any(not report.changes.get(code) for code in LANGUAGES):
        raise Refused(_("A new edition says in all three languages what it changes."))


def _refuse_overtaken(session: Session, report: NetworkReport) -> None:
    """Refuse when another report of the same time was published since the figures were drawn up."""
    period = indicator_periods.named(report.period)
    for name, at in report_lists.approvals(session):
        other = indicator_periods.named(name)
        if at > report.drawn_at and overlap(
            report_contents.days_of(period), report_contents.days_of(other)
        ):
            raise Refused(
                _("Another report of this time was approved since: draw the figures up again.")
            )


def _wrong(name: str, words: Mapping[str, str], not_a_person: bool) -> list[Problem]:
    """Return what is wrong with the words: too long, another language, or a person in them."""
    found = []
    for code, text in words.items():
        place = f"{name}.{code}"
        if code not in LANGUAGES:
            found.append(Problem(place, _("Choose one of the list.")))
        elif len(text) > LONGEST:
            found.append(Problem(place, _("At most %(n)s characters, please.", n=LONGEST)))
        elif not not_a_person:
            told = screening.warnings({place: text}, frozenset({place}))
            found += [Problem(where, said) for where, said in told.items()]
    return found


def _kept(words: Mapping[str, str]) -> dict[str, str]:
    return {code: text.strip() for code, text in words.items() if text.strip()}


def _write(
    session: Session, actor: Actor, act: str, report: NetworkReport, **facts: str | bool
) -> None:
    about = [("network_report", report.id)]
    number = f"{report.period}, {report.edition}"
    journal.record(session, actor, act, about, number=number, **facts)
