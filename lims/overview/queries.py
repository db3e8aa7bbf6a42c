"""Reading what the demonstration is made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from lims.network.records import Installation

DEMONSTRATION = "demonstration"
"""Key of the row that marks a database as a demonstration, with its accounts."""


def demonstration_accounts(session: Session) -> list[dict[str, Any]]:
    """Return the accounts of the demonstration with their password; empty when there is none."""
    kept = session.get(Installation, DEMONSTRATION)
    return list(kept.value.get("accounts", [])) if kept else []
