"""Files of the product database, surveillance, alerts, exchange and indicators, and their kinds."""

from __future__ import annotations

WARNING_FILES: dict[str, dict[str, str]] = {
    "findings": {},
    "products": {},
    "surveillance": {},
    "alerts": {
        "readability": "rules",
        "sheets": "drawing",
        "typesetting": "drawing",
        "sheet_pages": "door",
        "picturing": "operations",
    },
    "surveillance": {
        "detectors": "rules",
    },
    "alerts": {},
    "exchange": {},
    "overview": {},
    "installation": {},
}
