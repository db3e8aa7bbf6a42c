"""Files of the product database, surveillance, alerts, exchange and indicators, and their kinds."""

from __future__ import annotations

WARNING_FILES: dict[str, dict[str, str]] = {
    "findings": {},
    "products": {},
    "surveillance": {},
    "exchange": {
        "outgoing_facts": "rules",
        "suppression": "rules",
        "cube_definitions": "drawing",
        "open_files": "drawing",
        "regions": "drawing",
        "tables_out": "drawing",
        "column_sets": "drawing",
        "outgoing": "queries",
        "outgoing_alerts": "queries",
        "passing": "queries",
        "past_exports": "queries",
        "cubes": "queries",
        "releases": "queries",
        "exporting": "operations",
        "opening": "operations",
        "proving": "schemas",
        "export_schemas": "schemas",
        "open_schemas": "schemas",
        "export_pages": "door",
        "export_api": "door",
        "export_commands": "door",
        "open_pages": "door",
        "open_commands": "door",
        "public_pages": "door",
    },
    "alerts": {
        "readability": "rules",
        "sheets": "drawing",
        "typesetting": "drawing",
        "sheet_pages": "door",
        "picturing": "operations",
    },
    "overview": {},
    "installation": {},
}
