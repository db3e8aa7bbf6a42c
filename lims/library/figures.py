"""The figures and words of a substance's page: its drawing, isotopes, groups and colours."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid
from lims.foundation.words import _, say
from lims.library import charts, queries, rules, seeds
from lims.library.groups import group_explanation
from lims.library.records import ColourReference, Substance
from lims.library.references import MeasuredColour
from lims.library.shown import computed_of


@dataclass(frozen=True)
class GroupShown:
    """A structural group of a substance, explained, its core marked in the drawing."""

    code: str
    label: str
    explanation: str
    drawing: Markup
    precedence: int
    max_mass: str
    #: substances that match and are no members
    exceptions: tuple[Substance, ...]
    source: str
    #: the substance is such an exception itself
    excepted: bool = False


def structure(substance: Substance, tongue: str) -> Markup:
    """Return the drawing of a structure, or nothing when there is none."""
    if not substance.smiles:
        return Markup("")
    words = _("Structure of %(name)s", name=substance.name(tongue))
    if substance.is_marked:
        words = _("Structure of %(name)s, not confirmed", name=substance.name(tongue))
    # Our own SVG, its label escaped.
    return Markup(_drawing(substance.smiles, say(words, tongue)))


def preview(smiles: str, tongue: str) -> Markup:
    """Return the drawing of what was typed, or nothing when it is no structure."""
    try:
        label = say(_("The structure as it was typed"), tongue)
        return Markup(_drawing(smiles, label)) if smiles else Markup("")
    except Invalid:
        return Markup("")


def twin(session: Session, smiles: str) -> Substance | None:
    """Return the substance of the library that a typed structure is, if it is one."""
    from lims.library import chemistry  # RDKit takes a second to load: only when one looks

    try:
        return queries.of_skeleton(session, chemistry.identify(smiles).skeleton)
    except Invalid:
        return None


@lru_cache(maxsize=512)
def _drawing(smiles: str, label: str, group: str = "") -> str:
    from lims.library import chemistry  # RDKit takes a second to load: only when one looks

    core = next((one for one in seeds.core_groups() if one.name == group), None) if group else None
    return chemistry.drawing(smiles, label, core=core)


def groups(session: Session, substance: Substance, tongue: str) -> list[GroupShown]:
    """Return the groups of a substance, first by precedence, and those it is excepted from."""
    rows = seeds.group_rows()
    excepted = [code for code, row in rows.items() if substance.key in _exceptions(row)]
    codes = [code for code in rows if code in substance.groups or code in excepted]
    return [_group(session, substance, code, tongue) for code in codes]


def _exceptions(row: dict[str, str]) -> list[str]:
    return [key for key in row["exception_keys"].split("|") if key]


def _group(session: Session, substance: Substance, code: str, tongue: str) -> GroupShown:
    row = seeds.group_rows()[code]
    label = queries.term_label(session, "structural_group", code, tongue)
    words = _("%(name)s; marked: the core of %(group)s", name=substance.name(tongue), group=label)
    explained = group_explanation(code)
    found = (queries.substance_by_key(session, key) for key in _exceptions(row))
    return GroupShown(
        code=code,
        label=label,
        explanation=say(explained, tongue) if explained else row["note"],
        drawing=Markup(_drawing(substance.smiles, say(words, tongue), code)),
        precedence=int(row["precedence"]),
        max_mass=row["max_mass"],
        exceptions=tuple(one for one in found if one is not None),
        source=row["source"],
        excepted=code not in substance.groups,
    )


@dataclass(frozen=True)
class IsotopesShown:
    """An isotope pattern: the drawing, and rows of name, mean mass (Da) and height (%)."""

    drawing: Markup
    rows: tuple[tuple[str, Decimal, Decimal], ...]


def isotopes(substance: Substance, tongue: str) -> IsotopesShown | None:
    """Return the isotope pattern of a substance, or None without a formula."""
    pattern = computed_of(substance)["isotopes"]
    if not pattern:
        return None
    title = say(_("Isotope pattern of %(name)s", name=substance.name(tongue)), tongue)
    labels = ["M" if one.shift == 0 else f"M+{one.shift}" for one in pattern]
    rows = tuple(
        (label, _rounded(one.mass, "0.0001"), _rounded(one.percent, "0.1"))
        for label, one in zip(labels, pattern, strict=True)
    )
    return IsotopesShown(Markup(charts.isotope_chart(pattern, labels, title)), rows)


def _rounded(value: float, places: str) -> Decimal:
    return Decimal(value).quantize(Decimal(places))


def likeness(similarity: Mapping[uuid.UUID, float]) -> dict[uuid.UUID, Decimal]:
    """Return similarities as they are shown, with two decimals."""
    return {one: _rounded(value, "0.01") for one, value in similarity.items()}


class Labels:
    """The names of reagents and colours in one language."""

    def __init__(self, session: Session, tongue: str) -> None:
        self.session, self.tongue = session, tongue

    def colour(self, one: ColourReference | MeasuredColour) -> dict[str, Any]:
        """Return a colour reference with its stages as (code, label) pairs."""
        label = queries.term_label
        return {
            "row": one,
            "reagent": label(self.session, "reagent", one.reagent, self.tongue),
            "stages": [
                [(code, label(self.session, "palette", code, self.tongue)) for code in stage]
                for stage in rules.stages(one.colours)
            ],
        }
