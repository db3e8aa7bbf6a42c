"""Who came and what was handed in: points at work, visits, first visits, age bands, hand-ins."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from lims.foundation.words import language_name
from lims.intake.records import Sample, Visit
from lims.overview.indicator_figures import (
    Figure,
    Indicator,
    Kind,
    Split,
    count,
    effective_kinds,
    nothing,
    share,
)
from lims.overview.indicator_ground import Ground, named, split, summed
from lims.overview.indicator_periods import month_of

NO_ANSWER = ("", "no-answer")


@dataclass(frozen=True)
class Came:
    """Visits that are alike in what is counted."""

    site: uuid.UUID
    language: str
    first_visit: bool | None
    age_band: str
    n: int


@dataclass(frozen=True)
class Visits:
    """The visits of a period by what was answered, and by day."""

    rows: tuple[Came, ...]
    by_day: tuple[tuple[date, int], ...]

    @property
    def sites(self) -> frozenset[uuid.UUID]:
        return frozenset(one.site for one in self.rows)


def visits(ground: Ground) -> Visits:
    """Return the visits of the period, summed by the database."""
    when = Visit.day.between(ground.period.first, ground.period.last)
    facts = (Visit.site_id, Visit.language, Visit.first_visit, Visit.age_band)
    rows = ground.session.execute(
        select(*facts, func.count()).where(when, ground.at(Visit.site_id)).group_by(*facts)
    )
    days = ground.session.execute(
        select(Visit.day, func.count()).where(when, ground.at(Visit.site_id)).group_by(Visit.day)
    )
    return Visits(tuple(Came(*row) for row in rows), tuple((day, n) for day, n in days))


def of_points(ground: Ground, came: Visits) -> list[Indicator]:
    """Return number, kinds and diversity of the testing points at work."""
    at_work = [ground.places[one] for one in came.sites]
    types = summed((one.service_type, 1) for one in at_work)
    areas = summed((one.area, 1) for one in at_work)
    words = ground.words("service_type")
    splits = (
        split("service type", {key: count(n) for key, n in types.items()}, words),
        split("area", {key: count(n) for key, n in sorted(areas.items())}, {}),
    )
    known = {key: n for key, n in types.items() if key}
    return [
        Indicator("points", count(len(at_work)), splits),
        Indicator("point-kinds", count(len(known))),
        Indicator("point-diversity", effective_kinds(list(known.values()))),
    ]


def of_public(ground: Ground, came: Visits) -> list[Indicator]:
    """Return visits, first visits, age bands and service types."""
    total = sum(one.n for one in came.rows)
    by_type = summed((ground.service_type(one.site), one.n) for one in came.rows)
    by_month = summed((month_of(day), n) for day, n in came.by_day)
    every_month = {one: count(by_month.get(one, 0)) for one in ground.months()}
    splits = (
        *_by_place(ground, came, lambda rows: count(sum(one.n for one in rows))),
        split("month", every_month, {}, empty=True),
    )
    return [
        Indicator("visits", count(total), splits),
        _first_visits(ground, came),
        _age_bands(ground, came),
        Indicator("service-types", effective_kinds([n for key, n in by_type.items() if key])),
    ]


def _first_visits(ground: Ground, came: Visits) -> Indicator:
    def told(rows: list[Came]) -> Figure:
        n = sum(one.n for one in rows if one.first_visit is not None)
        first = sum(one.n for one in rows if one.first_visit)
        return share(first, n, sum(one.n for one in rows) - n)

    return Indicator("first-visits", told(list(came.rows)), _by_place(ground, came, told))


def _age_bands(ground: Ground, came: Visits) -> Indicator:
    bands = summed((one.age_band, one.n) for one in came.rows if one.age_band not in NO_ANSWER)
    answered = sum(bands.values())
    missing = sum(one.n for one in came.rows) - answered
    whole = count(answered, missing) if came.rows else nothing(Kind.COUNT)
    words = ground.words("age_band")
    figures = {key: count(n) for key, n in bands.items()}
    return Indicator("age-bands", whole, (split("age band", figures, words),))


def _by_place(
    ground: Ground, came: Visits, told: Callable[[list[Came]], Figure]
) -> tuple[Split, ...]:
    """Return a figure by service type, site and language."""
    languages = {one.language: named(language_name(one.language)) for one in came.rows}
    ways: tuple[tuple[str, Callable[[Came], Any], Mapping[Any, Any]], ...] = (
        ("service type", lambda one: ground.service_type(one.site), ground.words("service_type")),
        ("site", lambda one: one.site, ground.site_words()),
        ("language", lambda one: one.language, languages),
    )
    found = []
    for by, key, words in ways:
        grouped: dict[Any, list[Came]] = {}
        for one in came.rows:
            grouped.setdefault(key(one), []).append(one)
        found.append(split(by, {name: told(rows) for name, rows in grouped.items()}, words))
    return tuple(found)


# ------------------------------------------------------------------------------------------------
# What was handed in.
# ------------------------------------------------------------------------------------------------


def of_hand_ins(ground: Ground) -> list[Indicator]:
    """Return what was handed in and what was not analysed, by reason and site."""
    rows = _handed_in(ground)
    in_all = summed((site, n) for site, _state, _reason, n in rows)
    left = [(site, reason, n) for site, state, reason, n in rows if state == "not analysed"]
    left_at = summed((site, n) for site, _reason, n in left)
    because = summed((reason, n) for _site, reason, n in left)
    total, sites = sum(in_all.values()), ground.site_words()
    types = summed((ground.service_type(site), n) for site, n in in_all.items())
    shares = {site: share(left_at.get(site, 0), n) for site, n in in_all.items()}
    reasons = {reason: share(n, total) for reason, n in because.items()}
    by_site = {site: count(n) for site, n in in_all.items()}
    by_type = {key: count(n) for key, n in types.items()}
    came = (
        split("site", by_site, sites),
        split("service type", by_type, ground.words("service_type")),
    )
    why = (
        split("reason", reasons, ground.words("not_analysed_reason")),
        split("site", shares, sites),
    )
    return [
        Indicator("handed-in", count(total), came),
        Indicator("not-analysed", share(sum(left_at.values()), total), why),
    ]


def _handed_in(ground: Ground) -> Sequence[Any]:
    """Return the samples of the period's visits, summed: site, state, reason, number."""
    facts = (Sample.site_id, Sample.state, Sample.not_analysed_reason)
    period = ground.period
    return ground.session.execute(
        select(*facts, func.count())
        .join(Visit, Visit.id == Sample.visit_id)
        .where(
            Visit.day.between(period.first, period.last),
            Sample.state != "withdrawn",
            ground.of_samples(),
        )
        .group_by(*facts)
    ).all()
