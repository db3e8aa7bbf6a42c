"""The photograph of a plate in a browser: corners dragged, spots proposed and confirmed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lims.analysis import readings
from lims.foundation.words import say
from tests.analysis.bench import Bench, make_bench
from tests.analysis.plate_photographs import taken
from tests.makers import Network, log_in_client

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from sqlalchemy.orm import Session

pytestmark = pytest.mark.browser
SEED = 4


@pytest.fixture
def bench(settings: Any, session: Session, network: Network) -> Bench:
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("what a page shows does not depend on the database")
    return make_bench(session, network)


def open_plate(bench: Bench, app: Any, page: Page, live_server: str) -> Any:
    """Begin a plate of as many lanes as the synthetic photograph has, and log its analyst in."""
    count = len(taken(SEED).lanes) - 3
    run = bench.start("tlc-ta", *(bench.sample() for _one in range(count)))
    bench.session.commit()
    token = log_in_client(app, bench.session, "chemist").get_cookie("balise").value
    page.context.add_cookies(
        [
            {"name": "balise", "value": token, "url": live_server},
            {"name": "language", "value": "fr", "url": live_server},
        ]
    )
    return run


def drag(page: Page, place: Any, x: float, y: float) -> None:
    """Drag what stands at a place by these pixels."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + x, middle[1] + y, steps=4)
    page.mouse.up()


def test_a_photograph_is_placed_by_dragging_and_its_spots_are_confirmed(
    bench: Bench, app: Any, live_server: str, page: Page, tmp_path: Path
) -> None:
    run = open_plate(bench, app, page, live_server)
    picture = tmp_path / "plate.jpg"
    picture.write_bytes(taken(SEED).data)
    page.goto(f"{live_server}/runs/{run.id}/plate/photograph")
    page.set_input_files("#f-photo", picture)
    with page.expect_navigation():
        page.get_by_role("button", name=say("Keep the photograph", "fr")).click()
    before = page.input_value("#f-corners-0-x")
    drag(page, page.locator("[data-handle][data-x=f-corners-0-x] .halo"), 20, 15)
    assert page.input_value("#f-corners-0-x") != before
    assert "," in page.input_value("#f-corners-0-x")
    for at, (x, y) in enumerate(taken(SEED).corners):
        page.fill(f"#f-corners-{at}-x", f"{100 * x:.1f}")
        page.fill(f"#f-corners-{at}-y", f"{100 * y:.1f}")
    with page.expect_navigation():
        page.get_by_role("button", name=say("Straighten", "fr")).click()
    page.fill("#f-origin", f"{100 * taken(SEED).origin:.1f}")
    page.fill("#f-front", f"{100 * taken(SEED).front:.1f}")
    page.locator("#f-front").press("ArrowUp")
    page.locator("#f-front").press("ArrowDown")
    with page.expect_navigation():
        page.get_by_role("button", name=say("Propose lanes and spots", "fr")).click()
    rows = page.locator("#spots-form tbody tr").count()
    assert rows > len([spot for lane in taken(SEED).lanes for spot in lane.spots]) // 2
    page.fill("#f-front_mm", "80")
    first = page.input_value("#f-spots-0-hrf")
    drag(page, page.locator("[data-handle][data-y=f-spots-0-hrf] .ring"), 0, -8)
    assert page.input_value("#f-spots-0-hrf") != first
    with page.expect_navigation():
        page.get_by_role("button", name=say("Write these spots on the plate", "fr")).click()
    assert page.url.split("#")[0].endswith("/plate"), page.locator("main").inner_text()[:400]
    bench.session.rollback()
    bench.session.expire_all()
    plate = readings.plate_of(bench.session, run.id)
    assert sum(len(lane.spots) for lane in plate.lanes) > 3
    assert plate.front_mm == Decimal(80)
    bench.session.rollback()


def test_a_spot_dragged_on_the_drawn_plate_moves_its_distance_and_its_hrf(
    bench: Bench, app: Any, live_server: str, page: Page
) -> None:
    from tests.analysis.bench import spot

    sample = bench.sample()
    run = bench.plate(sample, (spot(31.0),))
    bench.session.commit()
    token = log_in_client(app, bench.session, "chemist").get_cookie("balise").value
    page.context.add_cookies([{"name": "balise", "value": token, "url": live_server}])
    page.goto(f"{live_server}/runs/{run.id}/plate")
    field = page.locator("[data-of='2a']")
    before = float(field.input_value().replace(",", "."))
    row = field.locator("xpath=ancestor::tr").locator("[data-hrf]")
    shown = row.inner_text()
    drag(page, page.locator("[data-spot='2a'] .pen"), 0, -20)
    assert float(field.input_value().replace(",", ".")) > before + 1
    assert row.inner_text() != shown


def test_without_scripts_everything_is_typed(
    bench: Bench, app: Any, live_server: str, browser: Browser, tmp_path: Path
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        run = open_plate(bench, app, page, live_server)
        picture = tmp_path / "plate.jpg"
        picture.write_bytes(taken(SEED).data)
        page.goto(f"{live_server}/runs/{run.id}/plate/photograph")
        page.set_input_files("#f-photo", picture)
        page.get_by_role("button", name=say("Keep the photograph", "fr")).click()
        page.fill("#f-corners-0-x", "10")
        page.get_by_role("button", name=say("Straighten", "fr")).click()
        page.get_by_role("button", name=say("Propose lanes and spots", "fr")).click()
        page.locator("#spots-h").wait_for()
