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
    "overview",
)
# Tables that stand beside the records of a feature, or belong to none.
OTHERS = (
    "lims.foundation.jobs",
    "lims.alerts.outbox",
    "lims.library.spectra",
    "lims.analysis.measured",
    "lims.custody.stores",
    "lims.intake.device_records",
    "lims.intake.logo_records",
    "lims.intake.photo_records",
    "lims.network.points",
    "lims.alerts.cap_records",
    "lims.exchange.foreign_records",
    "lims.intake.closed",
    "lims.intake.label_records",
    "lims.findings.rule_records",
    "lims.surveillance.report_records",
    "lims.alerts.event_records",
    "lims.overview.report_records",
    "lims.surveillance.observed",
)


def all_tables() -> None:
    """Import the records of every feature."""
    for name in (*(f"lims.{feature}.records" for feature in FEATURES), *OTHERS):
        import_module(name)
