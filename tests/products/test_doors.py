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
from tests.makers import PASSWORD, api_headers, log_in_client


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
    in_dutch = client.get("/products/by-look?lang=nl").get_data(as_text=True)
    assert "Hoe ziet het eruit?" in in_dutch and "Nog niet gezien" not in in_dutch


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


def two_products(session: Session, product: Product) -> tuple[str, str, str]:
    """Return the product, another of the same form, and its number."""
    (row,) = queries.look_alikes(session, product.id)
    found = str(product.id), str(row.product.id), row.product.number
    session.commit()
    return found


def test_the_coordinator_merges_and_undoes_through_the_page(
    app: Any, session: Session, product: Product
) -> None:
    one, other, number = two_products(session, product)
    client = log_in_client(app, session, "coordinator")
    address = f"/products/{one}/merge"
    assert number.encode() in client.get(address).data
    typed = {"into_id": number, "reason": "One press."}
    for wrong, words in (
        ({"into_id": "P-9999"}, b"no product of this number"),
        ({"into_id": ""}, b"no product of this number"),
        ({"reason": ""}, b"required"),
        ({"into_id": "P-0001"}, b"Choose another product."),
    ):
        refused = client.post(address, data={**typed, **wrong})
        assert refused.status_code == 422 and words in refused.data
    assert client.post(address, data={**typed, "row_version": 99}).status_code == 409
    done = client.post(address, data=typed, follow_redirects=True)
    assert b"was merged into" in done.data and b"One press." in done.data
    led = client.get(f"/products/{one}", follow_redirects=True)
    assert b"was taken over by this product" in led.data
    assert client.post(address, data=typed).status_code == 409
    (row,) = queries.changes_of(session, uuid.UUID(other))
    session.commit()
    undo = f"/products/{other}/changes/{row.change.id}/undo"
    client.post(undo, data={"reason": ""})
    (row,) = queries.changes_of(session, uuid.UUID(other))
    assert row.change.undone_at is None
    session.commit()
    back = client.post(undo, data={"reason": "No."}, follow_redirects=True)
    assert b"Undone: the samples are back." in back.data
    again = client.post(undo, data={"reason": "No."}, follow_redirects=True)
    assert b"undone already" in again.data


def test_the_coordinator_splits_and_unlinks_through_the_page(
    app: Any, session: Session, product: Product
) -> None:
    one, other, _number = two_products(session, product)
    sample_id = first_sample(session, product)
    client = log_in_client(app, session, "coordinator")
    address = f"/products/{one}/split"
    assert sample_id.encode() in client.get(address).data
    nothing = client.post(address, data={"reason": "Darker."})
    assert nothing.status_code == 422 and b"Choose the samples" in nothing.data
    typed = {"sample_ids[]": [sample_id], "reason": "Darker."}
    assert client.post(address, data={**typed, "row_version": 99}).status_code == 409
    done = client.post(address, data=typed, follow_redirects=True)
    assert b"was split off from" in done.data
    assert str(where_filed(session, sample_id)) not in (one, "None")
    gone = client.post(address, data=typed)
    assert gone.status_code == 422 and b"not filed here any more" in gone.data
    removal = f"/products/{one}/look-alikes/removal"
    told = {"other_id": other, "reason": "Not alike."}
    assert b"taken away" in client.post(removal, data=told, follow_redirects=True).data
    assert client.post(removal, data=told).status_code == 404


@pytest.mark.parametrize("act", ["merge", "split"])
def test_a_reader_neither_merges_nor_splits(
    app: Any, session: Session, product: Product, act: str
) -> None:
    address = f"/products/{product.id}/{act}"
    client = log_in_client(app, session, "counsellor")
    assert client.get(address).status_code == 403
    given = {"into_id": "P-0002", "sample_ids[]": str(product.id), "reason": "why"}
    assert client.post(address, data=given).status_code == 403


def test_every_refusal_of_series_through_the_machine_door(
    app: Any, session: Session, product: Product
) -> None:
    one, other, _number = two_products(session, product)
    sample_id, client = first_sample(session, product), app.test_client()
    reader, key = api_headers(session, "counsellor"), api_headers(session, "coordinator")

    def post(act: str, headers: Any = key, **body: Any) -> Any:
        return client.post(f"/api/products/{act}", json=body, headers=headers)

    merge = {"product_id": one, "into_id": other, "reason": "One press."}
    split = {"product_id": one, "sample_ids": [sample_id], "reason": "Darker."}
    for act, body in (
        ("merge", merge),
        ("split", split),
        ("undo-change", {"change_id": one, "reason": "No."}),
        ("unlink-look-alikes", {"product_id": one, "other_id": other, "reason": "No."}),
    ):
        assert post(act, reader, **body).status_code == 403
        assert post(act, **{**body, "reason": ""}).status_code == 422
    assert post("merge", **{**merge, "into_id": one}).status_code == 422
    assert post("merge", **{**merge, "into_id": sample_id}).status_code == 404
    assert post("merge", **merge, row_version=99).status_code == 409
    assert post("split", **{**split, "sample_ids": []}).status_code == 422
    assert post("split", **split, row_version=99).status_code == 409
    assert post("undo-change", change_id=one, reason="No.").status_code == 404
    change = post("merge", **merge).json
    assert (change["kind"], change["samples"]) == ("merge", 4)
    assert client.get(f"/api/products/{one}", headers=reader).json["standing_id"] == other
    assert post("merge", **merge).status_code == 409
    assert post("split", **split).status_code == 409
    undone = post("undo-change", change_id=change["id"], reason="No.")
    assert undone.status_code == 200 and undone.json["undone_by"] == "coordinator"
    assert post("undo-change", change_id=change["id"], reason="No.").status_code == 409
    listed = client.get(f"/api/products/{one}/changes", headers=reader).json
    assert [one["undone_why"] for one in listed] == ["No."]
    unlink = {"product_id": one, "other_id": other, "reason": "No."}
    assert post("unlink-look-alikes", **unlink).status_code == 200
    assert post("unlink-look-alikes", **unlink).status_code == 404


def test_contents_and_circulation_through_the_doors(
    app: Any, session: Session, product: Product
) -> None:
    sold = makers.mdma(session).id
    session.commit()
    client = log_in_client(app, session, "counsellor")
    assert b"P-0001" in client.get("/products/circulation?weeks=52&danger=warning").data
    assert b"Your password" not in client.get("/products/circulation").data
    assert client.get("/products/circulation?weeks=3").status_code == 422
    assert str(sold).encode() in client.get("/products/declared?weeks=260").data
    page = client.get(f"/products/declared/{sold}?weeks=260").get_data(as_text=True)
    assert "as-expected (en)" in page and "expressed as HCl" in page
    assert client.get(f"/products/declared/{product.id}").status_code == 404
    assert client.post("/products/circulation/export", data={}).status_code == 403
    machine, key = app.test_client(), api_headers(session, "counsellor")
    base = "/api/products"
    seen = machine.get(f"{base}/circulation?weeks=52", headers=key).json
    assert seen["total"] == 2 and any(one["contents"] for one in seen["items"])
    assert machine.get(f"{base}/circulation?weeks=3", headers=key).status_code == 422
    told = machine.get(f"{base}/declared/{sold}/matching?weeks=260", headers=key).json
    assert told["shares"]["as-expected"]["count"] == 4
    spread = machine.get(f"{base}/declared/{sold}/spread?weeks=260", headers=key).json
    assert spread[0]["n"] == 4 and spread[0]["median_low"] is None
    assert machine.get(f"{base}/declared/{product.id}/matching", headers=key).status_code == 404
    assert len(machine.get(f"{base}/declared?weeks=260", headers=key).json) >= 1


def test_the_export_asks_for_the_password_and_gives_a_table(
    app: Any, session: Session, product: Product
) -> None:
    client = log_in_client(app, session, "coordinator")
    address, chosen = "/products/circulation/export", {"weeks": "52"}
    wrong = client.post(address, data={**chosen, "password": "not it"})
    assert wrong.status_code == 422 and b"This is not your password." in wrong.data
    given = client.post(address, data={**chosen, "password": PASSWORD})
    assert given.status_code == 200 and given.data.decode("utf-8-sig").startswith("number;form;")
