"""The facts of an alert as a person gives them, read into names in three languages.

Facts are kept with their names, so that a published alert reads the same when the library has
changed since.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from lims.alerts import audiences, queries, rules
from lims.alerts.audiences import AlertFacts, Label
from lims.alerts.composing import ADVICE, CONFIDENCE, DANGERS, REGIONS
from lims.foundation import clock
from lims.foundation.errors import Invalid, Problem
from lims.foundation.words import LANGUAGES, _
from lims.library import queries as library
from lims.library.records import Substance

WEEK = re.compile(r"[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])", re.ASCII)


AS_GIVEN = (
    *("unidentified", "logo", "shape", "samples", "late_onset", "region", "week", "replaces"),
    *("method", "confidence", "contact", "site", "place", "handed_in", "visitors", "notes"),
)
"""The facts that are kept as they were given."""


@dataclass(frozen=True)
class GivenFacts:
    """The facts of an alert as a person gives them: names and codes, amounts in mm and mg."""

    substance: str = ""
    unidentified: bool = False
    sold_as: str = ""
    form: str = ""
    colour: str = ""
    logo: str = ""
    shape: str = ""
    length_mm: Decimal | None = None
    thickness_mm: Decimal | None = None
    unit_mass_mg: Decimal | None = None
    samples: int | None = None
    dangers: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    late_onset: bool = False
    region: str = "BE"
    week: str = ""
    replaces: str = ""
    signs: tuple[str, ...] = ()
    method: str = ""
    confidence: str = ""
    contact: str = ""
    effects: tuple[str, ...] = ()
    site: str = ""
    place: str = ""
    handed_in: str = ""
    visitors: str = ""
    notes: str = ""


def facts_of(
    session: Session,
    level: str,
    review_on: date | None,
    given: GivenFacts,
    product_id: uuid.UUID | None,
) -> dict[str, Any]:
    """Return the facts as kept; raises Invalid with everything that is wrong."""
    problems = list(rules.review_problems(review_on, clock.today()))
    if level not in rules.LEVELS:
        problems.append(Problem("level", _("Choose one of the list.")))
    resolver = Resolver(session)
    facts = resolver.facts(given, product_id)
    if problems or resolver.problems:
        raise Invalid([*problems, *resolver.problems])
    return facts


class Resolver:
    """Turns names and codes into labels, and collects what is wrong."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.problems: list[Problem] = []

    def facts(self, given: GivenFacts, product_id: uuid.UUID | None) -> dict[str, Any]:
        if not given.substance.strip() and not given.unidentified:
            words = _("Name the substance, or tick that it is not identified.")
            self.problems.append(Problem("facts.substance", words))
        self._check_choices(given)
        kept = AlertFacts(
            substance=None if given.unidentified else self.substance("substance", given.substance),
            sold_as=self.substance("sold_as", given.sold_as),
            form=self.term("dosage_form", "form", given.form),
            colour=self.term("colour", "colour", given.colour),
            length_mm=_text(given.length_mm),
            thickness_mm=_text(given.thickness_mm),
            unit_mass_mg=_text(given.unit_mass_mg),
            content=queries.content_of(self.session, product_id),
            dangers=[code for code in DANGERS if code in given.dangers],
            advice=[code for code in ADVICE if code in given.advice],
            signs=self.terms("signs", given.signs),
            effects=self.terms("effects", given.effects),
            **{name: getattr(given, name) for name in AS_GIVEN},
        )
        return audiences.kept(kept)

    def _check_choices(self, given: GivenFacts) -> None:
        wrong = {
            "dangers": not set(given.dangers) <= set(DANGERS),
            "advice": not set(given.advice) <= set(ADVICE),
            "region": given.region not in REGIONS,
            "confidence": bool(given.confidence) and given.confidence not in CONFIDENCE,
        }
        chosen = _("Choose one of the list.")
        self.problems += [Problem(f"facts.{name}", chosen) for name, bad in wrong.items() if bad]
        if given.week and not WEEK.fullmatch(given.week):
            words = _("Write the week as year-W and two figures, such as 2026-W45.")
            self.problems.append(Problem("facts.week", words))
        if given.samples is not None and given.samples < 1:
            self.problems.append(Problem("facts.samples", _("At least %(n)s, please.", n=1)))
        self._check_replaced(given.replaces)

    def _check_replaced(self, number: str) -> None:
        if not number:
            return
        alert = queries.alert_by_number(self.session, number)
        if alert is None or queries.published_version(self.session, alert.id) is None:
            words = _("There is no published alert with this number.")
            self.problems.append(Problem("facts.replaces", words))

    def substance(self, field: str, text: str) -> Label | None:
        """Return the labels of a substance named in any way the library knows."""
        if not text.strip():
            return None
        found = library.substance_by_key(self.session, text.strip().lower())
        found = found or library.resolve_name(self.session, text).substance
        if found is None:
            words = _("The library does not know this name, or knows several.")
            self.problems.append(Problem(f"facts.{field}", words))
            return None
        return labels_of(found)

    def term(self, list_name: str, field: str, code: str) -> Label | None:
        """Return the labels of a code of a controlled list."""
        if not code:
            return None
        for term in library.terms(self.session, list_name):
            if term.code == code:
                return _labels(code, term.labels)
        self.problems.append(Problem(f"facts.{field}", _("Choose one of the list.")))
        return None

    def terms(self, field: str, codes: tuple[str, ...]) -> list[Label]:
        """Return the labels of several effects."""
        found = (self.term("effect", field, code) for code in codes)
        return [label for label in found if label is not None]


def labels_of(substance: Substance) -> Label:
    """Return the names of a substance in three languages, with its key."""
    names = {language: substance.name(language) for language in LANGUAGES}
    return {"code": substance.key, **names}


def _labels(code: str, given: Mapping[str, str]) -> Label:
    return {"code": code, **{one: given.get(one) or given.get("en") or code for one in LANGUAGES}}


def _text(amount: Decimal | None) -> str:
    return "" if amount is None else format(amount, "f")
