"""Alerts: how many, of which kind, where they came from, and how soon they were there.

The number of an alert and what it says are not read: levels, kinds and moments alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from lims.alerts.records import Alert, AlertVersion
from lims.alerts.rules import LEVELS, Kind
from lims.findings.records import Finding
from lims.foundation.words import _
from lims.overview.acts import LEVELS as LEVEL_WORDS
from lims.overview.indicator_figures import Indicator, count, share, times
from lims.overview.indicator_ground import Ground, said, split, summed
from lims.overview.indicator_periods import month_of
from lims.overview.indicator_waiting import acknowledgement_hours
from lims.surveillance.records import Signal
from lims.surveillance.rules import SignalSource

OWN_SOURCES = (SignalSource.RULE, SignalSource.FIRST_SEEN, SignalSource.STATISTIC)
"""What raises a signal from samples of testing points; a human report only when it names one."""
KIND_WORDS = {
    Kind.ALERT: _("alerts"),
    Kind.UPDATE: _("updates"),
    Kind.WITHDRAWAL: _("withdrawals"),
}
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Published:
    """A message of an alert as it was published."""

    id: uuid.UUID
    alert: uuid.UUID
    event: uuid.UUID | None
    kind: str
    level: str
    at: datetime


def published(ground: Ground) -> list[Published]:
    """Return the messages published in the period, oldest first."""
    rows = ground.session.execute(
        select(
            *(AlertVersion.id, AlertVersion.alert_id, Alert.event_id),
            *(AlertVersion.kind, AlertVersion.level, AlertVersion.published_at),
        )
        .join(Alert, Alert.id == AlertVersion.alert_id)
        .where(
            AlertVersion.published_at >= ground.period.begins,
            AlertVersion.published_at < ground.period.ends,
        )
        .order_by(AlertVersion.published_at)
    )
    return [
        Published(key, alert, event, kind, level, at)
        for key, alert, event, kind, level, at in rows
        if at is not None
    ]


def of_alerts(ground: Ground) -> list[Indicator]:
    """Return number, kinds and origin of the alerts, and the times around them."""
    messages = published(ground)
    first = [one for one in messages if one.kind == Kind.ALERT]
    by_level = summed((one.level, 1) for one in first)
    by_month = summed((month_of(one.at.date()), 1) for one in first)
    by_kind = summed((one.kind, 1) for one in messages)
    levels = {key: said(LEVEL_WORDS[key]) for key in LEVELS}
    kinds = {str(key): said(words) for key, words in KIND_WORDS.items()}
    every_month = {one: count(by_month.get(one, 0)) for one in ground.months()}
    return [
        Indicator(
            "alerts",
            count(len(first)),
            (
                split("level", {key: count(by_level.get(key, 0)) for key in levels}, levels),
                split("month", every_month, {}, empty=True),
            ),
        ),
        Indicator(
            "alert-messages",
            count(len(messages)),
            (split("kind", {key: count(by_kind.get(key, 0)) for key in kinds}, kinds),),
        ),
        _from_points(ground, first),
        _after_finding(ground, first),
        acknowledgement_hours(ground),
    ]


def _from_points(ground: Ground, first: Iterable[Published]) -> Indicator:
    alerts = list(first)
    events = [one.event for one in alerts if one.event is not None]
    on_own = or_(
        Signal.source.in_(OWN_SOURCES),
        and_(Signal.source == SignalSource.HUMAN_REPORT, Signal.sample_id.is_not(None)),
    )
    own = frozenset(
        ground.session.scalars(
            select(Signal.event_id).where(Signal.event_id.in_(events), on_own).distinct()
        )
    )
    return Indicator(
        "alerts-from-points", share(sum(one.event in own for one in alerts), len(alerts))
    )


def _after_finding(ground: Ground, first: Iterable[Published]) -> Indicator:
    """Return the hours from the first finding behind an alert to its publication."""
    alerts = list(first)
    events = [one.event for one in alerts if one.event is not None]
    rows = ground.session.execute(
        select(Signal.event_id, func.min(Finding.released_at))
        .join(Finding, Finding.id == Signal.finding_id)
        .where(Signal.event_id.in_(events), Finding.released_at.is_not(None))
        .group_by(Signal.event_id)
    )
    found = {event: at for event, at in rows if at is not None}
    spent = [
        max(0.0, (one.at - found[one.event]).total_seconds() / SECONDS_PER_HOUR)
        for one in alerts
        if one.event in found
    ]
    timed = summed((round(hours, 2), 1) for hours in spent)
    return Indicator("finding-to-alert", times(timed, len(alerts) - len(spent)))
