"""Acts that ask for a password again, at the doors: a wrong one is counted as at the login."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid
from lims.foundation.settings import Settings
from lims.network import logins

Done = TypeVar("Done")


def counted(
    session: Session, account: str, field: str, settings: Settings, act: Callable[[], Done]
) -> Done:
    """Do an act that asks for a password; a wrong one is undone, counted, and kept."""
    try:
        return act()
    except Invalid as refusal:
        if any(problem.field == field for problem in refusal.problems):
            session.rollback()
            logins.count_wrong_password(session, account, settings)
            session.commit()
        raise
