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
        "cap": "drawing",
        "cap_records": "records",
        "issued": "queries",
        "issuing": "operations",
        "cap_pages": "door",
        "cap_commands": "door",
    },
    "exchange": {
        "foreign_records": "records",
        "foreign_texts": "drawing",
        "foreign_queries": "queries",
        "foreign_alerts": "operations",
        "foreign_schemas": "schemas",
        "foreign_pages": "door",
        "foreign_api": "door",
        "foreign_commands": "door",
    },
    "overview": {},
    "installation": {},
}
