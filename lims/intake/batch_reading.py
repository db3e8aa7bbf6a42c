"""From the cells of a batch sheet to the visits that the form would have made of them.

Every complaint names its cell as the spreadsheet does. The same rows give the same identifiers, so
that a sheet sent twice makes nothing twice.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lims.foundation.errors import Invalid, Problem, Refused
from lims.foundation.words import LANGUAGES, Message, _
from lims.intake import schemas
from lims.intake.batch import BatchVisit, CellProblem
from lims.intake.batch_columns import NO, VISIT, YES, Column, Kind, unknown_words
from lims.intake.batch_files import MOST_ROWS, Book, Cell, Row
from lims.intake.batch_words import EXAMPLES, REMARKS, folded, heading, said_in_all

NAMESPACE = uuid.UUID("6f1c8f5e-6d0b-5a57-9d55-5a0c3f7d2b11")
_BELGIAN_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_YES = {"yes", "y", "x", "1", "true", "oui", "o", "vrai", "ja", "j", "waar", "✓"}
_NO = {"no", "n", "0", "false", "non", "faux", "nee", "onwaar"}
_HEADER_DEPTH = 10


@dataclass
class Told:
    """What was read of a sheet: visits that can be tried, and what is wrong with cells."""

    columns: tuple[Column, ...]
    places: Mapping[str, int]
    rows: list[Row] = field(default_factory=list)
    visits: list[BatchVisit] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)

    def complain(self, row: int, key: str, message: Message) -> None:
        """Note what is wrong with a cell; a column that is not in the sheet has no address."""
        self.problems.append(CellProblem(row, key, address(self.places.get(key), row), message))


def read_batch(book: Book, columns: tuple[Column, ...], site_id: uuid.UUID) -> Told:
    """Return the visits of the first sheet that has our columns; raises Refused without one."""
    for table in book.tables:
        for at, row in enumerate(table.rows[:_HEADER_DEPTH]):
            places = _places(row, columns)
            if {"form", "sold_as"} <= places.keys():
                told = Told(columns, places)
                _refuse_odd_columns(told, row, table.rows[at + 1 :])
                told.rows = _data(table.rows[at + 1 :], told)
                _read_rows(told, site_id, book.number)
                return told
    raise Refused(_("No sheet of this file has our columns. Write into the template."))


def address(place: int | None, row: int) -> str:
    """Return a cell's address as a spreadsheet writes it, such as C7."""
    if place is None:
        return ""
    letters, rest = "", place + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return f"{letters}{row}"


def _places(row: Row, columns: Sequence[Column]) -> dict[str, int]:
    known = {folded(name): one.key for one in columns for name in (one.key, heading(one))}
    for one in columns:
        known[folded(heading(one).replace("\n", " / "))] = one.key
        known |= {folded(one.words(language)): one.key for language in LANGUAGES}
    found: dict[str, int] = {}
    for place, cell in enumerate(row.cells):
        key = known.get(folded(cell.text))
        if key is not None:
            found.setdefault(key, place)
    return found


def _refuse_odd_columns(told: Told, header: Row, below: Sequence[Row]) -> None:
    """Complain about columns that nobody asked for: they may hold what must not be kept."""
    ours = set(told.places.values())
    for place, cell in enumerate(header.cells):
        if place in ours or folded(cell.text) in said_in_all(REMARKS):
            continue
        used = any(place < len(row.cells) and row.cells[place].text for row in below)
        if cell.text or used:
            twice = cell.text and folded(cell.text) in {folded(key) for key in told.places}
            words = _("This column stands there twice.") if twice else _UNKNOWN_COLUMN
            place_name = address(place, header.number)
            told.problems.append(CellProblem(header.number, cell.text[:40], place_name, words))


_UNKNOWN_COLUMN = _("This column is not one of ours. Take it out: it may hold what is not kept.")


def _data(rows: Sequence[Row], told: Told) -> list[Row]:
    """Return the rows to register: neither the line of words nor the example."""
    found: list[Row] = []
    for row in rows:
        if len(_places(row, told.columns)) >= 2 and not found:
            continue
        if any(_text(told, row, VISIT).casefold().startswith(one) for one in EXAMPLES):
            continue
        if any(cell.text or cell.wrong for cell in _ours(told, row)):
            found.append(row)
    if len(found) > MOST_ROWS:
        raise Refused(_("A sheet has at most %(n)s rows. Make two of it.", n=MOST_ROWS))
    if not found:
        raise Refused(_("There is no row to register in this sheet."))
    return found


def _ours(told: Told, row: Row) -> list[Cell]:
    return [row.cells[at] for at in told.places.values() if at < len(row.cells)]


def _text(told: Told, row: Row, key: str) -> str:
    place = told.places.get(key)
    return row.cells[place].text if place is not None and place < len(row.cells) else ""


def _read_rows(told: Told, site_id: uuid.UUID, number: str) -> None:
    groups: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for row in told.rows:
        label = _text(told, row, VISIT)
        typed = {one.key: _answer(told, row, one) for one in told.columns if one.key != VISIT}
        given = {key: value for key, value in typed.items() if value not in ("", [])}
        groups.setdefault(label or f"\0{row.number}", []).append((row.number, given))
    seen: Counter[str] = Counter()
    for label, rows in groups.items():
        facts = _visit_facts(told, rows)
        samples = [
            {k: v for k, v in given.items() if k not in _visit_keys(told)} for _n, given in rows
        ]
        content = _canonical([str(site_id), number, label.partition("\0")[0], facts, samples])
        seen[content] += 1
        visit_id = uuid.uuid5(NAMESPACE, f"{content} {seen[content]}")
        typed_visit = {"id": str(visit_id), "site_id": str(site_id), **facts, "samples": samples}
        _read_visit(told, {**typed_visit, "with_ticket": False}, [n for n, _given in rows])


def _visit_keys(told: Told) -> set[str]:
    return {one.key for one in told.columns if one.of_visit}


def _canonical(told: Any) -> str:
    written = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _visit_facts(told: Told, rows: list[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    """Return what the rows of a visit say about it; a row may leave out what another says."""
    facts: dict[str, Any] = {}
    for key in _visit_keys(told) - {VISIT}:
        for number, given in rows:
            if key in given and facts.setdefault(key, given[key]) != given[key]:
                words = _("Another row of this visit says something else.")
                told.complain(number, key, words)
    if "day" not in facts:
        told.complain(rows[0][0], "day", _("A sheet needs the day of each visit."))
    return facts


def _read_visit(told: Told, typed: Mapping[str, Any], rows: list[int]) -> None:
    wrong = {one.row for one in told.problems}
    try:
        command = schemas.VisitFormSchema().read(typed)
    except Invalid as refusal:
        told.problems += cell_problems(told, refusal.problems, rows)
        return
    if not wrong & set(rows):
        told.visits.append(BatchVisit(command, tuple(rows)))


def cell_problems(
    told: Told, problems: Sequence[Problem], rows: Sequence[int]
) -> list[CellProblem]:
    """Return the problems of a visit's fields as problems of the cells where they were told."""
    found = []
    for one in problems:
        parts = one.field.split(".")
        inner = parts[0] == "samples" and len(parts) > 2 and parts[1].isdecimal()
        row = rows[min(int(parts[1]), len(rows) - 1)] if inner else rows[0]
        key = parts[2] if inner else VISIT if parts[0] in ("samples", "") else parts[0]
        found.append(CellProblem(row, key, address(told.places.get(key), row), one.message))
    return found


def _answer(told: Told, row: Row, column: Column) -> Any:
    place = told.places.get(column.key)
    cell = row.cells[place] if place is not None and place < len(row.cells) else Cell()
    if cell.wrong is not None:
        told.complain(row.number, column.key, cell.wrong)
    if not cell.text:
        return ""
    if column.kind is Kind.SEVERAL:
        return _several(told, row.number, column, cell.text)
    if column.kind is Kind.CHOICE:
        return _chosen(told, row.number, column, cell.text)
    if column.kind is Kind.YES_NO:
        return yes_or_no(cell.text)
    if column.kind is Kind.DAY:
        return _day(cell.text)
    known = column.key == "sold_as" and folded(cell.text) in {folded(x) for x in unknown_words()}
    return "unknown" if known else cell.text


def yes_or_no(text: str) -> str:
    """Return "yes" or "no" for the ways people tick a cell, or the text as it stands."""
    plain = folded(text)
    if plain in _YES | {folded(one) for one in said_in_all(YES)}:
        return "yes"
    return "no" if plain in _NO | {folded(one) for one in said_in_all(NO)} else text


def _day(text: str) -> str:
    belgian = _BELGIAN_DAY.fullmatch(text)
    return f"{belgian[3]}-{int(belgian[2]):02}-{int(belgian[1]):02}" if belgian else text


def _chosen(told: Told, row: int, column: Column, text: str) -> str:
    codes = _codes_of(column, text)
    if len(codes) != 1:
        told.complain(row, column.key, _not_listed(codes, text))
        return ""
    return codes[0]


def _not_listed(codes: Sequence[str], text: str) -> Message:
    if codes:
        return _("“%(text)s” means several: %(codes)s. Write one.", text=text[:40], codes=codes)
    return _("“%(text)s” is not in the list of this column.", text=text[:40])


def _codes_of(column: Column, text: str) -> list[str]:
    plain = folded(text)
    exact = [code for code in column.terms if folded(code) == plain]
    return exact or [
        code
        for code, labels in column.terms.items()
        if plain in {folded(label) for label in labels.values()}
    ]


def _several(told: Told, row: int, column: Column, text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[;|\n]", text) if part.strip()]
    if not column.terms:
        return [one.strip() for part in parts for one in part.split(",") if one.strip()]
    found: list[str] = []
    for part in parts:
        # A label may hold a comma itself: only what is not one label is cut at commas.
        pieces = [part] if _codes_of(column, part) else [one.strip() for one in part.split(",")]
        found += [_chosen(told, row, column, one) for one in pieces if one]
    return [code for code in found if code]
