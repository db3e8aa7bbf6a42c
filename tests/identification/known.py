"""Synthetic references for tests, and the shipped palette."""

import csv
from pathlib import Path

from lims.foundation.words import Message
from lims.identification.likelihood import (
    ColourKnowledge,
    ColourModel,
    HrfBasis,
    HrfKnowledge,
    PaletteColour,
    Parameters,
)
from lims.library.rules import stages

DATA = Path(__file__).resolve().parents[2] / "reference_data"


def shipped_palette() -> tuple[PaletteColour, ...]:
    with (DATA / "palette.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            PaletteColour(
                row["code"],
                Message(row["hue_en"]),
                (float(row["lab_l"]), float(row["lab_a"]), float(row["lab_b"]))
                if row["lab_l"]
                else None,
            )
            for row in csv.DictReader(file)
        )


PALETTE = shipped_palette()
MODEL = ColourModel(PALETTE, Parameters())


def hrf(substance, mean, basis=HrfBasis.LABORATORY, system="TA", sd=None, n=0):
    return HrfKnowledge(substance, system, basis, mean, sd, n, "synthetic")


def colour(substance, notation, reagent="Marquis"):
    return ColourKnowledge(substance, reagent, stages(notation), "synthetic")
