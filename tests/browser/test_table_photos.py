"""Photos at the table: drawn anew without metadata, measured, kept with the draft, sent behind."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from lims.intake.photo_records import SamplePhoto
from tests.browser.tables import Festival, Table, festival

pytestmark = pytest.mark.browser
__all__ = ["festival"]


@pytest.fixture
def table(festival: Festival) -> Table:
    festival.server.start()
    return festival.device().set_up()


def photograph(folder: Path) -> Path:
    """Return a synthetic picture as a telephone makes it, with its place and make inside."""
    picture = Image.new("RGB", (2400, 1800), (205, 196, 180))
    exif = Image.Exif()
    exif[0x010F] = "CANARY-MAKE"
    exif[0x0110] = "CANARY-MODEL"
    path = folder / "picture.jpg"
    picture.save(path, exif=exif, comment=b"CANARY-COMMENT")
    assert b"CANARY-MAKE" in path.read_bytes()
    return path


def take(table: Table, picture: Path) -> None:
    """Take the front photo of the sample in sight."""
    table.page.set_input_files("[data-sample]:not([hidden]) input[data-photo='front']", picture)
    table.page.wait_for_selector(".shots img")


def test_a_photo_is_drawn_anew_without_metadata_and_follows_its_visit(
    festival: Festival, table: Table, tmp_path: Path
) -> None:
    page = table.page
    table.answer()
    assert not page.locator("[data-photo-buttons]").is_visible(), "not without an agreement"
    page.check("#f-samples-0-consent_photo")
    take(table, photograph(tmp_path))
    source = str(page.locator(".shots img").get_attribute("src"))
    drawn = base64.b64decode(source.partition(",")[2])
    assert b"CANARY" not in drawn and b"Exif" not in drawn
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.size == (1600, 1200) and picture.format == "JPEG"
    table.record()
    table.sent()
    with festival.session() as session:
        assert len(session.scalars(select(SamplePhoto)).all()) == 1
    files = [path for path in festival.world.settings.data_dir.rglob("*") if path.is_file()]
    assert files and not [path for path in files if b"CANARY-M" in path.read_bytes()]


def test_an_agreement_taken_back_leaves_the_photo_behind(
    festival: Festival, table: Table, tmp_path: Path
) -> None:
    page = table.page
    table.answer()
    page.check("#f-samples-0-consent_photo")
    take(table, photograph(tmp_path))
    page.uncheck("#f-samples-0-consent_photo")
    festival.server.stop()
    table.record()
    assert [row["kind"] for row in table.rows()] == ["visit"]
    festival.server.start()


def test_photos_of_the_draft_survive_a_reload_encrypted(
    festival: Festival, table: Table, tmp_path: Path
) -> None:
    page = table.page
    table.answer()
    page.check("#f-samples-0-consent_photo")
    take(table, photograph(tmp_path))
    page.wait_for_timeout(600)
    table.open()
    assert not page.locator(".shots img").count()
    table.unlock()
    page.wait_for_selector(".shots img")


def test_a_tablet_is_measured_with_the_scale_card_and_the_keyboard(
    festival: Festival, table: Table, tmp_path: Path
) -> None:
    page = table.page
    table.answer()
    page.check("#f-samples-0-consent_photo")
    take(table, photograph(tmp_path))
    page.click("[data-do='measure']")
    page.fill("#f-scale-mm", "40")
    # The marks stand 800 px apart: 40 mm are 800 px, so one pixel is 0.05 mm.
    page.click("[data-do='measure-next']")
    mark = page.locator("[data-mark='1']")
    mark.focus()
    for _press in range(20):
        mark.press("Shift+ArrowLeft")
    page.click("[data-do='measure-next']")
    page.click("[data-do='measure-next']")
    assert page.input_value("#f-samples-0-length_mm") == "20,0"
    festival.server.stop()
    table.record()
    bodies = page.evaluate("() => document.querySelectorAll('dialog[open]').length")
    assert bodies == 0
    assert [row["kind"] for row in table.rows()] == ["visit", "photo"]
    festival.server.start()
    page.click("[data-strip] [data-do='send']")
    table.sent()
    with festival.session() as session:
        scales = [str(one) for one in session.scalars(select(SamplePhoto.mm_per_px)) if one]
    assert any(one.startswith("0.05") for one in scales)
