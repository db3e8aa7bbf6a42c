"""Films of a label before a camera: drawn here, played by the browser as its camera's picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

WIDE, HIGH = 640, 480
FRAMES = 6


def drawn(
    text: str,
    kind: str = "QRCode",
    *,
    turned: float = 0,
    light: float = 1,
    noise: float = 0,
    blurred: float = 0,
) -> list[Any]:
    """Return the frames of a film: a label in the middle of a table, seen well or badly.

    `turned` in degrees, `light` as a share of full light, `noise` as standard deviation and
    `blurred` as radius, both in the picture's own units (256 greys, pixels).
    """
    form = getattr(zxingcpp.BarcodeFormat, kind)
    symbol = Image.fromarray(np.array(zxingcpp.create_barcode(text, form).to_image(scale=4)))
    if kind in ("Code128", "EAN13"):
        symbol = symbol.resize((420, 140), Image.Resampling.NEAREST)
    else:
        symbol = symbol.resize((200, 200), Image.Resampling.NEAREST)
    label = Image.new("L", (symbol.width + 60, symbol.height + 60), 245)
    label.paste(symbol, (30, 30))
    table = Image.new("L", (WIDE, HIGH), 120)
    label = label.rotate(turned, expand=True, fillcolor=120, resample=Image.Resampling.BICUBIC)
    table.paste(label, ((WIDE - label.width) // 2, (HIGH - label.height) // 2))
    if blurred:
        table = table.filter(ImageFilter.GaussianBlur(blurred))
    chance = np.random.default_rng(7)
    plain = np.asarray(table, dtype=float) * light
    return [
        np.clip(plain + chance.normal(0, noise, plain.shape), 0, 255).astype(np.uint8)
        for _frame in range(FRAMES if noise else 1)
    ]


def film(path: Path, frames: list[Any]) -> Path:
    """Write frames as an uncompressed film (YUV4MPEG2), which Chromium plays as a camera."""
    grey = np.full((HIGH // 2) * (WIDE // 2) * 2, 128, np.uint8).tobytes()
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + frame.tobytes() + grey)
    return path


def picture(path: Path, frames: list[Any]) -> Path:
    """Write the first frame as a picture, as a telephone would have taken it."""
    Image.fromarray(frames[0]).save(path)
    return path
