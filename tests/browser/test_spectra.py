"""A chemist's way with an instrument's file, in a browser: from the file to the finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.records import Run
from lims.foundation import clock
from lims.network.queries import token_hash
from lims.network.records import Member, StaffSession
from tests.analysis.bench import Bench
from tests.identification.spectra import make_spectral_bench, mixed
from tests.makers import Network

DRAWN = "[data-spectrum][data-ready]"


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_spectral_bench(session, network)


def log_in(page: Any, address: str, session: Session, account: str) -> None:
    """Give the browser the cookie of an account."""
    member = session.scalars(select(Member).where(Member.account == account)).one()
    token, at = f"browser-{account}", clock.now()
    kept = StaffSession(token_hash=token_hash(token), member_id=member.id, created=at, seen=at)
    session.merge(kept)
    session.commit()
    page.context.add_cookies([{"name": "balise", "value": token, "url": address}])


def press(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_a_file_becomes_candidates_an_answer_and_a_finding(
    page: Any, live_server: str, bench: Bench, session: Session, tmp_path: Path
) -> None:
    run = bench.start("ftir")
    sample_id, run_id = run.samples[0].sample_id, run.id
    session.commit()
    file = tmp_path / "portion.csv"
    file.write_bytes(mixed(synthetic_a=1.0))
    log_in(page, live_server, session, "chemist")

    page.goto(f"{live_server}/runs/{run_id}")
    with page.expect_navigation():
        page.get_by_role("link", name="Give a file").click()
    page.locator("#f-file").set_input_files(str(file))
    press(page, "Keep and read")
    page.wait_for_selector(DRAWN)
    assert page.locator("canvas").count() == 2
    assert "SYNTHETIC-A" in page.locator(".cand li").first.inner_text()

    page.get_by_role("button", name="Zoom in").focus()
    page.keyboard.press("Enter")
    page.locator(".spectrum-box").focus()
    for key in ("+", "ArrowLeft", "0"):
        page.keyboard.press(key)
    page.locator("input[name=verdict][value=accept]").check()
    press(page, "Record the decision")
    assert page.get_by_text("Accepted: SYNTHETIC-A").is_visible()

    with page.expect_navigation():
        page.get_by_role("link", name="Back to the run").click()
    press(page, "Send to verify")
    log_in(page, live_server, session, "verifier")
    page.goto(f"{live_server}/runs/{run_id}")
    press(page, "Verify")
    session.rollback()
    session.expire_all()
    assert session.get_one(Run, run_id).state == "verified"
    session.commit()

    log_in(page, live_server, session, "chemist")
    page.goto(f"{live_server}/findings/new/{sample_id}")
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/findings/*")
    assert page.get_by_text("SYNTHETIC-A").first.is_visible()


def test_the_spectrum_is_there_without_javascript(
    browser: Any, live_server: str, bench: Bench, session: Session, tmp_path: Path
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    run = bench.start("ftir")
    run_id = run.id
    session.commit()
    file = tmp_path / "mixture.csv"
    file.write_bytes(mixed(synthetic_a=0.6, synthetic_b=0.4))
    log_in(page, live_server, session, "chemist")
    page.goto(f"{live_server}/runs/{run_id}/files")
    page.locator("#f-file").set_input_files(str(file))
    press(page, "Keep and read")
    assert page.locator("svg.curve").count() == 2
    with page.expect_navigation():
        page.get_by_role("link", name="A mixture").click()
    assert page.get_by_text("semi-quantitative").first.is_visible()
    page.locator("input[name=verdict][value=accept]").check()
    press(page, "Record the decision")
    assert page.get_by_text("Accepted: SYNTHETIC-A, SYNTHETIC-B").is_visible()
    context.close()
