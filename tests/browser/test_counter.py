"""The screen at the table while one types: what lacks, what a name means, what looks like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lims.foundation.words import say
from lims.library.records import SubstanceName
from lims.network.queries import OPERATOR
from lims.protocols import operations as protocols
from tests.makers import Network, load_vocabularies, log_in_client, make_block, make_substance

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

pytestmark = pytest.mark.browser


@pytest.fixture
def table(
    settings: Any, app: Any, live_server: str, session: Session, network: Network, page: Page
) -> Page:
    """Give the page of a worker at a table, with protocols in force and a substance."""
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("what a script says does not depend on the database")
    load_vocabularies(session)
    make_block(session, network)
    protocols.publish_shipped(session, OPERATOR)
    found = make_substance(session, "mdma")
    session.add(SubstanceName(substance_id=found.id, name="molly", folded="molly"))
    session.commit()
    token = log_in_client(app, session, "worker").get_cookie("balise").value
    page.context.add_cookies(
        [
            {"name": "balise", "value": token, "url": live_server},
            {"name": "language", "value": "fr", "url": live_server},
        ]
    )
    page.set_viewport_size({"width": 360, "height": 760})
    page.goto(f"{live_server}/register")
    return page


def test_the_first_view_of_a_phone_holds_what_is_required(table: Page) -> None:
    bar = table.locator(".sticky").bounding_box()
    assert bar is not None
    for name in ("form", "sold_as", "consent_destroy", "consent_photo"):
        box = table.locator(f"[name='samples-0-{name}']").last.bounding_box()
        assert box is not None and box["y"] + box["height"] <= bar["y"], name


def test_what_the_laboratory_lacks_is_said_while_one_types(table: Page) -> None:
    required = table.locator("[data-live='required']")
    wanted = table.locator("[data-live='wanted']")
    assert not required.is_visible() and not wanted.is_visible()
    table.locator("[name='samples-0-form'][value='tablet']").check(force=True)
    assert required.locator("li").count() == 2
    assert say("Length, width and thickness", "fr") in (wanted.text_content() or "")
    table.locator("[name='samples-0-sold_as']").fill("MDMA")
    table.locator("[name='samples-0-consent_destroy']").check()
    assert not required.is_visible()
    table.locator("[name='samples-0-form'][value='powder']").check(force=True)
    assert say("Length, width and thickness", "fr") not in (wanted.text_content() or "")
    assert say("Mass handed in", "fr") in (wanted.text_content() or "")


def test_a_synonym_says_what_it_means_and_a_quick_answer_takes_that_away(table: Page) -> None:
    meant = table.locator("[data-meant='sold_as']")
    table.locator("[name='samples-0-sold_as']").fill("molly")
    meant.get_by_text("MDMA").wait_for()
    table.locator("[name='samples-0-sold_as_quick']").first.check(force=True)
    assert (meant.text_content() or "").strip() == ""


def test_look_alikes_come_into_the_form_and_nothing_typed_is_lost(table: Page) -> None:
    table.locator("[name='samples-0-form'][value='tablet']").check(force=True)
    table.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    table.locator("[name='samples-0-logo']").fill("phare")
    table.locator("[name='samples-0-colour']").select_option("orange")
    warning = say("This does not tell what is in this one.", "fr")
    table.locator("#look-alikes-0").get_by_text(warning).wait_for()
    assert table.locator("[name='samples-0-logo']").input_value() == "phare"
