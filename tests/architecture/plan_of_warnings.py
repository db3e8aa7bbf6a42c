"""Files of the product database, surveillance, alerts, exchange and indicators, and their kinds."""

from __future__ import annotations

WARNING_FILES: dict[str, dict[str, str]] = {
    "findings": {
        "ruling": "rules",
        "rule_records": "records",
        "rule_form": "queries",
        "rule_drafts": "queries",
        "trials": "queries",
        "rule_review": "operations",
        "judging": "operations",
        "rule_schemas": "schemas",
        "rule_shown": "schemas",
        "rule_pages": "door",
        "judged_pages": "door",
        "rule_api": "door",
    },
    "products": {},
    "surveillance": {
        "acts": "rules",
        "reporting": "rules",
        "report_records": "records",
        "reports": "operations",
        "escalating": "operations",
        "lateness": "schemas",
    },
    "alerts": {
        "checking": "rules",
        "event_records": "records",
        "merging": "operations",
        "checks": "operations",
        "event_schemas": "schemas",
        "event_shown": "schemas",
        "event_api": "door",
    },
    "exchange": {},
    "overview": {},
    "installation": {},
}
