"""Our own documented template: one row per substance found, grouped by the sample's reference."""

from __future__ import annotations

from collections.abc import Mapping

from lims.exchange.sources.cells import yes_or_no
from lims.exchange.sources.notes import LONGEST_PLACE, Notes, contradiction, listed
from lims.exchange.sources.rows import (
    Coded,
    PartnerDetectionRow,
    PartnerSampleRow,
    QuantityKind,
    Role,
)
from lims.exchange.sources.tables import TEXTS, WORKBOOKS, Line, Table, read_table
from lims.foundation.errors import Refused
from lims.foundation.words import _

UNITS = {
    "mg": QuantityKind.MG,
    "ug": QuantityKind.UG,
    "µg": QuantityKind.UG,
    "μg": QuantityKind.UG,
    "%": QuantityKind.PERCENT,
    "trace": QuantityKind.TRACE,
    "ratio": QuantityKind.RATIO,
    "": QuantityKind.NOT_QUANTIFIED,
}
ABOUT_DETECTION = frozenset({"substance", "role", "amount", "unit", "notes"})


def read(files: Mapping[str, bytes], notes: Notes) -> tuple[list[PartnerSampleRow], Table, int]:
    """Read the template; rows of one sample must agree about the sample."""
    file = _only_table(files)
    mapping = notes.mapping
    table = read_table(files[file], file, mapping.columns, mapping.required, _is_whole)
    notes.file = file
    broken = _broken(table, file)
    groups: dict[str, list[Line]] = {}
    repeated = 0
    for line in map(_unmarked, table.lines):
        reference = line.cells["sample_id"]
        if not notes.reference(line.number, "sample_id", reference):
            continue
        if reference in broken:
            message = _("Row %(n)s of this sample is left out.", n=broken[reference])
            notes.leave_out(line.number, "sample_id", message)
            continue
        rows = groups.setdefault(reference, [])
        same = next((other for other in rows if other.cells == line.cells), None)
        if same is None:
            rows.append(line)
        else:
            repeated += 1
            message = _("This row repeats row %(n)s.", n=same.number)
            notes.note(line.number, "sample_id", message)
    samples = [_sample(lines, notes) for lines in groups.values()]
    return [sample for sample in samples if sample], table, repeated


def _only_table(files: Mapping[str, bytes]) -> str:
    found = sorted(name for name in files if name.lower().endswith((*TEXTS, *WORKBOOKS)))
    if not found:
        raise Refused(_("There is no CSV or XLSX file here."))
    if len(found) > 1:
        raise Refused(_("Bring in one table at a time, not these: %(names)s.", names=found))
    return found[0]


def _broken(table: Table, file: str) -> dict[str, int]:
    """Return the samples with a row that was left out: taken without it, they would say less."""
    for line in table.broken:
        if not line.cells["sample_id"]:
            raise Refused(
                _(
                    "%(file)s, row %(row)s: the reference of the sample cannot be read. "
                    "Nothing is imported.",
                    file=file,
                    row=line.number,
                )
            )
    return {_unmarked(line).cells["sample_id"]: line.number for line in table.broken}


def _unmarked(line: Line) -> Line:
    """Return a line without the apostrophes that keep a spreadsheet from computing a text."""
    marked = ("'=", "'+", "'-", "'@")
    return Line(
        line.number,
        {name: cell[1:] if cell.startswith(marked) else cell for name, cell in line.cells.items()},
    )


def _is_whole(cells: Mapping[str, str]) -> bool:
    """Return whether a last line without line end can only lack the end of a free note."""
    return list(cells)[-1] == "notes"


def _sample(lines: list[Line], notes: Notes) -> PartnerSampleRow | None:
    cells = _one_sample(lines, notes)
    if cells is None:
        return None
    row = lines[0].number
    analysed = _answered(lines, cells, notes)
    if analysed is None:
        return None
    found = tuple(_detection(line, notes) for line in lines if line.cells["substance"])
    if odd := contradiction(analysed, [d.status for d in found]):
        notes.note(row, "substance", odd)
    return PartnerSampleRow(
        source_id=lines[0].cells["sample_id"],
        row=row,
        file=notes.file,
        received=notes.day(row, "received", cells.get("received", "")),
        sold_as=notes.text(row, "sold_as", cells.get("sold_as", "")),
        form=notes.word(row, "form", "dosage_form", cells.get("form", "")),
        colours=_coded(row, cells, notes, "colours", "colour"),
        logo=notes.text(row, "logo", cells.get("logo", "")),
        mass_mg=notes.amount(row, "mass_mg", cells.get("mass_mg", "")),
        region=notes.text(row, "region", cells.get("region", ""), LONGEST_PLACE),
        country=notes.text(row, "country", cells.get("country", ""), LONGEST_PLACE),
        route=notes.word(row, "route", "route", cells.get("route", "")),
        analysed=analysed,
        not_analysed_reason=None if analysed else _reason(row, cells, notes),
        detections=found,
        effects=_coded(row, cells, notes, "effects", "effect"),
        raw=dict(cells),
    )


def _answered(lines: list[Line], cells: Mapping[str, str], notes: Notes) -> bool | None:
    analysed = yes_or_no(cells["analysed"])
    if analysed is None:
        message = _("%(text)s is neither yes nor no.", text=cells["analysed"][:60])
        for line in lines:
            notes.leave_out(line.number, "analysed", message)
    return analysed


def _one_sample(lines: list[Line], notes: Notes) -> dict[str, str] | None:
    """Return the cells about the sample, or None when its rows contradict one another."""
    whole: dict[str, str] = {}
    for line in lines:
        for column, cell in line.cells.items():
            if column in ABOUT_DETECTION or not cell:
                continue
            if whole.setdefault(column, cell) != cell:
                for other in lines:
                    message = _("The rows of this sample do not agree.")
                    notes.leave_out(other.number, column, message)
                return None
    return {column: whole.get(column, "") for column in lines[0].cells}


def _detection(line: Line, notes: Notes) -> PartnerDetectionRow:
    cells = line.cells
    unit = cells.get("unit", "")
    kind = UNITS.get(unit.casefold(), QuantityKind.UNKNOWN)
    if kind is QuantityKind.UNKNOWN:
        notes.note(line.number, "unit", _("%(text)s is not a known unit.", text=unit[:60]))
    return PartnerDetectionRow(
        name_raw=notes.cut(line.number, "substance", cells["substance"]),
        role=_role(line, notes),
        amount=notes.amount(line.number, "amount", cells.get("amount", "")),
        unit=unit,
        is_mg=kind is QuantityKind.MG,
        quantity_kind=kind,
        status=notes.mapping.status_of(cells["substance"]),
    )


def _role(line: Line, notes: Notes) -> Role:
    text = line.cells.get("role", "").casefold()
    if text in ("", "unknown"):
        return Role.UNKNOWN
    if text in (Role.MAJOR, Role.MINOR):
        return Role(text)
    message = _("%(text)s is not in our vocabulary.", text=text[:60])
    notes.note(line.number, "role", message)
    return Role.UNKNOWN


def _coded(
    row: int, cells: Mapping[str, str], notes: Notes, column: str, vocabulary: str
) -> tuple[Coded, ...]:
    return notes.words(row, column, vocabulary, listed(cells.get(column, "")))


def _reason(row: int, cells: Mapping[str, str], notes: Notes) -> Coded:
    return notes.reason(row, "not_analysed_reason", cells.get("not_analysed_reason", ""))
