"""Moving a database to the present state of the tables, back, or telling where it stands."""

from __future__ import annotations

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
    with engine.begin() as connection:
        command.upgrade(configuration(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Bring the tables back to a revision, or to none with `base`."""
    with engine.begin() as connection:
        command.downgrade(configuration(connection), to)


def present(engine: Engine) -> str | None:
    """Return the revision of the database, None when it has no table yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the newest revision that the program knows."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config).get_current_head()
