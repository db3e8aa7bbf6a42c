"""Paper as printers and cameras make it: rasters of a PDF at 203 dpi, clean or worn.

Every way of wearing a print draws its strength from a stated range. The ranges stand beside the
rates in docs/labels.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pypdfium2 as pdfium
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageFilter

#: The usual thermal label printer.
DPI = 203
Chance = np.random.Generator
Wear = Callable[[Image.Image, Chance], Image.Image]
Grey = NDArray[np.float64]
WHITE = 255


def pages(pdf: bytes, dpi: int = DPI) -> list[Image.Image]:
    """Return each page as a grey picture."""
    document = pdfium.PdfDocument(pdf)
    return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]


def burnt(picture: Image.Image) -> Image.Image:
    """Return a picture as a thermal printer leaves it: each dot black or white."""
    return picture.point(lambda grey: WHITE if grey >= 128 else 0)


def codes(picture: Image.Image) -> list[str]:
    """Return what every QR code of a picture says."""
    return [found.text for found in zxingcpp.read_barcodes(np.asarray(picture))]


def turned(picture: Image.Image, chance: Chance) -> Image.Image:
    """Turn by any angle."""
    angle = chance.uniform(0, 360)
    return picture.rotate(angle, Image.Resampling.BICUBIC, True, fillcolor=WHITE)


def blurred(picture: Image.Image, chance: Chance) -> Image.Image:
    """Put out of focus: a Gaussian of 0.6 to 1.6 dots."""
    return picture.filter(ImageFilter.GaussianBlur(chance.uniform(0.6, 1.6)))


def grainy(picture: Image.Image, chance: Chance) -> Image.Image:
    """Add grain: a normal deviate of 10 to 40 of 255."""
    grey = np.asarray(picture, dtype=float)
    return _picture(grey + chance.normal(0, chance.uniform(10, 40), grey.shape))


def faded(picture: Image.Image, chance: Chance) -> Image.Image:
    """Fade: 15 to 40 % of the contrast is left, on grey."""
    left = chance.uniform(0.15, 0.4)
    grey = np.asarray(picture, dtype=float)
    return _picture(grey * left + chance.uniform(40, 120))


def scratched(picture: Image.Image, chance: Chance) -> Image.Image:
    """Scratch white: 1 to 3 straight lines of 1 to 3 dots from edge to edge."""
    from PIL import ImageDraw

    made = picture.copy()
    draw = ImageDraw.Draw(made)
    wide, high = made.size
    for _line in range(int(chance.integers(1, 4))):
        if chance.random() < 0.5:
            ends = [(0, chance.uniform(0, high)), (wide, chance.uniform(0, high))]
        else:
            ends = [(chance.uniform(0, wide), 0), (chance.uniform(0, wide), high)]
        draw.line(ends, fill=WHITE, width=int(chance.integers(1, 4)))
    return made


def gapped(picture: Image.Image, _chance: Chance) -> Image.Image:
    """Leave out one column of dots in a hundred, as a dead dot of a print head does."""
    grey = np.asarray(picture, dtype=float).copy()
    grey[:, 40::100] = WHITE
    return _picture(grey)


def photographed(wear: Wear) -> Wear:
    """Return a wear as a camera sees it: out of focus by one dot, as lenses are."""

    def see(picture: Image.Image, chance: Chance) -> Image.Image:
        return wear(picture, chance).filter(ImageFilter.GaussianBlur(1.0))

    return see


def around(diameter_mm: float) -> Wear:
    """Return how a label looks around a tube, from straight before it, squeezed at both sides."""

    def bend(picture: Image.Image, _chance: Chance) -> Image.Image:
        grey = np.asarray(_facing(picture), dtype=float)
        radius = diameter_mm / 2 / 25.4 * DPI
        # What lies beyond a quarter turn to each side cannot be seen.
        seen = int(min(radius, radius * np.sin(min(np.pi / 2, grey.shape[1] / 2 / radius))))
        across = np.arange(-seen, seen + 1)
        along = radius * np.arcsin(np.clip(across / radius, -1, 1)) + (grey.shape[1] - 1) / 2
        left = np.clip(np.floor(along).astype(int), 0, grey.shape[1] - 2)
        part = np.clip(along - left, 0, 1)
        bent = grey[:, left] * (1 - part) + grey[:, left + 1] * part
        return _picture(np.pad(bent, 20, constant_values=WHITE))

    return bend


def _facing(picture: Image.Image) -> Image.Image:
    """Return the part of a label that has its square in the middle: one turns the tube to it."""
    found = zxingcpp.read_barcodes(np.asarray(picture))
    if not found:
        return picture
    corner = found[0].position
    middle = (corner.top_left.x + corner.bottom_right.x) // 2
    half = min(middle, picture.width - middle)
    return picture.crop((middle - half, 0, middle + half, picture.height))


def worn(picture: Image.Image, chance: Chance) -> Image.Image:
    """Return a print seen by a poor camera: turned up to 3°, out of focus, grainy, faded."""
    turned_a_little = picture.rotate(
        chance.uniform(-3, 3), Image.Resampling.BICUBIC, True, fillcolor=WHITE
    )
    soft = turned_a_little.filter(ImageFilter.GaussianBlur(chance.uniform(0.6, 1.6)))
    grey = np.asarray(soft, dtype=float) * chance.uniform(0.55, 0.8) + 50
    return _picture(grey + chance.normal(0, chance.uniform(10, 30), grey.shape))


def everything(picture: Image.Image, chance: Chance) -> Image.Image:
    """Scratch, turn by any angle, then as `worn`: focus, 55 to 80 % of contrast, grain."""
    soft = blurred(turned(scratched(picture, chance), chance), chance)
    grey = np.asarray(soft, dtype=float) * chance.uniform(0.55, 0.8) + 50
    return _picture(grey + chance.normal(0, chance.uniform(10, 30), grey.shape))


def _picture(grey: Grey) -> Image.Image:
    return Image.fromarray(np.clip(grey, 0, WHITE).astype(np.uint8))


WEARS: Mapping[str, Wear] = {
    "turned by any angle": turned,
    "focus 0.6 to 1.6 dots": blurred,
    "grain of 10 to 40": grainy,
    "contrast of 15 to 40 %": faded,
    "scratches, dot-sharp": scratched,
    "scratches, focus 1 dot": photographed(scratched),
    "dead dot, dot-sharp": gapped,
    "dead dot, focus 1 dot": photographed(gapped),
    "poor camera, upright": worn,
    "poor camera, any angle, scratches": everything,
    **{f"tube of {mm} mm": around(mm) for mm in (30, 20, 16, 14, 13, 12, 11)},
}
