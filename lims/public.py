"""Builds the public application: no session, no cookie, nothing kept of a visitor."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask, g
from sqlalchemy import Engine

from lims import wiring
from lims.doors import browser, shelter
from lims.doors.house import House, house
from lims.doors.speech import teach
from lims.foundation.database import make_engine
from lims.foundation.settings import Settings, refuse_sample_secret
from lims.foundation.shipped import shipped

PAGES = ("counselling", "alerts", "exchange", "overview")
MORE_PAGES = (
    "lims.alerts.received_pages",
    "lims.alerts.cap_pages",
    "lims.overview.report_public_pages",
)
"""Public pages of a feature that stand in a second file."""


def make_public_app(settings: Settings, engine: Engine | None = None) -> Flask:
    """Build the public application."""
    refuse_sample_secret(settings)
    wiring.connect(settings)
    app = Flask(
        "lims", static_folder=str(shipped("static")), template_folder=str(shipped("templates"))
    )
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        SESSION_COOKIE_NAME="none",
    )
    app.extensions["house"] = House(
        settings=settings,
        engine=engine or make_engine(settings.database),
        recognise_cookie=lambda session, token: None,
        recognise_key=lambda session, key: None,
    )
    shelter.shelter(app, shelter.PUBLIC_CSP, https=settings.secure_cookies)
    teach(app)
    app.before_request(_choose_language)
    app.context_processor(_page_values)
    for feature in PAGES:
        if find_spec(f"lims.{feature}.public_pages") is not None:
            app.register_blueprint(import_module(f"lims.{feature}.public_pages").blueprint)
    for name in MORE_PAGES:
        app.register_blueprint(import_module(name).blueprint)
    return app


def _choose_language() -> None:
    g.language = browser.choose_language()


def _page_values() -> dict[str, Any]:
    settings = house().settings
    return {
        "language": browser.language(),
        "demonstration": settings.demonstration,
        "network_name": settings.network_name,
        "actor": None,
        "navigation": [],
        "language_links": browser.language_links(),
        "flashes": [],
        "public": True,
    }
