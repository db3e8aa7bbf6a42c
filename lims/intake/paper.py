"""What is put on paper at the table: labels of samples, blank labels, the ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from lims.foundation import clock, words
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.intake import label_queries, labels, ticket_papers
from lims.intake.label_design import DOTS, Design, LabelLayout, side_in_dots
from lims.intake.label_queries import Chosen
from lims.intake.marks_svg import svg
from lims.intake.papers import papers, told
from lims.intake.records import Sample
from lims.library.queries import term_label, terms
from lims.network.rules import Permission

MOST_CHOICES = 200


@dataclass(frozen=True)
class Document:
    """A file for a printer."""

    data: bytes
    mimetype: str
    name: str


def choices(session: Session, actor: Actor, language: str) -> list[tuple[str, str]]:
    """Return what labels can be printed with: the site's default, templates, bare papers."""
    own, _total = label_queries.templates(session, actor, 1, MOST_CHOICES)
    default = label_queries.default_of(session, actor.site_id)
    own.sort(key=lambda one: default is None or one.id != default.id)
    named = [(str(one.id), one.name) for one in own]
    if default is None:
        usual = papers()[label_queries.USUAL_LAYOUT]
        named.insert(0, (usual.name, told(usual, language)))
    return named + [
        (name, told(one, language))
        for name, one in papers().items()
        if default is not None or name != label_queries.USUAL_LAYOUT
    ]


def print_form(
    session: Session, actor: Actor, samples: Sequence[Sample], language: str
) -> dict[str, Any]:
    """Return what a form that prints labels and tickets offers, and how often each was printed."""
    times = label_queries.times_printed(session, samples)
    return {
        "layouts": choices(session, actor, language) if actor.may(Permission.PRINT) else [],
        "tickets": ticket_choices(language),
        "reasons": reasons(session, language),
        "zpl": label_queries.speaks_zpl(session, actor),
        "times": times,
        "again": any(times.values()),
    }


def reasons(session: Session, language: str) -> list[tuple[str, str]]:
    """Return why a label may be printed again."""
    return [(one.code, one.label(language)) for one in terms(session, "reprint_reason")]


def sample_labels(
    session: Session,
    samples: Sequence[Sample],
    chosen: Chosen,
    language: str,
    demonstration: bool,
    start: int = 1,
) -> Document:
    """Return the labels of samples: the code and the fields of the template."""
    listed = [
        labels.Label(
            sample.code, lines_of(session, sample, chosen.design.fields, language), demonstration
        )
        for sample in samples
    ]
    return _document(listed, chosen, language, start, "labels")


def blank_labels(
    codes: Sequence[str],
    chosen: Chosen,
    language: str,
    demonstration: bool,
    start: int = 1,
    captions: Sequence[str] = (),
) -> Document:
    """Return labels that wait for their samples."""
    listed = [labels.Label(code, (), demonstration) for code in codes]
    return _document(listed, chosen, language, start, "blank-labels", captions)


def _document(
    listed: Sequence[labels.Label],
    chosen: Chosen,
    language: str,
    start: int,
    name: str,
    captions: Sequence[str] = (),
) -> Document:
    if chosen.design.output != "pdf":
        text = labels.label_zpl(listed, chosen.paper, language, chosen.design)
        return Document(text.encode(), "text/plain", f"{name}.zpl")
    first = min(max(1, start), chosen.paper.per_page)
    data = labels.label_pdf(
        listed, chosen.paper, language, chosen.design, start=first, captions=captions
    )
    return Document(data, "application/pdf", f"{name}.pdf")


def lines_of(
    session: Session, sample: Sample, fields: Sequence[str], language: str
) -> tuple[str, ...]:
    """Return the words of a sample's label, in the order of the fields; empty ones are left out."""
    day = sample.visit.day
    said = {
        "form": term_label(session, "dosage_form", sample.form, language),
        "colour": term_label(session, "colour", sample.colour, language),
        "day": words.day(day, language),
        "week": words.say(_("Week %(n)s", n=f"{day.isocalendar().week:02d}"), language),
        "site": sample.site.name,
        "mass": "" if sample.mass_mg is None else words.with_unit(sample.mass_mg, "mg", language),
        "outside_code": sample.outside_code,
    }
    return tuple(said[name] for name in fields if said[name])


def ticket_choices(language: str) -> list[tuple[str, str]]:
    """Return the papers for tickets, with their words."""
    return [(name, words.say(one.words, language)) for name, one in ticket_papers.PAPERS.items()]


def ticket(
    text: str, language: str, public_url: str, demonstration: bool, paper: str = ""
) -> Document:
    """Return a ticket for a printer; raises Invalid for a paper that is not known."""
    name = paper or ticket_papers.USUAL_PAPER
    if name not in ticket_papers.PAPERS:
        raise refuse_field("paper", _("Choose one of the list."))
    if ticket_papers.PAPERS[name].output == "pdf":
        data = ticket_papers.ticket_pdf(text, language, public_url, demonstration, name)
        return Document(data, "application/pdf", "ticket.pdf")
    zpl = ticket_papers.ticket_zpl(text, language, public_url, demonstration, name)
    return Document(zpl.encode(), "text/plain", "ticket.zpl")


def preview(
    paper: LabelLayout, design: Design, site_name: str, language: str, demonstration: bool
) -> str:
    """Return one label as a picture, with a code that no sample has."""
    today = clock.today()
    week = words.say(_("Week %(n)s", n=f"{today.isocalendar().week:02d}"), language)
    said = {
        "form": words.say(_("Tablet"), language),
        "colour": words.say(_("several colours"), language),
        "day": words.day(today, language),
        "week": week,
        "site": site_name or words.say(_("Name of the site"), language),
        "mass": words.with_unit(123, "mg", language),
        "outside_code": "AB-0123",
    }
    real = design.qr_side
    if design.output in DOTS:
        real = side_in_dots(real, DOTS[design.output])
    lines = tuple(said[name] for name in design.fields)
    label = labels.Label(labels.EXAMPLE, lines, demonstration)
    marks = labels.label_marks(label, paper, replace(design, qr_side=real), language)
    title = words.say(_("One label, with an example code that no sample has"), language)
    return svg(marks, paper.label, title)
