"""A synthetic network of any size, written row by row without the operations: for speed only."""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from lims.alerts.records import Alert, AlertMessage, AlertVersion
from lims.findings.records import Detection, Finding
from lims.foundation import clock, codes
from lims.foundation.database import open_session
from lims.intake.records import Sample, Visit
from lims.library.records import Substance
from lims.network import operations, queries
from lims.network.rules import Duty
from lims.products.records import Product, ProductSample

PRODUCTS = 2_000
ALERTS = 500
PART = 5_000
AUDIENCES = ("public", "rdr-network", "health", "judicial-police", "socio-preventive")

SAMPLE: dict[str, Any] = {
    "state": "released",
    "form": "tablet",
    "sold_as": "MDMA",
    "colour": "pink",
}
SAMPLE |= {"row_version": 1}
FINDING: dict[str, Any] = {
    "version": 1,
    "state": "released",
    "match": "as-expected",
    "row_version": 1,
}
FINDING |= {"confidence": "identified", "author": "bench", "text_fr": "Synthétique."}
FINDING |= {"text_nl": "Synthetisch.", "text_en": "Synthetic."}


def fill(engine: Engine, samples: int) -> str:
    """Fill an installed database and return the code of one sample in the middle of it."""
    with open_session(engine) as session:
        site = operations.add_site(
            session, queries.OPERATOR, operations.AddSite("Bench", "testing", "Bench")
        )
        member = operations.add_member(
            session, queries.OPERATOR, operations.AddMember("bench", "a long password of its own")
        )
        session.flush()
        duty = operations.GiveDuty(member.id, Duty.TESTING_POINT_WORKER, site.id)
        operations.give_duty(session, queries.OPERATOR, duty)
        substance = session.scalars(select(Substance.id).where(Substance.key == "mdma")).one()
        session.commit()
        site_id = site.id
    with engine.begin() as connection:
        products = _products(connection)
        middle = ""
        fresh = _fresh_codes(samples)
        for first in range(0, samples, PART):
            part = fresh[first : first + PART]
            taken = _samples(connection, site_id, substance, products, part)
            middle = taken if first <= samples // 2 else middle
        add_alerts(connection, products, substance)
        connection.exec_driver_sql("ANALYZE")
    return middle


def _products(connection: Connection) -> list[uuid.UUID]:
    day = clock.today()
    rows = [
        {
            "id": uuid.uuid4(),
            "number": f"P-{number:04d}",
            "form": "tablet",
            "colour": "pink",
            "logo": f"bench {number}",
            "logo_folded": f"bench{number}",
            "shape": "",
            "first_seen": day,
            "last_seen": day,
            "danger": "neutral",
            "made_at": clock.now(),
            "row_version": 1,
        }
        for number in range(1, PRODUCTS + 1)
    ]
    connection.execute(insert(Product), rows)
    return [row["id"] for row in rows]


def _samples(
    connection: Connection,
    site_id: uuid.UUID,
    substance: uuid.UUID,
    products: list[uuid.UUID],
    fresh: list[str],
) -> str:
    rows: dict[type, list[dict[str, Any]]] = {
        table: [] for table in (Visit, Sample, Finding, Detection, ProductSample)
    }
    for number, code in enumerate(fresh):
        for table, row in _one(site_id, substance, products[number % PRODUCTS], code).items():
            rows[table].append(row)
    for table, made in rows.items():
        connection.execute(insert(table), made)
    return fresh[-1]


def _fresh_codes(count: int) -> list[str]:
    """Return different codes: among 100,000 random ones a pair is to be expected."""
    found: set[str] = set()
    while len(found) < count:
        found.add(codes.new_code())
    return sorted(found)


def _one(
    site_id: uuid.UUID, substance: uuid.UUID, product: uuid.UUID, code: str
) -> dict[type, dict[str, Any]]:
    visit, sample, finding = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    at = clock.now() - timedelta(days=random.randrange(1, 700))
    return {
        Visit: {"id": visit, "site_id": site_id, "day": at.date(), "registered_by": "bench"},
        Sample: {
            **SAMPLE,
            **{"id": sample, "code": code, "visit_id": visit, "site_id": site_id},
            **{"sold_as_id": substance, "recorded_at": at},
        },
        Finding: {
            **FINDING,
            **{"id": finding, "sample_id": sample, "site_id": site_id, "released_at": at},
        },
        Detection: {
            "id": uuid.uuid4(),
            "finding_id": finding,
            "substance_id": substance,
            "role": "active-expected",
            "abundance": "major",
            "kind": "found",
        },
        ProductSample: {
            "id": uuid.uuid4(),
            "product_id": product,
            "sample_id": sample,
            "current_sample_id": sample,
            "by": "bench",
        },
    }


def add_alerts(connection: Connection, products: list[uuid.UUID], substance: uuid.UUID) -> None:
    """Add published alerts on products, each with a message per audience and language."""
    review = date.max.replace(year=clock.today().year + 1)
    for number in range(1, ALERTS + 1):
        alert, version = uuid.uuid4(), uuid.uuid4()
        row = {"id": alert, "number": f"2000-{number:04d}", "product_id": products[number]}
        connection.execute(insert(Alert), row)
        told = {
            "id": version,
            "alert_id": alert,
            "version": 1,
            "state": "published",
            "level": "caution",
            "facts": {},
            "author": "bench",
            "review_on": review,
            "published_at": clock.now() - timedelta(hours=number),
            "row_version": 1,
        }
        connection.execute(insert(AlertVersion), told)
        connection.execute(insert(AlertMessage), _messages(version, number))


def _messages(version: uuid.UUID, number: int) -> list[dict[str, Any]]:
    return [
        {
            "id": uuid.uuid4(),
            "alert_version_id": version,
            "audience": audience,
            "language": language,
            "headline": f"Synthetic {number}",
            "body": "Synthetic.",
            "tlp": "TLP:CLEAR",
        }
        for audience in AUDIENCES
        for language in ("fr", "nl", "en")
    ]
