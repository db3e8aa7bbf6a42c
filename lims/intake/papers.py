"""The papers to choose from: sheets and rolls of makers, with where their measures stand."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from lims.foundation import words
from lims.foundation.shipped import shipped
from lims.foundation.words import _
from lims.intake.label_design import LabelLayout


@cache
def papers() -> Mapping[str, LabelLayout]:
    """Return the papers that ship with the program, by name."""
    path = shipped("reference_data") / "label_papers.csv"
    with path.open(encoding="utf-8", newline="") as table:
        return {row["name"]: _paper(row) for row in csv.DictReader(table)}


def _paper(row: Mapping[str, str]) -> LabelLayout:
    def mm(name: str) -> float:
        return float(row[f"{name}_mm"])

    return LabelLayout(
        name=row["name"],
        page=(mm("page_width"), mm("page_height")),
        label=(mm("label_width"), mm("label_height")),
        columns=int(row["columns"]),
        rows=int(row["rows"]),
        left=mm("left"),
        top=mm("top"),
        gap_x=mm("gap_x"),
        gap_y=mm("gap_y"),
        maker=row["maker"],
        source=row["source"],
    )


def told(paper: LabelLayout, language: str) -> str:
    """Return a paper in words: kind, size, number of labels, maker."""
    size = " × ".join(words.number(side, language) for side in paper.label)
    said = _("Label printer, %(size)s mm", size=size)
    if paper.per_page > 1:
        said = _("Sheet of %(n)s labels, %(size)s mm", n=paper.per_page, size=size)
    spoken = words.say(said, language)
    return f"{spoken} ({paper.maker})" if paper.maker else spoken
