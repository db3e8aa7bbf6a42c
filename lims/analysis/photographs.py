"""A photograph of a plate: cleaned of what the camera wrote, and straightened by its corners."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy import ndimage

from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import _

Floats = NDArray[np.float64]
Corners = Sequence[Sequence[float]]
FORMATS = ("JPEG", "PNG", "WEBP")
#: Pixels that may be unpacked; a phone of today makes 50 million.
MOST_PIXELS = 64_000_000
LEAST_SIDE = 120
KEPT_SIDE = 2400
STRAIGHT_SIDE = 800


@dataclass(frozen=True)
class CleanPhotograph:
    """A photograph as it is kept: turned upright, without what the camera wrote beside it."""

    data: bytes
    width: int
    height: int


def clean(data: bytes) -> CleanPhotograph:
    """Return a photograph upright, as JPEG, without place, time and device.

    Raises Invalid for what is no JPEG, PNG or WebP, is damaged, too small, or too large to unpack.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise refuse_field("photo", _("The photograph is too large: take a smaller one."))
            if min(image.size) < LEAST_SIDE:
                raise refuse_field("photo", _("The photograph is too small to see spots on it."))
            image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
    except Invalid:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombWarning) as wrong:
        words = _("This is not a photograph that can be read. JPEG, PNG or WebP, please.")
        raise refuse_field("photo", words) from wrong
    except Exception as wrong:  # a damaged file fails anywhere inside the decoder
        raise refuse_field(
            "photo", _("The photograph is damaged. Take or send it again.")
        ) from wrong
    kept = io.BytesIO()
    Image.fromarray(np.asarray(upright)).save(kept, "JPEG", quality=93, subsampling=0)
    return CleanPhotograph(kept.getvalue(), upright.width, upright.height)


def pixels(data: bytes) -> Floats:
    """Return a kept photograph as sRGB from 0 to 1: rows, columns, colours."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        return np.asarray(image.convert("RGB"), dtype=np.float64) / 255


def picture(rgb: Floats) -> bytes:
    """Return sRGB from 0 to 1 as JPEG."""
    kept = io.BytesIO()
    levels = (np.clip(rgb, 0, 1) * 255).round().astype(np.uint8)
    Image.fromarray(levels).save(kept, "JPEG", quality=88)
    return kept.getvalue()


def homography(corners: Corners) -> Floats:
    """Return the 3 × 3 map from the unit square to four corners, clockwise from top left.

    The eight equations of four point pairs (Hartley and Zisserman, Multiple View Geometry, 4.1).
    """
    square = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    rows, right = [], []
    for (u, v), (x, y) in zip(square, corners, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        right += [x, y]
    solved = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(right, dtype=np.float64))
    return np.append(solved, 1.0).reshape(3, 3)


def straighten(rgb: Floats, corners: Corners) -> Floats:
    """Return the plate between four corners (fractions of the photograph) as seen from above."""
    high, wide = rgb.shape[:2]
    placed = np.asarray(corners, dtype=np.float64) * (wide - 1, high - 1)
    sides = np.linalg.norm(placed - np.roll(placed, -1, axis=0), axis=1)
    across, along = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    scale = min(1.0, STRAIGHT_SIDE / max(across, along))
    width, height = max(int(across * scale), 40), max(int(along * scale), 40)
    u, v = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    mapped = homography(placed) @ np.stack([u.ravel(), v.ravel(), np.ones(u.size)])
    at = (mapped[:2] / mapped[2]).reshape(2, height, width)[::-1]
    channels = [
        ndimage.map_coordinates(rgb[..., one], at, order=1, mode="nearest") for one in range(3)
    ]
    return np.stack(channels, axis=-1)
