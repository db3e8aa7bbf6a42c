"""The entries of the staff navigation, each with the permission that shows it."""

from __future__ import annotations

from lims.doors.house import Way
from lims.foundation.words import _
from lims.network.rules import Permission as P

WAYS = (
    Way(_("Start"), "overview.start", "home"),
    Way(_("Register"), "intake.new_visit", "plus", P.REGISTER),
    Way(_("Without a network"), "table.screen", "offline", P.REGISTER),
    Way(_("Samples"), "intake.samples", "queue", P.FOLLOW_SAMPLES),
    Way(_("Devices"), "devices.devices_page", "phone", P.USE_DEVICE),
    Way(_("Parcels"), "custody.parcels", "box", P.FOLLOW_SAMPLES),
    Way(_("Custody alarms"), "keeping.alarms_page", "err", P.MANAGE_CUSTODY),
    Way(_("Work list"), "overview.work_list", "flask", P.ORDER_WORK),
    Way(_("Runs"), "analysis.runs", "plate", P.ANALYSE),
    Way(_("To verify"), "overview.to_verify", "sign", P.VERIFY),
    Way(_("Open a result"), "counselling.look_up", "talk", P.READ_FINDINGS),
    Way(_("Products"), "products.products", "chart", P.CONSULT),
    Way(_("Signals"), "surveillance.signals", "pulse", P.TRIAGE),
    Way(_("Surveillance"), "watch.listed", "chart", P.TRIAGE),
    Way(_("Alerts"), "alerts.alerts", "beacon", P.CONSULT),
    Way(_("Recipients"), "recipients.recipients_page", "people", P.KEEP_RECIPIENTS),
    Way(_("Library"), "library.substances", "book", P.CONSULT),
    Way(_("Protocols"), "protocols.protocols", "check", P.CONSULT),
    Way(_("Danger rules"), "findings.rules_page", "err", P.CONSULT),
    Way(_("Laboratory"), "quality.laboratory", "flask", P.MANAGE_LABORATORY),
    Way(_("Partner results"), "exchange.imports", "copy", P.IMPORT_RESULTS),
    Way(_("Exports"), "exports.exports_page", "copy", P.EXPORT),
    Way(_("Queues"), "queues.queues", "hourglass", P.FOLLOW_SAMPLES),
    Way(_("Testing points"), "points.listed_points", "people", P.EDIT_POINT),
    Way(_("Turn-around"), "overview.turn_around", "hourglass", P.READ_INDICATORS),
    Way(_("Indicators"), "indicators.board", "chart", P.READ_INDICATORS),
    Way(_("Reports"), "reports.listed", "copy", P.APPROVE_REPORT),
    Way(_("Accuracy"), "accuracy.accuracy", "check", P.READ_INDICATORS),
    Way(_("Long work"), "long_work.long_work", "hourglass", P.MANAGE_LABORATORY),
    Way(_("Journal"), "overview.journal_page", "chain", P.READ_JOURNAL),
    Way(_("Accounts"), "network.accounts", "people", P.ADMINISTER),
    Way(_("Sites"), "network.sites_page", "box", P.ADMINISTER),
)
