"""Paper as a thermal printer and a camera make it: rasters of a PDF, clean or worn."""

from __future__ import annotations

import numpy as np
import pypdfium2 as pdfium
import zxingcpp
from PIL import Image, ImageFilter

#: The usual thermal label printer.
DPI = 203


def pages(pdf: bytes, dpi: int = DPI) -> list[Image.Image]:
    """Return each page as a grey picture."""
    document = pdfium.PdfDocument(pdf)
    return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]


def words(pdf: bytes) -> str:
    """Return the text of all pages."""
    document = pdfium.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def codes(picture: Image.Image) -> list[str]:
    """Return what every QR code of a picture says."""
    return [found.text for found in zxingcpp.read_barcodes(np.asarray(picture))]


def worn(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Return a print seen by a poor camera: turned up to 3°, out of focus, grainy, faded."""
    turned = picture.rotate(chance.uniform(-3, 3), Image.Resampling.BICUBIC, True, fillcolor=255)
    soft = turned.filter(ImageFilter.GaussianBlur(chance.uniform(0.6, 1.6)))
    grey = np.asarray(soft, dtype=float) * chance.uniform(0.55, 0.8) + 50
    grain = chance.normal(0, chance.uniform(10, 30), grey.shape)
    return Image.fromarray(np.clip(grey + grain, 0, 255).astype(np.uint8))
