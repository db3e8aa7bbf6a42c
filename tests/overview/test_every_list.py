"""Every page and list of the staff application asks the database as often for many rows as for few.

SQLite alone: the statements are made by SQLAlchemy before any database sees them, and how many
there are is decided in the same code for both kinds of database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from lims.app import OPEN
from lims.doors import browser
from lims.foundation import clock
from lims.foundation.database import Base, open_session
from lims.installation import demonstration
from lims.installation.cast import PEOPLE
from lims.intake.records import Sample
from lims.network import queries
from lims.network.records import Member, MemberDuty, StaffSession
from lims.network.rules import Duty
from tests.browser.conftest import World, make_world
from tests.makers import api_headers
from tests.overview.first_rows import add_first_rows
from tests.overview.multiplying import NEVER_COPIED, multiply

EVERYBODY = "everything"
ASKERS = [EVERYBODY, *(one.account for one in PEOPLE)]


@dataclass
class Asking:
    """The statements that reach the database while something is asked."""

    engine: Engine
    statements: list[str] = field(default_factory=list)

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._hear)
        return self.statements

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements.append(statement)


def engine_of(app: Flask) -> Engine:
    found: Engine = app.extensions["house"].engine
    return found
