"""Draw the pages of a running demonstration as pictures, in three languages and two widths.

Follows the links of the start page, a bounded number of them, on the address given alone.
Usage: make demo in one terminal, then make screenshots ARGS="ACCOUNT PASSWORD" in another.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from playwright.sync_api import BrowserContext, Page, sync_playwright

PICTURES = Path("var/screenshots")
WIDTHS = {"desktop": 1280, "phone": 360}
LANGUAGES = ("fr", "nl", "en")
MOST_PAGES = 60


def main(address: str, account: str, password: str) -> None:
    """Log in, find the pages, draw each one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("BALISE_CHROMIUM") or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for language in LANGUAGES:
            context = browser.new_context(locale=language)
            log_in(context, address, account, password)
            for path in pages_of(context, address):
                draw(context, address, path, language)
            context.close()
        browser.close()


def log_in(context: BrowserContext, address: str, account: str, password: str) -> None:
    """Fill the login form, if one is asked for."""
    if not account:
        return
    page = context.new_page()
    page.goto(f"{address}/login")
    page.fill("input[name=account]", account)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    page.close()


def pages_of(context: BrowserContext, address: str) -> list[str]:
    """Return the paths that can be reached by links, in the order in which they are found."""
    page = context.new_page()
    waiting, found = ["/"], []
    while waiting and len(found) < MOST_PAGES:
        path = waiting.pop(0)
        if path in found:
            continue
        found.append(path)
        page.goto(address + path)
        waiting += [link for link in links(page, address) if link not in found]
    page.close()
    return found


def links(page: Page, address: str) -> list[str]:
    """Return the paths of the same address that a page links to, without leaving the session."""
    targets = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    whole = [urldefrag(urljoin(page.url, target)).url for target in targets]
    here = [urlsplit(one).path for one in whole if one.startswith(address + "/")]
    return [path for path in here if not re.search(r"logout|\.(pdf|csv|json|xml|atom)$", path)]


def draw(context: BrowserContext, address: str, path: str, language: str) -> None:
    """Draw one page in every width."""
    for name, width in WIDTHS.items():
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address + path)
        file = (path.strip("/").replace("/", "-") or "start") + f".{name}.png"
        page.screenshot(path=PICTURES / language / file, full_page=True)
        page.close()


if __name__ == "__main__":
    given = [*sys.argv[1:], "", ""][:2]
    main(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}", *given)
