"""What every test may ask for: an empty database of each kind, a served application, a browser.

Nothing here is started before a test asks for it. BALISE_TEST_DATABASES=sqlite limits the kinds.
What costs much to make is made once and renewed for each test: see `tests.kept`.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.kept import (
    SteadyDatabase,
    fresh_sqlite,
    hash_cheaply,
    kept_application,
    own_engine,
)
from tests.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from lims.foundation.settings import Settings
    from tests.postgres import Cluster

DATABASES = [
    kind.strip()
    for kind in os.environ.get("BALISE_TEST_DATABASES", "sqlite,postgresql").split(",")
    if kind.strip()
]
TEMPLATE = "balise_template"
SECRET = "not-a-secret-but-long-and-varied-0123456789"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

LONG = (
    *("tests/doors/test_openapi.py", "tests/overview/test_every_list.py", "tests/browser/"),
    *("tests/custody/test_balance.py", "tests/products/test_any_order.py", "tests/leaks/"),
    *("tests/intake/test_outbox_kill.py", "tests/journeys/", "tests/look/", "tests/installation/"),
)

# The same examples in every run: a red build can be repeated. Slow machines are no failure.
hypothesis_settings.register_profile(
    "balise",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("balise")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse an unknown kind of database, and forget the settings of a real installation."""
    for name in [name for name in os.environ if name.startswith("LIMS_")]:
        del os.environ[name]
    unknown = set(DATABASES) - {"sqlite", "postgresql"}
    if unknown or not DATABASES:
        raise pytest.UsageError("BALISE_TEST_DATABASES takes sqlite, postgresql or both.")
    hash_cheaply()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that no process waits for the last of them."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector of garbage pass over what was imported, and come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def fill(url: str) -> None:
    """Make every table of the system in an empty database."""
    database = import_module("lims.foundation.database")
    import_module("lims.foundation.register").all_tables()
    engine = database.make_engine(url)
    database.Base.metadata.create_all(engine)
    engine.dispose()


# ---------------------------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """Give the PostgreSQL of this session; it starts with the first test that needs it."""
    from tests.postgres import Cluster

    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def steady_database(postgresql_cluster: Cluster) -> SteadyDatabase:
    fill(postgresql_cluster.create(TEMPLATE))
    with postgresql_cluster.connected(TEMPLATE) as connection:
        connection.execute("VACUUM")  # a table looks the same never filled and emptied
    return SteadyDatabase(postgresql_cluster, TEMPLATE)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("database") / "test.sqlite"


@pytest.fixture(scope="session", autouse=True)
def station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sign alerts with a key of the tests: one for all, and none in the folder of the code."""
    folder = tmp_path_factory.mktemp("station")
    settings = import_module("lims.foundation.settings").Settings(data_dir=folder)
    import_module("lims.alerts.cap.station").connect(settings)
    return folder


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table, once per kind (for migrations, `lims init`)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name, url = cluster.fresh()
    yield url
    cluster.drop(name)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a database with every table and no row, once per kind of database."""
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_place")
        fresh_sqlite(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    steady: SteadyDatabase = request.getfixturevalue("steady_database")
    return steady.emptied()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an engine on a database with every table and no row."""
    made = own_engine(database_url, "test")
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Give an open session; what it does not commit is gone after the test."""
    opened: Session = import_module("lims.foundation.database").open_session(engine)
    yield opened
    opened.rollback()
    opened.close()


# ------------------------------------------------------------------------------- applications


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Give the settings of an installation of its own, on an empty database."""
    made: Settings = import_module("lims.foundation.settings").read_settings(
        {
            "LIMS_DATA_DIR": str(tmp_path / "data"),
            "LIMS_DATABASE_URL": database_url,
            "LIMS_SECRET_KEY": SECRET,
            "LIMS_SECURE_COOKIES": "no",
            "LIMS_DEFAULT_LANGUAGE": "en",
        }
    )
    made.data_dir.mkdir()
    return made


@pytest.fixture
def live_server(settings: Settings) -> Iterator[str]:
    """Serve the staff application and give its address."""
    with served(import_module("lims.app").make_app(settings)) as address:
        yield address


@pytest.fixture
def public_server(settings: Settings) -> Iterator[str]:
    """Serve the public application and give its address."""
    with served(import_module("lims.public").make_public_app(settings)) as address:
        yield address


# ------------------------------------------------------------------------------------ browser


def chromium_path() -> str | None:
    """Return the Chromium named by the environment or found on the path."""
    named = os.environ.get("BALISE_CHROMIUM")
    if named:
        return named
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a headless Chromium. Without one: a skip at home, a failure where CI=true."""
    path = chromium_path()
    if path is None:
        reason = (
            "no Chromium was found: install it (apt-get install chromium) or set BALISE_CHROMIUM"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give an empty page of a new visitor; a script error or a breach of the CSP fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(10_000)
    opened = context.new_page()
    wrong: list[str] = []
    watch(opened, wrong)
    yield opened
    context.close()
    assert not wrong, wrong


def watch(page: Any, wrong: list[str]) -> None:
    """Write down what goes wrong in a page; an answer with an error status may be right."""

    def hear(message: Any) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            wrong.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: wrong.append(str(error)))


# ------------------------------------------------------------------------- the synthetic network


@pytest.fixture
def network(session: Session) -> Any:
    """Give a small synthetic network with one account per duty, committed."""
    from tests.makers import make_network

    return make_network(session)


@pytest.fixture
def app(settings: Settings, station: Path) -> Any:
    """Give the staff application on the test's database, without the forms' CSRF token."""
    made = kept_application(import_module("lims.app").make_app, settings, station)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    yield made
    made.extensions["house"].engine.dispose()


@pytest.fixture
def public_app(settings: Settings, station: Path) -> Any:
    """Give the public application on the test's database."""
    made = kept_application(import_module("lims.public").make_public_app, settings, station)
    made.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    yield made
    made.extensions["house"].engine.dispose()
