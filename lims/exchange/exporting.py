"""Giving out rows: a permission, the password asked again, a record and a line in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import IO

from sqlalchemy.orm import Session

from lims import journal
from lims.exchange.column_sets import ColumnSet, Period, column_set
from lims.exchange.passing import Passing, checked
from lims.exchange.records import DataExport
from lims.exchange.tables_out import Written, write_csv, write_xlsx
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.network import logins
from lims.network.rules import Permission


@dataclass(frozen=True)
class ExportRows:
    """Which rows: a format, a kind of file, a period of days, and the password typed again.

    `password` is None at the doors of programs, whose key or place proves who asks.
    """

    format: str
    since: date
    until: date
    kind: str = "csv"
    password: str | None = None


def export_rows(
    session: Session, actor: Actor, command: ExportRows, out: IO[bytes], network: str
) -> DataExport:
    """Write the rows of a format to a file and keep a record of it.

    Raises Invalid for a wrong password, an unknown format or a kind that the format has not.
    """
    actor.must(Permission.EXPORT)
    chosen = column_set(command.format)
    if command.kind not in chosen.kinds:
        raise refuse_field("kind", _("This format is a file of another kind."))
    if command.password is not None and not logins.is_own_password(
        session, actor, command.password
    ):
        raise refuse_field("password", _("This is not your password."))
    period = checked(Period(command.since, command.until))
    passing = Passing(session, chosen, period, network)
    written = _write(out, chosen, command.kind, passing)
    kept = DataExport(
        format=chosen.key,
        format_version=chosen.version,
        kind=command.kind,
        since=period.since,
        until=period.until,
        rows=written.rows,
        left_out=passing.left_out,
        file_hash=written.sha256,
        size=written.size,
        by=actor.account,
    )
    session.add(kept)
    session.flush()
    facts = {"format": chosen.key, "version": chosen.version, "rows": written.rows}
    facts |= {"left_out": passing.left_out, "file_hash": written.sha256}
    days = {"since": period.since.isoformat(), "until": period.until.isoformat()}
    journal.record(session, actor, "export rows", [("data_export", kept.id)], **facts, **days)
    return kept


def _write(out: IO[bytes], chosen: ColumnSet, kind: str, passing: Passing) -> Written:
    if kind == "xlsx":
        return write_xlsx(out, chosen.head, passing.rows(), title=chosen.title)
    return write_csv(out, chosen.head, passing.rows(), separator=chosen.separator, mark=chosen.mark)
