"""The yardstick: Flask and SQLAlchemy writing a sample row and a journal row, and nothing else.

Same engine settings as the product, so that both wait for the disk in the same way.
"""

from __future__ import annotations

import os
import uuid
from datetime import datetime

from flask import Flask, request
from sqlalchemy import JSON, Engine, String, Uuid, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from lims.foundation import clock
from lims.foundation.database import UtcTime, make_engine


class Base(DeclarativeBase):
    """The parent of the two bare tables."""


class BareSample(Base):
    """A sample as wide as ours."""

    __tablename__ = "bare_sample"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    form: Mapped[str] = mapped_column(String(40))
    declared: Mapped[str] = mapped_column(String(80))
    appearance: Mapped[dict[str, str]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcTime())


class BareLine(Base):
    """A line about a sample."""

    __tablename__ = "bare_line"

    seq: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[uuid.UUID] = mapped_column(Uuid, index=True)
    act: Mapped[str] = mapped_column(String(80))
    detail: Mapped[dict[str, str]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcTime())


def make_tables(url: str) -> None:
    """Make both tables in an empty database."""
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


def make_app() -> Flask:
    """Build the bare application on the database named by BENCH_DATABASE_URL."""
    app = Flask(__name__)
    engine = make_engine(os.environ["BENCH_DATABASE_URL"])

    @app.put("/samples/<uuid:sample_id>")
    def write(sample_id: uuid.UUID) -> tuple[dict[str, str], int]:
        store(engine, sample_id, request.get_json())
        return {"id": str(sample_id)}, 201

    return app


def store(engine: Engine, sample_id: uuid.UUID, given: dict[str, str]) -> None:
    """Write the two rows in one transaction."""
    now = clock.now()
    with Session(engine) as session, session.begin():
        sample = {"id": sample_id, "code": sample_id.hex[:20], "at": now, "appearance": given}
        session.execute(
            insert(BareSample).values(form="tablet", declared=given.get("declared", ""), **sample)
        )
        session.execute(
            insert(BareLine).values(sample_id=sample_id, act="registered", detail=given, at=now)
        )
