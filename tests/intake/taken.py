"""Synthetic photos: plain ones, ones full of words beside the pixels, and files that are none."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

CANARY = "CANARY-7f3a"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><name>{CANARY}</name></x:xmpmeta>'.encode()


def drawn(width: int = 320, height: int = 240) -> Image.Image:
    """Return a synthetic picture: a red quarter at the upper left, grey elsewhere."""
    image = Image.new("RGB", (width, height), (128, 128, 128))
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill=(200, 20, 30))
    return image


def saved(image: Image.Image, kind: str = "JPEG", **told: Any) -> bytes:
    kept = io.BytesIO()
    image.save(kept, kind, **told)
    return kept.getvalue()


def exif(orientation: int = 1) -> bytes:
    """Return what a phone writes: place, owner, device, words, and which way is up."""
    written = Image.Exif()
    written[0x0112] = orientation
    written[0x010F] = written[0x013B] = written[0x9C9E] = CANARY
    written.get_ifd(0x8825).update({1: "N", 2: (50.0, 51.0, 1.0), 3: "E", 4: (4.0, 21.0, 2.0)})
    written.get_ifd(0x8769).update({0x9286: CANARY, 0xA430: CANARY})
    return written.tobytes()


def talkative() -> dict[str, bytes]:
    """Return one picture in every kind of file, each full of words beside the pixels."""
    image, words = drawn(), PngInfo()
    words.add_text("Comment", CANARY)
    words.add_itxt("XML:com.adobe.xmp", XMP.decode())
    thumbnail = b"\xff\xed" + (len(CANARY) + 2).to_bytes(2, "big") + CANARY.encode()
    jpeg = saved(image, exif=exif(), comment=CANARY.encode(), xmp=XMP, icc_profile=XMP * 4)
    return {
        "jpeg": jpeg[:2] + thumbnail + jpeg[2:] + CANARY.encode(),
        "png": saved(image, "PNG", pnginfo=words, exif=exif()),
        "webp": saved(image, "WEBP", exif=exif(), xmp=XMP),
    }


def archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as file:
        file.writestr("a.txt", "a")
    return kept.getvalue()


def bad_files() -> dict[str, bytes]:
    good = saved(drawn())
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    return {
        "nothing": b"",
        "text": b"not a picture",
        "gif": saved(drawn(), "GIF"),
        "half": saved(drawn(), "PNG")[:400],
        "tiny": saved(drawn(20, 20)),
        "bomb": header + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00" + b"\0" * 20,
        "too many pixels": saved(Image.new("1", (9000, 9000)), "PNG"),
        "archive too": good + archive(),
        "page too": good[:2] + b"\xff\xfe\x00\x12<SCRIPT>a()</sc>" + good[2:],
        "document too": good[:2] + b"\xff\xfe\x00\x0a%PDF-1.7" + good[2:],
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
