"""The second person of a destruction, at the doors: a wrong password is counted as at the login."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lims.custody import operations
from lims.custody.records import MassEntry
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid
from lims.foundation.settings import Settings
from lims.network import logins


def destroyed(
    session: Session, actor: Actor, command: operations.DestroySample, settings: Settings
) -> MassEntry:
    """Destroy a sample; a refused witness is undone, counted against the account, and kept."""
    try:
        return operations.destroy_sample(session, actor, command)
    except Invalid as refusal:
        if any(problem.field == "witness_password" for problem in refusal.problems):
            session.rollback()
            logins.count_wrong_password(session, command.witness_account, settings)
            session.commit()
        raise
