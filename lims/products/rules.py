"""What a filing and a change of products may be; what is compared and how stands in its own files.

`looks` compares what one sees, `colours` how far colours are apart, `intervals` how sure a middle
value or a share is.
"""

from __future__ import annotations

from lims.products.colours import NEAR_COLOUR, colour_distance, lab
from lims.products.intervals import median
from lims.products.looks import (
    Likeness,
    Look,
    Meant,
    Tolerance,
    likeness,
    likeness_of_words,
    trigrams,
)

__all__ = [
    "NEAR_COLOUR",
    "Likeness",
    "Look",
    "Meant",
    "Tolerance",
    "colour_distance",
    "lab",
    "likeness",
    "likeness_of_words",
    "median",
    "trigrams",
]

PROPOSED = "proposed"
CONFIRMED = "confirmed"
MERGE, SPLIT = "merge", "split"
PROGRAM = "program"
"""Who files when nobody has: shown as such until a person confirms."""
