"""The entries of the staff navigation: their group, and the permission that shows them.

What a duty opens many times a day has no group and stands first; the rest is folded under a few
headings (docs/decisions/0044).
"""

from __future__ import annotations

from lims.doors.house import Way
from lims.foundation.words import _
from lims.network.rules import Permission as P

MOVING = _("Parcels and queues")
REFERENCE = _("Library and rules")
FIGURES = _("Figures")
PARTNERS = _("Partners and points")
UPKEEP = _("Upkeep")

WAYS = (
    Way(_("Start"), "overview.start", "home"),
    Way(_("Register"), "intake.new_visit", "plus", P.REGISTER),
    Way(_("Without a network"), "table.screen", "offline", P.REGISTER),
    Way(_("Work list"), "overview.work_list", "flask", P.ORDER_WORK),
    Way(_("Runs"), "analysis.runs", "plate", P.ANALYSE),
    Way(_("To verify"), "overview.to_verify", "sign", P.VERIFY),
    Way(_("Signals"), "surveillance.signals", "pulse", P.TRIAGE),
    Way(_("Alerts"), "alerts.alerts", "beacon", P.CONSULT),
    Way(_("Products"), "products.products", "chart", P.CONSULT),
    Way(_("Open a result"), "counselling.look_up", "talk", P.READ_FINDINGS),
    Way(_("Samples"), "intake.samples", "queue", P.FOLLOW_SAMPLES),
    Way(_("Parcels"), "custody.parcels", "box", P.FOLLOW_SAMPLES, group=MOVING),
    Way(_("Queues"), "queues.queues", "hourglass", P.FOLLOW_SAMPLES, group=MOVING),
    Way(_("Devices"), "devices.devices_page", "phone", P.USE_DEVICE, group=MOVING),
    Way(_("Custody alarms"), "keeping.alarms_page", "err", P.MANAGE_CUSTODY, group=MOVING),
    Way(_("Indicators"), "indicators.board", "chart", P.READ_INDICATORS, group=FIGURES),
    Way(_("Surveillance"), "watch.listed", "pulse", P.TRIAGE, group=FIGURES),
    Way(_("Reports"), "reports.listed", "copy", P.APPROVE_REPORT, group=FIGURES),
    Way(_("Turn-around"), "overview.turn_around", "hourglass", P.READ_INDICATORS, group=FIGURES),
    Way(_("Accuracy"), "accuracy.accuracy", "check", P.READ_INDICATORS, group=FIGURES),
    Way(_("Recipients"), "recipients.recipients_page", "people", P.KEEP_RECIPIENTS, group=PARTNERS),
    Way(_("Partner results"), "exchange.imports", "copy", P.IMPORT_RESULTS, group=PARTNERS),
    Way(_("Exports"), "exports.exports_page", "copy", P.EXPORT, group=PARTNERS),
    Way(_("Testing points"), "points.listed_points", "people", P.EDIT_POINT, group=PARTNERS),
    Way(_("Library"), "library.substances", "book", P.CONSULT, group=REFERENCE),
    Way(_("Danger rules"), "findings.rules_page", "err", P.CONSULT, group=REFERENCE),
    Way(_("Protocols"), "protocols.protocols", "check", P.CONSULT, group=REFERENCE),
    Way(_("Laboratory"), "quality.laboratory", "flask", P.MANAGE_LABORATORY, group=UPKEEP),
    Way(_("Long work"), "long_work.long_work", "hourglass", P.MANAGE_LABORATORY, group=UPKEEP),
    Way(_("Journal"), "overview.journal_page", "chain", P.READ_JOURNAL, group=UPKEEP),
    Way(_("Accounts"), "network.accounts", "people", P.ADMINISTER, group=UPKEEP),
    Way(_("Sites"), "network.sites_page", "box", P.ADMINISTER, group=UPKEEP),
)
