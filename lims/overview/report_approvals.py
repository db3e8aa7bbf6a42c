"""The approval of a report, at the doors: a wrong password is counted as at the login."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.settings import Settings
from lims.network import passwords
from lims.overview import reports
from lims.overview.report_records import NetworkReport


def approved(
    session: Session, actor: Actor, command: reports.ApproveReport, settings: Settings
) -> NetworkReport:
    """Approve a report; a wrong password is undone, counted, and kept."""
    return passwords.counted(
        session,
        actor.account,
        "password",
        settings,
        lambda: reports.approve_report(session, actor, command),
    )
