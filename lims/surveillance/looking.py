"""Reading every series and judging it: what a run of the watch does before it writes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.jobs import Job
from lims.surveillance import dosing
from lims.surveillance.counting import Series
from lims.surveillance.judging import (
    Judgement,
    Rise,
    Verdict,
    alarms_of,
    judge_all,
    leading,
    rises,
)
from lims.surveillance.methods import windows
from lims.surveillance.noticed import Noticed
from lims.surveillance.observed import WatchRun
from lims.surveillance.rising import NamesOf, is_mix, notice_of_dose, notice_of_rise
from lims.surveillance.series import by_service, doses, names_of, weekly
from lims.surveillance.weeks import WEEK, last_complete, weeks_between

JOB = "watch"
MOST_WEEKS = 4
"""Weeks without a run that are judged after it: older ones have left the window."""


@dataclass
class Looked:
    """What a run has read and judged, before anything is written."""

    week: date
    weeks: int
    series: list[Series]
    last: Judgement
    noticed: list[Noticed] = field(default_factory=list)
    dose_verdicts: dict[uuid.UUID, Verdict] = field(default_factory=dict)
    seconds: float = 0.0


def look(session: Session) -> Looked:
    """Read every series and judge the weeks that no run has judged; writes nothing."""
    begun = perf_counter()
    last = last_complete(clock.today())
    count = _weeks_to_judge(session, last)
    series = weekly(session, last)
    found = Looked(last, count, series, Judgement(0))
    names = names_of(session, _substances(series))
    if series:
        for week in range(max(series[0].weeks - count, 0), series[0].weeks):
            found.last = judge_all(series, week)
            for rise in rises(alarms_of(series, found.last)):
                found.noticed += _notices(session, rise, series, week, names)
    amounts = doses(session, last, dosing.REACH)
    names |= names_of(session, [one.key.substance for one in amounts])
    for judged in dosing.judge_doses(amounts):
        found.dose_verdicts.setdefault(judged.doses.key.id, judged.verdict)
        if judged.verdict.kept:
            found.noticed.append(notice_of_dose(judged, last, names))
    found.seconds = perf_counter() - begun
    return found


def _notices(
    session: Session, rise: Rise, series: Sequence[Series], week: int, names: NamesOf
) -> list[Noticed]:
    """Return what is raised of a rise: the first of its alarms that holds within a service.

    When none does, the most trusted one, marked as a change of the mix.
    """
    found: list[Noticed] = []
    for one in leading(rise):
        key, last = one.best.key, series[one.best.place].first + week * WEEK
        services = by_service(session, key, last, windows(one.best.method))
        notice = notice_of_rise(one, series[one.best.place], week, names, services)
        if notice is not None:
            found.append(notice)
            if not is_mix(notice.outcome):
                return [notice]
    return found[:1]


def _weeks_to_judge(session: Session, last: date) -> int:
    before = session.scalar(select(WatchRun.week).order_by(WatchRun.week.desc()).limit(1))
    if before is None:
        return 1
    return max(1, min(weeks_between(before + WEEK, last), MOST_WEEKS))


def _substances(series: Sequence[Series]) -> list[uuid.UUID]:
    ids = {one.key.substance for one in series} | {one.key.declared for one in series}
    return [one for one in ids if one is not None]


def is_due(session: Session) -> bool:
    """Tell whether no run was asked for in the last day."""
    query = select(Job.id).where(Job.kind == JOB, Job.created_at > clock.now() - timedelta(days=1))
    return session.scalar(query.limit(1)) is None
