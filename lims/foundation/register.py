"""Every table, imported once, so that migrations and tests know the whole database."""

from __future__ import annotations

from importlib import import_module

FEATURES = (
    "journal",
    "network",
    "protocols",
    "library",
    "intake",
    "custody",
    "quality",
    "analysis",
    "identification",
    "findings",
    "products",
    "surveillance",
    "alerts",
    "counselling",
    "exchange",
)


def all_tables() -> None:
    """Import the records of every feature."""
    for feature in FEATURES:
        import_module(f"lims.{feature}.records")
