"""Draw the pictures of the user guide: one page each, in English, from a demonstration of its own.

The demonstration stands in a temporary folder, on two free ports and at one moment of the clock;
all of it is gone when the pictures are drawn. Usage: make screenshots
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from lims import wiring
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.records import Plate, Run
from lims.foundation import clock
from lims.foundation.database import make_engine, open_session
from lims.foundation.settings import SAMPLE_SECRET, Settings, read_settings
from lims.installation import demonstration
from lims.intake.records import Sample
from lims.library.records import Substance
from lims.migrations import moves
from lims.network import queries as network
from lims.overview import queries
from lims.spectra.spectrum import Kind
from scripts.pictures import LIST, Picture

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
MOMENT = datetime(2026, 5, 12, 13, 0, tzinfo=UTC)
TALLEST = 1500
FAR = 24
"""A colour may be off by so many of 255 steps: colours on a plate are evidence."""
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]


def main() -> None:
    """Draw every picture of the list, and remove what is no longer on it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        staff, public, records = stack.enter_context(shown(folder))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        stack.callback(browser.close)
        for picture in LIST:
            data = draw(browser, picture, public if picture.public else staff, records)
            (PICTURES / f"{picture.name}.png").write_bytes(data)
            print(f"{picture.name}.png", len(data) // 1024, "KiB")
    for left in PICTURES.glob("*.png"):
        if left.stem not in {picture.name for picture in LIST}:
            left.unlink()


def chromium() -> str:
    """Return the path of the browser."""
    found = os.environ.get("BALISE_CHROMIUM") or shutil.which("chromium")
    if not found:
        raise SystemExit("No Chromium was found: install it, or set BALISE_CHROMIUM to its path.")
    return found


@contextmanager
def shown(folder: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Serve a filled demonstration; give both addresses and the records that pictures name."""
    from lims.app import make_app
    from lims.public import make_public_app

    settings = settings_in(folder)
    records = fill(settings)
    with ExitStack() as stack:
        public = make_public_app(settings)
        public_address = stack.enter_context(served(public))
        staff = make_app(replace(settings, public_url=public_address))
        yield stack.enter_context(served(staff)), public_address, records
    for app in (staff, public):
        app.extensions["house"].engine.dispose()


def settings_in(folder: Path) -> Settings:
    """Return the settings of a demonstration in a folder."""
    return read_settings(
        {
            "LIMS_DEMONSTRATION": "1",
            "LIMS_DATA_DIR": str(folder),
            "LIMS_SECRET_KEY": SAMPLE_SECRET,
            "LIMS_SECURE_COOKIES": "no",
            "LIMS_DEFAULT_LANGUAGE": "en",
            "LIMS_NETWORK_NAME": "Balise Demo",
        }
    )


def fill(settings: Settings) -> dict[str, str]:
    """Make the demonstration as of the one moment; return the records that pictures name."""
    wiring.connect()
    engine = make_engine(settings.database)
    with clock.stopped_at(MOMENT):
        moves.upgrade(engine)
        with open_session(engine) as session:
            demonstration.fill(session, network.OPERATOR, settings.data_dir)
            session.commit()
            records = records_of(session)
    engine.dispose()
    return records


def records_of(session: Session) -> dict[str, str]:
    """Return what stands for each name in braces, and the password of the accounts."""
    kites = select(Sample).where(Sample.logo.contains("cerf-volant"), Sample.state == "released")
    kite = session.scalars(kites.order_by(Sample.recorded_at.desc())).first()
    open_plates = select(Plate).join(Run, Run.id == Plate.run_id).where(Run.state == "recorded")
    plate = session.scalars(open_plates.order_by(Run.number.desc())).first()
    curves = select(MeasuredSpectrum).where(MeasuredSpectrum.kind == Kind.IR)
    curve = session.scalars(curves).first()
    assert kite is not None and plate is not None and curve is not None
    plated = next(lane.sample_id for lane in plate.lanes if lane.sample_id is not None)
    return {
        "password": str(queries.demonstration_accounts(session)[0]["password"]),
        "kite": str(kite.id),
        "kite-code": kite.code,
        "plate": str(plate.run_id),
        "plated": str(plated),
        "mdma": str(session.scalars(select(Substance.id).where(Substance.key == "mdma")).one()),
        "curve": str(curve.id),
        "curve-run": str(curve.upload.run_id),
    }


class Silent(WSGIRequestHandler):
    """Answers without a line in the terminal for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application on a free port, with the clock stopped in every request."""
    inner: Callable[[Any, Any], Iterable[bytes]] = app.wsgi_app

    def at_the_moment(environ: Any, start_response: Any) -> list[bytes]:
        with clock.stopped_at(MOMENT):
            answer = inner(environ, start_response)
            try:
                return list(answer)
            finally:
                getattr(answer, "close", lambda: None)()

    app.wsgi_app = at_the_moment
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def draw(browser: Browser, picture: Picture, address: str, records: dict[str, str]) -> bytes:
    """Log in, follow the links of a picture, and return the page as a small PNG."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": 800},
        locale="en-GB",
        timezone_id="Europe/Brussels",
        color_scheme="light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    try:
        return small(opened(context, picture, address, records))
    except Exception as wrong:
        wrong.add_note(f"while drawing {picture.name}")
        raise
    finally:
        context.close()


def opened(
    context: BrowserContext, picture: Picture, address: str, records: dict[str, str]
) -> bytes:
    """Return the page of a picture as the browser draws it, as tall as it is, up to a limit."""
    page = context.new_page()
    # What a page reckons itself, such as the age of its alerts, is reckoned at the same moment.
    page.clock.set_fixed_time(MOMENT)
    if picture.account:
        log_in(page, address, picture.account, records["password"])
    path = picture.path.format_map(records)
    visit(page, f"{address}{path}{'&' if '?' in path else '?'}lang=en")
    if picture.code:
        page.fill("input[name=code]", picture.code.format_map(records))
        page.press("input[name=code]", "Enter")
        page.wait_for_url("**/counselling/results/**")
    for selector in picture.follow:
        link = page.locator(selector).first.get_attribute("href")
        visit(page, f"{address}{link}")
    if picture.at_the_table:
        begin_a_visit(page)
    page.evaluate("document.activeElement?.blur()")
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": picture.width, "height": min(int(whole), TALLEST)})
    return page.screenshot()


def begin_a_visit(page: Page) -> None:
    """Set the device up and type the first answers of a visit, as a worker does."""
    for name, text in (("device-name", "tablet 2"), ("pin", "482913"), ("pin-again", "482913")):
        page.fill(f"input[name={name}]", text)
    page.click("form[data-set-up] button[type=submit]")
    page.wait_for_selector("[data-record]", timeout=30_000)
    page.locator("input[name='samples-0-form'][value=tablet]").check(force=True)
    page.fill("#f-samples-0-sold_as", "MDMA")


def visit(page: Page, address: str) -> None:
    """Open a page; one that is refused would make a picture of a refusal."""
    answer = page.goto(address)
    if answer is None or not answer.ok:
        raise SystemExit(f"{address} cannot be shown: {answer and answer.status}")


def log_in(page: Page, address: str, account: str, password: str) -> None:
    """Log in as a person does."""
    visit(page, f"{address}/log-in?lang=en")
    page.fill("input[name=account]", account)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/log-in" not in url)


def small(data: bytes) -> bytes:
    """Return a small PNG without metadata; with few colours, unless a colour would be another."""
    with Image.open(io.BytesIO(data)) as drawn:
        whole = drawn.convert("RGB")
    few = whole.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    wrong = ImageChops.difference(whole, few.convert("RGB")).tobytes()
    file = io.BytesIO()
    (few if max(wrong) <= FAR else whole).save(file, "PNG", optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
