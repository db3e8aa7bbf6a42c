"""Builds the staff application: pages for people who are logged in, and the JSON API."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask, Response, after_this_request, g, redirect, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from sqlalchemy import Engine

from lims import __version__, wiring
from lims.blueprints import MORE_APIS, MORE_PAGES, PAGES
from lims.doors import browser, machine, shelter
from lims.doors.house import House, Way, house
from lims.doors.speech import teach
from lims.foundation.actors import Actor
from lims.foundation.database import make_engine, open_session
from lims.foundation.settings import SAMPLE_SECRET, Settings, refuse_sample_secret
from lims.foundation.shipped import shipped
from lims.foundation.words import LANGUAGES, _, say
from lims.navigation import WAYS

OPEN = {
    *("static", "network.log_in", "network.set_up", "network.health"),
    "network.continue_as",
}
"""Endpoints that need no login."""


def make_app(settings: Settings, engine: Engine | None = None) -> Flask:
    """Build the staff application; raises ValueError for a sample secret outside demonstration."""
    refuse_sample_secret(settings)
    wiring.connect(settings)
    app = Flask(
        "lims", static_folder=str(shipped("static")), template_folder=str(shipped("templates"))
    )
    configure(app, settings)
    engine = engine or make_engine(settings.database)
    add_house(app, settings, engine)
    shelter.shelter(app, shelter.STAFF_CSP, https=settings.secure_cookies)
    teach(app)
    csrf = CSRFProtect(app)
    app.register_error_handler(CSRFError, _form_too_old)
    app.before_request(_recognise)
    app.context_processor(_page_values)
    _register_pages(app)
    _register_api(app, csrf)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Set what Flask and its extensions need."""
    prefix = "__Host-" if settings.secure_cookies else ""
    app.config.update(
        SECRET_KEY=settings.secret_key or SAMPLE_SECRET,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME=f"{prefix}balise-form",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        API_TITLE="Balise",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )


def add_house(app: Flask, settings: Settings, engine: Engine) -> None:
    """Give the application its furniture."""
    from lims.network import queries

    app.extensions["house"] = House(
        settings=settings,
        engine=engine,
        recognise_cookie=lambda session, token: None,
        recognise_key=queries.recognise_key,
        ways=WAYS,
    )


def _register_pages(app: Flask) -> None:
    for feature in PAGES:
        if find_spec(f"lims.{feature}.pages") is not None:
            app.register_blueprint(import_module(f"lims.{feature}.pages").blueprint)
    for name in MORE_PAGES:
        app.register_blueprint(import_module(name).blueprint)


def _register_api(app: Flask, csrf: CSRFProtect) -> None:
    api = machine.MachineApi(app)
    api.spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"key": []}]
    names = [f"lims.{feature}.api" for feature in PAGES]
    for name in (*(one for one in names if find_spec(one) is not None), *MORE_APIS):
        blueprint = import_module(name).blueprint
        api.register_blueprint(blueprint)
        csrf.exempt(blueprint)
    machine.document_refusals(api)
    app.extensions["api"] = api


def _recognise() -> Any:
    """Find out who acts; send strangers to the login page (or refuse them, at the API)."""
    from lims.network import queries

    g.language = browser.choose_language()
    if request.endpoint == "static" or request.blueprint == "table":
        return None  # the shell of the table's screen is the same for everybody
    if request.args.get("lang") in LANGUAGES:
        after_this_request(_keep_language)
    if machine.is_api_request():
        g.actor = _marked(machine.recognise())
        return None
    here = house()
    token = request.cookies.get(session_cookie(here.settings), "")
    known = queries.recognise_cookie(browser.session(), token, here.settings) if token else None
    if known is not None:
        g.actor, g.token = _marked(known.actor), token
        g.language = browser.choose_language(known.actor.language)
        if known.seen_long_ago:
            _mark_seen(here.engine, known.token_hash)
        return None
    return _answer_stranger()


def _answer_stranger() -> Any:
    """Let the open pages pass; a device is told in JSON, so that it keeps its queue."""
    from lims.network import queries

    if request.endpoint in OPEN or request.endpoint is None or request.blueprint == "table":
        return None
    if machine.speaks_json():
        ended = say(_("Your session has ended or has not begun."), browser.language())
        return machine.problem(401, "Not authenticated", detail=ended)
    if not queries.is_set_up(browser.session()):
        return redirect(url_for("network.set_up"))
    return redirect(url_for("network.log_in", next=request.full_path.rstrip("?")))


def _marked(who: Actor | None) -> Actor | None:
    """Return who acts; what is measured in a demonstration is marked as such."""
    if who is None or not house().settings.demonstration:
        return who
    return replace(who, demonstration=True)


def _keep_language(response: Response) -> Response:
    settings = house().settings
    response.set_cookie(
        "language",
        browser.language(),
        max_age=31_536_000,
        httponly=True,
        secure=settings.secure_cookies,
        samesite="Lax",
    )
    return response


def _mark_seen(engine: Engine, token_hash: str) -> None:
    from lims.network import logins

    browser.close_session()
    with open_session(engine) as session:
        logins.mark_seen(session, token_hash)
        session.commit()


def session_cookie(settings: Settings) -> str:
    """Return the name of the cookie that holds the session token."""
    return "__Host-balise" if settings.secure_cookies else "balise"


def _page_values() -> dict[str, Any]:
    settings = house().settings
    who = g.get("actor")
    return {
        "language": browser.language(),
        "demonstration": settings.demonstration,
        "network_name": settings.network_name,
        "actor": _shown_actor(who) if who is not None else None,
        "navigation": _navigation(who) if who is not None else [],
        "language_links": browser.language_links(),
        "flashes": browser.told_now(),
        "csrf_token": generate_csrf,
        "version": __version__,
        "logout_url": url_for("network.log_out"),
        "account_url": url_for("network.own_account"),
        "home_url": url_for("network.home"),
    }


def _shown_actor(who: Any) -> dict[str, Any]:
    tongue = browser.language()
    return {
        "name": who.account,
        "duty_names": [say(duty, tongue) for duty in who.duties],
        "site_name": who.site_name,
        "may": who.may,
        "site_id": who.site_id,
    }


MOST_ENTRIES_UNFOLDED = 9
"""A menu of so many entries is read at one glance; a longer one folds its groups."""


def _navigation(who: Any) -> list[dict[str, Any]]:
    """Return the entries as lines; those of one group as one line, when the menu is long."""
    ways = [
        way
        for way in house().ways
        if (way.permission is None or who.may(way.permission))
        and way.endpoint in browser_endpoints()
    ]
    grouped = [way.group for way in ways]
    lines: list[dict[str, Any]] = []
    folds: dict[Any, dict[str, Any]] = {}
    for way in ways:
        entry = _entry(way, who)
        if way.group is None or grouped.count(way.group) == 1 or len(ways) <= MOST_ENTRIES_UNFOLDED:
            lines.append(entry)
            continue
        if way.group not in folds:
            folds[way.group] = {"label": say(way.group, browser.language()), "entries": []}
            lines.append(folds[way.group])
        folds[way.group]["entries"].append(entry)
    return lines


def _entry(way: Way, who: Any) -> dict[str, Any]:
    url = url_for(way.endpoint)
    return {
        "label": say(way.label, browser.language()),
        "url": url,
        "icon": way.icon,
        "count": way.count(browser.session(), who) if way.count else None,
        "current": request.path == url or request.path.startswith(url.rstrip("/") + "/")
        if url != "/"
        else request.path == "/",
    }


def browser_endpoints() -> set[str]:
    """Return the endpoints that this application has."""
    from flask import current_app

    return set(current_app.view_functions)


def _form_too_old(_error: CSRFError) -> Any:
    message = _("This form was open too long or came from elsewhere. Open it again and repeat.")
    if machine.speaks_json():
        return machine.problem(400, "Bad Request", detail=say(message, browser.language()))
    return shelter.problem_page(400, message)
