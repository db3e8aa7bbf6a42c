"""A batch sheet from its bytes to its report, for the page, the machine door and the terminal."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import marshmallow as ma
from marshmallow import fields
from sqlalchemy.orm import Session

from lims.doors.schema import Choice, CommandSchema, Identifier, Tick
from lims.foundation.actors import Actor
from lims.foundation.codes import shown
from lims.foundation.words import LANGUAGES, _, say
from lims.intake import batch_sheet
from lims.intake.batch import BatchOutcome, CellProblem, RegisterBatch, register_batch
from lims.intake.batch_columns import Column, columns
from lims.intake.batch_files import read_book
from lims.intake.batch_reading import Told, cell_problems, read_batch
from lims.intake.batch_sheet import Filled
from lims.library import queries as library
from lims.network.rules import Permission

SUGGESTED = 400


@dataclass(frozen=True)
class SendBatch:
    """A sheet that somebody sends: its bytes, where the samples are, and whether only to look."""

    content: bytes
    site_id: uuid.UUID
    dry_run: bool = True


@dataclass
class BatchReport:
    """What a sheet would do or did, in the sheet's own places."""

    columns: tuple[Column, ...]
    dry_run: bool
    rows: int = 0
    visits: int = 0
    samples: int = 0
    known_rows: list[int] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    is_kept: bool = False
    #: row → the code that its sample has
    codes: dict[int, str] = field(default_factory=dict)
    filled: Filled = field(default_factory=Filled)
    number: str = ""


def send_batch(session: Session, actor: Actor, command: SendBatch) -> BatchReport:
    """Read a sheet and register it, or say what is wrong with each cell; nothing is half done."""
    actor.must(Permission.REGISTER, command.site_id)
    book = read_book(command.content)
    told = read_batch(book, columns(session), command.site_id)
    file_hash = hashlib.sha256(command.content).hexdigest()
    looks = command.dry_run or bool(told.problems)
    ordered = sorted(told.visits, key=lambda one: not any(s.code for s in one.command.samples))
    outcome = register_batch(
        session, actor, RegisterBatch(command.site_id, tuple(ordered), file_hash, looks)
    )
    report = _report(told, outcome, command.dry_run)
    return replace(report, filled=_filled(told, report), number=book.number)


def _report(told: Told, outcome: BatchOutcome, dry_run: bool) -> BatchReport:
    problems = list(told.problems)
    for visit, one in outcome.problems:
        problems += cell_problems(told, [one], visit.rows)
    order = {column.key: place for place, column in enumerate(told.columns)}
    report = BatchReport(told.columns, dry_run, rows=len(told.rows))
    report.problems = sorted(
        dict.fromkeys(problems), key=lambda one: (one.row, order.get(one.column, 0))
    )
    report.visits, report.samples = len(outcome.made), outcome.samples
    report.is_kept = outcome.is_kept
    report.known_rows = sorted(row for visit, _there in outcome.known for row in visit.rows)
    for visit, there in outcome.known:
        report.codes |= dict(zip(visit.rows, (shown(s.code) for s in there.samples), strict=False))
    if outcome.is_kept:
        for visit, made in outcome.made:
            report.codes |= dict(
                zip(visit.rows, (shown(s.code) for s in made.samples), strict=True)
            )
    return report


def _filled(told: Told, report: BatchReport) -> Filled:
    return Filled([(row.number, _texts(told, row.cells), "") for row in told.rows])


def _texts(told: Told, cells: Sequence[Any]) -> list[str]:
    places = [told.places.get(column.key) for column in told.columns]
    return [cells[at].text if at is not None and at < len(cells) else "" for at in places]


def remarked(report: BatchReport, language: str, kind: str) -> bytes:
    """Return the sheet as it was read, with a column of remarks and, when there are, of codes."""
    notes: defaultdict[int, list[str]] = defaultdict(list)
    for one in report.problems:
        column = next((each for each in report.columns if each.key == one.column), None)
        name = column.words(language) if column else one.column
        notes[one.row].append(f"{name}: {say(one.message, language)}")
    for row, code in report.codes.items():
        notes[row].append(say(_("Registered as %(code)s.", code=code), language))
    rows = [(n, texts, " ".join(notes[n])) for n, texts, _note in report.filled.rows]
    if kind == "csv":
        return batch_sheet.remarked_csv(report.columns, Filled(rows), language)
    return batch_sheet.remarked_xlsx(report.columns, Filled(rows), language, report.number)


def template(session: Session, actor: Actor, language: str, kind: str) -> bytes:
    """Return an empty sheet in the reader's language; each workbook bears a number of its own."""
    actor.must(Permission.REGISTER)
    if kind == "csv":
        return batch_sheet.template_csv(columns(session), language)
    names = library.suggestions(session, language, SUGGESTED)
    return batch_sheet.template_xlsx(columns(session), language, str(uuid.uuid4()), names)


class TemplateSchema(CommandSchema):
    """Which template."""

    kind = Choice("xlsx", "csv", load_default="xlsx")
    language = Choice(*LANGUAGES, load_default="fr")


class SendBatchSchema(CommandSchema):
    """A sheet at the machine door: where its samples are, and whether only to look."""

    site_id = Identifier(required=True)
    dry_run = Tick(load_default=True)


class BatchFormSchema(CommandSchema):
    """What the page's buttons ask."""

    act = Choice("look", "register", "remarks", load_default="look")
    kind = Choice("xlsx", "csv", load_default="xlsx")


class CellProblemSchema(ma.Schema):
    """What is wrong with one cell."""

    row = fields.Integer()
    column = fields.String()
    address = fields.String()
    message = fields.Function(
        lambda one: say(one.message, "en"), metadata={"type": "string", "readOnly": True}
    )


class BatchReportSchema(ma.Schema):
    """What a sheet would do or did."""

    dry_run = fields.Boolean()
    is_kept = fields.Boolean()
    rows = fields.Integer()
    visits = fields.Integer()
    samples = fields.Integer()
    known_rows = fields.List(fields.Integer())
    problems = fields.List(fields.Nested(CellProblemSchema))
    codes = fields.Function(
        lambda report: [{"row": row, "code": code} for row, code in sorted(report.codes.items())],
        metadata={
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"row": {"type": "integer"}, "code": {"type": "string"}},
            },
        },
    )
