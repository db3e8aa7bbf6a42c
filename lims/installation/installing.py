"""Making a database ready: protocols and danger rules published, the library loaded.

Each act may be repeated: what is already there is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.findings import rulebook
from lims.findings.records import DangerRule
from lims.foundation.actors import Actor
from lims.library import operations as library
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.protocols import operations as protocols
from lims.protocols.records import ProtocolVersion


@dataclass(frozen=True)
class Ready:
    """What a database holds after it was made ready."""

    protocols: int
    rules: int
    substances: int
    library_version: int


def publish_and_load(session: Session, actor: Actor) -> Ready:
    """Publish what ships and load the library; what is already there stays as it is."""
    actor.must(Permission.PUBLISH_PROTOCOL)
    version = library.load_library(session, actor)
    session.flush()
    protocols.publish_shipped(session, actor)
    rulebook.publish_shipped_rules(session, actor)
    session.flush()
    return Ready(
        protocols=_count(session, ProtocolVersion),
        rules=_count(session, DangerRule),
        substances=_count(session, Substance),
        library_version=version.number,
    )


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
