"""The shell of the offline screen: its page in three languages, its worker, the list of files.

Nobody need be logged in here, and the same bytes go to everybody: no person, account or site is in
them. Records, lists and alerts reach the device through other doors.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, g, redirect, url_for
from flask.typing import ResponseReturnValue

from lims import __version__
from lims.doors import browser
from lims.doors.house import house
from lims.foundation.shipped import shipped
from lims.foundation.words import LANGUAGES, _, say
from lims.intake import counter
from lims.intake.table_words import ticket_words

blueprint = Blueprint("table", __name__)

FILES = (
    "css/fonts.css",
    "css/tokens.css",
    "css/balise.css",
    "css/table.css",
    "fonts/b612-latin-400-normal.woff2",
    "fonts/b612-latin-700-normal.woff2",
    "fonts/b612-mono-latin-400-normal.woff2",
    "fonts/b612-mono-latin-700-normal.woff2",
    "icons.svg",
    "favicon.svg",
    "icons/balise-192.png",
    "icons/balise-512.png",
    "icons/balise-maskable-512.png",
    "vendor/idb.js",
    "vendor/argon2.umd.min.js",
    "vendor/uqr.js",
)
"""Files of the screen under `static/`, beside every script in `static/js/table/`."""
SCANNER = ("js/scan.js", "vendor/zxing-reader.iife.js", "vendor/zxing_reader.wasm")
"""The camera's reader: kept with the shell, weighed apart from it."""
MANIFEST = "/table/manifest.webmanifest"
WORKER = "js/worker.js"
READER = "js/scan/reader.js"
"""Reads codes beside the page; under /table, so that the service worker gives it its files."""
INK, SEA = "#0E2C35", "#FFFFFF"


@blueprint.get("/table")
def screen() -> ResponseReturnValue:
    """Go to the screen in the reader's language."""
    return redirect(url_for("table.screen_in", language=browser.language()))


@blueprint.get("/table/<language>")
def screen_in(language: str) -> ResponseReturnValue:
    """Show the screen in a language."""
    if language not in LANGUAGES:
        abort(404)
    return _kept(page(language), "text/html")


@blueprint.get("/table/worker.js")
def worker() -> ResponseReturnValue:
    """Give the service worker of this version of the shell."""
    script = (shipped("static") / WORKER).read_text(encoding="utf-8")
    answer = _kept(f'const VERSION = "{version()}";\n{script}', "text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/table"
    return answer


@blueprint.get("/table/reader.js")
def reader() -> ResponseReturnValue:
    """Give the reader of codes, where the shell's service worker answers for it."""
    return _kept((shipped("static") / READER).read_text(encoding="utf-8"), "text/javascript")


@blueprint.get("/table/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """Give what a tablet needs to install the screen."""
    return _kept(manifest_text(), "application/manifest+json")


@blueprint.get("/table/shell.json")
def shell() -> ResponseReturnValue:
    """Give the version of the shell and the addresses of its files."""
    told = {"version": version(), "files": list(contents())}
    return _kept(json.dumps(told), "application/json")


def page(language: str) -> str:
    """Render the screen: from the language, the lists and the installation alone, from no login."""
    g.language = language
    settings = house().settings
    template = current_app.jinja_env.get_template("intake/table.html")
    return template.render(
        language=language,
        language_links=[
            {"code": code, "url": f"/table/{code}", "current": code == language}
            for code in LANGUAGES
        ],
        choices=counter.choices(browser.session(), language),
        demonstration=settings.demonstration,
        network_name=settings.network_name,
        version=__version__,
        manifest_url=MANIFEST,
        ticket_words=ticket_words(),
    )


def manifest_text() -> str:
    """Return the web application manifest: one for everybody, in the installation's language."""
    tongue = house().settings.default_language
    told = {
        "id": "/table",
        "name": f"Balise · {say(_('Testing point'), tongue)}",
        "short_name": "Balise",
        "lang": tongue,
        "start_url": "/table",
        "scope": "/table",
        "display": "standalone",
        "background_color": SEA,
        "theme_color": INK,
        "icons": [
            _icon("balise-192.png", "192x192", "any"),
            _icon("balise-512.png", "512x512", "any"),
            _icon("balise-maskable-512.png", "512x512", "maskable"),
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    return {"src": f"/static/icons/{name}", "sizes": sizes, "type": "image/png", "purpose": purpose}


def contents() -> dict[str, bytes]:
    """Return every file of the shell by its address, in the order in which it is kept."""
    told = {f"/table/{code}": page(code).encode() for code in LANGUAGES}
    told[MANIFEST] = manifest_text().encode()
    told["/table/reader.js"] = (shipped("static") / READER).read_bytes()
    return told | {f"/static/{name}": (shipped("static") / name).read_bytes() for name in files()}


def files() -> list[str]:
    """Return the shell's files under `static/` that this installation has."""
    static: Path = shipped("static")
    scripts = sorted(path.relative_to(static).as_posix() for path in static.glob("js/table/*.js"))
    reading = sorted(path.relative_to(static).as_posix() for path in static.glob("js/scan/*.js"))
    wanted = (*FILES, *scripts, *SCANNER, *reading)
    return [name for name in wanted if (static / name).is_file()]


def version() -> str:
    """Return SHA-256 over the lines "address digest" of all files, as the worker computes it."""
    lines = (f"{path} {hashlib.sha256(data).hexdigest()}\n" for path, data in contents().items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _kept(text: str, kind: str) -> Response:
    """Return a file that is asked for again each time, and only sent again when it changed."""
    answer = Response(text, mimetype=kind)
    answer.headers["Cache-Control"] = "no-cache"
    return answer
