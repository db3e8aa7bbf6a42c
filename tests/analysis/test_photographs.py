"""Photographs of plates: synthetic pictures with known spots, proposals, what is confirmed."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lims.analysis.photographs import clean, homography, pixels, straighten
from lims.analysis.plate_backgrounds import background
from lims.analysis.simulated_photographs import palette_labs
from lims.analysis.spot_proposals import nearest_colour, propose
from lims.foundation.errors import Invalid
from tests.analysis.plate_photographs import colours, taken


def proposed(seed: int, known_lanes: bool = True) -> Any:
    photo = taken(seed)
    straight = straighten(pixels(clean(photo.data).data), photo.corners)
    lanes = len(photo.lanes) if known_lanes else None
    return propose(straight, photo.origin, photo.front, palette_labs(colours()), lanes)


def plain(width: int = 300, height: int = 300, **saved: Any) -> bytes:
    kept = io.BytesIO()
    image = Image.new("RGB", (width, height), (250, 250, 245))
    image.save(kept, saved.pop("format", "JPEG"), **saved)
    return kept.getvalue()


# ------------------------------------------------------------------------------- the picture


def test_four_corners_of_a_straight_picture_map_onto_themselves() -> None:
    assert np.allclose(homography([[0, 0], [1, 0], [1, 1], [0, 1]]), np.eye(3))


def test_a_plate_seen_from_aside_is_straightened() -> None:
    corners = [[0.2, 0.1], [0.9, 0.2], [0.8, 0.9], [0.1, 0.8]]
    mapped = homography(corners) @ np.array([1.0, 1.0, 1.0])
    assert np.allclose(mapped[:2] / mapped[2], [0.8, 0.9])


def test_light_that_falls_off_is_taken_for_the_plate_and_not_for_a_spot() -> None:
    y, x = np.mgrid[0:80, 0:80] / 80
    lab = np.stack([90 - 20 * x - 10 * y**2, 2 * x, 3 * y], axis=-1)
    spotted = lab.copy()
    spotted[30:36, 30:36, 0] -= 40
    apart = np.abs(background(spotted) - lab)
    assert apart.max() < 1.0


def test_the_nearest_colour_is_by_ciede2000() -> None:
    labs = palette_labs(colours())
    assert nearest_colour(labs["purple"], labs) == ("purple", 0.0)


def test_what_the_camera_wrote_beside_the_picture_is_not_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    exif[0x0112] = 6  # turned by a quarter
    kept = clean(plain(400, 200, exif=exif))
    assert (kept.width, kept.height) == (200, 400)
    with Image.open(io.BytesIO(kept.data)) as image:
        assert not dict(image.getexif())
        assert "exif" not in image.info


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_usual_kind_of_photograph_is_read(kind: str) -> None:
    assert clean(plain(format=kind)).width == 300


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 90, b"GIF89a" + b"\x00" * 90, plain()[:300], plain(format="GIF")]
)
def test_a_file_that_is_no_whole_photograph_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        clean(data)
    assert refusal.value.problems[0].field == "photo"


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused_before_it_is_unpacked() -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    with pytest.raises(Invalid):
        clean(bomb.getvalue())


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 600))
def test_no_bytes_crash_the_reading(noise: bytes, at: int) -> None:
    data = plain()
    for given_bytes in (noise, data[:at] + noise + data[at + len(noise) :]):
        try:
            clean(given_bytes)
        except Invalid as refusal:
            assert refusal.problems


# ------------------------------------------------------------------------------ the proposals


@pytest.mark.parametrize("seed", range(4))
def test_strong_spots_are_proposed_at_their_places(seed: int) -> None:
    for true, found in zip(taken(seed).lanes, proposed(seed), strict=True):
        for spot in true.spots:
            if spot.strength >= 0.4:
                assert abs(true.middle - found.middle) < 0.03
                assert any(abs(one.ran - spot.ran) <= 0.02 for one in found.spots)


def test_a_blank_lane_is_a_lane_without_spots() -> None:
    assert proposed(4)[-1].spots == ()


def test_without_a_number_of_lanes_those_with_spots_are_proposed() -> None:
    with_spots = [lane for lane in taken(1).lanes if lane.spots]
    assert len(proposed(1, known_lanes=False)) <= len(with_spots)
    assert proposed(1, known_lanes=False)


def test_a_plate_without_spots_gives_no_spot() -> None:
    straight = pixels(plain())
    found = propose(straight, 0.9, 0.1, palette_labs(colours()), 4)
    assert [lane.spots for lane in found] == [(), (), (), ()]


def test_a_front_below_the_origin_is_refused() -> None:
    with pytest.raises(Invalid):
        propose(pixels(plain()), 0.2, 0.8, palette_labs(colours()), 4)
