"""Indicators of which the records are made by other parts: told when there are rows, never guessed.

Until a table of deliveries and one of feedback reports exists, they are "not measured yet".
"""

from __future__ import annotations

from lims.overview.indicator_figures import NOT_MEASURED, Indicator
from lims.overview.indicator_ground import Ground


def acknowledgement_hours(_ground: Ground) -> Indicator:
    """Return the hours from publication to acknowledgement; no delivery is recorded yet."""
    return Indicator("alert-to-acknowledgement", NOT_MEASURED)


def feedback_reports(_ground: Ground) -> Indicator:
    """Return the institutions with a feedback report; none is recorded yet."""
    return Indicator("feedback", NOT_MEASURED)
