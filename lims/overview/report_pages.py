"""The pages of the network's reports: drafts, their preview, the approval and the kept files."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.house import house
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused
from lims.foundation.words import LANGUAGES, _
from lims.intake.rules import day_in_belgium
from lims.network.rules import Permission
from lims.overview import (
    report_approvals,
    report_files,
    report_lists,
    report_schemas,
    report_told,
    reports,
)
from lims.overview.indicator_periods import recent
from lims.overview.report_records import NetworkReport, ReportFile

blueprint = Blueprint("reports", __name__)
PAGE = 50


@blueprint.route("/reports", methods=["GET", "POST"])
def listed() -> ResponseReturnValue:
    """List the reports; a new one is drawn up here."""
    return browser.form_page(
        act=lambda session, actor, typed: reports.draft_report(
            session, actor, report_schemas.DraftReportSchema().read(typed)
        ),
        then=lambda made: url_for("reports.one", report_id=made.id),
        done=lambda _made: _("The report is drawn up as a draft."),
        show=_show_list,
    )


def _show_list(
    session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
) -> str:
    page = browser.page_number()
    rows, total = report_lists.reports(session, actor, page, PAGE)
    return browser.render(
        "overview/reports.html",
        rows=rows,
        pages=browser.listed("reports.listed", page, PAGE, total),
        periods=recent(day_in_belgium(clock.now())),
        typed=typed,
        problems=problems,
        may_write=actor.may(Permission.MAKE_REPORT),
        may_count=actor.may(Permission.READ_INDICATORS),
    )


@blueprint.route("/reports/<uuid:report_id>", methods=["GET", "POST"])
def one(report_id: uuid.UUID) -> ResponseReturnValue:
    """Show one report; the words of a draft are written here."""
    return browser.form_page(
        act=lambda session, actor, typed: reports.edit_report(
            session,
            actor,
            report_schemas.EditReportSchema().read({**typed, "report_id": str(report_id)}),
        ),
        then=lambda made: url_for("reports.one", report_id=made.id),
        done=lambda _made: _("The draft is saved."),
        show=lambda session, actor, typed, problems: _show(
            session, actor, report_id, typed, problems
        ),
    )


@blueprint.route("/reports/<uuid:report_id>/approval", methods=["GET", "POST"])
def approval(report_id: uuid.UUID) -> ResponseReturnValue:
    """Approve a report as the second person: it is frozen and its public version opens."""
    return browser.form_page(
        act=lambda session, actor, typed: report_approvals.approved(
            session, actor, _approval(report_id, typed), house().settings
        ),
        then=lambda made: url_for("reports.one", report_id=made.id),
        done=lambda _made: _("The report is approved and frozen; its public version is open."),
        show=lambda session, actor, typed, problems: _show(
            session, actor, report_id, typed, problems
        ),
    )


def _approval(report_id: uuid.UUID, typed: dict[str, Any]) -> reports.ApproveReport:
    given = {**typed, "report_id": str(report_id)}
    command: reports.ApproveReport = report_schemas.ApproveReportSchema().read(given)
    settings = house().settings
    return replace(command, network=settings.network_name, demonstration=settings.demonstration)


def _show(
    session: Session,
    actor: Actor,
    report_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    found = report_lists.report(session, actor, report_id)
    writes = found.state == reports.DRAFT and actor.may(Permission.MAKE_REPORT)
    own = actor.account in (found.author, *found.editors)
    words = {
        name: report_schemas.typed_words(typed, name) if name in typed else getattr(found, name)
        for name in ("commentary", "changes")
    }
    return browser.render(
        "overview/report.html",
        report=found,
        writes=writes,
        approves=found.state == reports.DRAFT and actor.may(Permission.APPROVE_REPORT) and not own,
        own=own,
        languages=LANGUAGES,
        words=words,
        typed=typed,
        problems=problems,
    )


@blueprint.get("/reports/<uuid:report_id>/preview-<any(whole, public):which>-<tongue>.pdf")
def preview(report_id: uuid.UUID, which: str, tongue: str) -> ResponseReturnValue:
    """Show a draft as its PDF would be; every page says that it is a draft."""
    found = report_lists.report(browser.session(), browser.actor(), report_id)
    if found.state != reports.DRAFT:
        raise Refused(_("An approved report has its files; there is nothing to preview."))
    body = report_files.pdf(_edition(found), known(tongue), public=which == "public")
    return browser.pdf(body, f"draft-{found.period}-{which}-{known(tongue)}.pdf")


@blueprint.get("/reports/<uuid:report_id>/files/<name>")
def file(report_id: uuid.UUID, name: str) -> ResponseReturnValue:
    """Give a kept file of an approved report, byte for byte."""
    found = report_lists.file(browser.session(), browser.actor(), report_id, name)
    return sent(found)


def sent(found: ReportFile) -> ResponseReturnValue:
    """Return a kept file: a PDF is shown, everything else is saved."""
    if found.name.endswith(".pdf"):
        return browser.pdf(found.content, found.name)
    return browser.attachment(found.name, found.content)


def known(tongue: str) -> str:
    """Return a language that we speak; anything else is the reader's own."""
    return tongue if tongue in LANGUAGES else browser.language()


def _edition(report: NetworkReport) -> Any:
    settings = house().settings
    return report_told.edition_of(report, settings.network_name, settings.demonstration)
