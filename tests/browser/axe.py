"""Accessibility findings of a page, by axe-core (MPL-2.0, used by the tests alone)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

# WCAG 2.2 AA, and axe's own best practices.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, within: str | None = None) -> list[str]:
    """Return one line per violation: rule, what it asks, and the elements that break it."""
    page.wait_for_load_state()  # a page half arrived has no root to look at
    # Evaluated by the browser's debugger: the page's own content policy stays as strict as it is.
    page.evaluate(_source() + "\n;undefined")
    found: dict[str, Any] = page.evaluate(
        "([within, rules]) => axe.run(within || document, {runOnly: rules})", [within, RULES]
    )
    return [
        f"{one['id']}: {one['help']} -> " + " | ".join(node["html"][:200] for node in one["nodes"])
        for one in found["violations"]
    ]
