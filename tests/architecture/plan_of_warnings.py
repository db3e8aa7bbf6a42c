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
        "series_pages": "door",
        "content_api": "door",
        "content_pages": "door",
        "content_schemas": "schemas",
        "content_shown": "schemas",
        "circulation": "queries",
        "matches": "queries",
        "photos": "queries",
        "exporting": "operations",
        "tables": "drawing",
    },
    "surveillance": {},
    "alerts": {},
    "exchange": {},
    "overview": {
        "feedback": "queries",
        "feedback_rules": "rules",
        "feedback_shown": "schemas",
        "feedback_sheet": "drawing",
        "feedback_pages": "door",
        "feedback_api": "door",
    },
    "installation": {},
}
