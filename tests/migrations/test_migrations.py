from __future__ import annotations

import ast
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from lims.custody.records import TransportPermit
from lims.foundation.database import Base, make_engine, open_session
from lims.foundation.register import FEATURES, all_tables
from lims.migrations import moves
from tests.architecture import house
from tests.makers import make_network


def test_every_feature_with_tables_is_in_the_register() -> None:
    with_tables = {path.parent.name for path in house.LIMS.glob("*/records.py")}
    assert set(FEATURES) == with_tables


def test_the_migrations_make_exactly_the_tables_of_the_records(empty_database_url: str) -> None:
    all_tables()
    engine = make_engine(empty_database_url)
    moves.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
    assert moves.present(engine) == moves.newest()
    engine.dispose()


def test_the_tables_go_up_down_and_up_again_with_data(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    moves.upgrade(engine)
    fill(engine)
    moves.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    moves.upgrade(engine)
    fill(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM visit")).scalar() == 1
    engine.dispose()


def test_records_of_the_first_tables_outlive_every_later_change(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    moves.upgrade(engine)
    fill(engine)
    moves.downgrade(engine, "0001")
    moves.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM visit")).scalar() == 1
    engine.dispose()


def test_the_authorisation_of_a_site_becomes_a_record_of_its_own(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    moves.upgrade(engine, "0002")
    site = {"id": uuid.uuid4().hex, "organisation": uuid.uuid4().hex, "until": "2027-01-31"}
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO organisation (id, name, kind) VALUES (:organisation, 'O', 'testing')",
            "INSERT INTO site (id, organisation_id, name, service_type, area, opening_hours,"
            " languages, may_hold, permit, permit_until, ticket_policy, lone_laboratory) VALUES"
            " (:id, :organisation, 'S', '', '', '', '[]', true, 'P-77', :until, 'result', false)",
        ):
            connection.execute(text(statement), site)
    for _twice in range(2):
        moves.upgrade(engine)
        with open_session(engine) as session:
            permit = session.scalars(select(TransportPermit)).one()
            assert (permit.number, permit.valid_until) == ("P-77", date(2027, 1, 31))
            assert permit.from_site.may_return
        moves.downgrade(engine, "0002")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT permit FROM site")).scalar() == "P-77"
    engine.dispose()


def test_a_change_that_would_leave_a_row_pointing_nowhere_is_undone(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'broken.sqlite'}")
    moves.upgrade(engine)
    fill(engine)
    moves.downgrade(engine, "0001")
    driver = engine.raw_connection()
    driver.cursor().execute("PRAGMA foreign_keys=OFF")
    driver.cursor().execute("DELETE FROM visit")
    driver.cursor().execute("PRAGMA foreign_keys=ON")
    driver.close()
    with pytest.raises(ValueError, match="sample to visit"):
        moves.upgrade(engine)
    assert moves.present(engine) == "0001"
    engine.dispose()


def test_a_new_column_that_may_not_be_empty_says_what_older_rows_hold() -> None:
    silent = [
        f"{path.name}:{call.lineno}"
        for path in sorted((moves.FOLDER / "versions").glob("[0-9]*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "add_column"
        and "nullable=False" in ast.unparse(call)
        and "server_default" not in ast.unparse(call)
    ]
    assert not silent


def fill(engine: Any) -> None:
    from lims import journal
    from lims.intake.records import Sample, Visit

    with open_session(engine) as session:
        network = make_network(session)
        visit = Visit(site_id=network.counter.id, day=date(2026, 11, 22), registered_by="worker")
        visit.samples.append(
            Sample(code="22222222", site_id=network.counter.id, form="tablet", sold_as="unknown")
        )
        session.add(visit)
        session.flush()
        journal.record(session, network.worker, "register visit", [("visit", visit.id)])
        session.commit()
