"""Devices at a table: browsers with the engine of the outbox, before a server that may fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.browser.faults import Stoppable
from tests.browser.small_server import SmallServer
from tests.conftest import watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NOT_WRONG = ("Failed to load resource", "net::ERR")
"""What a browser says of a server that is away."""


class Table:
    """A server that may fail, and what it holds."""

    def __init__(self, application: Any) -> None:
        self.small = SmallServer(application)
        self.server = Stoppable(self.small)
        self.faults = self.server.faults

    @property
    def address(self) -> str:
        return self.server.address

    def held(self) -> dict[str, str]:
        """Return what has arrived: identifier → hash."""
        return dict(self.small.held)

    def again(self) -> None:
        """Become a sound and empty server, for the next example."""
        self.small.held.clear()
        self.small.arrivals.clear()
        self.small.opened.clear()
        self.small.logged_in = True
        self.faults.plan.clear()
        self.faults.always = ""
        self.faults.tries.clear()
        self.faults.pause = 0.0
        self.faults.most_under_way = 0


class Device:
    """One browser of its own, with one tab or more."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.wrong: list[str] = []
        self.tabs: list[Page] = []

    def tab(self, **how: Any) -> Page:
        """Open a tab with the engine begun."""
        page = self.context.new_page()
        watch(page, self.wrong)
        self.tabs.append(page)
        page.goto(f"{self.address}/blank")
        return begin(page, **how)


def begin(page: Page, **how: Any) -> Page:
    """Begin the engine in a tab: after it was opened or loaded again."""
    page.wait_for_function("() => globalThis.table")
    page.evaluate("how => table.begin(how)", how)
    return page


Opener = Callable[..., Device]


@contextmanager
def opened_devices(browser: Browser, table: Table) -> Iterator[Opener]:
    """Give what opens devices; a script error in any of them fails the test."""
    made: list[Device] = []

    def open_one(**how: Any) -> Device:
        context = browser.new_context(locale="fr-BE", **how)
        context.set_default_timeout(10_000)
        made.append(Device(context, table.address))
        return made[-1]

    try:
        yield open_one
    finally:
        for device in made:
            device.context.close()
    assert not [one for device in made for one in device.wrong]


def enrolled(devices: Opener, **how: Any) -> Page:
    """Return the tab of a device with codes and selectors of its own."""
    page = devices().tab(**how)
    page.evaluate("table.enrol()")
    page.evaluate("table.reserve(20, 20)")
    return page
