"""Acts at a page that ask for the password again: a wrong one counts as at the login."""

from __future__ import annotations

from typing import IO

from sqlalchemy.orm import Session

from lims.exchange.exporting import ExportRows, export_rows
from lims.exchange.opening import PublishRelease, publish_release
from lims.exchange.records import DataExport, OpenRelease
from lims.foundation.actors import Actor
from lims.foundation.settings import Settings
from lims.network import passwords


def export_proved(
    session: Session, actor: Actor, command: ExportRows, out: IO[bytes], settings: Settings
) -> DataExport:
    """Export; a wrong password is undone, counted, and kept."""
    return passwords.counted(
        session,
        actor.account,
        "password",
        settings,
        lambda: export_rows(session, actor, command, out, settings.network_name),
    )


def publish_proved(
    session: Session, actor: Actor, command: PublishRelease, settings: Settings
) -> OpenRelease:
    """Publish; a wrong password is undone, counted, and kept."""
    return passwords.counted(
        session,
        actor.account,
        "password",
        settings,
        lambda: publish_release(session, actor, command),
    )
