"""What is put on paper at the table: labels of samples, blank labels, the ticket."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from lims.foundation import words
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.intake import labels
from lims.intake.records import Sample
from lims.library.queries import term_label

USUAL_LAYOUT = "roll-62x29"


def layout_named(name: str) -> labels.LabelLayout:
    """Return the layout of a name, the usual one without a name; raises Invalid."""
    found = labels.LAYOUTS.get(name or USUAL_LAYOUT)
    if found is None:
        raise refuse_field("layout", _("Choose one of the list."))
    return found


def layouts(language: str) -> list[tuple[str, str]]:
    """Return the papers to choose from, with their words."""
    named = []
    for name, layout in labels.LAYOUTS.items():
        size = f"{layout.label[0]:g} × {layout.label[1]:g}"
        told = _("Label printer, %(size)s mm", size=size)
        if layout.columns * layout.rows > 1:
            told = _("A4 sheet, labels: %(n)s", n=layout.columns * layout.rows)
        named.append((name, words.say(told, language)))
    return named


def sample_labels(
    session: Session, samples: Sequence[Sample], layout: str, language: str, demonstration: bool
) -> bytes:
    """Return the PDF of the labels of samples: code, form, day."""
    listed = [
        labels.Label(
            sample.code,
            (
                term_label(session, "dosage_form", sample.form, language),
                words.day(sample.visit.day, language),
            ),
            demonstration,
        )
        for sample in samples
    ]
    return labels.label_pdf(listed, layout_named(layout), language)


def blank_labels(codes: Sequence[str], layout: str, language: str, demonstration: bool) -> bytes:
    """Return the PDF of labels that wait for their samples."""
    listed = [labels.Label(code, (), demonstration) for code in codes]
    return labels.label_pdf(listed, layout_named(layout), language)
