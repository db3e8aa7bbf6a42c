"""Bringing in a partner's delivery, deciding what its names mean, reading what stands out.

What a partner reports stays apart from our own findings: look first, all or nothing, and twice
adds nothing. A row that changed since it was imported is told as a conflict, never overwritten.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from lims import journal
from lims.exchange import knowledge, observing
from lims.exchange.acts import IgnoreName, ImportResults, MarkReviewed, ResolveName
from lims.exchange.entries import (
    Bench,
    Entry,
    content_hash,
    detection_columns,
    sample_columns,
    weigh,
)
from lims.exchange.records import PartnerDetection, PartnerImport, PartnerSample, UnresolvedName
from lims.exchange.sources import read_files
from lims.exchange.sources.mapping import SourceMapping, mapping_of
from lims.exchange.sources.rows import PartnerSampleRow, Reading, RowProblem
from lims.exchange.summary import summary
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.surveillance.arrivals import PartnerArrived

#: Rows of a statement; SQLite takes 32,766 values in one.
BATCH = 500


__all__ = [
    "IgnoreName",
    "ImportReport",
    "ImportResults",
    "MarkReviewed",
    "ResolveName",
    "ignore_name",
    "import_results",
    "mark_reviewed",
    "resolve_name",
]


@dataclass(frozen=True)
class ImportReport:
    """What an import did or, after a dry run, would do."""

    mapping: SourceMapping
    reading: Reading
    counts: Mapping[str, Any]
    dry_run: bool
    added: int
    already_known: int
    conflicts: tuple[RowProblem, ...] = ()
    import_id: uuid.UUID | None = None


def import_results(session: Session, actor: Actor, command: ImportResults) -> ImportReport:
    """Import a partner's delivery, or only look at it.

    Raises Refused when the delivery was cut off; then nothing of it is added.
    """
    actor.must(Permission.IMPORT_RESULTS)
    fetched_on = command.fetched(clock.today())
    reading = read_files(command.files, command.source)
    names = {found.name_raw for sample in reading.samples for found in sample.detections}
    bench = knowledge.bench_for(session, reading.source, names)
    if not bench.ids:
        raise Refused(_("The reference library is empty. Load it first: lims init."))
    known = knowledge.known_rows(session, reading.source)
    fresh = [sample for sample in reading.samples if sample.source_id not in known]
    report = _report(command, reading, bench, known, len(fresh))
    if command.dry_run or not fresh:
        return report
    try:
        brought = _write(session, actor, report, fresh, bench, fetched_on)
    except IntegrityError as twice:
        message = _("Somebody imported the same results at the same moment. Nothing was added.")
        raise Refused(message) from twice
    journal.record(
        session,
        actor,
        "import results",
        [("partner_import", brought)],
        source=reading.source,
        added=report.added,
        conflicts=len(report.conflicts),
        file_hash=reading.sha256,
    )
    arrived = observing.samples_of_import(session, brought)
    happenings.announce(session, actor, PartnerArrived(reading.source, tuple(arrived)))
    return replace(report, import_id=brought)


def resolve_name(session: Session, actor: Actor, command: ResolveName) -> UnresolvedName:
    """Decide that a published name means a substance; samples that bear it are weighed again."""
    actor.must(Permission.IMPORT_RESULTS)
    waiting = _name(session, command.name_id)
    substance = knowledge.substance_named(session, command.substance)
    if substance is None:
        raise refuse_field("substance", _("There is no such substance in the library."))
    waiting.state, waiting.substance_id, waiting.decided_by = (
        "resolved",
        substance.id,
        actor.account,
    )
    _count_again(session, actor, waiting, _rename(session, waiting))
    journal.record(
        session,
        actor,
        "resolve name",
        [("unresolved_name", waiting.id)],
        source=waiting.source,
        name=waiting.name,
        substance=substance.key,
    )
    return waiting


def ignore_name(session: Session, actor: Actor, command: IgnoreName) -> UnresolvedName:
    """Decide that a published name stays without a substance of the library."""
    actor.must(Permission.IMPORT_RESULTS)
    waiting = _name(session, command.name_id)
    waiting.state, waiting.substance_id, waiting.decided_by = "ignored", None, actor.account
    _count_again(session, actor, waiting, _rename(session, waiting))
    about = [("unresolved_name", waiting.id)]
    journal.record(session, actor, "ignore name", about, source=waiting.source, name=waiting.name)
    return waiting


def mark_reviewed(session: Session, actor: Actor, command: MarkReviewed) -> int:
    """Note that samples of the review list were read; returns how many were waiting."""
    actor.must(Permission.IMPORT_RESULTS)
    waiting = session.scalars(
        select(PartnerSample).where(
            PartnerSample.id.in_(command.sample_ids), PartnerSample.to_review.is_(True)
        )
    ).all()
    if not waiting:
        raise Refused(_("None of these samples waits for review."))
    for sample in waiting:
        sample.to_review, sample.reviewed_at = False, clock.now()
    about = [("partner_sample", sample.id) for sample in waiting]
    journal.record(session, actor, "mark reviewed", about)
    return len(waiting)


def _report(
    command: ImportResults,
    reading: Reading,
    bench: Bench,
    known: Mapping[str, str],
    fresh: int,
) -> ImportReport:
    mapping = mapping_of(command.source)
    conflicts = tuple(
        RowProblem(
            sample.file,
            sample.row,
            "",
            _(
                "%(id)s was imported before with other contents; the earlier ones stay.",
                id=sample.source_id,
            ),
        )
        for sample in reading.samples
        if sample.source_id in known and known[sample.source_id] != content_hash(sample)
    )
    rows_count = mapping.status_rows_are_detections
    return ImportReport(
        mapping=mapping,
        reading=reading,
        counts=summary(reading, bench.resolutions, bench.index.substances, rows_count),
        dry_run=command.dry_run,
        added=fresh,
        already_known=len(reading.samples) - fresh - len(conflicts),
        conflicts=conflicts,
    )


def _write(
    session: Session,
    actor: Actor,
    report: ImportReport,
    fresh: Sequence[PartnerSampleRow],
    bench: Bench,
    fetched_on: date,
) -> uuid.UUID:
    reading = report.reading
    brought = PartnerImport(
        source=reading.source,
        licence=report.mapping.licence,
        fetched_on=fetched_on,
        file_hash=reading.sha256,
        report={
            "counts": dict(report.counts),
            "files": list(reading.files),
            "added": report.added,
            "already_known": report.already_known,
            "problems": [problem.kept() for problem in (*reading.problems, *report.conflicts)],
        },
        by=actor.account,
    )
    session.add(brought)
    session.flush()
    samples = [sample_columns(row, reading.source, brought.id, bench) for row in fresh]
    found = [
        columns
        for row, sample in zip(fresh, samples, strict=True)
        for columns in detection_columns(row, sample["id"], bench)
    ]
    for table, rows in ((PartnerSample, samples), (PartnerDetection, found)):
        for start in range(0, len(rows), BATCH):
            session.execute(insert(table), rows[start : start + BATCH])
    _queue_names(session, reading.source, fresh, bench)
    return brought.id


def _queue_names(
    session: Session, source: str, fresh: Sequence[PartnerSampleRow], bench: Bench
) -> None:
    """Put names that mean no one substance in the queue, or count them again."""
    seen = Counter(f.name_raw for row in fresh for f in row.detections if not f.status)
    decided = knowledge.decided_names(session, source)
    for name, times in seen.items():
        found = bench.resolutions[name]
        if name in decided:
            decided[name].occurrences += times
        elif found.substance_key is None:
            candidates = list(found.candidates)
            session.add(
                UnresolvedName(source=source, name=name, occurrences=times, candidates=candidates)
            )
    session.flush()


def _rename(session: Session, decided: UnresolvedName) -> list[uuid.UUID]:
    """Give the detections of one name their substance, and weigh their samples again."""
    session.flush()
    samples = session.scalars(
        select(PartnerSample)
        .join(PartnerDetection, PartnerDetection.sample_id == PartnerSample.id)
        .where(PartnerSample.source == decided.source, PartnerDetection.name == decided.name)
        .options(selectinload(PartnerSample.detections))
    )
    touched = samples.unique().all()
    names = {found.name for sample in touched for found in sample.detections}
    bench = knowledge.bench_for(session, decided.source, names)
    keys = {substance_id: key for key, substance_id in bench.ids.items()}
    for sample in touched:
        for found in sample.detections:
            if found.name == decided.name and not found.status:
                found.substance_id = decided.substance_id
        sold = keys.get(sample.sold_as_id) if sample.sold_as_id else None
        entries = [_entry(found, keys) for found in sample.detections]
        weighed = weigh(entries, sold, sample.form, sample.mass_mg, bench)
        is_new = set(map(str, weighed.review)) - set(map(str, sample.review))
        sample.flags, sample.review = weighed.flags, weighed.review
        sample.to_review = weighed.to_review and (sample.to_review or bool(is_new))
    return [sample.id for sample in touched]


def _count_again(
    session: Session, actor: Actor, decided: UnresolvedName, ids: Sequence[uuid.UUID]
) -> None:
    """Tell that these samples now mean something else than before."""
    session.flush()
    arrived = observing.samples_again(session, ids)
    happenings.announce(session, actor, PartnerArrived(decided.source, tuple(arrived)))


def _entry(found: PartnerDetection, keys: Mapping[uuid.UUID, str]) -> Entry:
    key = keys.get(found.substance_id) if found.substance_id else None
    return Entry(found.name, key, found.amount, found.amount_kind, found.status)


def _name(session: Session, name_id: uuid.UUID) -> UnresolvedName:
    found = session.get(UnresolvedName, name_id)
    if found is None:
        raise NotFound(_("There is no such name in the queue."))
    return found
