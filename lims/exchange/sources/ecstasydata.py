"""EcstasyData: a table of samples and a table of detections that name their sample."""

from __future__ import annotations

from collections.abc import Mapping

from lims.exchange.sources.cells import yes_or_no
from lims.exchange.sources.mapping import data_file
from lims.exchange.sources.notes import LONGEST_PLACE, Notes, contradiction, without_doubles
from lims.exchange.sources.rows import PartnerDetectionRow, PartnerSampleRow, QuantityKind
from lims.exchange.sources.tables import Line, Table, cut_off, read_table
from lims.foundation.errors import Refused
from lims.foundation.words import _

SAMPLES, DETECTIONS = "samples.csv", "detections.csv"
PARTS = (SAMPLES, DETECTIONS)
KINDS = {
    "mg": QuantityKind.MG,
    "ug": QuantityKind.UG,
    "trace": QuantityKind.TRACE,
    "not_quantified": QuantityKind.NOT_QUANTIFIED,
    "ratio": QuantityKind.RATIO,
    "unknown": QuantityKind.UNKNOWN,
}


def read(
    files: Mapping[str, bytes], samples_notes: Notes, detection_notes: Notes
) -> tuple[list[PartnerSampleRow], Table, Table, int]:
    """Read both tables; Refused when one is missing or a detection names no sample of the file."""
    by_name = _by_part(files)
    absent = [name for name in (SAMPLES, DETECTIONS) if name not in by_name]
    if absent:
        raise Refused(_("These files are missing beside the others: %(names)s.", names=absent))
    mapping = samples_notes.mapping
    table = read_table(files[by_name[SAMPLES]], SAMPLES, mapping.columns, mapping.required)
    entries = _read_detections(files[by_name[DETECTIONS]])
    known = {line.cells["sample_id"] for line in table.lines}
    left_out = {problem.row for problem in table.problems if problem.left_out}
    found: dict[str, list[PartnerDetectionRow]] = {}
    for line in entries.lines:
        sample_id = line.cells["sample_id"]
        if sample_id not in known and not left_out:
            raise _orphan(line)
        if (entry := _detection(line, detection_notes)) is not None:
            found.setdefault(sample_id, []).append(entry)
    if table.lines and table.lines[-1].cells["sample_id"] not in found:
        # The source writes a row for every sample, "None detected" included.
        raise cut_off(DETECTIONS, entries.lines[-1].number + 1 if entries.lines else 1)
    samples = [_sample(line, found, samples_notes) for line in table.lines]
    kept, repeated = without_doubles((s for s in samples if s), samples_notes, "sample_id")
    kept = _whole(kept, entries, samples_notes)
    _follow_samples(entries, {s.source_id for s in kept}, detection_notes)
    return kept, table, entries, repeated


def _by_part(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return which file is which table: by its first line, for files get other names in transit."""
    found: dict[str, str] = {}
    for name, content in files.items():
        first = content[:2000].partition(b"\n")[0]
        if b"substance" in first:
            found[DETECTIONS] = name
        elif b"sample_id" in first:
            found[SAMPLES] = name
    named = {name.lower().replace(".xlsx", ".csv"): name for name in files}
    return {**{part: named[part] for part in PARTS if part in named}, **found}


def _read_detections(content: bytes) -> Table:
    own = data_file("ecstasydata.yaml")
    columns = {name: tuple(also or ()) for name, also in own["detection_columns"].items()}
    return read_table(content, DETECTIONS, columns, tuple(own["detection_required"]))


def _orphan(line: Line) -> Refused:
    return Refused(
        _(
            "%(file)s, row %(row)s: sample %(id)s is not in %(other)s. One of the two files was "
            "cut off; nothing is imported.",
            file=DETECTIONS,
            row=line.number,
            id=line.cells["sample_id"][:60],
            other=SAMPLES,
        )
    )


def _whole(kept: list[PartnerSampleRow], entries: Table, notes: Notes) -> list[PartnerSampleRow]:
    """Leave out, and say so, the samples of which a detection could not be read."""
    broken = {line.cells["sample_id"]: line.number for line in entries.broken}
    if "" in broken:
        raise Refused(
            _(
                "%(file)s, row %(row)s: the reference of the sample cannot be read. "
                "Nothing is imported.",
                file=DETECTIONS,
                row=broken[""],
            )
        )
    for sample in kept:
        if sample.source_id in broken:
            message = _("Row %(n)s of this sample is left out.", n=broken[sample.source_id])
            notes.leave_out(sample.row, "sample_id", message)
    return [sample for sample in kept if sample.source_id not in broken]


def _follow_samples(entries: Table, kept: set[str], notes: Notes) -> None:
    """Leave out, and say so, the detections of samples that were left out."""
    already = {problem.row for problem in notes.problems if problem.left_out}
    for line in entries.lines:
        if line.cells["sample_id"] not in kept and line.number not in already:
            notes.leave_out(line.number, "sample_id", _("The sample of this row is left out."))


def _detection(line: Line, notes: Notes) -> PartnerDetectionRow | None:
    cells = line.cells
    name = cells["substance"]
    if not name:
        notes.leave_out(line.number, "substance", _("The substance is missing."))
        return None
    unit = cells.get("parts_unit", "")
    kind = KINDS.get(unit.casefold(), QuantityKind.UNKNOWN)
    if unit and unit.casefold() not in KINDS:
        notes.note(line.number, "parts_unit", _("%(text)s is not a known unit.", text=unit[:60]))
    return PartnerDetectionRow(
        name_raw=notes.cut(line.number, "substance", name),
        amount=notes.amount(line.number, "parts", cells.get("parts", "")),
        unit=unit,
        is_mg=yes_or_no(cells.get("parts_is_mg", "")) is True,
        quantity_kind=kind,
        status=notes.mapping.status_of(name),
    )


def _sample(
    line: Line, found: Mapping[str, list[PartnerDetectionRow]], notes: Notes
) -> PartnerSampleRow | None:
    cells, row = line.cells, line.number
    if not notes.reference(row, "sample_id", cells["sample_id"]):
        return None
    entries = tuple(found.get(cells["sample_id"], ()))
    if odd := contradiction(True, [d.status for d in entries]):
        notes.note(row, "sample_id", odd)
    ecstasy = yes_or_no(cells["sold_as_ecstasy"])
    if ecstasy is None:
        message = _("%(text)s is neither yes nor no.", text=cells["sold_as_ecstasy"][:60])
        notes.note(row, "sold_as_ecstasy", message)
    names = (cells["name"], cells.get("other_name", ""))
    return PartnerSampleRow(
        source_id=cells["sample_id"],
        row=row,
        file=notes.file,
        received=notes.day(row, "date", cells["date"]),
        sold_as="ecstasy" if ecstasy else notes.text(row, "name", cells["name"]),
        form=notes.mapping.form_hint(*names),
        logo=notes.text(row, "name", cells["name"]),
        mass_mg=notes.amount(row, "mass_mg", cells.get("mass_mg", "")),
        region=notes.text(row, "region", cells.get("region", ""), LONGEST_PLACE),
        country=notes.text(row, "country", cells.get("country", ""), LONGEST_PLACE),
        analysed=bool(entries),
        detections=entries,
        raw=dict(cells),
    )
