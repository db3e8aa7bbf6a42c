"""The shipped library and danger rules in a test's database."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lims.findings import rulebook
from lims.library import operations as library
from lims.network.queries import OPERATOR


def load_library(session: Session) -> None:
    """Put the shipped substances and danger rules into an empty database, and commit."""
    library.load_library(session, OPERATOR)
    session.flush()
    rulebook.publish_shipped_rules(session, OPERATOR)
    session.commit()
