"""Five hundred labels in one PDF, as for a festival."""

from __future__ import annotations

from importlib.util import find_spec

from bench.measures import NotMeasured, Outcome, median_of, seconds

LABELS = 500
MOST = 2.0
ROUNDS = 3


def measure() -> list[Outcome]:
    """Measure the drawing of 500 labels from plain values."""
    if find_spec("lims.intake") is None or find_spec("lims.intake.labels") is None:
        raise NotMeasured("there is no lims/intake/labels.py yet")
    from lims.foundation.codes import new_code
    from lims.intake.labels import LAYOUTS, Label, label_pdf

    labels = [Label(new_code(), ("tablet", "week 47"), True) for _number in range(LABELS)]
    ours = median_of(lambda: seconds(lambda: label_pdf(labels, LAYOUTS["a4-3x8"], "fr")), ROUNDS)
    return [Outcome(f"{LABELS} labels", "s", ours, None, f"under {MOST:g} s", ours < MOST)]
