from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lims.app import make_app
from lims.foundation.settings import Settings
from lims.public import make_public_app
from tests.architecture import house
from tests.makers import PASSWORD, Network


@pytest.fixture
def real(settings: Settings) -> Settings:
    """Give settings as a real installation has them: cookies over HTTPS only."""
    return replace(settings, secure_cookies=True)


def test_cookies_of_a_real_installation_are_bound_to_its_host_and_to_https(
    real: Settings, network: Network
) -> None:
    app = make_app(real)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    typed = {"account": "worker", "password": PASSWORD}
    answer = app.test_client().post("/log-in", data=typed, base_url="https://staff.example")
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("__Host-balise=") for cookie in cookies)
    for cookie in cookies:
        assert cookie.startswith("__Host-") and "Secure" in cookie and "HttpOnly" in cookie
        assert "Path=/" in cookie and "Domain=" not in cookie
    app.extensions["house"].engine.dispose()


@pytest.mark.parametrize("make", [make_app, make_public_app])
def test_a_real_installation_asks_browsers_to_come_by_https_only(
    make: Any, real: Settings, network: Network
) -> None:
    app = make(real)
    for path in ("/", "/nothing-here", "/static/favicon.svg"):
        header = app.test_client().get(path).headers["Strict-Transport-Security"]
        assert header == "max-age=31536000; includeSubDomains"
    app.extensions["house"].engine.dispose()


def test_the_visitors_application_sets_no_cookie(public_app: Any, network: Network) -> None:
    client = public_app.test_client()
    for path in ("/", "/?lang=nl", "/alerts", "/nothing-here"):
        assert "Set-Cookie" not in client.get(path).headers


def imported() -> Iterator[tuple[str, str]]:
    """Return file and module of every import in the program."""
    for path in house.python_files("lims"):
        name = str(path.relative_to(house.CHECKOUT))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((name, f"{node.module}.{alias.name}") for alias in node.names)


CALLERS = {"httpx", "requests", "aiohttp", "smtplib", "ftplib", "urllib3", "socket", "telnetlib"}
CALLS_OUT = ("urllib.request", "http.client", "asyncio", "xmlrpc", "poplib", "imaplib")
CHANNELS = "lims/alerts/channels/"
"""Alerts are sent by mail and to webhooks: these folders open connections, and nothing else does.

They take a letter that is written already, and import no table, so that they cannot send anything
else than what the outbox gave them.
"""

LISTENS_HERE = {"lims/installation/servers.py": "looks whether a port of this machine is free"}


def callers() -> set[str]:
    """Return the files that import what opens connections to other machines."""
    return {
        name
        for name, module in imported()
        if module.split(".")[0] in CALLERS or module.startswith(CALLS_OUT)
    } - set(LISTENS_HERE)


def test_nothing_but_the_channels_of_alerts_calls_another_machine() -> None:
    assert {name for name in callers() if not name.startswith(CHANNELS)} == set()


def test_the_channels_of_alerts_are_the_few_that_are_known() -> None:
    known = {"deadline.py", "mail/__init__.py", "webhook/__init__.py"}
    assert {name.removeprefix(CHANNELS) for name in callers()} == known


def test_a_channel_sees_no_table() -> None:
    tables = ("sqlalchemy", "lims.alerts.outbox", "lims.alerts.records", "lims.foundation.database")
    wrong = [
        f"{name} imports {module}"
        for name, module in imported()
        if name.startswith(CHANNELS) and module.startswith(tables)
    ]
    assert not wrong


# What unpacks gzip or zlib, or reads XML, does so within a budget: tests/spectra/test_fuzz.py and
# tests/library/test_swollen_files.py give these files what swells.
UNPACKS_OR_READS_XML = {
    "lims/spectra/reading.py": "gzip around a file of an instrument or a library",
    "lims/spectra/pieces.py": "what a damaged packed file raises",
    "lims/spectra/readers/mzml.py": "arrays packed with zlib, elements without a document type",
    "lims/exchange/pages.py": "what the form itself packed, to be carried to the next step",
    "lims/identification/band_repeats.py": "a trial's own file, read by a command",
    "lims/findings/certificate.py": "writes only",
    "lims/alerts/feeds.py": "writes only",
    "lims/alerts/typesetting.py": "writes only",
    "lims/alerts/cap/writing.py": "writes only",
    "lims/alerts/cap/signing.py": "signs and verifies what reading.py has read",
    "lims/alerts/cap/remarks.py": "says where a fault stands in what reading.py has read",
    "lims/alerts/cap/reading.py": "no document type, no entities, a limit of size; fuzzed",
    "lims/overview/report_pdf.py": "writes only",
    "lims/overview/report_paper.py": "writes only",
    "lims/custody/paper.py": "writes only",
    "lims/intake/marks_svg.py": "writes only",
    "lims/foundation/workbooks.py": "a workbook; its parts are counted, too many refused",
    "lims/intake/pictures.py": "only asks whether a picture is a packed file at once",
}
BOUNDED_ARCHIVES = {
    "lims/foundation/workbooks.py": "tests/exchange/test_workbooks.py gives it what swells",
    "lims/intake/pictures.py": "unpacks nothing",
}


def test_packed_files_and_xml_are_opened_in_named_places_only() -> None:
    packed = {"zipfile", "tarfile", "gzip", "bz2", "lzma", "zlib", "shutil.unpack_archive"}
    markup = ("lxml", "xml.")
    found = {
        name
        for name, module in imported()
        if module.split(".")[0] in packed or module.startswith(markup)
    }
    assert found <= set(UNPACKS_OR_READS_XML), found - set(UNPACKS_OR_READS_XML)
    archives = {"zipfile", "tarfile", "bz2", "lzma"}
    opening = {name for name, module in imported() if module.split(".")[0] in archives}
    assert opening == set(BOUNDED_ARCHIVES)


VISITOR = house.CHECKOUT / "templates" / "visitor"
# What is typed crosses a change of language in this tab's memory, and is taken away as the page
# opens: tests/browser/test_nothing_typed_is_lost.py looks that nothing stays, and never a password.
CARRIES_A_FORM_ACROSS = "keep.js"
# The screen of the table works without a network: its records are sealed before they are kept
# (docs/offline.md; tests/browser/test_outbox_store.py, test_table_lock.py). The scanner remembers
# which camera was chosen, and nothing that it saw.
KNOWS_A_CODE_FOR_A_MOMENT = ("desk.js",)
"""The scanner knows the last sample code for two seconds, so that one scan is not taken twice."""
KEEP_FOR_GOOD = {"worker.js", "table/main.js", "table/desk.js", "scan/camera.js"}


def test_no_script_keeps_anything_in_the_browser() -> None:
    for_good = re.compile(r"localStorage|indexedDB|document\.cookie|caches\.")
    for_the_tab = re.compile(r"sessionStorage")
    scripts = list((house.CHECKOUT / "static" / "js").rglob("*.js"))
    assert scripts
    keeping = {
        one.relative_to(house.CHECKOUT / "static" / "js").as_posix()
        for one in scripts
        if for_good.search(one.read_text(encoding="utf-8"))
    }
    assert keeping == KEEP_FOR_GOOD
    carrying = [one for one in scripts if for_the_tab.search(one.read_text(encoding="utf-8"))]
    assert {one.name for one in carrying} == {CARRIES_A_FORM_ACROSS, *KNOWS_A_CODE_FOR_A_MOMENT}
    for one in carrying:
        assert "sessionStorage.removeItem" in one.read_text(encoding="utf-8")


def test_a_visitors_page_never_loads_the_script_that_carries_a_form() -> None:
    for_visitors = ["public.html", *(f"visitor/{one.name}" for one in VISITOR.glob("*.html"))]
    loaded = [
        name
        for name in for_visitors
        if CARRIES_A_FORM_ACROSS in (house.CHECKOUT / "templates" / name).read_text("utf-8")
    ]
    assert len(for_visitors) > 1 and not loaded
