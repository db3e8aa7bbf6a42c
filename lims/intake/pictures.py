"""Photos of samples, made anew: upright, small enough, and nothing beside the pixels.

What a camera or a program wrote into the file (place, time, device, owner, a thumbnail, words)
never reaches the kept JPEG, for that is encoded from bare pixels. Files that are two things at
once are refused, as are pictures that swell beyond what a phone makes.
"""

from __future__ import annotations

import io
import logging
import warnings
import zipfile
from dataclasses import dataclass
from decimal import Decimal

from PIL import Image, ImageOps, UnidentifiedImageError

from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import _

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 15 * 1024 * 1024
#: Pixels that may be unpacked; a phone of today makes 50 million.
MOST_PIXELS = 64_000_000
LEAST_SIDE = 80
KEPT_SIDE = 1600
QUALITY = 88
PAPER = (255, 255, 255)
"""What shows through where a picture is transparent."""
SECOND_NATURES = (b"<html", b"<script", b"<!doctype", b"<?php")
"""What makes a picture a page as well, wherever it stands in the file, in small letters."""

# At its most talkative Pillow writes the values that a camera left, a place among them, in the log.
logging.getLogger("PIL").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Picture:
    """A photo as it is kept, and by how much it was made smaller (1: not at all)."""

    data: bytes
    width: int
    height: int
    shrunk: Decimal


def cleaned(data: bytes, field: str = "photo") -> Picture:
    """Return a photo as JPEG of at most 1600 pixels a side, upright, without any metadata.

    Raises Invalid, in words, for a file that is no JPEG, PNG or WebP, is two things at once, is
    damaged, too small, or too large to unpack.
    """
    if not data:
        raise refuse_field(field, _("Choose a photo."))
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // (1024 * 1024)
        raise refuse_field(field, _("A photo has at most %(most)s MB.", most=most))
    if _is_something_else_too(data):
        words = _("This file is a picture and something else at once. Send a plain photo.")
        raise refuse_field(field, words)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _made_anew(data, field)
    except Invalid:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as wrong:
        raise _too_large(field) from wrong
    except UnidentifiedImageError as wrong:
        words = _("This is not a photo that can be read. JPEG, PNG or WebP, please.")
        raise refuse_field(field, words) from wrong
    except Exception as wrong:  # a damaged file fails anywhere inside the decoder
        raise refuse_field(field, _("The photo is damaged. Take or send it again.")) from wrong


def _made_anew(data: bytes, field: str) -> Picture:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        before = max(image.size)
        if image.width * image.height > MOST_PIXELS:
            raise _too_large(field)
        if min(image.size) < LEAST_SIDE:
            raise refuse_field(field, _("The photo is too small to see anything on it."))
        image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
        upright = _opaque(ImageOps.exif_transpose(image))
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    kept = io.BytesIO()
    bare.save(kept, "JPEG", quality=QUALITY)
    return Picture(kept.getvalue(), bare.width, bare.height, Decimal(before) / max(bare.size))


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    paper = Image.new("RGB", seen.size, PAPER)
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _is_something_else_too(data: bytes) -> bool:
    """Tell whether a file would also open as an archive, a document or a page."""
    low = data.lower()
    return (
        zipfile.is_zipfile(io.BytesIO(data))
        or b"%pdf-" in low[:1024]
        or any(sign in low for sign in SECOND_NATURES)
    )


def _too_large(field: str) -> Invalid:
    return refuse_field(field, _("The photo has too many pixels: take a smaller one."))
