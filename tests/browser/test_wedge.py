"""Scanners that write as a keyboard: fast keys, ended by Enter or Tab, wherever the cursor is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from lims.custody.operations import DraftParcel, draft_parcel
from lims.custody.records import ParcelItem
from lims.foundation import codes
from tests.makers import Network, load_vocabularies, log_in_client, make_block, make_samples

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

pytestmark = pytest.mark.browser
CODE = "QWMB234" + codes.check_character("QWMB234")
FIELD = "#f-samples-0-code"
# What a computer writes for the keys of another layout, as its own makers publish the layouts.
BELGIAN = str.maketrans("QWM2346789-AZ", "AZ?é\"'§è!ç)QW")
FRENCH = str.maketrans("QWM2346789AZ", "AZ?é\"'-è_çQW")
AMERICAN = str.maketrans("QWM2346789AZ", "AZ:@#$^&*(QW")
BRITISH = str.maketrans("QWM2346789AZ", 'AZ:"£$^&*(QW')


@pytest.fixture
def counter(
    settings: Any, session: Session, network: Network, app: Any, live_server: str, page: Page
) -> Iterator[Page]:
    """Give the page of a worker at the counter, where vocabularies and codes stand ready."""
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("what a page shows does not depend on the database")
    load_vocabularies(session)
    make_block(session, network)
    session.commit()
    token = log_in_client(app, session, "worker").get_cookie("balise").value
    page.context.add_cookies(
        [
            {"name": "balise", "value": token, "url": live_server},
            {"name": "language", "value": "en", "url": live_server},
        ]
    )
    page.goto(live_server + "/register")
    return page


EVERY = 0.008
"""Seconds from key to key of a scanner. The keys bear these times, however slow the test is."""
ENDS = {"Enter": (13, "\r"), "Tab": (9, "")}


def scan(page: Page, text: str, end: str = "Enter") -> None:
    """Write as a scanner does: real keys, one hard after the other, then the end."""
    keyboard = page.context.new_cdp_session(page)
    at = time.time()
    keys = [{"key": one, "text": one} for one in text]
    number, sent = ENDS[end]
    keys.append({"key": end, "code": end, "windowsVirtualKeyCode": number, "text": sent})
    for place, key in enumerate(keys):
        for kind in ("keyDown", "keyUp"):
            told = {**key, "type": kind, "timestamp": at + EVERY * place}
            keyboard.send("Input.dispatchKeyEvent", told)
    keyboard.detach()


@pytest.mark.parametrize("end", ["Enter", "Tab"])
def test_the_end_of_a_scan_goes_on_and_sends_no_half_filled_form(counter: Page, end: str) -> None:
    counter.locator(FIELD).focus()
    scan(counter, CODE, end)
    expect(counter.locator(FIELD)).to_have_value(codes.shown(CODE))
    assert counter.evaluate("document.activeElement.id") != "f-samples-0-code"
    assert counter.url.endswith("/register") and not counter.locator("#errors").count()


@pytest.mark.parametrize(
    "where", ["body", "f-samples-0-sold_as", "select", "button"], ids=lambda where: where
)
def test_a_scan_finds_the_code_field_wherever_the_cursor_stands(counter: Page, where: str) -> None:
    if where == "select":
        counter.locator("#f-samples-0-form_other").focus()
    elif where == "button":
        counter.get_by_role("button", name="Register and print").focus()
    elif where != "body":
        counter.locator(f"#{where}").focus()
    before = counter.locator("#f-samples-0-form_other").input_value()
    scan(counter, CODE)
    expect(counter.locator(FIELD)).to_have_value(codes.shown(CODE))
    assert counter.locator("#f-samples-0-sold_as").input_value() == ""
    assert counter.locator("#f-samples-0-form_other").input_value() == before
    assert not counter.locator("#errors").count()


def test_a_hand_that_types_slowly_is_no_scanner(counter: Page) -> None:
    field = counter.locator("#f-samples-0-street_name")
    field.evaluate("(one) => { one.closest('details').open = true; one.focus(); }")
    counter.keyboard.type(CODE, delay=120)
    assert field.input_value() == CODE
    assert counter.locator(FIELD).input_value() == ""


@pytest.mark.parametrize(
    "garbled",
    [CODE.translate(table) for table in (BELGIAN, FRENCH, AMERICAN, BRITISH)],
    ids=["belgian azerty", "french azerty", "american qwerty", "british qwerty"],
)
def test_a_code_turned_by_another_keyboard_is_put_right_and_said(
    counter: Page, garbled: str
) -> None:
    counter.locator(FIELD).focus()
    scan(counter, garbled)
    expect(counter.locator(FIELD)).to_have_value(codes.shown(CODE))
    counter.locator("[data-scan-said]", has_text="for another keyboard").wait_for()


def test_what_another_keyboard_turned_beyond_reading_is_said(counter: Page) -> None:
    counter.locator(FIELD).focus()
    scan(counter, (CODE + "BCD").translate(BELGIAN))
    counter.locator("[data-scan-said]", has_text="AZERTY").wait_for()
    assert counter.locator(FIELD).input_value() == ""


@pytest.mark.parametrize(
    "sent", ["]Q1" + CODE, "*" + CODE + "*", "~" + CODE, codes.shown(CODE), CODE.lower()]
)
def test_signs_that_a_scanner_adds_around_a_code_are_taken_off(counter: Page, sent: str) -> None:
    counter.locator(FIELD).focus()
    scan(counter, sent)
    expect(counter.locator(FIELD)).to_have_value(codes.shown(CODE))


def test_a_wrong_check_character_is_said_and_not_taken(counter: Page) -> None:
    counter.locator(FIELD).focus()
    scan(counter, CODE[:-1] + ("2" if CODE[-1] != "2" else "3"))
    counter.locator("[data-scan-said]", has_text="check character").wait_for()
    assert counter.locator(FIELD).input_value() == ""


@pytest.mark.parametrize("how", ["fast", "slow"])
def test_a_visitors_ticket_is_refused_and_taken_out_of_sight(counter: Page, how: str) -> None:
    ticket = codes.shown_ticket(codes.new_ticket()).replace("-", "")
    counter.locator(FIELD).focus()
    if how == "fast":
        scan(counter, f"https://balise.example/#{ticket}")
    else:
        counter.keyboard.type(f"https://balise.example/#{ticket}", delay=60)
        counter.keyboard.press("Enter")
    counter.locator("[data-scan-said]", has_text="a visitor’s ticket").wait_for()
    assert counter.locator(FIELD).input_value() == ""
    assert ticket not in counter.url


def test_the_same_scan_twice_within_two_seconds_is_one(
    counter: Page, session: Session, network: Network, live_server: str
) -> None:
    parcel = draft(session, network)
    one = make_samples(session, network)[0]
    counter.goto(f"{live_server}/parcels/{parcel.id}")
    asked: list[str] = []
    counter.on("request", lambda made: asked.append(made.method))
    scan(counter, one.code)
    scan(counter, one.code)
    counter.locator("main .tag, main .code", has_text=codes.shown(one.code)).first.wait_for()
    assert asked.count("POST") == 1


def draft(session: Session, network: Network) -> Any:
    import uuid

    command = DraftParcel(
        id=uuid.uuid4(), from_site_id=network.counter.id, to_site_id=network.laboratory.id
    )
    made = draft_parcel(session, network.worker, command)
    session.commit()
    return made


def test_tubes_scanned_one_after_the_other_are_each_saved_without_leaving_the_page(
    counter: Page, session: Session, network: Network, live_server: str
) -> None:
    parcel = draft(session, network)
    samples = [make_samples(session, network)[0] for _one in range(6)]
    counter.goto(f"{live_server}/parcels/{parcel.id}")
    counter.evaluate("window.stayed = true")
    for sample in samples:
        scan(counter, sample.code)
    for sample in samples:
        manifest = counter.locator("section[aria-labelledby=h-man]")
        manifest.get_by_text(codes.shown(sample.code)).first.wait_for()
    assert counter.evaluate("window.stayed") is True
    assert counter.evaluate("document.activeElement.id") == "f-code"
    session.rollback()
    items = session.query(ParcelItem).filter_by(parcel_id=parcel.id).count()
    assert items == len(samples)


def test_a_scan_on_a_page_without_a_code_field_looks_the_sample_up(
    counter: Page, session: Session, network: Network, live_server: str
) -> None:
    sample = make_samples(session, network)[0]
    counter.goto(f"{live_server}/codes")
    with counter.expect_navigation(url=f"**/samples/{sample.id}/life"):
        scan(counter, sample.code)
    counter.goto(f"{live_server}/codes")
    with counter.expect_navigation(url="**/samples?code=*"):
        scan(counter, CODE)
    counter.get_by_text("No sample has this code").wait_for()


def test_a_seal_scanned_into_its_own_field_stays_there_and_sends_nothing(
    counter: Page, session: Session, network: Network, live_server: str
) -> None:
    parcel = draft(session, network)
    sample = make_samples(session, network)[0]
    counter.goto(f"{live_server}/parcels/{parcel.id}")
    scan(counter, sample.code)
    counter.locator("section[aria-labelledby=h-man]").get_by_text(
        codes.shown(sample.code)
    ).first.wait_for()
    counter.locator("#f-seal").focus()
    scan(counter, "SEAL-000017")
    assert counter.locator("#f-seal").input_value() == "SEAL-000017"
    assert counter.locator("#f-code").input_value() == ""
    assert counter.evaluate("document.activeElement.id") == "f-seal_2"


def test_several_samples_are_scanned_into_a_run_one_a_line(
    counter: Page, session: Session, network: Network, app: Any, live_server: str
) -> None:
    one, other = CODE, "BCDF234" + codes.check_character("BCDF234")
    token = log_in_client(app, session, "chemist").get_cookie("balise").value
    counter.context.add_cookies([{"name": "balise", "value": token, "url": live_server}])
    counter.goto(f"{live_server}/runs/new")
    counter.locator("#f-samples").focus()
    for code in (one, other, other):
        scan(counter, code)
    expected = f"{codes.shown(one)}\n{codes.shown(other)}\n"
    expect(counter.locator("#f-samples")).to_have_value(expected)
