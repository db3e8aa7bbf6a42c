"""A workbook as partners send it: which of its sheets is the table, and its rows.

The limits are those of a delivery, larger than those of a batch sheet; above them there is CSV.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lims.foundation.errors import Refused
from lims.foundation.words import _
from lims.foundation.workbooks import Limits, Row, read_sheets

#: Above all expected columns many times over; 20,000 rows are years of one service.
MOST_COLUMNS = 100
LIMITS = Limits(
    packed_bytes=16 * 1024 * 1024,
    unpacked_bytes=80 * 1024 * 1024,
    tags=2_500_000,
    columns=MOST_COLUMNS + 1,
    deepest_row=20_001,
    emptiest_row=50_000,
)


def rows_of(content: bytes, file: str, is_header: Callable[[Sequence[str]], bool]) -> list[Row]:
    """Return the rows of the sheet with the expected columns, else of the first sheet.

    Raises Refused when the workbook is unsafe, and when two sheets have the columns: the rows of
    one of them would be lost.
    """
    sheets = [rows for rows in read_sheets(content, LIMITS) if rows]
    fitting = [rows for rows in sheets if is_header([cell.text for cell in rows[0].cells])]
    if len(fitting) > 1:
        raise Refused(
            _("%(file)s has several sheets with these columns. Put all rows on one.", file=file)
        )
    rows = next(iter(fitting or sheets), [])
    for row in rows:
        if len(row.cells) > MOST_COLUMNS:
            raise Refused(
                _(
                    "%(file)s, row %(row)s: at most %(columns)s columns can be read.",
                    file=file,
                    row=row.number,
                    columns=MOST_COLUMNS,
                )
            )
    return rows
