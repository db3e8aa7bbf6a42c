"""British Columbia's table of fentanyl amounts: one row per opioid sample, % by weight.

Every row names the place where it was collected; only the health authority is taken.
"""

from __future__ import annotations

from collections.abc import Mapping

from lims.exchange.sources.notes import LONGEST_PLACE, Notes, without_doubles
from lims.exchange.sources.rows import PartnerDetectionRow, PartnerSampleRow, QuantityKind
from lims.exchange.sources.tables import WORKBOOKS, Line, Table, read_table
from lims.foundation.errors import Refused
from lims.foundation.words import _

FILE = "bc_fentanyl_quant.csv"
SUBSTANCE = "Fentanyl"
"""What the column of amounts is about."""
PLACES = frozenset({"collection_site", "city/town"})
"""Columns finer than a region: read over, never kept."""


def read(files: Mapping[str, bytes], notes: Notes) -> tuple[list[PartnerSampleRow], Table, int]:
    """Read the table; Refused when there is none or it was cut off."""
    file = next((name for name in files if name.lower().endswith((".csv", *WORKBOOKS))), None)
    if file is None:
        raise Refused(_("There is no CSV or XLSX file here."))
    notes.file = file
    table = read_table(files[file], file, notes.mapping.columns, notes.mapping.required)
    samples = (_sample(line, notes) for line in table.lines)
    kept, repeated = without_doubles((one for one in samples if one), notes, "sample_id")
    return kept, table, repeated


def _sample(line: Line, notes: Notes) -> PartnerSampleRow | None:
    cells, row = line.cells, line.number
    if not notes.reference(row, "sample_id", cells["sample_id"]):
        return None
    amount = notes.amount(row, "quant", cells["quant"])
    region = notes.text(row, "health_authority", cells.get("health_authority", ""), LONGEST_PLACE)
    found = PartnerDetectionRow(
        SUBSTANCE,
        amount=amount,
        unit="%",
        quantity_kind=QuantityKind.PERCENT if amount else QuantityKind.NOT_QUANTIFIED,
    )
    return PartnerSampleRow(
        source_id=cells["sample_id"],
        row=row,
        file=notes.file,
        received=notes.day(row, "visit_date", cells["visit_date"]),
        sold_as=notes.text(row, "drug", cells["drug"]),
        region=region,
        country="Canada",
        analysed=True,
        detections=(found,) if amount is None or amount > 0 else (),
        raw={name: text for name, text in cells.items() if name not in PLACES},
    )
