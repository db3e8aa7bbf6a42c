"""The demonstration network for the browser: filled once, then served to every test here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.devices import Opener, Table, opened_devices
from tests.conftest import SECRET, fill
from tests.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from lims.foundation.settings import Settings


@dataclass
class World:
    """An installation whose two applications are served from one database."""

    settings: Settings
    app: Any
    public_app: Any
    staff: str = ""
    public: str = ""


def make_world(folder: Path, demonstration: bool, url: str = "") -> World:
    """Make the two applications on a database of their own."""
    settings = import_module("lims.foundation.settings").read_settings(
        {
            "LIMS_DATA_DIR": str(folder),
            "LIMS_DATABASE_URL": url or f"sqlite:///{folder / 'world.sqlite'}",
            "LIMS_SECRET_KEY": SECRET,
            "LIMS_SECURE_COOKIES": "no",
            "LIMS_DEFAULT_LANGUAGE": "fr",
            "LIMS_DEMONSTRATION": "1" if demonstration else "",
        }
    )
    fill(settings.database)
    return World(
        settings,
        import_module("lims.app").make_app(settings),
        import_module("lims.public").make_public_app(settings),
    )


_filled: list[Path] = []
"""The folder of the demonstration network as it is filled, once in a test session."""


def make_filled_world(folders: pytest.TempPathFactory, name: str) -> World:
    """Make the two applications on a copy of the demonstration network, files and keys too."""
    if not _filled:
        _filled.append(_fill_demonstration(folders.mktemp("filled")))
    folder = folders.mktemp(name)
    shutil.copytree(_filled[0], folder, dirs_exist_ok=True)
    return make_world(folder, True)


def _fill_demonstration(folder: Path) -> Path:
    made = make_world(folder, True)
    operator = import_module("lims.network.queries").OPERATOR
    engine = made.app.extensions["house"].engine
    with import_module("lims.foundation.database").open_session(engine) as session:
        import_module("lims.installation.demonstration").fill(session, operator, folder)
        session.commit()
    for application in (made.app, made.public_app):
        application.extensions["house"].engine.dispose()
    return folder


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give the demonstration network, filled and served; tests here only read it."""
    made = make_filled_world(tmp_path_factory, "demonstration")
    with served(made.app) as made.staff, served(made.public_app) as made.public:
        yield made
    for application in (made.app, made.public_app):
        application.extensions["house"].engine.dispose()


def staff_token(world: World, account: str) -> str:
    """Return the token of a new staff session of an account, without its password."""
    from sqlalchemy import select

    from lims.foundation import clock
    from lims.foundation.database import open_session
    from lims.network import queries
    from lims.network.records import Member, StaffSession

    token = f"test-{account}"
    with open_session(world.app.extensions["house"].engine) as session:
        member = session.scalars(select(Member).where(Member.account == account)).one()
        key = queries.token_hash(token)
        if session.get(StaffSession, key) is None:
            at = clock.now()
            session.add(StaffSession(token_hash=key, member_id=member.id, created=at, seen=at))
            session.commit()
    return token


@pytest.fixture(scope="module")
def shell_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give the staff application on an empty database: the screen's shell and its files."""
    made = make_world(tmp_path_factory.mktemp("shell"), demonstration=False)
    yield made.app
    made.app.extensions["house"].engine.dispose()


@pytest.fixture
def table(shell_app: Any) -> Iterator[Table]:
    """Give a server of the testing point's table that can be stopped and made to fail."""
    made = Table(shell_app)
    made.server.start()
    yield made
    made.server.stop()


@pytest.fixture
def devices(browser: Browser, table: Table) -> Iterator[Opener]:
    """Give what opens devices at that table."""
    with opened_devices(browser, table) as opener:
        yield opener
