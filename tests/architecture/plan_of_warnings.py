"""Files of the product database, surveillance, alerts, exchange and indicators, and their kinds."""

from __future__ import annotations

WARNING_FILES: dict[str, dict[str, str]] = {
    "findings": {},
    "products": {},
    "surveillance": {
        "detectors": "rules",
        "weeks": "rules",
        "arrivals": "rules",
        "counting": "rules",
        "methods": "rules",
        "judging": "rules",
        "dosing": "rules",
        "evidence": "rules",
        "first_seen": "rules",
        "looks": "rules",
        "effects": "rules",
        "observed": "records",
        "own_results": "queries",
        "series": "queries",
        "sightings": "queries",
        "matters": "queries",
        "raising": "operations",
        "finding_first": "queries",
        "rising": "rules",
        "noticed": "rules",
        "looking": "queries",
        "noticing": "operations",
        "observations": "operations",
        "watching": "operations",
        "watch_work": "schemas",
    },
    "alerts": {},
    "exchange": {
        "acts": "rules",
        "observing": "queries",
        "replaying": "schemas",
        "replay_trials": "door",
    },
    "overview": {},
    "installation": {},
}
