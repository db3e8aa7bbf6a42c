"""The second person of a destruction, at the doors: a wrong password is counted as at the login."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lims.custody import operations
from lims.custody.records import MassEntry
from lims.foundation.actors import Actor
from lims.foundation.settings import Settings
from lims.network import passwords


def destroyed(
    session: Session, actor: Actor, command: operations.DestroySample, settings: Settings
) -> MassEntry:
    """Destroy a sample; a refused witness is undone, counted against the account, and kept."""
    return passwords.counted(
        session,
        command.witness_account,
        "witness_password",
        settings,
        lambda: operations.destroy_sample(session, actor, command),
    )
