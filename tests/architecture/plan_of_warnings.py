"""Files of the product database, surveillance, alerts, exchange and indicators, and their kinds."""

from __future__ import annotations

WARNING_FILES: dict[str, dict[str, str]] = {
    "findings": {},
    "products": {
        "colours": "rules",
        "looks": "rules",
        "intervals": "rules",
        "listing": "queries",
        "appearance": "queries",
        "histories": "queries",
        "filing": "queries",
        "linking": "operations",
        "series": "operations",
        "series_schemas": "schemas",
        "series_api": "door",
    },
    "surveillance": {},
    "alerts": {},
    "exchange": {},
    "overview": {},
    "installation": {},
}
