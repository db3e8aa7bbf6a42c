"""The report of holdings that is printed for an inspection, tied to the journal's chain."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lims import journal
from lims.custody import inspecting
from lims.custody.inspecting import Account, Held, PlaceSum
from lims.foundation.actors import Actor
from lims.journal.operations import Subject
from lims.network import queries as network
from lims.network.records import Site
from lims.network.rules import Permission


@dataclass(frozen=True)
class ReportHoldings:
    """What a site held at the end of a day, with its account since another day."""

    site_id: uuid.UUID
    day: date | None = None
    since: date | None = None


@dataclass(frozen=True)
class Report:
    """A report as it is printed: its lines, its sums, its own hash, and the journal's."""

    site: Site
    day: date
    since: date
    lines: Sequence[Held]
    places: Sequence[PlaceSum]
    account: Account
    sha256: str
    journal_seq: int
    journal_hash: str


def report_holdings(session: Session, actor: Actor, command: ReportHoldings) -> Report:
    """Make a report of holdings and write its hash in the journal, whose chain then proves it."""
    actor.must(Permission.FOLLOW_SAMPLES, command.site_id)
    since, day = inspecting.days_of(command.since, command.day)
    site = network.site(session, command.site_id)
    lines = inspecting.all_held_on(session, actor, site.id, day)
    sha256 = inspecting.fingerprint(site.id, day, lines)
    about: list[Subject] = [("site", site.id)]
    facts = {"day": day, "since": since, "samples": str(len(lines)), "sha256": sha256}
    journal.record(session, actor, "report holdings", about, **facts)
    seq, head = inspecting.journal_head(session)
    return Report(
        *(site, day, since, lines),
        places=inspecting.by_place(session, actor, site.id, day),
        account=inspecting.account(session, actor, site.id, since, day),
        sha256=sha256,
        journal_seq=seq,
        journal_hash=head,
    )
