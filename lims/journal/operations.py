"""Writing the journal."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.journal import rules
from lims.journal.records import JournalDetail, JournalEntry, JournalHead, JournalSubject

Subject = tuple[str, uuid.UUID | str]


def record(
    session: Session, actor: Actor, act: str, about: Iterable[Subject] = (), **detail: Any
) -> int:
    """Append an entry to the journal and return its place in the chain.

    The head row is locked until the transaction ends, so that there is one writer at a time.
    """
    session.flush()
    head = session.get(JournalHead, 1, with_for_update=True)
    if head is None:
        head = JournalHead(id=1, seq=0, hash=rules.GENESIS)
        session.add(head)
    seq = head.seq + 1
    at = clock.now()
    subjects = sorted({(kind, str(subject)) for kind, subject in about})
    salt = secrets.token_hex(16)
    body = json.loads(rules.canonical(detail))
    hashed = rules.detail_hash(salt, body)
    entry = JournalEntry(
        seq=seq,
        at=at,
        actor=actor.account,
        act=act,
        detail_hash=hashed,
        previous=head.hash,
        hash=rules.entry_hash(
            seq, rules.written(at), actor.account, act, subjects, hashed, head.hash
        ),
    )
    session.add(entry)
    session.flush()
    session.add(JournalDetail(seq=seq, salt=salt, body=body))
    if subjects:
        rows = [{"seq": seq, "kind": kind, "subject_id": subject} for kind, subject in subjects]
        session.execute(insert(JournalSubject), rows)
    head.seq, head.hash = seq, entry.hash
    return seq
