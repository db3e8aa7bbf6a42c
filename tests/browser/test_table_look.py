"""What is seen at the table: look-up, look-alikes, and whether everybody can use every state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.browser.axe import violations
from tests.browser.faults import wait_until
from tests.browser.tables import Festival, Table, festival

pytestmark = pytest.mark.browser
__all__ = ["festival"]


@pytest.fixture
def table(festival: Festival) -> Table:
    festival.server.start()
    return festival.device().set_up()


def test_alerts_and_products_are_found_without_a_network(festival: Festival, table: Table) -> None:
    page = table.page
    festival.server.stop()
    table.open()
    table.unlock()
    table.sees("register")
    table.go("look-up")
    assert page.locator("[data-alerts-list] .alert").count() >= 1
    every = page.locator("[data-products] > li").count()
    assert every > 3
    page.fill("#f-search-words", "pmma")
    wait_until(lambda: 0 < page.locator("[data-products] > li").count() < every)
    assert "PMMA" in page.locator("[data-products]").inner_text()
    page.fill("#f-search-words", "")
    page.select_option("#f-search-form", "powder")
    wait_until(lambda: 0 < page.locator("[data-products] > li").count() < every)
    caution = table.said("This does not tell what is in yours.")
    assert caution in page.locator("[data-view='look-up']").inner_text()
    festival.server.start()


def test_what_looks_like_a_tablet_is_shown_while_it_is_registered(
    festival: Festival, table: Table
) -> None:
    page = table.page
    bundle = fetched(table)
    known = next(one for one in bundle["products"] if one["form"] == "tablet" and one["logo"])
    page.locator("input[name='samples-0-form'][value='tablet']").check(force=True)
    page.locator("[data-sample]:not([hidden]) details").first.evaluate(
        "one => { one.open = true; }"
    )
    page.fill("#f-samples-0-logo", known["logo"].upper())
    alike = page.locator("[data-alike]")
    alike.wait_for()
    assert known["number"] in alike.inner_text()
    assert table.said("This does not tell what is in this one.") in alike.inner_text()
    page.fill("#f-samples-0-logo", "nothing that was ever seen")
    wait_until(lambda: not alike.is_visible())


def fetched(table: Table) -> dict[str, Any]:
    """Return the bundle as the server gives it now."""
    payload = table.page.evaluate(
        "async () => (await (await fetch('/table/bundle.json')).json()).payload"
    )
    found: dict[str, Any] = json.loads(payload)
    return found


def test_a_bundle_with_another_signature_is_not_shown_and_says_so(
    festival: Festival, table: Table
) -> None:
    page = table.page

    def forged(route: Any) -> None:
        answer = route.fetch()
        told = answer.json()
        told["payload"] = told["payload"].replace("PMMA", "MDMA")
        route.fulfill(response=answer, json=told)

    page.context.route("**/table/bundle.json*", forged)
    table.go("look-up")
    page.click("[data-do='refresh']")
    page.locator("[data-unsigned]").wait_for()
    assert not page.locator("[data-alerts-list] .alert").is_visible()
    assert not page.locator("[data-products] > li").first.is_visible()


def test_an_old_bundle_says_its_age(festival: Festival, table: Table) -> None:
    page = table.page
    assert not page.locator("[data-stale]").is_visible()
    festival.server.stop()
    page.clock.install()
    page.clock.fast_forward("47:00:00")
    table.open()
    table.unlock()
    table.sees("register")
    table.go("look-up")
    page.locator("[data-stale]").wait_for()
    assert "47 h" in page.locator("[data-stale]").inner_text()
    festival.server.start()


STATES = ("register", "look-up", "lists", "device")


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [
        *(("fr", 320, "light"), ("nl", 360, "dark"), ("en", 360, "light")),
        *(("fr", 1280, "dark"), ("nl", 1280, "light"), ("en", 1280, "dark")),
    ],
)
def test_every_state_is_accessible_and_fits(
    festival: Festival, language: str, width: int, scheme: str
) -> None:
    festival.server.start()
    how: Any = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    table = festival.device(language, **how)
    page = table.page
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        # At its end the bar with the buttons lies over nothing.
        page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
        told = violations(page) + ([f"{wide} px wide"] if wide > width else [])
        if told:
            found[state] = told

    table.log_out()
    table.open()
    look("log in first")
    table.log_in()
    table.open()
    page.wait_for_selector("form[data-set-up]:not([hidden])")
    page.click("form[data-set-up] button[type=submit]")
    look("set-up with problems")
    table.set_up_again()
    page.click("[data-record]")
    look("form with problems")
    table.answer()
    page.check("#f-samples-0-consent_photo")
    page.click("button[value='same']")
    for state in STATES:
        table.go(state)
        look(state)
    table.go("register")
    page.click("[data-do='not-accepted']")
    look("not accepted")
    page.click("dialog[open] [data-do='close']")
    festival.server.stop()
    table.record()
    wait_until(lambda: table.said("No network.") in table.strip())
    look("done, without a network")
    page.click("[data-do='handed-over']")
    table.go("lists")
    look("waiting")
    page.click("#topbar [data-do='lock']")
    table.unlock("111222")
    page.locator("[data-unlock] [data-wrong]").wait_for()
    look("locked")
    festival.server.start()
    assert not found


def test_a_visit_is_recorded_with_the_keyboard_alone(festival: Festival, table: Table) -> None:
    page = table.page
    page.focus("input[name='samples-0-form'][value='tablet']")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    for _press in range(8):
        if page.evaluate("() => document.activeElement.name") == "samples-0-sold_as":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("Kétamine")
    page.keyboard.press("Enter")
    assert page.locator("[data-view='register']").is_visible(), "Enter ends an answer"
    for _press in range(12):
        if page.evaluate("() => document.activeElement.id") == "f-samples-0-consent_destroy":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    table.sees("done")
    assert page.evaluate("() => document.activeElement.id") == "h-done"
    table.sent()


def test_without_scripts_the_page_leads_to_the_usual_form(festival: Festival) -> None:
    festival.server.start()
    context = festival.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{festival.address}/table/fr")
    assert page.locator("main a[href='/register']").first.is_visible()
    context.close()
