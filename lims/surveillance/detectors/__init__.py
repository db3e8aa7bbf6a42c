"""Detectors of what rises: one file for each family, numbers in and numbers out.

They know nothing of samples and need numpy and scipy only: this folder can be used alone. Each
file says the formula, its source, and when the answer can be trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lims.surveillance.detectors.beta_binomial import beta_binomial, detectable_change
from lims.surveillance.detectors.binomial_cusum import binomial_cusum
from lims.surveillance.detectors.detection import Detection, Detector
from lims.surveillance.detectors.dose_drift import dose_drift
from lims.surveillance.detectors.ears import ears
from lims.surveillance.detectors.farrington_flexible import farrington_flexible
from lims.surveillance.detectors.multiplicity import benjamini_hochberg

DETECTORS: Mapping[str, Detector] = MappingProxyType(
    {
        one.key: one
        for one in (
            Detector("beta_binomial", 1, "beta-binomial predictive distribution", beta_binomial),
            Detector("binomial_cusum", 1, "Steiner 2000; Höhle 2010", binomial_cusum),
            Detector("dose_drift", 1, "Mann, Whitney 1947", dose_drift),
            Detector("ears", 1, "Hutwagner 2003", ears),
            Detector("farrington_flexible", 1, "Noufaily 2013", farrington_flexible),
        )
    }
)

__all__ = [
    "DETECTORS",
    "Detection",
    "Detector",
    "benjamini_hochberg",
    "beta_binomial",
    "binomial_cusum",
    "detectable_change",
    "dose_drift",
    "ears",
    "farrington_flexible",
]
