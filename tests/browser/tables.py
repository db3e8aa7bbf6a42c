"""The offline screen in a browser, before the real application that can really be stopped."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import func, select

from lims.foundation.database import open_session
from lims.foundation.words import say
from lims.intake.records import Sample, Visit
from tests.browser.conftest import World, make_filled_world, staff_token
from tests.browser.faults import Stoppable, wait_until
from tests.conftest import watch
from tests.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PIN = "204851"
ACCOUNT = "festival"
ANSWERS = {"form": "tablet", "sold_as": "MDMA"}


@dataclass
class Festival:
    """A demonstration network whose staff application can be stopped, and browsers at its table."""

    world: World
    server: Stoppable
    browser: Browser
    contexts: list[Any] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.server.address

    def session(self) -> Any:
        """Open the database."""
        return open_session(self.world.app.extensions["house"].engine)

    def count(self, kind: type[Any]) -> int:
        """Return how many records of a kind the server has."""
        with self.session() as session:
            return session.scalar(select(func.count()).select_from(kind)) or 0

    def visit(self, visit_id: str) -> list[Sample] | None:
        """Return the samples of a visit, or nothing when the server does not have it."""
        import uuid

        with self.session() as session:
            found = session.get(Visit, uuid.UUID(visit_id))
            return list(found.samples) if found else None

    def not_analysed(self, code: str) -> None:
        """Say that a sample will not be analysed: then its ticket opens."""
        from lims.intake.corrections import MarkNotAnalysed, mark_not_analysed
        from lims.network.queries import recognise_cookie

        token = staff_token(self.world, ACCOUNT)
        with self.session() as session:
            known = recognise_cookie(session, token, self.world.settings)
            sample = session.scalars(
                select(Sample).where(Sample.code == code.replace("-", ""))
            ).one()
            command = MarkNotAnalysed(sample.id, "too-little")
            mark_not_analysed(session, known.actor, command)
            session.commit()

    def device(self, language: str = "fr", **how: Any) -> Table:
        """Open a browser of its own, logged in."""
        context = self.browser.new_context(
            **{"viewport": {"width": 768, "height": 1024}, "locale": "fr-BE", **how}
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        page = context.new_page()
        watch(page, self.wrong)
        table = Table(self, page, language)
        table.log_in()
        return table


class Table:
    """One device: the screen, found by its words and names."""

    def __init__(self, festival: Festival, page: Page, language: str) -> None:
        self.festival, self.page, self.language = festival, page, language

    def log_in(self) -> None:
        """Give the browser a session of the festival's account."""
        token = staff_token(self.festival.world, ACCOUNT)
        cookie = {"name": "balise", "value": token, "url": self.festival.address}
        self.page.context.add_cookies([cookie])

    def log_out(self) -> None:
        """Let the session be over, as it is after a night."""
        self.page.context.clear_cookies(name="balise")

    def open(self) -> Table:
        """Open the screen, or load it again."""
        self.page.goto(f"{self.festival.address}/table/{self.language}")
        self.page.wait_for_selector("html[data-ready]")
        return self

    def set_up(self, name: str = "tablette 2") -> Table:
        """Do the first use: name, PIN, enrolment, reserves, look-up; then wait for the shell."""
        self.open()
        return self.set_up_again(name)

    def set_up_again(self, name: str = "tablette 2") -> Table:
        """Give name and PIN on the first screen."""
        page = self.page
        page.reload()
        page.wait_for_selector("form[data-set-up]:not([hidden])")
        page.fill("#f-device-name", name)
        page.fill("#f-pin", PIN)
        page.fill("#f-pin-again", PIN)
        page.click("form[data-set-up] button[type=submit]")
        self.sees("register")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        return self

    def unlock(self, pin: str = PIN) -> None:
        """Type a PIN."""
        self.page.fill("#f-unlock-pin", pin)
        self.page.click("form[data-unlock] button[type=submit]")

    def sees(self, view: str) -> None:
        """Wait for a part of the screen."""
        self.page.wait_for_selector(f"[data-view='{view}']:not([hidden])")

    def go(self, view: str) -> None:
        """Go to a part of the screen."""
        self.page.click(f"[data-go='{view}']")
        self.sees(view)
        # The heading takes the focus last; until then the page may still jump to its beginning.
        self.page.wait_for_selector(f"[data-view='{view}'] h1:focus", state="attached")

    def answer(self, place: int = 0, form: str = "tablet", sold_as: str = "MDMA") -> None:
        """Give one sample the three answers without which nothing is recorded."""
        at = f"samples-{place}-"
        self.page.locator(f"input[name='{at}form'][value='{form}']").check(force=True)
        self.page.fill(f"#f-{at}sold_as", sold_as)
        self.page.check(f"#f-{at}consent_destroy")

    def record(self) -> dict[str, Any]:
        """Record the visit and return what the screen then says."""
        self.page.click("[data-record]")
        self.sees("done")
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """Return identifier, codes and ticket of what has just been recorded."""
        page = self.page
        ticket = page.locator("[data-ticket] .secret")
        return {
            "codes": page.locator("[data-labels] b").all_inner_texts(),
            "ticket": ticket.inner_text() if ticket.is_visible() else "",
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return the queue as it lies on the device."""
        found: list[dict[str, Any]] = self.page.evaluate(
            """async () => {
                const { openStore } = await import("/static/js/table/store.js");
                const store = await openStore();
                return store.rows(); }"""
        )
        return found

    def strip(self) -> str:
        """Return what the strip says."""
        return self.page.locator("[data-strip]").inner_text()

    def said(self, words: str, **values: Any) -> str:
        """Return a sentence in the language of the screen."""
        text = say(words, self.language)
        return text % values if values else text

    def sent(self) -> None:
        """Wait until nothing waits any more."""
        wait_until(lambda: not self.rows())


def read_codes(picture: bytes) -> list[str]:
    """Return what every QR code of a screenshot says."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    return [found.text for found in zxingcpp.read_barcodes(np.asarray(image))]


@pytest.fixture(scope="module")
def festival(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Festival]:
    """Give the demonstration network with a festival's table."""
    from dataclasses import replace

    made = make_filled_world(tmp_path_factory, "festival")
    server = Stoppable(made.app)
    server.start()
    with served(made.public_app) as made.public:
        house = made.app.extensions["house"]
        settings = replace(house.settings, public_url=made.public)
        made.app.extensions["house"] = replace(house, settings=settings)
        found = Festival(made, server, browser)
        yield found
        for context in found.contexts:
            context.close()
    server.stop()
    assert not found.wrong, found.wrong
    for application in (made.app, made.public_app):
        application.extensions["house"].engine.dispose()
