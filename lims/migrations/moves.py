"""Moving a database to the present state of the tables, back, or telling where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

FOLDER = Path(__file__).resolve().parent


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the tables to a revision, the newest by default."""
    with _moving(engine) as connection:
        command.upgrade(configuration(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Bring the tables back to a revision, or to none with `base`."""
    with _moving(engine) as connection:
        command.downgrade(configuration(connection), to)


@contextmanager
def _moving(engine: Engine) -> Iterator[Connection]:
    """Give one transaction in which tables may be rebuilt, though rows point at them.

    SQLite cannot add a key to a table: Alembic writes the table again and drops the old one, which
    SQLite refuses while rows of other tables point there. Its procedure for such changes
    (sqlite.org/lang_altertable.html, section 7) is to leave keys unwatched meanwhile and to check
    them all before the end; a change that left a row pointing nowhere is undone.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        # Said to the driver itself: inside a transaction SQLite would not hear it.
        driver = connection.connection.cursor()
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if lost:
                    places = sorted({f"{row[0]} to {row[2]}" for row in lost})
                    raise ValueError(f"rows would point nowhere: {', '.join(places)}")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")
            driver.close()


def present(engine: Engine) -> str | None:
    """Return the revision of the database, None when it has no table yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the newest revision that the program knows."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config).get_current_head()
