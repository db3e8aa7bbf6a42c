"""Codes read by the camera: a real feed of drawn labels, the reader's program, the real pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from lims.foundation import codes
from lims.foundation.words import say
from lims.intake.records import Sample
from tests.browser.axe import violations
from tests.browser.films import drawn, film, picture
from tests.conftest import CHROMIUM_ARGUMENTS, chromium_path, watch
from tests.makers import Network, load_vocabularies, log_in_client, make_samples

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from sqlalchemy.orm import Session

pytestmark = pytest.mark.browser
CODE = "BCDF234" + codes.check_character("BCDF234")
WRONG = CODE[:-1] + next(one for one in codes.ALPHABET if one != CODE[-1])
TICKET = codes.shown_ticket(codes.new_ticket()).replace("-", "")
LINK = f"https://balise.example/#{TICKET}"
Open = Callable[..., Any]


@pytest.fixture
def staff(settings: Any, session: Session, network: Network, app: Any, live_server: str) -> Any:
    """Give what logs a page in as an account of the small network."""
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("what a page shows does not depend on the database")

    load_vocabularies(session)

    def log_in(context: Any, account: str, language: str = "en") -> str:
        token = log_in_client(app, session, account).get_cookie("balise").value
        context.add_cookies(
            [
                {"name": "balise", "value": token, "url": live_server},
                {"name": "language", "value": language, "url": live_server},
            ]
        )
        return live_server

    return log_in


@contextmanager
def camera_before(browser: Browser, path: Path | None) -> Iterator[Page]:
    """Give a page of a browser whose camera sees a film; without a film there is no camera."""
    shown = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
    own = browser.browser_type.launch(
        executable_path=chromium_path(), args=[*CHROMIUM_ARGUMENTS, *(shown if path else [])]
    )
    context = own.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(15_000)
    if path:
        context.grant_permissions(["camera"])
    opened = context.new_page()
    wrong: list[str] = []
    watch(opened, wrong)
    yield opened
    own.close()
    assert not wrong, wrong


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("QRCode", {}),
        ("QRCode", {"turned": 33}),
        ("QRCode", {"light": 0.25}),
        ("QRCode", {"noise": 40, "blurred": 1}),
        ("Code128", {}),
        ("Code128", {"turned": 8, "noise": 15}),
        ("DataMatrix", {}),
    ],
    ids=["clean", "turned", "dark", "noisy", "bars", "bars turned", "data matrix"],
)
def test_a_label_before_the_camera_opens_its_sample(
    browser: Browser,
    staff: Any,
    session: Session,
    network: Network,
    tmp_path: Path,
    kind: str,
    seen: dict[str, float],
) -> None:
    sample: Sample = make_samples(session, network)[0]
    path = film(tmp_path / "label.y4m", drawn(sample.code, kind, **seen))
    with camera_before(browser, path) as page:
        page.goto(staff(page.context, "worker") + "/samples")
        with page.expect_navigation(url="**/samples?code=*"):
            page.get_by_role("button", name="Scan").click()
        assert page.locator("#f-code").input_value() == codes.shown(sample.code)
        page.get_by_role("link", name=codes.shown(sample.code)).wait_for()


def test_in_the_form_a_scanned_label_goes_to_its_field_and_on_to_the_next_answer(
    browser: Browser, staff: Any, network: Network, tmp_path: Path
) -> None:
    with camera_before(browser, film(tmp_path / "label.y4m", drawn(CODE))) as page:
        page.goto(staff(page.context, "worker") + "/register")
        page.locator("button[data-scan=f-samples-0-code]").click()
        expect(page.locator("#f-samples-0-code")).to_have_value(codes.shown(CODE))
        page.locator("#scanner").wait_for(state="hidden")
        assert page.evaluate("document.activeElement.id") != "f-samples-0-code"
        assert page.url.endswith("/register")
        assert not page.evaluate("document.querySelector('#scanner video').srcObject")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WRONG, "does not fit its check character"),
        (LINK, "a visitor’s ticket"),
        (TICKET, "a visitor’s ticket"),
        ("https://elsewhere.example/page", "an address of a web page"),
        ("ORDER 17", "not a sample code"),
    ],
    ids=["wrong check character", "ticket's link", "bare ticket", "address", "something else"],
)
def test_what_is_no_sample_code_is_said_and_neither_taken_nor_sent(
    browser: Browser, staff: Any, network: Network, tmp_path: Path, text: str, words: str
) -> None:
    with camera_before(browser, film(tmp_path / "label.y4m", drawn(text))) as page:
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url + (one.post_data or "")))
        page.goto(staff(page.context, "worker") + "/register")
        page.locator("button[data-scan=f-samples-0-code]").click()
        page.locator("#scanner [data-said]", has_text=words).wait_for()
        assert page.locator("#f-samples-0-code").input_value() == ""
        assert TICKET not in page.content() and TICKET not in "".join(asked)
        assert not violations(page, "#scanner")
        page.keyboard.press("Escape")
        page.locator("#scanner").wait_for(state="hidden")
        focused = page.evaluate("document.activeElement.dataset.scan")
        assert focused == "f-samples-0-code"


def test_a_ticket_is_taken_where_tickets_are_asked_and_stands_in_no_address(
    browser: Browser, staff: Any, network: Network, tmp_path: Path
) -> None:
    with camera_before(browser, film(tmp_path / "label.y4m", drawn(LINK))) as page:
        page.goto(staff(page.context, "counsellor") + "/counselling")
        with page.expect_navigation():
            page.get_by_role("button", name="Scan").click()
        assert TICKET[:4] not in page.url


def test_a_partners_barcode_is_taken_only_where_one_is_asked(
    browser: Browser, staff: Any, network: Network, tmp_path: Path
) -> None:
    with camera_before(
        browser, film(tmp_path / "label.y4m", drawn("4006381333931", "EAN13"))
    ) as page:
        page.goto(staff(page.context, "worker") + "/register")
        page.locator("button[data-scan=f-samples-0-code]").click()
        page.locator("#scanner [data-said]", has_text="not a sample code").wait_for()
        page.get_by_role("button", name="Close", exact=True).click()
        page.locator("summary", has_text="own barcode").click()
        page.locator("button[data-scan=f-samples-0-outside_code]").click()
        expect(page.locator("#f-samples-0-outside_code")).to_have_value("4006381333931")


def test_the_readers_program_is_fetched_only_when_it_is_asked_for(
    browser: Browser, staff: Any, network: Network, tmp_path: Path
) -> None:
    with camera_before(browser, film(tmp_path / "label.y4m", drawn(CODE))) as page:
        asked: list[str] = []
        page.context.on("request", lambda one: asked.append(one.url))
        page.goto(staff(page.context, "worker") + "/register")
        page.locator("button[data-scan=f-samples-0-code]").wait_for()
        page.wait_for_load_state("networkidle")
        assert not [one for one in asked if "zxing" in one or "camera" in one or "reader" in one]
        page.locator("button[data-scan=f-samples-0-code]").click()
        expect(page.locator("#f-samples-0-code")).to_have_value(codes.shown(CODE))
        assert [one for one in asked if one.endswith("/static/js/scan/camera.js")]


def test_the_page_goes_on_working_while_frames_are_read(
    browser: Browser, staff: Any, network: Network, tmp_path: Path
) -> None:
    noise = drawn("ORDER 17", noise=25)
    with camera_before(browser, film(tmp_path / "label.y4m", noise)) as page:
        page.goto(staff(page.context, "worker") + "/register")
        page.locator("button[data-scan=f-samples-0-code]").click()
        page.locator("#scanner [data-said]", has_text="not a sample code").wait_for()
        longest = page.evaluate(
            """() => new Promise((done) => {
                let before = performance.now(), longest = 0, left = 60;
                const step = () => {
                    const now = performance.now();
                    longest = Math.max(longest, now - before);
                    before = now; left -= 1;
                    if (left) setTimeout(step, 20); else done(longest);
                };
                step();
            })"""
        )
        assert longest < 400


def test_without_a_camera_a_picture_is_read_and_the_camera_button_is_away(
    browser: Browser, staff: Any, network: Network, tmp_path: Path
) -> None:
    with camera_before(browser, None) as page:
        page.goto(staff(page.context, "worker", "fr") + "/register")
        button = page.locator("button[data-scan-picture=f-samples-0-code]")
        button.wait_for()
        assert button.inner_text().strip() == say("From a picture", "fr")
        assert not page.locator("button[data-scan=f-samples-0-code]").is_visible()
        with page.expect_file_chooser() as chosen:
            button.click()
        chosen.value.set_files(picture(tmp_path / "empty.png", drawn("ORDER 17", light=0)))
        page.get_by_text("Aucun code n’a été trouvé").locator("visible=true").wait_for()
        with page.expect_file_chooser() as chosen:
            button.click()
        chosen.value.set_files(picture(tmp_path / "label.png", drawn(CODE, turned=20)))
        expect(page.locator("#f-samples-0-code")).to_have_value(codes.shown(CODE))


def test_without_scripts_no_button_promises_to_scan(
    browser: Browser, staff: Any, network: Network
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(staff(context, "worker") + "/register")
        assert page.locator("#f-samples-0-code").is_visible()
        assert (
            not page.locator("button[data-scan], button[data-scan-picture]")
            .locator("visible=true")
            .count()
        )
        assert not page.locator("#scanner").is_visible()
