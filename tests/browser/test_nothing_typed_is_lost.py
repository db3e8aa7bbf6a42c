"""What somebody typed stays: after a refusal, another's change, in another language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from lims.foundation.words import say
from tests.conftest import watch
from tests.makers import (
    Network,
    load_vocabularies,
    log_in_client,
    make_block,
    make_samples,
    told_sample,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from sqlalchemy.orm import Session

pytestmark = pytest.mark.browser


@pytest.fixture
def counter(
    settings: Any, app: Any, live_server: str, session: Session, network: Network, page: Page
) -> Page:
    """Give the page of a worker at a table that has codes, in French."""
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("what a page keeps does not depend on the database")
    load_vocabularies(session)
    make_block(session, network)
    session.commit()
    log_in(page, app, session, live_server)
    return page


def log_in(page: Page, app: Any, session: Session, address: str) -> None:
    token = log_in_client(app, session, "worker").get_cookie("balise").value
    page.context.add_cookies(
        [
            {"name": "balise", "value": token, "url": address},
            {"name": "language", "value": "fr", "url": address},
        ]
    )


def fr(text: str, **values: Any) -> str:
    """Return a sentence of the program in French."""
    return say(text, "fr") % values if values else say(text, "fr")


def open_folds(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


def tell_all(page: Page) -> None:
    """Type into many kinds of fields, with a mass that cannot be."""
    open_folds(page)
    page.locator(".pics label").first.click()
    page.get_by_label(fr("Sold as")).first.fill("MDMA")
    page.get_by_label(fr("Logo"), exact=True).fill("phare")
    page.get_by_label(fr("Mass handed in")).fill("moins que rien")
    page.get_by_label(fr("Colour"), exact=True).select_option("orange")
    page.get_by_label(fr("Remark on the sample")).fill("Ligne une\nligne deux")
    page.get_by_label(fr("Use the data again")).check()
    page.get_by_label(fr("Session or event")).fill("Demi-lune")


def standing(page: Page) -> dict[str, Any]:
    """Return every answer that stands in the form, by the name of its field."""
    told: dict[str, Any] = page.evaluate(
        """() => Object.fromEntries([...document.querySelector("form[data-counter]").elements]
            .filter(one => one.name && one.type !== "hidden" && one.type !== "submit")
            .map(one => ["checkbox", "radio"].includes(one.type)
                ? [one.name + "=" + one.value, one.checked] : [one.name, one.value]))"""
    )
    return told


def test_a_refused_registration_comes_back_with_every_answer(
    counter: Page, live_server: str
) -> None:
    counter.goto(f"{live_server}/register")
    tell_all(counter)
    before = standing(counter)
    counter.get_by_role("button", name=fr("Register and print")).click()
    counter.locator("#errors").wait_for()
    assert standing(counter) == before
    assert counter.locator("[aria-invalid=true]").count() > 0
    assert counter.locator("html").get_attribute("lang") == "fr"


def test_another_language_in_the_middle_of_a_registration_keeps_every_answer(
    counter: Page, live_server: str
) -> None:
    counter.goto(f"{live_server}/register")
    counter.get_by_role("button", name=fr("Another one, different")).click()
    counter.locator("#sample-2").wait_for()
    counter.locator("#sample-2").get_by_label(fr("Sold as")).first.fill("ketamine")
    counter.locator("#sample-1").get_by_label(fr("Use the data again")).check()
    before = standing(counter)
    counter.get_by_role("link", name="NL", exact=True).click()
    counter.locator("html[lang=nl]").wait_for()
    assert standing(counter) == before
    assert counter.locator("[data-block]").count() == 2


def test_enter_in_a_field_takes_no_sample_away(counter: Page, live_server: str) -> None:
    counter.goto(f"{live_server}/register")
    counter.get_by_role("button", name=fr("Another one, different")).click()
    counter.locator("#sample-2").wait_for()
    counter.locator("#sample-1").get_by_label(fr("Sold as")).first.press("Enter")
    counter.locator("#errors").wait_for()
    assert counter.locator("[data-block]").count() == 2


def test_another_language_keeps_what_was_typed_into_any_other_form(
    counter: Page, live_server: str, session: Session, network: Network
) -> None:
    (sample,) = make_samples(session, network, told_sample(colour="orange"))
    counter.goto(f"{live_server}/samples/{sample.id}")
    open_folds(counter)
    counter.get_by_label(fr("Logo"), exact=True).fill("phare")
    counter.get_by_label(fr("Photo"), exact=True).check()
    counter.get_by_role("link", name="NL", exact=True).click()
    counter.locator("html[lang=nl]").wait_for()
    assert counter.get_by_label(say("Logo", "nl"), exact=True).input_value() == "phare"
    assert counter.get_by_label(say("Photo", "nl"), exact=True).is_checked()
    kept = counter.evaluate("Object.keys(sessionStorage)")
    assert not [name for name in kept if name.startswith("balise")]


def test_a_password_is_never_kept_for_another_language(counter: Page, live_server: str) -> None:
    counter.goto(f"{live_server}/account")
    counter.get_by_label(fr("Present password")).fill("a secret that stays here")
    counter.route("**/account?lang=nl", lambda route: route.fulfill(status=204))
    counter.get_by_role("link", name="NL", exact=True).click()
    assert "secret" not in counter.evaluate("JSON.stringify({...sessionStorage})")


def test_who_comes_second_finds_what_was_typed_on_the_page_that_says_so(
    counter: Page, live_server: str, session: Session, network: Network
) -> None:
    (sample,) = make_samples(session, network)
    counter.goto(f"{live_server}/samples/{sample.id}")
    open_folds(counter)
    counter.get_by_label(fr("Logo"), exact=True).fill("phare")
    sample.logo = "bouée"
    session.commit()
    counter.get_by_role("button", name=fr("Save the correction")).click()
    counter.get_by_role("heading", name=fr("Someone changed this while you were typing")).wait_for()
    assert counter.get_by_text("phare", exact=True).is_visible()
    session.refresh(sample)
    assert sample.logo == "bouée"


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """Give a page of a browser that runs no script."""
    context = browser.new_context(java_script_enabled=False, locale="fr-BE")
    context.set_default_timeout(10_000)
    opened = context.new_page()
    wrong: list[str] = []
    watch(opened, wrong)
    yield opened
    context.close()
    assert not wrong


def test_registration_works_without_script(
    counter: Page, plain: Page, app: Any, live_server: str, session: Session
) -> None:
    log_in(plain, app, session, live_server)
    plain.goto(f"{live_server}/register")
    plain.locator(".pics label").first.click()
    plain.get_by_label(fr("Sold as")).first.fill("MDMA")
    plain.get_by_role("button", name=fr("Register and print")).click()
    plain.locator("#errors").wait_for()
    assert plain.get_by_label(fr("Sold as")).first.input_value() == "MDMA"
    plain.get_by_label(fr("Destroy the sample by analysing it")).check()
    plain.get_by_role("button", name=fr("Another one, the same")).click()
    plain.locator("#sample-2").wait_for()
    plain.locator("#sample-2").get_by_label(fr("Destroy the sample by analysing it")).check()
    plain.get_by_role("button", name=fr("Register and print")).click()
    plain.get_by_role("heading", name=fr("Ticket for the person")).wait_for()
    assert plain.locator(".secret-code").inner_text().count("-") == 3
    assert plain.locator("a.tag").count() == 2
