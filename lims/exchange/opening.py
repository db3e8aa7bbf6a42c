"""Open data: a closed quarter is counted once, protected, looked at, and published by another.

Nothing is published by itself, and no quarter twice: two different counts of the same quarter
would tell what changed between them. A release that was wrong can be taken down, never replaced.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.alerts.published import PublicAlert
from lims.exchange import cubes, releases
from lims.exchange.cube_definitions import Definitions, definitions, quarter
from lims.exchange.open_files import MadeFile, PublicProduct, files_of
from lims.exchange.records import OpenFile, OpenRelease
from lims.exchange.suppression import Pattern, Table, holds, protect
from lims.exchange.tables_out import fingerprint
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field, refuse_stale
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.words import _
from lims.network import logins
from lims.network.rules import Permission


@dataclass(frozen=True)
class PrepareRelease:
    """A quarter to count, the licence of its files, and how many days after its end at least."""

    period: str
    licence: str
    days: int


@dataclass(frozen=True)
class PublishRelease:
    """A prepared release is published; the password is asked again."""

    release_id: uuid.UUID
    password: str
    row_version: int


@dataclass(frozen=True)
class DiscardRelease:
    """A prepared release that nobody outside has seen is thrown away."""

    release_id: uuid.UUID
    row_version: int


@dataclass(frozen=True)
class WithdrawRelease:
    """A published release is taken down, and why."""

    release_id: uuid.UUID
    reason: str
    row_version: int


def prepare_release(session: Session, actor: Actor, command: PrepareRelease) -> OpenRelease:
    """Count a closed quarter and protect its small numbers; nothing is public yet.

    Raises Refused when the quarter is not closed, was counted before, or cannot be protected.
    """
    actor.must(Permission.EXPORT)
    asked, given = quarter(command.period), definitions()
    if not releases.is_closed(asked, clock.today(), command.days):
        words = _("This quarter is not closed: wait %(n)s days after its end.", n=command.days)
        raise Refused(words)
    there = select(OpenRelease.id).where(OpenRelease.period == str(asked))
    if session.scalar(there) is not None:
        raise Refused(_("This quarter was counted already. It is never counted twice."))
    counted = cubes.count(session, given, asked)
    pattern = protect(counted.table)
    if not holds(counted.table, pattern):
        raise Refused(_("A small number of this period cannot be hidden. Nothing is released."))
    products = [_told(alert) for alert in counted.alerts]
    made = files_of(given, asked, counted.table, pattern, products, command.licence)
    kept = OpenRelease(
        period=str(asked),
        definitions_hash=given.sha256,
        licence=command.licence,
        summary=_summary(given, counted.table, pattern, len(products)),
        prepared_by=actor.account,
    )
    kept.files = [_kept(one) for one in made]
    session.add(kept)
    session.flush()
    facts = {"period": kept.period, "files": {one.name: one.sha256 for one in kept.files}}
    journal.record(session, actor, "prepare open data", _about(kept), **facts)
    return kept


def publish_release(session: Session, actor: Actor, command: PublishRelease) -> OpenRelease:
    """Publish a prepared release; raises Refused for one's own, Invalid for a wrong password."""
    actor.must(Permission.EXPORT)
    kept = _in_state(session, actor, command.release_id, releases.PREPARED)
    refuse_stale(kept, command.row_version)
    refuse_unless_other_eyes(actor.account, author=kept.prepared_by)
    if not logins.is_own_password(session, actor, command.password):
        raise refuse_field("password", _("This is not your password."))
    kept.state, kept.published_by, kept.published_at = (
        releases.PUBLISHED,
        actor.account,
        clock.now(),
    )
    journal.record(session, actor, "publish open data", _about(kept), period=kept.period)
    return kept


def discard_release(session: Session, actor: Actor, command: DiscardRelease) -> None:
    """Throw a prepared release away, so that its quarter can be counted anew."""
    actor.must(Permission.EXPORT)
    kept = _in_state(session, actor, command.release_id, releases.PREPARED)
    refuse_stale(kept, command.row_version)
    journal.record(session, actor, "discard open data", _about(kept), period=kept.period)
    for file in kept.files:
        session.delete(file)
    session.flush()
    session.delete(kept)


def withdraw_release(session: Session, actor: Actor, command: WithdrawRelease) -> OpenRelease:
    """Take a published release down; its quarter stays counted, and its files stay kept."""
    actor.must(Permission.EXPORT)
    kept = _in_state(session, actor, command.release_id, releases.PUBLISHED)
    refuse_stale(kept, command.row_version)
    if not command.reason.strip():
        raise refuse_field("reason", _("Say why."))
    kept.state, kept.withdrawn_by, kept.withdrawn_at, kept.reason = (
        releases.WITHDRAWN,
        actor.account,
        clock.now(),
        command.reason.strip(),
    )
    about = _about(kept)
    journal.record(session, actor, "withdraw open data", about, period=kept.period)
    return kept


def _in_state(session: Session, actor: Actor, release_id: uuid.UUID, state: str) -> OpenRelease:
    kept = releases.release(session, actor, release_id)
    if kept.state != state:
        raise Refused(_("This release is not in that state any more."))
    return kept


def _about(kept: OpenRelease) -> list[tuple[str, uuid.UUID]]:
    return [("open_release", kept.id)]


def _kept(made: MadeFile) -> OpenFile:
    return OpenFile(
        name=made.name,
        media=made.media,
        sha256=fingerprint(made.content),
        size=len(made.content),
        content=made.content,
    )


def _told(alert: PublicAlert) -> PublicProduct:
    facts: Mapping[str, Any] = alert.facts
    names = {name: (facts.get(name) or {}).get("en", "") for name in ("form", "colour")}
    return PublicProduct(
        alert=alert.number,
        level=alert.level,
        region=str(facts.get("region", "")),
        week=str(facts.get("week", "")),
        substance=(facts.get("substance") or {}).get("en", "not identified"),
        **names,
    )


def _summary(given: Definitions, table: Table, pattern: Pattern, alerts: int) -> dict[str, Any]:
    found: dict[str, Any] = {"alerts": alerts}
    for cube in given.cubes:
        keys = [key for key in table.items if key[0] == cube.key]
        withheld = [key for key in keys if key in pattern.withheld]
        sensitive = [key for key in keys if key in pattern.sensitive]
        found[cube.key] = {
            "numbers": len(keys),
            "told": len(keys) - len(withheld),
            "withheld": len(withheld),
            "small": len(sensitive),
        }
    return found
