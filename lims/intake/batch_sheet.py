"""Batch sheets as files: the empty template, and the same sheet given back with remarks.

What people wrote is given back as text that no spreadsheet computes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lims.foundation.words import LANGUAGES, Message, _, say
from lims.intake.batch_files import MOST_ROWS, NUMBER_KEY, RISKY
from lims.intake.batch_words import EXAMPLE, EXPLANATIONS, LISTS, REMARKS, SAMPLES, heading

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_WIDTHS = {"text": 22, "number": 12, "day": 13, "yes or no": 13, "choice": 20, "several": 26}
#: What the example shows; only answers that need no list. The others take the first of their list.
_EXAMPLE = {"sold_as": "MDMA", "mass_mg": "350", "logo": "…"}
_TO_READ = (
    _("One row is one sample. Rows with the same word in “Visit” belong to one visit."),
    _("An empty “Visit” makes a visit of its own. It is any short word of yours: 1, 2, A…"),
    _("Never write a name, date of birth, phone, address or number plate, in any column."),
    _("Choose from the lists, or write a label in any of the three languages, or the code."),
    _("Amounts take a comma or a point. Days are written 2026-11-22 or 22/11/2026."),
    _("Several answers in one cell are separated by a semicolon."),
    _("The row marked as example is not read. Columns may be moved or left out."),
    _("Formulas are not computed: write values. At most %(n)s rows.", n=MOST_ROWS),
    _("An empty code takes the next free code of the site. No tickets are made by a sheet."),
    _("Everything is registered or nothing. The same sheet sent twice makes nothing twice."),
)


class Drawn(Protocol):
    """A column as it is drawn."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def is_required(self) -> bool: ...
    @property
    def longest(self) -> int: ...
    @property
    def terms(self) -> Mapping[str, Mapping[str, str]]: ...
    def words(self, language: str) -> str: ...


@dataclass(frozen=True)
class Filled:
    """Rows to give back: number, texts in the order of the columns, remarks."""

    rows: Sequence[tuple[int, Sequence[str], str]] = field(default_factory=list)


def harmless(text: str) -> str:
    """Return a text that a spreadsheet shows and never computes."""
    return f"'{text}" if text.startswith((*RISKY, "\t", "\r")) else text


def template_csv(columns: Sequence[Drawn], language: str) -> bytes:
    """Return the empty sheet as CSV with semicolons, as Belgian spreadsheets open it."""
    rows = [[one.key for one in columns], [heading(one).replace("\n", " / ") for one in columns]]
    return _csv([*rows, _example(columns, language)])


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def remarked_csv(columns: Sequence[Drawn], filled: Filled, language: str) -> bytes:
    """Return the rows of a sheet with a column of remarks in front, as CSV."""
    head = [say(REMARKS, language), *(one.key for one in columns)]
    rows = [[harmless(note), *map(harmless, texts)] for _n, texts, note in filled.rows]
    return _csv([head, *rows])


def template_xlsx(
    columns: Sequence[Drawn], language: str, number: str, suggestions: Sequence[str]
) -> bytes:
    """Return the empty sheet as a workbook: lists to choose from, explanations, an example."""
    return _workbook(columns, language, number, suggestions, None)


def remarked_xlsx(columns: Sequence[Drawn], filled: Filled, language: str, number: str) -> bytes:
    """Return the rows of a sheet as the template would hold them, with a column of remarks."""
    return _workbook(columns, language, number, (), filled)


def _example(columns: Sequence[Drawn], language: str) -> list[str]:
    texts = [say(EXAMPLE, language)]
    for one in columns[1:]:
        if one.key in _EXAMPLE:
            texts.append(_EXAMPLE[one.key])
        elif one.kind == "day":
            texts.append("2026-11-22")
        elif one.is_required and one.kind == "yes or no":
            texts.append(say(_("Yes"), language))
        else:
            first = next(iter(one.terms.values()), {}) if one.is_required else {}
            texts.append(first.get(language, ""))
    return texts


def _workbook(
    columns: Sequence[Drawn],
    language: str,
    number: str,
    suggestions: Sequence[str],
    filled: Filled | None,
) -> bytes:
    from openpyxl import Workbook  # heavy, and only needed here

    book = Workbook()
    sheet, told = book.active, book.create_sheet(say(EXPLANATIONS, language))
    sheet.title = say(SAMPLES, language)
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    _write(lists.cell(1, 1), NUMBER_KEY)
    _write(lists.cell(1, 2), number)
    shift = 1 if filled is not None else 0
    for place, one in enumerate(columns, start=1):
        _draw_column(sheet, lists, one, place, shift, _choices(one, language, suggestions))
    if filled is None:
        for place, text in enumerate(_example(columns, language), start=1):
            _draw_example(sheet.cell(3, place), text)
    else:
        _draw_rows(sheet, filled, language)
    sheet.freeze_panes = sheet.cell(3, 2 + shift)
    sheet.row_dimensions[2].height = 48
    _explain(told, columns, language)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _write(cell: Any, text: str) -> None:
    """Write a text that stays a text, whatever it begins with."""
    cell.value = harmless(text)
    cell.data_type = "s"
    cell.number_format = "@"


def _choices(column: Drawn, language: str, suggestions: Sequence[str]) -> list[str]:
    if column.kind == "yes or no":
        return [say(_("Yes"), language), say(_("No"), language)]
    if column.kind == "choice":
        return [labels[language] for labels in column.terms.values()]
    return list(suggestions) if column.key in ("sold_as", "believed") else []


def _draw_column(
    sheet: Any, lists: Any, column: Drawn, place: int, shift: int, choices: Sequence[str]
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(place + shift)
    top, words = sheet.cell(1, place + shift), sheet.cell(2, place + shift)
    _write(top, column.key)
    top.font = Font(size=8, color="5B6A71")
    _write(words, heading(column))
    words.font = Font(bold=True, size=9)
    words.alignment = Alignment(wrap_text=True, vertical="top")
    if column.is_required:
        words.fill = PatternFill("solid", fgColor="DCE9EC")
    sheet.column_dimensions[letter].width = _WIDTHS[column.kind]
    if column.kind != "number":
        # As text, so that no code becomes a number and no answer a date.
        sheet.column_dimensions[letter].number_format = "@"
    if choices:
        _offer(sheet, lists, letter, place, choices, column.kind)


def _offer(
    sheet: Any, lists: Any, letter: str, place: int, choices: Sequence[str], kind: str
) -> None:
    """Let a column choose from a list; a code or another language may be written all the same."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    source = get_column_letter(place)
    for at, text in enumerate(choices, start=3):
        _write(lists.cell(at, place), text)
    where = f"{LISTS}!${source}$3:${source}${len(choices) + 2}"
    rule = DataValidation(type="list", formula1=where, allow_blank=True, showErrorMessage=False)
    rule.add(f"{letter}4:{letter}{MOST_ROWS + 3}")
    sheet.add_data_validation(rule)


def _draw_example(cell: Any, text: str) -> None:
    from openpyxl.styles import Font

    _write(cell, text)
    cell.font = Font(italic=True, color="5B6A71")


def _draw_rows(sheet: Any, filled: Filled, language: str) -> None:
    from openpyxl.styles import Alignment, Font

    head = sheet.cell(1, 1)
    _write(head, say(REMARKS, language))
    head.font = Font(bold=True)
    sheet.column_dimensions["A"].width = 60
    for at, (_number, texts, note) in enumerate(filled.rows, start=3):
        for place, text in enumerate((note, *texts), start=1):
            if text:
                _write(sheet.cell(at, place), text)
        sheet.cell(at, 1).alignment = Alignment(wrap_text=True, vertical="top")


def _explain(sheet: Any, columns: Sequence[Drawn], language: str) -> None:
    from openpyxl.styles import Alignment, Font

    lines: list[Sequence[str]] = [[say(one, language)] for one in _TO_READ]
    head: tuple[Message, ...] = (_("Column"), _("Key"), _("What to write"), _("Code and label"))
    lines += [[], [say(one, language) for one in head]]
    lines += [[one.words(language), one.key, _how(one, language), _listed(one)] for one in columns]
    for at, texts in enumerate(lines, start=1):
        for place, text in enumerate(texts, start=1):
            _write(sheet.cell(at, place), text)
            sheet.cell(at, place).alignment = Alignment(wrap_text=place > 1, vertical="top")
    for cell in sheet[len(_TO_READ) + 2]:
        cell.font = Font(bold=True)
    for letter, width in (("A", 34), ("B", 22), ("C", 34), ("D", 70)):
        sheet.column_dimensions[letter].width = width


_HOW: Mapping[str, Message] = {
    "text": _("text, at most %(n)s characters"),
    "number": _("a number"),
    "day": _("a day, such as 2026-11-22"),
    "yes or no": _("yes, no, or empty"),
    "choice": _("one of the list"),
    "several": _("one or more, with semicolons between"),
}


def _how(column: Drawn, language: str) -> str:
    words = _HOW[column.kind]
    said = say(
        Message(words.msgid, {"n": column.longest} if column.kind == "text" else {}), language
    )
    return f"{said} ({say(_('required'), language)})" if column.is_required else said


def _listed(column: Drawn) -> str:
    return "\n".join(
        f"{code}: " + " / ".join(dict.fromkeys(labels[one] for one in LANGUAGES))
        for code, labels in column.terms.items()
    )
