"""How the tests of reports draw one up, have it approved and read it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pypdfium2
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.journal.records import JournalEntry
from lims.overview import (
    report_lists,
    reports,
)
from lims.overview.report_records import NetworkReport
from tests.makers import PASSWORD
from tests.overview.counted_network import Counted

AFTER = datetime(2026, 7, 6, 12, tzinfo=UTC)
WORDS = {"fr": "Un commentaire.", "nl": "Een toelichting.", "en": "A commentary."}


def drafted(made: Counted, period: str = "2026-1") -> NetworkReport:
    return reports.draft_report(made.session, made.network.coordinator, reports.DraftReport(period))


def approved(made: Counted, report: NetworkReport, **more: Any) -> NetworkReport:
    command = reports.ApproveReport(report.id, PASSWORD, **more)
    return reports.approve_report(made.session, made.network.approver, command)


def edited(made: Counted, report: NetworkReport, **words: Any) -> NetworkReport:
    command = reports.EditReport(report.id, **words)
    return reports.edit_report(made.session, made.network.coordinator, command)


def acts(session: Session) -> list[str]:
    return list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))


def file(made: Counted, report: NetworkReport, end: str) -> bytes:
    (name,) = [one.name for one in report.files if one.name.endswith(end)]
    return report_lists.file(made.session, made.network.auditor, report.id, name).content


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)
