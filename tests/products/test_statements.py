"""How often a page of products asks the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from lims.findings.records import Detection
from lims.products import queries
from lims.products.records import Product
from tests.makers import log_in_client
from tests.products.test_doors import product, wired

__all__ = ["product", "wired"]


def statements_of(app: Any, client: Any, address: str) -> int:
    sent: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = app.extensions["house"].engine
    event.listen(engine, "before_cursor_execute", hear)
    assert client.get(address).status_code == 200
    event.remove(engine, "before_cursor_execute", hear)
    return len(sent)


def test_a_product_in_which_more_was_measured_asks_the_database_no_more(
    app: Any, session: Session, product: Product
) -> None:
    client = log_in_client(app, session, "counsellor")
    address = f"/products/{product.id}"
    client.get(address)
    before = statements_of(app, client, address)
    (one, *_others), _total = queries.samples_of(session, product.id)
    (measured,) = one.detections
    same = {"finding_id": measured.finding_id, "substance_id": measured.substance_id}
    told = {"kind": "measured", "role": measured.role, "abundance": measured.abundance}
    amount = {"value": measured.value, "unit": measured.unit, "expressed_as": "base"}
    session.add(Detection(**same, **told, **amount, position=2))
    session.commit()
    assert len(queries.spread(session, product.id)) == 2
    session.commit()
    assert statements_of(app, client, address) == before
