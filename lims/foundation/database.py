"""The database: typed tables, exact amounts, aware times, and how a connection behaves.

SQLite writes take their lock at the start (`BEGIN IMMEDIATE`), so that two writers wait instead of
failing half-way; reading sessions use a plain `BEGIN`. Nothing here knows a domain.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

PATIENCE = 30.0
"""Seconds that a writer waits for the one before."""

PLACES = 6
SCALE = Decimal(10) ** PLACES
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcTime(TypeDecorator[datetime]):
    """An aware moment, kept as UTC on every database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal amount, kept as a whole number of millionths: exact, sortable, summable."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int((Decimal(value) * SCALE).to_integral_value(rounding=ROUND_HALF_EVEN))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        amount = (Decimal(value) / SCALE).normalize()
        return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: UtcTime(),
        Decimal: ExactDecimal(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        list[str]: JSON(),
    }


class Identified:
    """A record with an identifier that the client may make, so that sending twice keeps one."""

    #: made by the client or here; unique
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)


def make_engine(url: str) -> Engine:
    """Return an engine for a database address, with SQLite set to be durable and strict."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": PATIENCE, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "auto_vacuum=FULL",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={int(PATIENCE * 1000)}",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql("BEGIN")
        return
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        _wait_for_the_writers_lock(cursor)
    finally:
        cursor.execute(f"PRAGMA busy_timeout={int(PATIENCE * 1000)}")
        cursor.close()


def _wait_for_the_writers_lock(cursor: Any) -> None:
    """Ask again every half millisecond: SQLite's own waiting sleeps up to a tenth of a second."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            cursor.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as busy:
            if "locked" not in str(busy) or time.monotonic() > deadline:
                raise
            time.sleep(0.0005)


def open_session(engine: Engine, *, reading: bool = False) -> Session:
    """Return a session; a reading one does not take the writer's lock."""
    bound = engine.execution_options(reading=True) if reading else engine
    return Session(bound, expire_on_commit=False)


def rewrite_file(engine: Engine) -> bool:
    """Rewrite the database so that no byte of an emptied row stays; False when others held it.

    SQLite: the log is written back and cut to nothing, the file rebuilt. PostgreSQL: the tables are
    rebuilt; its own log (WAL) is recycled by the server, and archives of it are the operator's.
    """
    connection = engine.raw_connection()
    try:
        if engine.dialect.name != "sqlite":
            connection.dbapi_connection.autocommit = True  # type: ignore[union-attr]
            connection.cursor().execute("VACUUM FULL")
            return True
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        answer = cursor.fetchone()
        return answer is not None and not answer[0]
    except engine.dialect.loaded_dbapi.Error:
        return False
    finally:
        connection.close()
