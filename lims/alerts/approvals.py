"""The approval of an alert, at the doors: a wrong password is counted as at the login."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lims.alerts import operations
from lims.alerts.records import AlertVersion
from lims.foundation.actors import Actor
from lims.foundation.settings import Settings
from lims.network import passwords


def approved(
    session: Session, actor: Actor, command: operations.ApproveAlert, settings: Settings
) -> AlertVersion:
    """Approve and publish a version; a wrong password is undone, counted, and kept."""
    return passwords.counted(
        session,
        actor.account,
        "password",
        settings,
        lambda: operations.approve_alert(session, actor, command),
    )
