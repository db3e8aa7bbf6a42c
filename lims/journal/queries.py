"""Reading the journal: the proof of the chain, and the acts on one subject."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.journal import rules
from lims.journal.records import JournalDetail, JournalEntry, JournalHead, JournalSubject

BATCH = 2000


@dataclass(frozen=True)
class ChainProof:
    """What a verification found: how many entries, the head, and the first bad one if any."""

    entries: int
    head: str
    first_bad: int | None
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        return self.first_bad is None


@dataclass(frozen=True)
class Act:
    """One act in the life of a subject."""

    seq: int
    at: datetime
    actor: str
    act: str
    detail: dict[str, Any]


def verify_chain(session: Session) -> ChainProof:
    """Walk the whole chain and name the first entry that does not fit."""
    previous, expected = rules.GENESIS, 1
    while True:
        entries = session.scalars(
            select(JournalEntry)
            .where(JournalEntry.seq >= expected)
            .order_by(JournalEntry.seq)
            .limit(BATCH)
        ).all()
        if not entries:
            break
        subjects, details = _companions(session, entries[0].seq, entries[-1].seq)
        for entry in entries:
            wrong = _fault(entry, expected, previous, subjects[entry.seq], details.get(entry.seq))
            if wrong:
                return ChainProof(expected - 1, previous, expected, wrong)
            previous, expected = entry.hash, expected + 1
        session.expunge_all()
    head = session.get(JournalHead, 1, populate_existing=True)
    if head is not None and (head.seq, head.hash) != (expected - 1, previous):
        return ChainProof(expected - 1, previous, expected, "the tail is missing")
    return ChainProof(expected - 1, previous, None)


def _companions(
    session: Session, first: int, last: int
) -> tuple[dict[int, list[tuple[str, str]]], dict[int, JournalDetail]]:
    subjects: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in session.scalars(
        select(JournalSubject).where(JournalSubject.seq.between(first, last))
    ):
        subjects[row.seq].append((row.kind, row.subject_id))
    rows = session.scalars(select(JournalDetail).where(JournalDetail.seq.between(first, last)))
    return subjects, {row.seq: row for row in rows}


def _fault(
    entry: JournalEntry,
    expected: int,
    previous: str,
    subjects: list[tuple[str, str]],
    detail: JournalDetail | None,
) -> str:
    if entry.seq != expected:
        return "an entry is missing"
    if entry.previous != previous:
        return "the entry does not follow the one before"
    at = rules.written(entry.at)
    told = rules.entry_hash(
        entry.seq, at, entry.actor, entry.act, subjects, entry.detail_hash, entry.previous
    )
    if told != entry.hash:
        return "the entry was changed"
    if detail is not None and rules.detail_hash(detail.salt, detail.body) != entry.detail_hash:
        return "the details were changed"
    return ""


def acts_about(
    session: Session, kind: str, subjects: Sequence[uuid.UUID | str], limit: int = 500
) -> list[Act]:
    """Return the acts on some subjects of one kind, oldest first."""
    rows = session.execute(
        select(JournalEntry, JournalDetail)
        .join(JournalSubject, JournalSubject.seq == JournalEntry.seq)
        .outerjoin(JournalDetail, JournalDetail.seq == JournalEntry.seq)
        .where(
            JournalSubject.kind == kind,
            JournalSubject.subject_id.in_([str(subject) for subject in subjects]),
        )
        .order_by(JournalEntry.seq)
        .limit(limit)
    ).unique()
    return [
        Act(entry.seq, entry.at, entry.actor, entry.act, detail.body if detail else {})
        for entry, detail in rows
    ]


def latest_acts(session: Session, page: int, size: int = 50) -> tuple[list[Act], int]:
    """Return one page of the journal, newest first, and the number of entries."""
    total = session.scalar(select(func.count()).select_from(JournalEntry)) or 0
    rows = session.execute(
        select(JournalEntry, JournalDetail)
        .outerjoin(JournalDetail, JournalDetail.seq == JournalEntry.seq)
        .order_by(JournalEntry.seq.desc())
        .offset((page - 1) * size)
        .limit(size)
    )
    return [
        Act(entry.seq, entry.at, entry.actor, entry.act, detail.body if detail else {})
        for entry, detail in rows
    ], total
