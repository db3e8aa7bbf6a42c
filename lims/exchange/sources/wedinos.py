"""WEDINOS: one row or JSON record per sample, lists joined with bars, English and Welsh mixed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lims.exchange.sources.cells import yes_or_no
from lims.exchange.sources.notes import Notes, contradiction, listed, without_doubles
from lims.exchange.sources.rows import (
    Coded,
    PartnerDetectionRow,
    PartnerSampleRow,
    Role,
    RowProblem,
)
from lims.exchange.sources.tables import (
    WORKBOOKS,
    Line,
    Table,
    cut_off,
    decode,
    read_table,
    too_long,
)
from lims.foundation.errors import Refused
from lims.foundation.words import _

#: The letters of a UK postcode: about 120 areas. The district is finer than is needed here.
_POSTCODE_AREA = re.compile(r"[A-Z]{1,2}(?=\d|$)")
#: The column of the table for each field of the upstream JSON record.
COLUMNS = {
    "referenceCode": "reference_code",
    "analysed": "analysed",
    "reason": "reason_not_analysed",
    "dateReceived": "date_received",
    "purchaseIntent": "purchase_intent",
    "majorSubstancesArray": "major_substances",
    "minorSubstancesArray": "minor_substances",
    "postcode": "postcode_district",
    "packageLabel": "package_label",
    "sampleColour": "sample_colour",
    "sampleForm": "sample_form",
    "consumptionMethod": "consumption_method",
    "selfReportedEffects": "self_reported_effects",
    "adulterantMismatch": "upstream_adulterant_mismatch",
    "highRiskSubstances": "upstream_high_risk_substances",
    "alert": "upstream_alert",
}


def read(files: Mapping[str, bytes], notes: Notes) -> tuple[list[PartnerSampleRow], Table, int]:
    """Read the table if it is there, else the JSON; a table shorter than the JSON is cut off."""
    tables = (name for name in files if name.lower().endswith((".csv", *WORKBOOKS)))
    table_file = next(tables, None)
    json_file = next((name for name in files if name.lower().endswith(".json")), None)
    if table_file is None and json_file is None:
        raise Refused(_("There is no samples.csv and no wedinos_raw.json."))
    if table_file is not None:
        mapping = notes.mapping
        table = read_table(
            files[table_file], table_file, mapping.columns, mapping.required, _is_whole
        )
        if json_file is not None and table.rows_read < len(_records(files[json_file], json_file)):
            raise cut_off(table_file, table.rows_read + 1)
    else:
        table = _read_json(files[json_file or ""], json_file or "")
    notes.file = table.file
    samples = (_sample(line, notes) for line in table.lines)
    kept, repeated = without_doubles((s for s in samples if s), notes, "reference_code")
    return kept, table, repeated


def _is_whole(cells: Mapping[str, str]) -> bool:
    """Return whether a last line without line end shows its closing mark (alert 1 or 0)."""
    last = list(cells)[-1]
    marked = last == "upstream_alert" and cells[last] in ("0", "1")
    return marked or (yes_or_no(cells["analysed"]) is False and bool(cells["reference_code"]))


def _records(content: bytes, file: str) -> list[Any]:
    """Return the records of the JSON file; Refused when it is cut off or something else."""
    text = decode(content, file)
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as wrong:
        raise cut_off(file, wrong.lineno) from wrong
    except (RecursionError, ValueError) as wrong:
        raise Refused(_("%(file)s cannot be read as JSON.", file=file)) from wrong
    records = whole.get("records") if isinstance(whole, dict) else whole
    if not isinstance(records, list):
        raise Refused(_("%(file)s holds no list of records.", file=file))
    metadata = whole.get("metadata") if isinstance(whole, dict) else None
    promised = metadata.get("totalRecords") if isinstance(metadata, dict) else None
    if isinstance(promised, int) and promised > len(records):
        raise cut_off(file, len(records) + 1)
    return records


def _read_json(content: bytes, file: str) -> Table:
    records = _records(content, file)
    table = Table(file, rows_read=len(records))
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            message = _("This record is not an object.")
            table.problems.append(RowProblem(file, number, "", message, left_out=True))
            continue
        cells = _cells(record)
        if problem := too_long(file, number, cells):
            table.problems.append(problem)
        else:
            table.lines.append(Line(number, cells))
    return table


def _cells(record: Mapping[str, Any]) -> dict[str, str]:
    """Flatten one upstream record to the cells of the table."""
    cells = {column: _flat(record[field]) for field, column in COLUMNS.items() if field in record}
    for part in ("major", "minor"):
        if f"{part}SubstancesArray" not in record:
            cells[f"{part}_substances"] = _flat(record.get(f"{part}SubstancesRaw"))
    return {column: cells.get(column, "") for column in COLUMNS.values()}


def _flat(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return "|".join(_flat(item) for item in value)
    return "" if value is None else "|".join(listed(str(value)))


def _sample(line: Line, notes: Notes) -> PartnerSampleRow | None:
    cells, row = line.cells, line.number
    analysed = yes_or_no(cells["analysed"])
    if not notes.reference(row, "reference_code", cells["reference_code"]):
        return None
    if analysed is None:
        message = _("%(text)s is neither yes nor no.", text=cells["analysed"][:60])
        notes.leave_out(row, "analysed", message)
        return None
    found = _detections(line, notes)
    if odd := contradiction(analysed, [d.status for d in found]):
        notes.note(row, "major_substances", odd)
    return PartnerSampleRow(
        source_id=cells["reference_code"],
        row=row,
        file=notes.file,
        received=notes.day(row, "date_received", cells.get("date_received", "")),
        sold_as=notes.text(row, "purchase_intent", cells.get("purchase_intent", "")),
        form=notes.word(row, "sample_form", "dosage_form", cells.get("sample_form", "")),
        colours=_coded(line, notes, "sample_colour", "colour"),
        logo=notes.text(row, "package_label", cells.get("package_label", "")),
        region=_area(cells.get("postcode_district", "")),
        country="United Kingdom",
        route=notes.word(row, "consumption_method", "route", cells.get("consumption_method", "")),
        analysed=analysed,
        not_analysed_reason=None if analysed else _reason(line, notes),
        detections=found,
        effects=_coded(line, notes, "self_reported_effects", "effect"),
        raw=dict(cells),
    )


def _detections(line: Line, notes: Notes) -> tuple[PartnerDetectionRow, ...]:
    return tuple(
        PartnerDetectionRow(
            notes.cut(line.number, column, name), role, status=notes.mapping.status_of(name)
        )
        for column, role in (("major_substances", Role.MAJOR), ("minor_substances", Role.MINOR))
        for name in listed(line.cells.get(column, ""))
        if not notes.mapping.is_no_entry(name)
    )


def _coded(line: Line, notes: Notes, column: str, vocabulary: str) -> tuple[Coded, ...]:
    return notes.words(line.number, column, vocabulary, listed(line.cells.get(column, "")))


def _reason(line: Line, notes: Notes) -> Coded:
    return notes.reason(
        line.number, "reason_not_analysed", line.cells.get("reason_not_analysed", "")
    )


def _area(postcode: str) -> str:
    found = _POSTCODE_AREA.match(postcode.upper())
    return found.group() if found else ""
