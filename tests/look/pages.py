"""Renders templates outside the application: plain Jinja, identity or catalogue words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined

from lims.foundation.shipped import shipped
from lims.foundation.words import say

ACTOR = SimpleNamespace(
    name="A. Voorbeeld", duty_names=["Network coordinator"], site_name="Demo coordination"
)
NAVIGATION = [
    {"label": "Signals", "url": "#s", "icon": "pulse", "count": 5, "current": True},
    {"label": "Alerts", "url": "#a", "icon": "beacon", "count": 3, "current": False},
    {"label": "Products", "url": "#p", "icon": "chart", "count": None, "current": False},
    {"label": "Unknowns", "url": "#u", "icon": "unknown", "count": None, "current": False},
    {"label": "Protocols", "url": "#r", "icon": "book", "count": None, "current": False},
]


def environment(language: str = "en", strict: bool = False) -> Environment:
    """Return a Jinja environment as the application makes it, saying words in one language."""
    made = Environment(
        loader=FileSystemLoader([shipped("templates"), shipped("templates").parent / "tests/look"]),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined if strict else Undefined,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: say(text, language), lambda one, many, n: one, newstyle=True
    )
    made.globals["csrf_token"] = lambda: "token"
    return made


def page(template: str, language: str = "en", **values: Any) -> str:
    """Render one template with what the door gives to every page."""
    links = [
        {"code": code, "url": f"?lang={code}", "current": code == language}
        for code in ("fr", "nl", "en")
    ]
    given: dict[str, Any] = {
        "language": language,
        "demonstration": True,
        "actor": ACTOR,
        "navigation": NAVIGATION,
        "language_links": links,
        "flashes": [],
        "title": None,
    }
    return environment(language).get_template(template).render({**given, **values})
