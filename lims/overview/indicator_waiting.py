"""Indicators of which the records are made by other parts: told when there are rows, never guessed.

Feedback reports have no table yet: until one is read here, they are "not measured yet".
"""

from __future__ import annotations

from lims.alerts.audiences import audience_words
from lims.alerts.delivered import acknowledgement_times
from lims.overview.indicator_figures import NOT_MEASURED, Indicator, times
from lims.overview.indicator_ground import Ground, said, split, summed

SECONDS_PER_HOUR = 3600


def acknowledgement_hours(ground: Ground) -> Indicator:
    """Return the hours from publication to acknowledgement, by audience.

    Without any delivery of the period it is not measured: nobody was asked.
    """
    asked = [
        one
        for one in acknowledgement_times(ground.session, ground.period.begins)
        if one.published_at < ground.period.ends
    ]
    if not asked:
        return Indicator("alert-to-acknowledgement", NOT_MEASURED)
    took: dict[str, list[float]] = {}
    for one in asked:
        hours = took.setdefault(one.audience, [])
        if one.took is not None:
            hours.append(round(one.took.total_seconds() / SECONDS_PER_HOUR, 2))
    every = [hours for found in took.values() for hours in found]
    figures = {
        audience: times(summed((hours, 1) for hours in found)) for audience, found in took.items()
    }
    whole = times(summed((hours, 1) for hours in every), len(asked) - len(every))
    words = {audience: said(audience_words(audience)) for audience in took}
    return Indicator("alert-to-acknowledgement", whole, (split("audience", figures, words),))


def feedback_reports(_ground: Ground) -> Indicator:
    """Return the institutions with a feedback report; none is recorded yet."""
    return Indicator("feedback", NOT_MEASURED)
