"""What is made once for a whole test session and given to every test as if it were new.

A database keeps its tables and loses its rows; an engine keeps the statements that it has
translated and loses its connections; an application keeps its routes and templates and loses its
settings, its house and whatever a test hung on it.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from lims.foundation.settings import Settings
    from tests.postgres import Cluster

HASHERS = ("lims.network.operations", "lims.network.logins", "lims.intake.tickets")
"""Modules whose HASHER hashes passwords and the secrets of tickets."""
STRONG: dict[str, Any] = {}
"""Module → the hasher that the program ships, for the tests that look at its strength."""

CATALOGUES = ("class", "attribute", "constraint", "index", "trigger", "proc", "type", "namespace")
SHAPE = "SELECT " + ", ".join(
    f"(SELECT (count(*), sum(xmin::text::bigint))::text FROM pg_{one})" for one in CATALOGUES
)
"""Told of PostgreSQL's own catalogues: any change of a table, index or function changes it."""
FILLED = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""


def hash_cheaply() -> None:
    """Let hashing cost next to nothing; what is hashed keeps its form and its salt."""
    cheap = import_module("argon2").PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    modules = [import_module(name) for name in HASHERS]
    for module in modules:
        STRONG.setdefault(module.__name__, module.HASHER)
    for module in modules:
        module.HASHER = cheap  # type: ignore[attr-defined]


# ---------------------------------------------------------------------------------- databases


def fresh_sqlite(template: Path, path: Path) -> None:
    """Put a copy of the template where the test before had its database."""
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copyfile(template, path)


class SteadyDatabase:
    """One PostgreSQL database that is emptied between tests instead of being copied anew.

    Emptying leaves empty files, as in a copy. A test that changed the tables themselves (or
    rewrote them) costs a new copy.
    """

    def __init__(self, cluster: Cluster, template: str) -> None:
        self._cluster, self._template = cluster, template
        self._name = ""
        self._shape: Any = None

    def emptied(self) -> str:
        """Return the address of the database, with every table and no row."""
        if not self._name or not self._empty():
            self._copy()
        return self._cluster.url(self._name)

    def _copy(self) -> None:
        if self._name:
            self._cluster.drop(self._name)
        self._name, _url = self._cluster.fresh(self._template)
        with self._cluster.connected(self._name) as connection:
            self._shape = connection.execute(SHAPE).fetchone()

    def _empty(self) -> bool:
        """Remove every row; False when the tables are no longer those of the template."""
        with self._cluster.connected(self._name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if connection.execute(SHAPE).fetchone() != self._shape:
                return False
            filled = [row[0] for row in connection.execute(FILLED).fetchall()]
            if filled:
                emptying = "; ".join(f"DELETE FROM {table}" for table in filled)
                # As a replica no foreign key is looked at: the order of the tables is no matter.
                connection.execute(
                    f"BEGIN; SET LOCAL session_replication_role = replica; {emptying}; COMMIT"
                )
                connection.execute(f"VACUUM {', '.join(filled)}")
            return not connection.execute(FILLED).fetchall()


# ------------------------------------------------------------------------------------ engines


@lru_cache(maxsize=8)
def _steady_engine(url: str, _use: str) -> Engine:
    made: Engine = import_module("lims.foundation.database").make_engine(url)
    return made


def own_engine(url: str, use: str) -> Engine:
    """Return an engine of the test's own on the translated statements of those before.

    Who listens to it listens to this test only.
    """
    return _steady_engine(url, use).execution_options()


# ------------------------------------------------------------------------------- applications


class KeptApplication:
    """One application, built once for a kind of settings."""

    def __init__(self, made: Flask) -> None:
        self._made = made
        made.extensions["house"].engine.dispose()
        made.test_client().get("/static/favicon.svg")  # from here on no test may add a route
        gc.freeze()  # it stays to the end: nothing there for the collector of garbage
        self._config = dict(made.config)
        self._extensions = dict(made.extensions)

    def renewed(self, settings: Settings, engine: Engine, keys: Path | None) -> Flask:
        """Return the application as it was built, in a new house; it signs with the given keys."""
        made = self._made
        for holder, kept in ((made.config, self._config), (made.extensions, self._extensions)):
            holder.clear()
            holder.update(kept)
        house = self._extensions["house"]
        made.extensions["house"] = replace(house, settings=settings, engine=engine, state={})
        import_module("lims.wiring").connect(replace(settings, data_dir=keys or settings.data_dir))
        return made


_applications: dict[tuple[Any, ...], KeptApplication] = {}


def kept_application(
    make: Callable[[Settings], Flask], settings: Settings, keys: Path | None = None
) -> Flask:
    """Return an application on a test's settings, built once for all that differ in place only."""
    somewhere = replace(settings, data_dir=Path(), database_url="sqlite://")
    key = (make, somewhere)
    if key not in _applications:
        _applications[key] = KeptApplication(make(settings))
    engine = own_engine(settings.database, make.__name__)
    return _applications[key].renewed(settings, engine, keys)
