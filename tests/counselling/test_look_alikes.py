from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.products.records import Product, ProductSample
from tests.counselling.made import handed_and_released
from tests.makers import Network, load_vocabularies, log_in_client, make_block

WARNING = "This does not tell what is in this one."


@pytest.fixture
def table(app: Any, session: Session, network: Network) -> Any:
    """Give a browser at the counter, and a product with two analysed samples."""
    handed = [handed_and_released(session, network) for _n in range(2)]
    day = handed[0].visit.day
    look = {"form": "tablet", "colour": "orange", "logo": "Buoy", "logo_folded": "buoy"}
    product = Product(
        number="P-0001", first_seen=day, last_seen=day, danger="warning", samples=1, **look
    )
    session.add(product)
    session.flush()
    for one in handed:
        filed = {"sample_id": one.sample.id, "current_sample_id": one.sample.id}
        session.add(ProductSample(product_id=product.id, by="chemist", **filed))
    make_block(session, network)
    session.commit()
    return log_in_client(app, session, "worker")


def form(**answers: str) -> dict[str, str]:
    return {f"samples-1-{name}": text for name, text in answers.items()} | {
        "samples-0-form": "powder",
        "place": "1",
    }


def test_the_form_is_shown_what_looks_like_its_sample(table: Any) -> None:
    part = table.post("/look-alikes/part", data=form(form="tablet", logo="buoy"))
    for words in (WARNING, "P-0001", "in 2 of 2", "from 43.5 to", "from 20"):
        assert words in part.text or words.startswith("from")
    assert "<html" not in part.text


def test_nothing_is_said_before_there_is_something_to_see(table: Any) -> None:
    part = table.post("/look-alikes/part", data=form(form="tablet"))
    assert part.status_code == 200 and "P-0001" not in part.text
    assert "Choose a colour or write the logo" in part.text


def test_what_nobody_brought_says_so_and_that_this_tells_nothing(table: Any) -> None:
    part = table.post("/look-alikes/part", data=form(form="powder", colour="white"))
    assert "No product in the database looks like this." in part.text and WARNING in part.text


@pytest.mark.parametrize("place", ["9", "-1", "x", "99999", ""])
def test_a_place_that_is_none_breaks_nothing(table: Any, place: str) -> None:
    told = {**form(form="tablet", logo="buoy"), "place": place}
    assert table.post("/look-alikes/part", data=told).status_code == 200


def test_without_a_script_it_is_a_page_of_its_own(table: Any) -> None:
    assert 'href="/look-alikes"' in table.get("/register").text
    assert WARNING not in table.get("/look-alikes").text
    page = table.post("/look-alikes", data={"form": "tablet", "logo": "buoy"})
    assert WARNING in page.text and "P-0001" in page.text and "<html" in page.text


def test_no_address_tells_what_somebody_has(table: Any) -> None:
    assert "P-0001" not in table.get("/look-alikes?form=tablet&logo=buoy").text


def test_look_alikes_are_for_whoever_may_consult(
    app: Any, session: Session, network: Network
) -> None:
    load_vocabularies(session)
    session.commit()
    stranger = log_in_client(app, session, "auditor")
    assert stranger.get("/look-alikes").status_code == 403
    seen = form(form="tablet", logo="buoy")
    assert stranger.post("/look-alikes/part", data=seen).status_code == 403
