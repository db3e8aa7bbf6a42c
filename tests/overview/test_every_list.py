"""Every page and list of the staff application asks the database as often for many rows as for few.

SQLite alone: how many statements there are is decided in the code that makes them, which is the
same for both kinds of database; no dialect splits or joins a statement here.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event, func, select
from werkzeug.routing import Rule

from lims.doors import browser
from lims.foundation import clock
from lims.foundation.database import Base, open_session
from lims.installation import demonstration
from lims.intake.records import Sample
from lims.network.queries import OPERATOR
from tests.browser.conftest import World, make_world, staff_token
from tests.makers import everything_headers
from tests.overview.first_rows import add_first_rows
from tests.overview.multiplying import NEVER_COPIED, multiply
from tests.overview.opening import addresses_of

EVERYBODY = "everything"
# Whoever holds every duty has no site of their own; these see the lists of a site.
PEOPLE = ("chimiste", "labo.responsable", "accueil.bruxelles", "rdr", "coordination.locale")
NO_LISTS = {
    "/table": "leads on at once",
    "/table/<language>": "the same file for everybody",
    "/table/shell.json": "the names of files",
    "/table/worker.js": "a file",
    "/table/reader.js": "a file",
    "/table/manifest.webmanifest": "a file",
    "/": "leads on at once",
    "/set-up": "only once, in an empty installation",
    "/health": "for monitors",
    "/codes/<code>": "leads on at once",
    "/samples/batch/template.<kind>": "a file",
    "/static/<path:filename>": "files",
    "/api/openapi.json": "the description of the machine door",
    "/api/overview/journal/proof": "reads the whole journal, part after part, to prove its chain",
    "/exports/open-data/<uuid:release_id>/<name>": "a file",
    "/parcels/<uuid:parcel_id>/sheet.pdf": "a file",
    "/places/<uuid:place_id>/label.pdf": "a file",
    "/destructions/<uuid:destruction_id>/protocol.pdf": "a file",
    "/runs/<uuid:run_id>/files/<uuid:upload_id>/content": "a file",
    "/api/analysis/files/<uuid:file_id>/content": "a file",
    "/points/<uuid:site_id>/<size>-<tongue>.pdf": "a file",
    "/labels/calibration.pdf": "a file",
    "/api/intake/label-papers/<name>/calibration": "a file",
    "/runs/<uuid:run_id>/plate/photograph/image": "a picture",
    "/samples/<uuid:sample_id>/photos/<uuid:photo_id>.jpg": "a picture",
    "/api/intake/samples/<uuid:sample_id>/photos/<uuid:photo_id>": "a picture",
    "/alerts/<uuid:version_id>/picture.jpg": "a picture",
    "/scale-card.pdf": "a file",
    "/feedback/<uuid:organisation_id>.pdf": "a file",
    "/products/<uuid:product_id>/photos/<uuid:photo_id>.jpg": "a picture",
    "/indicators.<any(xlsx, csv):kind>": "a file",
    "/reports/<uuid:report_id>/preview-<any(whole, public):which>-<tongue>.pdf": "a file",
    "/reports/<uuid:report_id>/files/<name>": "a file",
    "/api/overview/reports/<uuid:report_id>/files/<name>": "a file",
    "/runs/<uuid:run_id>/plate/photograph/straight": "a picture",
    "/api/analysis/runs/<uuid:run_id>/plate/photograph/image": "a picture",
}
ASKS_ONCE_FOR_EACH = {
    "/samples/<uuid:sample_id>/evidence": "system of thin-layer chromatography of the sample",
    "/samples/<uuid:sample_id>/evidence/kept": "the same page with its form refused",
    "/api/identification/samples/<uuid:sample_id>/evidence": "the same, for programs",
    "/runs/<uuid:run_id>/plate": "kind of lane on the plate",
}
MOST_ALIKE = 6
"""A form may look up a handful of suggestions; a list of fifty rows may not."""
GROWN = {"/samples", "/products", "/alerts", "/signals", "/parcels", "/events", "/unknowns"}
GROWN |= {
    "/accounts",
    "/sites",
    "/library",
    "/library/spectra",
    "/library/imports",
    "/library/lots",
}
GROWN |= {"/labels", "/codes/blocks/<int:block_number>"}
GROWN |= {"/to-verify", "/work", "/codes", "/journal", "/long-work", "/protocols", "/calibrations"}
GROWN |= {"/indicators", "/meetings", "/reports"}
GROWN |= {"/queues", "/capacity", "/closures", "/order-of-work", "/points"}
GROWN |= {"/holdings", "/partners", "/partners/samples", "/partners/review", "/partners/names"}
GROWN |= {"/exports", "/exports/open-data", "/recipients", "/recipient-groups", "/deliveries"}
GROWN |= {"/foreign-alerts"}
GROWN |= {"/library/imports/names", "/library/systems", "/library/spectra/find", "/findings/rules"}
GROWN |= {"/findings/rules/drafts"}
"""Pages whose list is not full yet in the demonstration: with more rows they are longer."""


@dataclass
class Asking:
    """The statements that reach the database while something is asked."""

    engine: Engine
    statements: list[str] = field(default_factory=list)

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._hear)
        return self.statements

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements.append(statement)


@dataclass(frozen=True)
class Asked:
    """How often one address asked the database, the most with the same words, and its answer."""

    statements: int
    most: int
    size: int
    status: int = 200


@dataclass
class Lists:
    """The demonstration with whoever asks, before and after its rows were multiplied."""

    world: World
    key: dict[str, str]
    clients: dict[str, Any] = field(default_factory=dict)
    addresses: dict[tuple[str, str], str] = field(default_factory=dict)
    few: dict[tuple[str, str], Asked] = field(default_factory=dict)
    many: dict[tuple[str, str], Asked] = field(default_factory=dict)
    rows: tuple[dict[str, int], dict[str, int]] = ({}, {})

    @property
    def app(self) -> Flask:
        found: Flask = self.world.app
        return found

    @property
    def engine(self) -> Engine:
        found: Engine = self.app.extensions["house"].engine
        return found

    def ask(self, account: str, address: str) -> Asked:
        """Ask one address as an account, counting."""
        if account not in self.clients:
            self.clients[account] = self.app.test_client()
            self.clients[account].set_cookie("balise", staff_token(self.world, account))
        headers = self.key if address.startswith("/api/") else {}
        with Asking(self.engine) as statements:
            answer = self.clients[account].get(address, headers=headers)
        most = max(Counter(statements).values(), default=0)
        return Asked(len(statements), most, len(answer.data), answer.status_code)

    def find(self) -> None:
        """Find an address of every rule for each account; opening it fills the caches."""
        for rule in rules_of(self.app):
            askers = (EVERYBODY,) if rule.rule.startswith("/api/") else (EVERYBODY, *PEOPLE)
            with open_session(self.engine, reading=True) as session:
                addresses = list(addresses_of(self.app, rule, session))
            for account in askers:
                for address in addresses:
                    if self.ask(account, address).status == 200:
                        self.addresses[rule.rule, account] = address
                        break
                if rule.arguments and (rule.rule, account) in self.addresses:
                    break

    def sweep(self) -> dict[tuple[str, str], Asked]:
        return {key: self.ask(key[1], address) for key, address in self.addresses.items()}


def rules_of(app: Flask) -> list[Rule]:
    """Return every rule that answers a GET, apart from those that list nothing."""
    found = [one for one in app.url_map.iter_rules() if "GET" in (one.methods or ())]
    return sorted((one for one in found if one.rule not in NO_LISTS), key=lambda one: one.rule)


def counted(connection: Connection) -> dict[str, int]:
    return {
        one.name: connection.scalar(select(func.count()).select_from(one)) or 0
        for one in Base.metadata.sorted_tables
    }


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lists]:
    """Give every list as it was asked on the demonstration, and on many times its rows."""
    world = make_world(tmp_path_factory.mktemp("lists"), True)
    world.app.add_url_rule("/one-by-one", "one-by-one", one_by_one)
    world.app.logger.setLevel(logging.CRITICAL)
    engine = world.app.extensions["house"].engine
    with open_session(engine) as session:
        demonstration.fill(session, OPERATOR)
        add_first_rows(session)
        session.commit()
        found = Lists(world, everything_headers(session))
    with clock.stopped_at(clock.now()):  # a login is renewed by the minute, which asks too
        found.find()
        found.few = found.sweep()
        with engine.begin() as connection:
            before = counted(connection)
            multiply(connection)
            found.rows = before, counted(connection)
        found.many = found.sweep()
        for key, few in found.few.items():
            if found.many[key].statements > few.statements:  # a cache of the library may fill anew
                found.many[key] = found.ask(key[1], found.addresses[key])
    yield found
    for application in (world.app, world.public_app):
        application.extensions["house"].engine.dispose()


def one_by_one() -> str:
    """Show the samples wrongly: each asks for its visit."""
    found = browser.session().scalars(select(Sample)).all()
    return " ".join(str(sample.visit.day) for sample in found)


def grown(lists: Lists) -> dict[str, str]:
    """Return the rules that ask more often when there are more rows."""
    return {
        rule: f"{account}: {few.statements} -> {lists.many[rule, account].statements}"
        for (rule, account), few in lists.few.items()
        if lists.many[rule, account].statements > few.statements
    }


def test_no_page_and_no_list_asks_more_often_for_more_rows(lists: Lists) -> None:
    wrong = {
        rule: told
        for rule, told in grown(lists).items()
        if rule != "/one-by-one" and rule not in ASKS_ONCE_FOR_EACH
    }
    assert wrong == {}


def test_a_page_that_asks_for_each_row_is_found(lists: Lists) -> None:
    assert "/one-by-one" in grown(lists)


def test_no_list_that_is_full_asks_the_same_for_each_of_its_rows(lists: Lists) -> None:
    repeated = {
        rule: one.most
        for (rule, _account), one in lists.many.items()
        if one.most > MOST_ALIKE and rule not in ASKS_ONCE_FOR_EACH
    }
    assert set(repeated) == {"/one-by-one"}, repeated


def test_every_table_holds_more_rows_than_before(lists: Lists) -> None:
    few, many = lists.rows
    empty = [name for name in few if not few[name]]
    same = [name for name in few if many[name] <= few[name] and name not in NEVER_COPIED]
    assert (empty, same) == ([], [])


def test_every_page_is_opened_by_somebody_before_and_after(lists: Lists) -> None:
    opened = {rule for rule, _account in lists.few}
    assert {rule.rule for rule in rules_of(lists.app)} - opened == set()
    assert {key: one.status for key, one in lists.many.items() if one.status != 200} == {}


def test_the_lists_themselves_are_longer_with_more_rows(lists: Lists) -> None:
    longer = {
        rule
        for (rule, account), few in lists.few.items()
        if lists.many[rule, account].size > few.size
    }
    assert GROWN - longer == set()
