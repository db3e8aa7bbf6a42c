"""The columns of a batch sheet: made out of the schema that the form at the table uses.

A new answer of the form is a column of the sheet at once; only its words stand here, and a column
without words is called by its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from lims.doors.schema import Amount, Choice, Day, Identifier, Text, Tick, Whole, YesNo
from lims.foundation.words import LANGUAGES, Message, _, say
from lims.intake import answers, rules, schemas
from lims.library import queries as library

VISIT = "visit"
NOT_ASKED = {"samples", "with_ticket", "ticket", "ask_names"}
"""Answers of a visit that a sheet has not: tickets are made at the table, not in a batch."""
LISTS = {**answers.LISTS, "effects": "effect"}
REQUIRED = {"day", "form", "sold_as", "consent_destroy"}
LABELS: Mapping[str, Message] = {
    VISIT: _("Visit"),
    "day": _("Day"),
    "session_name": _("Session or event"),
    "language": _("Language of the visitor"),
    "first_visit": _("First visit to a drug-checking service"),
    "age_band": _("Age"),
    "gender": _("Gender"),
    "table_scale": _("Scale at the table"),
    "code": _("Code of the label"),
    "outside_code": _("Own barcode of a partner"),
    "form": _("Form"),
    "sold_as": _("Sold as"),
    "sold_as_key": _("Sold as: key of the library"),
    "believed": _("The person believes it is"),
    "believed_key": _("Believed: key of the library"),
    "street_name": _("Street name"),
    "colour": _("Colour"),
    "colour_2": _("Second colour"),
    "logo": _("Logo"),
    "logo_back": _("Logo on the back"),
    "shape": _("Shape"),
    "score_line": _("Score line"),
    "length_mm": _("Length (mm)"),
    "width_mm": _("Width (mm)"),
    "thickness_mm": _("Thickness (mm)"),
    "units": _("Number of units"),
    "mass_mg": _("Mass handed in (mg)"),
    "unit_mass_mg": _("Mass of one unit (mg)"),
    "whole_or_part": _("Whole or part"),
    "packaging": _("Words on the packaging"),
    "price": _("Price (€)"),
    "price_per": _("Price is for"),
    "obtained_from": _("Obtained from"),
    "obtained_region": _("Region"),
    "obtained_week": _("Week of purchase"),
    "route": _("Way of use"),
    "effects": _("Effects"),
    "already_taken": _("Somebody has already taken it"),
    "taken_with": _("Taken together with"),
    "incident_link": _("Linked to an incident"),
    "consent_destroy": _("Agrees: analysis destroys the sample"),
    "consent_second_laboratory": _("Agrees: second laboratory"),
    "consent_data": _("Agrees: data used again"),
    "consent_photo": _("Agrees: photo"),
    "note": _("Remark on the sample"),
    "not_a_person": _("Read again: no words about a person"),
}
CHOICES: Mapping[str, Mapping[str, Message]] = {
    "whole_or_part": {"whole": _("whole"), "part": _("part")},
    "language": {"fr": Message("Français"), "nl": Message("Nederlands"), "en": Message("English")},
}
YES, NO = _("Yes"), _("No")
DOES_NOT_KNOW = _("does not know")


class Kind(StrEnum):
    """How the cells of a column are read."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    YES_NO = "yes or no"
    CHOICE = "choice"
    SEVERAL = "several"


@dataclass(frozen=True)
class Column:
    """One answer: its key, which never changes, its words, how it is read and what it may be."""

    key: str
    label: Message
    kind: Kind
    of_visit: bool = False
    longest: int = 0
    #: code → words by language, where the answer comes from a list
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def is_required(self) -> bool:
        """Tell whether a row without it is refused."""
        return self.key in REQUIRED

    def words(self, language: str) -> str:
        """Return the name of the column in a language."""
        return say(self.label, language)


def columns(session: Session) -> tuple[Column, ...]:
    """Return the columns of a sheet in their order: the visit, its facts, the sample's answers."""
    visit = schemas.RegisterVisitSchema().fields
    sample = schemas.RegisterSampleSchema().fields
    found = [Column(VISIT, LABELS[VISIT], Kind.TEXT, True, longest=40)]
    for of_visit, told in ((True, visit), (False, sample)):
        found += [
            _column(session, name, one, of_visit)
            for name, one in told.items()
            if name not in NOT_ASKED and not isinstance(one, Identifier)
        ]
    first = ("day", "session_name")
    return tuple(sorted(found, key=lambda one: _place(one, first)))


def _place(column: Column, first: Sequence[str]) -> tuple[int, int]:
    if column.key == VISIT:
        return 0, 0
    if column.key in first:
        return 1, first.index(column.key)
    return (2, 0) if column.of_visit else (3, 0)


def _column(session: Session, name: str, told: fields.Field[Any], of_visit: bool) -> Column:
    label = LABELS.get(name) or Message(name.replace("_", " ").replace("%", "%%"))
    terms = _terms(session, name, told)
    inner = told.inner if isinstance(told, fields.List) else told
    longest = inner.longest if isinstance(inner, Text) and not terms else 0
    return Column(name, label, _kind(told, bool(terms)), of_visit, longest, terms)


def _kind(told: fields.Field[Any], has_terms: bool) -> Kind:
    if isinstance(told, fields.List):
        return Kind.SEVERAL
    if has_terms:
        return Kind.CHOICE
    if isinstance(told, (Tick, YesNo)):
        return Kind.YES_NO
    if isinstance(told, (Amount, Whole)):
        return Kind.NUMBER
    return Kind.DAY if isinstance(told, Day) else Kind.TEXT


def _terms(session: Session, name: str, told: fields.Field[Any]) -> Mapping[str, Mapping[str, str]]:
    listed = library.terms(session, LISTS.get(name, name))
    if listed:
        return {term.code: {one: term.label(one) for one in LANGUAGES} for term in listed}
    codes = told.codes if isinstance(told, Choice) else ()
    words = CHOICES.get(name, {})
    return {
        code: {one: say(words.get(code, Message(code)), one) for one in LANGUAGES}
        for code in codes or words
    }


def unknown_words() -> frozenset[str]:
    """Return what people write in "sold as" when the person does not know."""
    return frozenset({rules.UNKNOWN, *(say(DOES_NOT_KNOW, one) for one in LANGUAGES)})
