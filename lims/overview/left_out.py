"""Not analysed, because …: the share of each reason by point, laboratory and month.

The denominator is every sample handed in there in that month that its person did not withdraw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.intake.records import Sample, Visit
from lims.intake.rules import day_in_belgium
from lims.network.records import Site
from lims.network.rules import Permission

MONTHS = 12


@dataclass(frozen=True)
class LeftOut:
    """Samples of one place or month: handed in, not analysed, and how many for each reason."""

    kind: str
    place: str
    handed_in: int
    not_analysed: int
    reasons: Mapping[str, int]

    @property
    def share(self) -> float | None:
        return self.not_analysed / self.handed_in if self.handed_in else None


def left_out(session: Session, actor: Actor) -> list[LeftOut]:
    """Return the counts of the last twelve months: all together, per place and per month."""
    actor.must(Permission.READ_INDICATORS)
    since = first_month()
    names = {row[0]: row[1] for row in session.execute(select(Site.id, Site.name))}
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for point, laboratory, day, state, reason, n in session.execute(_grouped(actor, since)):
        keys = [("all", ""), ("point", names[point]), ("month", f"{day:%Y-%m}")]
        if laboratory in names:
            keys.append(("laboratory", names[laboratory]))
        for key in keys:
            counts[key]["handed in"] += n
            if state == "not analysed":
                counts[key][f"reason {reason}"] += n
    order = {"all": 0, "point": 1, "laboratory": 2, "month": 3}
    keys = sorted(counts, key=lambda key: (order[key[0]], key[1]))
    return [_row(kind, place, counts[kind, place]) for kind, place in keys]


def first_month() -> date:
    """Return the first day of the twelve months that are counted, this one included."""
    today = day_in_belgium(clock.now())
    place = today.year * 12 + today.month - MONTHS
    return date(place // 12, place % 12 + 1, 1)


def _grouped(actor: Actor, since: date) -> Any:
    sites = actor.sites_for(Permission.READ_INDICATORS)
    mine = (
        true() if sites is None else or_(Sample.site_id.in_(sites), Sample.laboratory_id.in_(sites))
    )
    facts = (
        *(Sample.site_id, Sample.laboratory_id, Visit.day, Sample.state),
        Sample.not_analysed_reason,
    )
    return (
        select(*facts, func.count())
        .join(Visit, Visit.id == Sample.visit_id)
        .where(Visit.day >= since, Sample.state != "withdrawn", mine)
        .group_by(*facts)
    )


def _row(kind: str, place: str, found: Mapping[str, int]) -> LeftOut:
    reasons = {
        name.removeprefix("reason "): n
        for name, n in sorted(found.items(), key=lambda one: (-one[1], one[0]))
        if name.startswith("reason ")
    }
    return LeftOut(kind, place, found["handed in"], sum(reasons.values()), reasons)
