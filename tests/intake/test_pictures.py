from __future__ import annotations

import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lims.foundation.errors import Invalid
from lims.intake import pictures
from tests.intake.taken import CANARY, bad_files, drawn, exif, saved, talkative


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_nothing_that_a_camera_wrote_survives(kind: str) -> None:
    given = talkative()[kind]
    assert CANARY.encode() in given or kind != "jpeg"
    kept = pictures.cleaned(given)
    assert CANARY.encode() not in kept.data and b"Exif" not in kept.data
    assert b"http" not in kept.data and b"ICC_PROFILE" not in kept.data
    with Image.open(io.BytesIO(kept.data)) as image:
        assert image.format == "JPEG" and not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (20, 20)), (3, (300, 220)), (6, (220, 20)), (8, (20, 300))]
)
def test_a_photo_is_turned_upright_before_that_is_forgotten(
    orientation: int, corner: tuple[int, int]
) -> None:
    kept = pictures.cleaned(saved(drawn(), exif=exif(orientation)))
    with Image.open(io.BytesIO(kept.data)) as image:
        red, green, _blue = image.convert("RGB").getpixel(corner)  # type: ignore[misc]
        assert image.size == ((320, 240) if orientation in (1, 3) else (240, 320))
    assert red > 150 and green < 80


def test_a_large_photo_becomes_small_enough_and_says_by_how_much() -> None:
    kept = pictures.cleaned(saved(drawn(4000, 1000)))
    assert (kept.width, kept.height, kept.shrunk) == (1600, 400, Decimal("2.5"))


def test_what_is_transparent_shows_paper() -> None:
    clear = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    with Image.open(io.BytesIO(pictures.cleaned(saved(clear, "PNG")).data)) as image:
        assert min(image.convert("RGB").getpixel((9, 9))) > 250  # type: ignore[type-var, arg-type]


@pytest.mark.parametrize("which", list(bad_files()))
def test_a_file_that_is_no_plain_photo_is_refused_in_words(which: str) -> None:
    with pytest.raises(Invalid) as refusal:
        pictures.cleaned(bad_files()[which])
    assert [problem.field for problem in refusal.value.problems] == ["photo"]


def test_too_many_bytes_are_refused_before_they_are_looked_at() -> None:
    with pytest.raises(Invalid):
        pictures.cleaned(b"\xff\xd8" + b"\0" * pictures.MOST_BYTES)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_cleaning(data: bytes) -> None:
    with pytest.raises(Invalid):
        pictures.cleaned(data)


@settings(max_examples=150)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=6), st.sampled_from(["JPEG", "PNG"]))
def test_a_damaged_photo_is_kept_clean_or_refused(at: int, damage: bytes, kind: str) -> None:
    good = saved(drawn(), kind)
    hurt = good[: at % len(good)] + damage + good[at % len(good) + len(damage) :]
    try:
        kept = pictures.cleaned(hurt)
    except Invalid:
        return
    assert kept.data.startswith(b"\xff\xd8") and max(kept.width, kept.height) <= 1600
