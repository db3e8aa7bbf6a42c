"""Indicators of which the records are made by other parts: told when there are rows, never guessed.

Acknowledgements stand with the deliveries, feedback reports in the journal.
"""

from __future__ import annotations

from lims.alerts.audiences import audience_words
from lims.alerts.delivered import acknowledgement_times
from lims.overview.feedback_making import reported
from lims.overview.indicator_figures import NOT_MEASURED, Indicator, share, times
from lims.overview.indicator_ground import Ground, said, split, summed
from lims.overview.indicator_visits import Visits

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


def feedback_reports(ground: Ground, came: Visits) -> Indicator:
    """Return the share of institutions with a visit whose feedback report was made."""
    with_visit = {ground.places[one].organisation_id for one in came.sites}
    made = reported(ground.session, with_visit, ground.period) if with_visit else frozenset()
    return Indicator("feedback", share(len(made), len(with_visit), whole=True))
