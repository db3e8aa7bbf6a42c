"""The second person of an act, at the doors: a wrong password is counted as at the login."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lims.custody import operations
from lims.custody.records import Parcel
from lims.custody.stores import Destruction
from lims.foundation.actors import Actor
from lims.foundation.settings import Settings
from lims.network import passwords


def destroyed(
    session: Session, actor: Actor, command: operations.DestroySamples, settings: Settings
) -> Destruction:
    """Destroy samples; a refused witness is undone, counted against the account, and kept."""
    return passwords.counted(
        session,
        command.witness_account,
        "witness_password",
        settings,
        lambda: operations.destroy_samples(session, actor, command),
    )


def checked(
    session: Session, actor: Actor, command: operations.CheckSeals, settings: Settings
) -> Parcel:
    """Compare the seals of a parcel; a refused witness is undone, counted, and kept."""
    return passwords.counted(
        session,
        command.witness_account,
        "witness_password",
        settings,
        lambda: operations.check_seals(session, actor, command),
    )
