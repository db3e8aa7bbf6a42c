"""Talks: whether a result was talked about, when, how long, and what the person intended then.

Only codes and numbers are read; the words of a talk are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, exists, func, select

from lims.counselling.records import Talk
from lims.findings.records import Finding
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.overview.indicator_figures import Figure, Indicator, Split, count, share, times
from lims.overview.indicator_ground import Ground, day_of, said, split, summed
from lims.overview.indicator_results import first_released

AS_PLANNED = "as-planned"
NO_INTENTION = ("", "not-asked")
LOWERS_A_RISK = frozenset(
    {"less", "test-dose", "slower", "with-someone", "no-mixing", "not-take", "dispose"}
)
AS_EXPECTED = ("as-expected",)
NOT_AS_EXPECTED = ("expected-plus-other", "other-instead", "no-active")
MATCH_WORDS = {
    "match": _("result as expected"),
    "mismatch": _("result not as expected"),
    "neither": _("nothing expected, not conclusive, or no result yet"),
}


@dataclass(frozen=True)
class Told:
    """Talks that are alike in what is counted."""

    site: Any
    intention: str
    match: str
    n: int
    referred: int
    given: int

    @property
    def has_intention(self) -> bool:
        return self.intention not in NO_INTENTION

    @property
    def group(self) -> str:
        if self.match in AS_EXPECTED:
            return "match"
        return "mismatch" if self.match in NOT_AS_EXPECTED else "neither"


def of_contacts(ground: Ground) -> list[Indicator]:
    """Return everything that the talks tell, in the order of the definitions."""
    rows = _talks(ground)
    return [
        _talked_about(ground),
        _until_talk(ground),
        _minutes(ground, sum(one.n for one in rows)),
        *_intentions(ground, rows),
        *_behaviour(rows),
    ]


def _talked_about(ground: Ground) -> Indicator:
    """Return the share of released samples with a talk about a result, by point and by match."""
    facts = (Sample.site_id, Finding.match)
    query = (
        select(*facts, func.count())
        .join(Sample, Sample.id == Finding.sample_id)
        .where(*first_released(ground))
        .group_by(*facts)
    )
    talked = exists().where(Talk.sample_id == Sample.id, Talk.finding_id.is_not(None))
    every = ground.session.execute(query).all()
    held = ground.session.execute(query.where(talked)).all()
    found: list[Split] = []
    ways = (("site", 0, ground.site_words()), ("match", 1, ground.words("match_to_expected")))
    for by, place, words in ways:
        all_of = summed((row[place], row[2]) for row in every)
        with_talk = summed((row[place], row[2]) for row in held)
        figures = {key: share(with_talk.get(key, 0), n) for key, n in all_of.items()}
        found.append(split(by, figures, words))
    whole = share(sum(row[2] for row in held), sum(row[2] for row in every))
    return Indicator("talks", whole, tuple(found))


def _until_talk(ground: Ground) -> Indicator:
    """Return the days from a first result to the first talk about one."""
    # The talks of these samples alone are looked at, not those of all years.
    first = (
        select(day_of(Finding.released_at).label("told"), func.min(Talk.day).label("talked"))
        .join(Sample, Sample.id == Finding.sample_id)
        .join(Talk, Talk.sample_id == Finding.sample_id)
        .where(*first_released(ground), Talk.finding_id.is_not(None))
        .group_by(Finding.id, Finding.released_at)
        .subquery()
    )
    facts = (first.c.told, first.c.talked)
    rows = ground.session.execute(select(*facts, func.count()).group_by(*facts)).all()
    known = [(told, talked, n) for told, talked, n in rows if talked >= ground.known_since]
    spent = summed((float(max(0, (talked - told).days)), n) for told, talked, n in known)
    lost = sum(n for *_days, n in rows) - sum(spent.values())
    return Indicator("time-to-talk", times(spent, lost))


def _minutes(ground: Ground, talks: int) -> Indicator:
    period = ground.period
    rows = ground.session.execute(
        select(Talk.minutes, func.count())
        .where(
            Talk.day.between(period.first, period.last),
            Talk.minutes.is_not(None),
            ground.at(Talk.site_id),
        )
        .group_by(Talk.minutes)
    )
    spent = {float(minutes): n for minutes, n in rows if minutes is not None}
    return Indicator("talk-minutes", times(spent, talks - sum(spent.values())))


def _talks(ground: Ground) -> list[Told]:
    """Return the talks of the period, summed by the database."""
    facts = (Talk.site_id, Talk.intention, func.coalesce(Finding.match, ""))
    period = ground.period
    rows = ground.session.execute(
        select(
            *facts,
            func.count(),
            func.sum(case((Talk.referral != "", 1), else_=0)),
            func.sum(case((Talk.material != "", 1), else_=0)),
        )
        .outerjoin(Finding, Finding.id == Talk.finding_id)
        .where(Talk.day.between(period.first, period.last), ground.at(Talk.site_id))
        .group_by(*facts)
    )
    return [Told(*row) for row in rows]


def _intentions(ground: Ground, rows: list[Told]) -> list[Indicator]:
    match_words = {key: said(words) for key, words in MATCH_WORDS.items()}
    by_match = {
        key: _changed([one for one in rows if one.group == key])
        for key in MATCH_WORDS
        if any(one.group == key for one in rows)
    }
    return [
        Indicator("intention", _changed(rows), (split("match", by_match, match_words),)),
        _intended(ground, "intention-match", (one for one in rows if one.group == "match")),
        _intended(ground, "intention-mismatch", (one for one in rows if one.group == "mismatch")),
    ]


def _changed(rows: list[Told]) -> Figure:
    n = sum(one.n for one in rows if one.has_intention)
    as_planned = sum(one.n for one in rows if one.intention == AS_PLANNED)
    return share(n - as_planned, n, sum(one.n for one in rows) - n)


def _intended(ground: Ground, key: str, rows: Iterable[Told]) -> Indicator:
    told = list(rows)
    said_so = summed((one.intention, one.n) for one in told if one.has_intention)
    n = sum(said_so.values())
    figures = {intention: count(many) for intention, many in said_so.items()}
    words = ground.words("intention_after_result")
    whole = count(n, sum(one.n for one in told) - n)
    return Indicator(key, whole, (split("intention", figures, words),))


def _behaviour(rows: list[Told]) -> list[Indicator]:
    talks = sum(one.n for one in rows)
    intended = sum(one.n for one in rows if one.has_intention)
    lowering = sum(one.n for one in rows if one.intention in LOWERS_A_RISK)
    return [
        Indicator("risk-lowering", share(lowering, intended, talks - intended)),
        Indicator("referrals", share(sum(one.referred for one in rows), talks)),
        Indicator("material", share(sum(one.given for one in rows), talks)),
    ]
