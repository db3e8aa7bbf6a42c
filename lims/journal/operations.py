"""Writing the journal."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.journal import rules
from lims.journal.records import JournalDetail, JournalEntry, JournalHead, JournalSubject

Subject = tuple[str, uuid.UUID | str]

# Every act of the program passes here, so the rows are written without the object mapper.
ENTRY: Any = JournalEntry.__table__
DETAIL: Any = JournalDetail.__table__
SUBJECT: Any = JournalSubject.__table__
HEAD: Any = JournalHead.__table__

# Made once: their key in SQLAlchemy's cache of compiled statements is then worked out once too.
_LOCK_HEAD = select(HEAD.c.seq, HEAD.c.hash).where(HEAD.c.id == 1).with_for_update()
_MOVE_HEAD = update(HEAD).where(HEAD.c.id == 1)
_ADD_ENTRY, _ADD_DETAIL, _ADD_SUBJECT = insert(ENTRY), insert(DETAIL), insert(SUBJECT)


def record(
    session: Session, actor: Actor, act: str, about: Iterable[Subject] = (), **detail: Any
) -> int:
    """Append an entry to the journal and return its place in the chain.

    The head row is locked until the transaction ends, so that there is one writer at a time.
    """
    session.flush()
    connection = session.connection()
    last = _locked_head(connection)
    seq = int(last.seq) + 1
    at = clock.now()
    subjects = sorted({(kind, str(subject)) for kind, subject in about})
    salt = secrets.token_hex(16)
    body = json.loads(rules.canonical(detail))
    hashed = rules.detail_hash(salt, body)
    entry = {
        "seq": seq,
        "at": at,
        "actor": actor.account,
        "act": act,
        "detail_hash": hashed,
        "previous": last.hash,
    }
    entry["hash"] = rules.entry_hash(
        seq, rules.written(at), actor.account, act, subjects, hashed, last.hash
    )
    connection.execute(_ADD_ENTRY, entry)
    connection.execute(_ADD_DETAIL, {"seq": seq, "salt": salt, "body": body})
    if subjects:
        rows = [{"seq": seq, "kind": kind, "subject_id": subject} for kind, subject in subjects]
        connection.execute(_ADD_SUBJECT, rows)
    connection.execute(_MOVE_HEAD, {"seq": seq, "hash": entry["hash"]})
    return seq


def _locked_head(connection: Connection) -> Any:
    """Return the end of the chain and keep it locked; the first entry makes its row."""
    found = connection.execute(_LOCK_HEAD).first()
    if found is None:
        connection.execute(insert(HEAD), {"id": 1, "seq": 0, "hash": rules.GENESIS})
        found = connection.execute(_LOCK_HEAD).one()
    return found
