from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.products.records import Product, ProductSample
from tests.browser.axe import violations
from tests.counselling.made import hand_in, release
from tests.makers import Network, log_in_client

WIDTHS = (320, 360, 1280)


@pytest.fixture
def only_sqlite(settings: Any) -> None:
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("what a page looks like does not depend on the database")


def narrow_enough(page: Any) -> bool:
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


def look_at(page: Any, where: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert not violations(page), f"{where}, {scheme}"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert narrow_enough(page), f"{where} at {width} px"


def test_the_counsellors_screens_are_accessible_and_fit_a_phone(
    only_sqlite: None, app: Any, live_server: str, session: Session, network: Network, page: Any
) -> None:
    handed = hand_in(session, network, "registered", "not analysed", logo="buoy")
    release(session, network, handed.sample)
    file_under_product(session, [handed.sample])
    token = log_in_client(app, session, "worker").get_cookie("balise").value
    page.context.add_cookies([{"name": "balise", "value": token, "url": live_server}])
    result = f"/counselling/results/{handed.sample.id}"
    other = f"/counselling/results/{handed.samples[1].id}"
    talks = "/counselling/talks"
    for path in ("/counselling", result, other, f"{result}/talk", f"{result}/card", talks):
        page.goto(f"{live_server}{path}?lang=fr")
        look_at(page, path)
    page.goto(f"{live_server}/counselling?lang=en")
    page.get_by_label("orange", exact=True).check()
    send(page, "Find look-alikes")
    page.get_by_text("P-0001").wait_for()
    look_at(page, "look-alikes")


def send(page: Any, words: str) -> None:
    """Press the button that sends a form, and wait until the answer has arrived."""
    with page.expect_navigation():
        page.get_by_role("button", name=words).click()


def file_under_product(session: Session, samples: list[Any]) -> None:
    day = samples[0].visit.day
    look = {"form": "tablet", "colour": "orange", "logo": "buoy", "logo_folded": "buoy"}
    product = Product(
        number="P-0001", first_seen=day, last_seen=day, danger="warning", samples=1, **look
    )
    session.add(product)
    session.flush()
    for sample in samples:
        filed = {"sample_id": sample.id, "current_sample_id": sample.id}
        session.add(ProductSample(product_id=product.id, by="chemist", **filed))
    session.commit()


def test_the_visitors_screens_are_accessible_and_fit_a_phone(
    only_sqlite: None, public_server: str, session: Session, network: Network, page: Any
) -> None:
    handed = hand_in(session, network, "registered", "registered")
    release(session, network, handed.sample)

    def show(ticket: str) -> None:
        page.goto(f"{public_server}/?lang=nl")
        page.get_by_label("Ticket").fill(ticket)
        send(page, "Tonen")

    page.goto(f"{public_server}/?lang=nl")
    look_at(page, "ticket")
    show("nonsense")
    look_at(page, "nothing to show")
    show(handed.ticket)
    look_at(page, "result")
    send(page, "Kaart zonder merk of datum")
    look_at(page, "card")
    send(page, "Terug")
    send(page, "Mijn ticket vernietigen")
    look_at(page, "destroy")
    send(page, "Ja, vernietigen")
    look_at(page, "destroyed")


def test_a_visitor_needs_no_script(
    only_sqlite: None, public_server: str, session: Session, network: Network, browser: Any
) -> None:
    handed = hand_in(session, network)
    release(session, network, handed.sample)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{public_server}/?lang=en")
    page.get_by_label("Ticket").fill(handed.ticket)
    send(page, "Show")
    page.get_by_role("heading", name="What to do").wait_for()
    assert not context.cookies()
    context.close()
