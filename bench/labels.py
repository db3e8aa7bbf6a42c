"""Five hundred labels in one PDF, as for a festival."""

from __future__ import annotations

from importlib.util import find_spec

from bench.measures import NotMeasured, Outcome

LABELS = 500
MOST = 2.0


def measure() -> list[Outcome]:
    """Measure the drawing of 500 labels from plain values."""
    if find_spec("lims.intake") is None or find_spec("lims.intake.labels") is None:
        raise NotMeasured("there is no lims/intake/labels.py yet")
    raise NotMeasured("the labels are not joined to the bench yet")
