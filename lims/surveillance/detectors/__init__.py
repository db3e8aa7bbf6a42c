"""Detectors of what rises: one file for each family, numbers in and numbers out.

They know nothing of samples and need numpy and scipy only: this folder can be used alone. Each
file says the formula, its source, and when the answer can be trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lims.surveillance.detectors.bayes import bayes
from lims.surveillance.detectors.beta_binomial import beta_binomial, detectable_change
from lims.surveillance.detectors.binomial_cusum import binomial_cusum
from lims.surveillance.detectors.cdc import cdc
from lims.surveillance.detectors.cusum import cusum
from lims.surveillance.detectors.detection import Detection, Detector
from lims.surveillance.detectors.dose_drift import dose_drift
from lims.surveillance.detectors.ears import ears
from lims.surveillance.detectors.farrington import farrington
from lims.surveillance.detectors.farrington_flexible import farrington_flexible
from lims.surveillance.detectors.glr import glr
from lims.surveillance.detectors.multiplicity import benjamini_hochberg
from lims.surveillance.detectors.outbreak_p import outbreak_p
from lims.surveillance.detectors.rki import rki

DETECTORS: Mapping[str, Detector] = MappingProxyType(
    {
        one.key: one
        for one in (
            Detector("bayes", 1, "Riebler 2004; Höhle 2007", bayes),
            Detector("beta_binomial", 1, "beta-binomial predictive distribution", beta_binomial),
            Detector("binomial_cusum", 1, "Steiner 2000; Höhle 2010", binomial_cusum),
            Detector("cdc", 1, "Stroup 1989", cdc),
            Detector("cusum", 1, "Rossi 1999", cusum),
            Detector("dose_drift", 1, "Mann, Whitney 1947", dose_drift),
            Detector("ears", 1, "Hutwagner 2003", ears),
            Detector("farrington", 1, "Farrington 1996", farrington),
            Detector("farrington_flexible", 1, "Noufaily 2013", farrington_flexible),
            Detector("glr", 1, "Höhle, Paul 2008", glr),
            Detector("outbreak_p", 1, "Frisén, Andersson, Schiöler 2009", outbreak_p),
            Detector("rki", 1, "Altmann 2003; Crow, Gardner 1959", rki),
        )
    }
)

__all__ = [
    "DETECTORS",
    "Detection",
    "Detector",
    "bayes",
    "benjamini_hochberg",
    "beta_binomial",
    "binomial_cusum",
    "cdc",
    "cusum",
    "detectable_change",
    "dose_drift",
    "ears",
    "farrington",
    "farrington_flexible",
    "glr",
    "outbreak_p",
    "rki",
]
