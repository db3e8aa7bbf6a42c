"""Tables of the journal: the chain, what each entry is about, and the erasable details."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.database import Base

SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


class JournalEntry(Base):
    """One act, chained to the one before it."""

    __tablename__ = "journal_entry"

    #: place in the chain, from 1, without gaps
    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=False)
    #: when
    at: Mapped[datetime]
    #: account of the member, or "operator"
    actor: Mapped[str] = mapped_column(String(80))
    #: the verb, as in the operation's name
    act: Mapped[str] = mapped_column(String(80), index=True)
    #: SHA-256 of salt and canonical details
    detail_hash: Mapped[str] = mapped_column(String(64))
    #: hash of the entry before
    previous: Mapped[str] = mapped_column(String(64))
    #: SHA-256 over all of the above in canonical JSON, and the subjects
    hash: Mapped[str] = mapped_column(String(64))


class JournalSubject(Base):
    """What an entry is about."""

    __tablename__ = "journal_subject"
    __table_args__ = (Index("ix_journal_subject_kind_subject", "kind", "subject_id"),)

    #: the entry
    seq: Mapped[int] = mapped_column(ForeignKey("journal_entry.seq"), primary_key=True)
    #: sample, parcel, run, finding …
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: its identifier
    subject_id: Mapped[str] = mapped_column(String(64), primary_key=True)


class JournalDetail(Base):
    """Details of an entry, erasable."""

    __tablename__ = "journal_detail"

    #: the entry
    seq: Mapped[int] = mapped_column(ForeignKey("journal_entry.seq"), primary_key=True)
    #: random, so that an erased detail cannot be guessed from its hash
    salt: Mapped[str] = mapped_column(String(32))
    #: what was said
    body: Mapped[dict[str, Any]]


class JournalHead(Base):
    """The end of the chain; its row is the lock of the one writer."""

    __tablename__ = "journal_head"

    #: always 1
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: the last entry
    seq: Mapped[int] = mapped_column(SEQUENCE)
    #: its hash
    hash: Mapped[str] = mapped_column(String(64))
