"""Paper as a thermal printer and a camera make it: rasters of a PDF, clean or worn."""

from __future__ import annotations

import pypdfium2 as pdfium

from bench.prints import DPI, codes, pages, worn

__all__ = ["DPI", "codes", "pages", "words", "worn"]


def words(pdf: bytes) -> str:
    """Return the text of all pages."""
    document = pdfium.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)
