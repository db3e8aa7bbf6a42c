"""The picture of a label follows what is typed into its template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.makers import Network, load_vocabularies, log_in_client

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

pytestmark = pytest.mark.browser
SHOWN = "#preview"


@pytest.fixture
def form(
    settings: Any, session: Session, network: Network, app: Any, live_server: str, page: Page
) -> Page:
    """Give the page of a new template to a worker at the counter."""
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("what a page shows does not depend on the database")
    load_vocabularies(session)
    session.commit()
    token = log_in_client(app, session, "worker").get_cookie("balise").value
    page.context.add_cookies(
        [
            {"name": "balise", "value": token, "url": live_server},
            {"name": "language", "value": "en", "url": live_server},
        ]
    )
    page.goto(live_server + "/labels/new")
    return page


def test_the_picture_follows_what_is_typed(form: Page) -> None:
    expect(form.locator(SHOWN)).to_contain_text("70 × 37 mm")
    form.get_by_label("Word 2").select_option("site")
    expect(form.locator(f"{SHOWN} svg")).to_contain_text("Counter")
    form.get_by_label("Side of the square").fill("30")
    expect(form.locator(SHOWN)).to_contain_text("12 to 26.7 mm")
    expect(form.locator(f"{SHOWN} svg")).to_have_count(0)
    form.get_by_label("Side of the square").fill("20")
    expect(form.locator(f"{SHOWN} svg")).to_have_count(1)


def test_an_own_paper_opens_its_measures(form: Page) -> None:
    width = form.get_by_label("Page, width")
    expect(width).to_be_hidden()
    form.locator("#f-paper").select_option("own")
    expect(width).to_be_visible()
    for name, length in (("Page", "60"), ("Label", "60")):
        form.get_by_label(f"{name}, width").fill(length)
        form.get_by_label(f"{name}, height").fill("30")
    expect(form.locator(SHOWN)).to_contain_text("60 × 30 mm")
    form.get_by_label("Columns", exact=True).fill("2")
    expect(form.locator(SHOWN)).to_contain_text("wider than the page")
