"""Files of the product database, surveillance, alerts, exchange and indicators, and their kinds."""

from __future__ import annotations

WARNING_FILES: dict[str, dict[str, str]] = {
    "findings": {},
    "products": {},
    "surveillance": {
        "detectors": "rules",
        "method_names": "rules",
        "agreement": "rules",
        "simulated_scenarios": "rules",
        "evaluating": "rules",
        "detector_trials": "door",
    },
    "alerts": {},
    "exchange": {},
    "overview": {},
    "installation": {},
}
