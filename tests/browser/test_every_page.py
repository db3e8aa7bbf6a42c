"""Every page of both applications, as each duty of the demonstration network finds it by links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.database import open_session
from lims.foundation.words import LANGUAGES, catalogue
from lims.installation.cast import PEOPLE
from tests.browser.axe import violations
from tests.browser.conftest import World, staff_token
from tests.browser.crawling import Visited, crawl
from tests.browser.unlinked import NO_LINK_LEADS_THERE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DARK = {"/", "/register", "/alerts", "/products/<uuid:product_id>", "/runs/<uuid:run_id>"}
NAMES = {person.account for person in PEOPLE}
"""An account may be called as a duty is called in English."""


@pytest.fixture(scope="module")
def visits(demonstration: World) -> dict[str, Visited]:
    """Give what each account of the demonstration finds, in French."""
    found = {}
    for person in PEOPLE:
        seeds = [
            "/",
            *results_for(demonstration, person.account),
            *spectra_for(demonstration, person.account),
        ]
        client = logged_in(demonstration, person.account)
        found[person.account] = merged([crawl(demonstration.app, client, at) for at in seeds])
    return found


def results_for(world: World, account: str) -> list[str]:
    """Return the results that a counsellor opens by code, which no link leads to."""
    from lims.findings.records import Finding
    from lims.intake.records import Sample
    from lims.network.records import Site

    if account != "rdr":
        return []
    with reading(world) as session:
        released = (
            select(Sample.id)
            .join(Finding, Finding.sample_id == Sample.id)
            .join(Site, Site.id == Sample.site_id)
            .where(Site.name.contains("Bruxelles"), Finding.state == "released")
        )
        return [f"/counselling/results/{one}" for one in session.scalars(released.limit(2))]


def spectra_for(world: World, account: str) -> list[str]:
    """Return the runs with spectra, which stand behind others in the list of runs."""
    from lims.analysis.measured import Upload

    if account not in ("chimiste", "chimiste2"):
        return []
    with reading(world) as session:
        return [f"/runs/{one}" for one in session.scalars(select(Upload.run_id).distinct())]


def reading(world: World) -> Session:
    return open_session(world.app.extensions["house"].engine, reading=True)


def logged_in(world: World, account: str, language: str = "fr") -> Any:
    client = world.app.test_client()
    client.set_cookie("balise", staff_token(world, account))
    client.set_cookie("language", language)
    return client


def merged(parts: list[Visited]) -> Visited:
    whole = Visited()
    for part in parts:
        whole.broken += part.broken
        for pattern, pages in part.pages.items():
            whole.pages.setdefault(pattern, []).extend(pages)
    return whole


def fullest(visits: dict[str, Visited]) -> dict[str, tuple[str, str]]:
    """Return, for each pattern, who sees most on which page of it."""
    best: dict[str, tuple[int, str, str]] = {}
    for account, visited in visits.items():
        for pattern, pages in visited.pages.items():
            address, size = max(pages, key=lambda page: page[1])
            if size > best.get(pattern, (0, "", ""))[0]:
                best[pattern] = (size, account, address)
    return {pattern: (account, address) for pattern, (_size, account, address) in best.items()}


def test_no_link_leads_where_its_reader_may_not_go(visits: dict[str, Visited]) -> None:
    broken = {account: visited.broken for account, visited in visits.items() if visited.broken}
    assert not broken


def test_every_page_is_found_by_following_links(
    demonstration: World, visits: dict[str, Visited]
) -> None:
    rules = demonstration.app.url_map.iter_rules()
    asked = {str(one.rule) for one in rules if "GET" in (one.methods or ())}
    pages = {rule for rule in asked if not rule.startswith(("/api", "/static"))}
    assert pages - set(fullest(visits)) - set(NO_LINK_LEADS_THERE) == set()


def test_every_staff_page_can_be_read_by_everybody(
    demonstration: World, visits: dict[str, Visited], browser: Browser
) -> None:
    wrong: list[str] = []
    by_account: dict[str, list[tuple[str, str]]] = {}
    for pattern, (account, address) in fullest(visits).items():
        by_account.setdefault(account, []).append((pattern, address))
    for account, pages in by_account.items():
        cookies = {"balise": staff_token(demonstration, account), "language": "fr"}
        for page in opened(browser, demonstration.staff, cookies):
            for pattern, address in pages:
                wrong += [
                    f"{pattern} ({account}): {one}"
                    for one in faults(page, demonstration.staff + address, pattern in DARK)
                ]
    assert not wrong, "\n".join(wrong)


def test_every_public_page_can_be_read_by_everybody(demonstration: World, browser: Browser) -> None:
    visited = crawl(demonstration.public_app, demonstration.public_app.test_client())
    assert not visited.broken
    assert set(visited.pages) >= {"/", "/alerts", "/alerts/<number>", "/points", "/points/<slug>"}
    wrong = []
    for page in opened(browser, demonstration.public, {}):
        for pages in visited.pages.values():
            address = f"{demonstration.public}{pages[0][0]}?lang=fr"
            wrong += [f"{address}: {one}" for one in faults(page, address, True)]
        assert page.context.cookies() == []
    assert not wrong, "\n".join(wrong)


def opened(browser: Browser, address: str, cookies: dict[str, str]) -> Iterator[Page]:
    """Give one page with some cookies, and close it afterwards."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-BE")
    context.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
    )
    context.set_default_timeout(10_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def faults(page: Page, address: str, also_dark: bool) -> list[str]:
    """Return what is wrong with a page: answer, language, headings, axe, width of a phone."""
    from playwright.sync_api import TimeoutError as LateHeading

    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 800})
    answer = page.goto(address)
    wrong = [] if answer is not None and answer.status == 200 else ["it does not open"]
    if page.locator("html").get_attribute("lang") != "fr":
        wrong.append("its language is not told")
    # The offline screen draws itself: its heading comes a moment after the page.
    with suppress(LateHeading):
        page.locator("h1:visible").first.wait_for()
    if page.locator("h1:visible").count() != 1:
        wrong.append(f"headings of the first level: {page.locator('h1:visible').count()}")
    wrong += violations(page)
    page.set_viewport_size({"width": 320, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > 320:
        wrong.append(f"it is {wide} px wide on a screen of 320 px")
    if also_dark:
        # As tall as it is: the bar at the foot of a form covers what scrolls below it, and a button
        # half covered at this moment is no small button.
        tall = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": 320, "height": int(tall)})
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        wrong += [f"dark, {one}" for one in violations(page)]
    return wrong


# ------------------------------------------------------------------------------------ languages


class Words(HTMLParser):
    """Collects what a page says, apart from what it says in another language on purpose."""

    VOID = {"meta", "link", "input", "br", "img", "hr", "use", "path", "circle", "rect", "line"}
    SPOKEN = ("aria-label", "title", "placeholder", "data-th", "alt")

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.foreign: list[bool] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        kept = tag in {"style", "script", "code"} or given.get("translate") == "no"
        foreign = kept or given.get("lang", self.language) != self.language
        if not any(self.foreign):
            self.said += [str(given[name]) for name in self.SPOKEN if given.get(name)]
        if tag not in self.VOID:
            self.foreign.append(foreign)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self.foreign:
            self.foreign.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(self.foreign):
            self.said.append(" ".join(data.split()))


def leftovers(page: str, language: str) -> list[str]:
    """Return what a page says in English though a translation exists, and unfilled values."""
    reader = Words(language)
    reader.feed(page)
    told = catalogue(language)
    right = {" ".join(text.split()) for text in told.values()} | NAMES
    english = {" ".join(key.split()) for key, text in told.items() if text != key} - right
    found = [words for words in reader.said if words in english]
    return found + [words for words in reader.said if re.search(r"%\(\w+\)s", words)]


def test_every_page_speaks_one_language(demonstration: World, visits: dict[str, Visited]) -> None:
    wrong: dict[str, list[str]] = {}
    for pattern, (account, address) in fullest(visits).items():
        for language in LANGUAGES:
            client = logged_in(demonstration, account, language)
            # The screen of the table is kept by language, so its language stands in its address.
            here = f"/table/{language}" if pattern == "/table/<language>" else address
            text = client.get(here).get_data(as_text=True)
            assert f'<html lang="{language}"' in text, pattern
            if left := leftovers(text, language):
                wrong[f"{language} {pattern}"] = sorted(set(left))
    assert not wrong, "\n".join(f"{where}: {words}" for where, words in wrong.items())


def test_every_public_page_speaks_one_language(demonstration: World) -> None:
    visited = crawl(demonstration.public_app, demonstration.public_app.test_client())
    wrong: dict[str, list[str]] = {}
    for pages in visited.pages.values():
        for language in LANGUAGES:
            client = demonstration.public_app.test_client()
            text = client.get(f"{pages[0][0]}?lang={language}").get_data(as_text=True)
            assert f'<html lang="{language}"' in text
            if left := leftovers(text, language):
                wrong[f"{language} {pages[0][0]}"] = left
    assert not wrong
