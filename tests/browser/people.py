"""People at their screens: each logs in through the login page and reads French."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lims.foundation.words import say
from tests.conftest import watch
from tests.makers import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page


def fr(text: str, **values: Any) -> str:
    """Return a sentence of the program in French."""
    return say(text, "fr") % values if values else say(text, "fr")


class Person:
    """Somebody at a screen, who finds things by their words."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, words: str, within: Locator | None = None) -> None:
        """Press the button with these words."""
        (within or self.page).get_by_role("button", name=fr(words), exact=True).first.click()
        self.page.wait_for_load_state()

    def follow(self, words: str) -> None:
        """Follow the link with these words."""
        self.open(self.page.get_by_role("link", name=fr(words), exact=True).first)

    def go(self, words: str) -> None:
        """Go to a place of the main menu."""
        menu = self.page.get_by_role("navigation", name=fr("Main menu"))
        link = menu.get_by_role("link", name=fr(words), include_hidden=True).first
        if not link.is_visible():
            link.locator("xpath=ancestor::details/summary").click()
        self.open(link)

    def open(self, what: Locator) -> None:
        """Press what leads to another page, and wait until that page has arrived."""
        with self.page.expect_navigation():
            what.click()

    def send(self, words: str, within: Locator | None = None) -> None:
        """Press the button that sends a form, and wait until the answer has arrived."""
        self.open((within or self.page).get_by_role("button", name=fr(words), exact=True).first)

    def field(self, words: str, within: Locator | None = None) -> Locator:
        """Return the field with this label; a label goes on with its unit and whether it must."""
        return (within or self.page).get_by_label(fr(words)).first

    def tell(self, words: str, answer: str, within: Locator | None = None) -> None:
        """Write an answer into the field with this label."""
        self.field(words, within).fill(answer)

    def choose(self, words: str, answer: str, within: Locator | None = None) -> None:
        """Choose the answer with these words, or whose words hold them."""
        found = self.field(words, within)
        options: list[str] = found.locator("option").all_inner_texts()
        found.select_option(label=next(one for one in options if answer in one))

    def tick(self, words: str, within: Locator | None = None) -> None:
        """Tick the box with these words."""
        self.field(words, within).check()

    def unfold(self, words: str, within: Locator | None = None) -> None:
        """Open a part of the page."""
        fold = (within or self.page).locator("details:not([open]) > summary", has_text=fr(words))
        if fold.count():
            fold.first.click()

    def sees(self, words: str) -> None:
        """Wait until these words stand on the page."""
        self.page.get_by_text(fr(words)).first.wait_for()

    def text(self) -> str:
        """Return what stands on the page."""
        return self.page.locator("main").inner_text()

    def paper(self, words: str) -> bytes:
        """Send the form of a button that makes a paper, as pressing it does, and return it."""
        button = self.page.get_by_role("button", name=fr(words), exact=True)
        assert button.is_enabled()
        # The browser would show it in a tab of its own; the test wants to read it.
        told: str = button.evaluate(
            """async (one) => {
                const answer = await fetch(one.form.action, {
                    method: "POST", body: new URLSearchParams(new FormData(one.form)) });
                const bytes = new Uint8Array(await answer.arrayBuffer());
                return btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
            }"""
        )
        return base64.b64decode(told)


@contextmanager
def at_screen(browser: Browser, address: str, wrong: list[str]) -> Iterator[Person]:
    """Give somebody a browser of their own, at the first page of an application."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-BE")
    context.set_default_timeout(10_000)
    page = context.new_page()
    watch(page, wrong)
    page.goto(address)
    yield Person(page)
    context.close()


@contextmanager
def logged_in(browser: Browser, address: str, account: str) -> Iterator[Person]:
    """Give an account that has logged in with its password; a script error fails the test."""
    wrong: list[str] = []
    with at_screen(browser, address, wrong) as person:
        person.tell("Account", account)
        person.tell("Password", PASSWORD)
        person.press("Log in")
        person.page.get_by_role("heading", name=fr("Start"), level=1).wait_for()
        yield person
    assert not wrong, wrong
