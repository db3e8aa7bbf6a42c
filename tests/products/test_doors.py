from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims import wiring
from lims.foundation import happenings
from lims.products import queries
from lims.products.records import Product
from tests.findings import makers
from tests.makers import api_headers, log_in_client


@pytest.fixture(autouse=True)
def wired(session: Session, network: Any) -> Iterator[None]:
    makers.ready(session, network)
    session.commit()
    wiring.connect()
    yield
    happenings.connect({})


@pytest.fixture
def product(session: Session, network: Any) -> Product:
    """Give a product of four tablets, and a look-alike kept apart."""
    for mg in ("98", "130", "168", "236"):
        sample = makers.analysed_tablet(session, network, mg)
        makers.released(session, network, sample)
    found = queries.product_of(session, sample.id)
    pmma = makers.pmma(session)
    other = makers.sample(session, network, pmma)
    makers.run(session, network, other, "gcms", [{"substance": pmma}])
    makers.released(session, network, other)
    assert found is not None
    session.commit()
    return found


def first_sample(session: Session, product: Product) -> str:
    found = queries.samples_of(session, product.id)[0][0].sample.id
    session.commit()  # SQLite: a session that reads holds the writer's lock
    return str(found)


def where_filed(session: Session, sample_id: str) -> uuid.UUID | None:
    session.expire_all()
    found = queries.product_of(session, uuid.UUID(sample_id))
    session.commit()
    return found.id if found else None


def test_the_pages_of_products_show_spread_limits_and_look_alikes(
    app: Any, session: Session, product: Product
) -> None:
    client = log_in_client(app, session, "counsellor")
    listed = client.get("/products?form=tablet&logo=buoy").get_data(as_text=True)
    assert "P-0001" in listed and "P-0002" in listed
    page = client.get(f"/products/{product.id}").get_data(as_text=True)
    assert page.count('<circle class="dot" cx') == 4 * 2 + 1
    assert "caution above 120" in page and "warning above 200" in page and "sp-mdma-120" in page
    assert "A look-alike is not the same product." in page and "P-0002" in page
    assert "Move to" not in page
    seen = client.get("/products/by-look?form=tablet&colour=orange&logo=bouy")
    assert b"similar logo" in seen.data


def test_the_coordinator_moves_and_undoes_through_the_page(
    app: Any, session: Session, product: Product
) -> None:
    client = log_in_client(app, session, "coordinator")
    sample_id, product_id = first_sample(session, product), product.id
    address = f"/products/{product_id}"
    assert b"Move to" in client.get(address).data
    given = {"sample_id": sample_id}
    confirmed = client.post(f"{address}/confirm", data=given, follow_redirects=True)
    assert b"The filing is confirmed." in confirmed.data
    again = client.post(f"{address}/confirm", data=given, follow_redirects=True)
    assert b"confirmed already" in again.data
    client.post(f"{address}/move", data={**given, "product_id": ""})
    assert where_filed(session, sample_id) != product_id
    client.post(f"{address}/undo", data=given)
    assert where_filed(session, sample_id) == product_id


@pytest.mark.parametrize("act", ["confirm", "move", "undo", "look-alikes"])
def test_a_reader_changes_nothing_through_the_page(
    app: Any, session: Session, product: Product, act: str
) -> None:
    given = {"sample_id": first_sample(session, product), "other_id": str(product.id)}
    client = log_in_client(app, session, "counsellor")
    assert client.post(f"/products/{product.id}/{act}", data=given).status_code == 403


def test_the_api_reads_and_edits_products(app: Any, session: Session, product: Product) -> None:
    client, reader = app.test_client(), api_headers(session, "counsellor")
    whole = client.get(f"/api/products/{product.id}", headers=reader).json
    assert whole["number"] == "P-0001" and len(whole["look_alikes"]) == 1
    (spread,) = client.get(f"/api/products/{product.id}/spread", headers=reader).json
    assert (spread["n"], spread["low"], spread["median"], spread["high"]) == (
        *(4, "98", "149", "236"),
    )
    assert len(spread["points"]) == 4
    ranked = client.get("/api/products/by-look?form=tablet&logo=buoy", headers=reader).json
    assert ranked["total"] == 2
    body = {"sample_id": first_sample(session, product)}
    for act in ("confirm-filing", "move-sample", "undo-move"):
        refused = client.post(f"/api/products/{act}", json=body, headers=reader)
        assert refused.status_code == 403
    coordinator = api_headers(session, "coordinator")
    assert client.post("/api/products/undo-move", json=body, headers=coordinator).status_code == 409
    for act in ("confirm-filing", "move-sample", "undo-move"):
        done = client.post(f"/api/products/{act}", json=body, headers=coordinator)
        assert done.status_code == 200, done.json
    assert done.json["product_id"] == str(product.id)
