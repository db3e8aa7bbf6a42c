"""Files of the product database, surveillance, alerts, exchange and indicators, and their kinds."""

from __future__ import annotations

WARNING_FILES: dict[str, dict[str, str]] = {
    "findings": {},
    "products": {},
    "surveillance": {},
    "alerts": {
        "outbox": "records",
        "acts": "rules",
        "delivering": "rules",
        "mailboxes": "rules",
        "letters": "drawing",
        "addressees": "queries",
        "reaching": "queries",
        "delivered": "queries",
        "digested": "queries",
        "recipients": "operations",
        "groups": "operations",
        "deliveries": "operations",
        "acknowledging": "operations",
        "digests": "operations",
        "notices": "operations",
        "delivery_schemas": "schemas",
        "sending": "schemas",
        "recipient_pages": "door",
        "group_pages": "door",
        "delivery_pages": "door",
        "received_pages": "door",
        "delivery_api": "door",
    },
    "exchange": {},
    "overview": {},
    "installation": {"mailroom": "operations"},
}
