"""What the laboratory needs of a sample before it leaves, from the protocols in force: one rule.

Required is what no analysis can start without. Wanted is what a protocol in force asks to record
or uses. A mass is named only where a protocol states one, with its source; none is invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lims.foundation.words import Message, _
from lims.protocols.figures import figure_value, is_figure, listed, mapping

GUIDELINE = "guideline"
#: Forms of which each piece is a unit with measures of its own.
UNITS = ("tablet", "capsule")
MARKED = ("tablet", "blotter")


@dataclass(frozen=True)
class Need:
    """One thing that is needed: the answers that hold it, and for which samples.

    `forms` empty is every form; `when` is an agreement that must be given; `whole` leaves out
    parts of a unit.
    """

    fields: tuple[str, ...]
    words: Message
    required: bool = False
    forms: tuple[str, ...] = ()
    when: str = ""
    whole: bool = False

    @property
    def field(self) -> str:
        """Return the answer to go to."""
        return self.fields[0]


@dataclass(frozen=True)
class NeededMass:
    """The mass that a protocol uses, as it states it."""

    protocol: str
    titles: Mapping[str, str]
    mg: Decimal
    source: str


@dataclass(frozen=True)
class Needs:
    """Everything that is needed under the protocols in force."""

    answers: tuple[Need, ...]
    masses: tuple[NeededMass, ...] = ()


@dataclass(frozen=True)
class Lacking:
    """What one sample lacks, and the protocols that ask for more than was handed in."""

    required: tuple[Need, ...] = ()
    wanted: tuple[Need, ...] = ()
    too_little: tuple[NeededMass, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.required or self.wanted)


START: tuple[Need, ...] = (
    Need(("form",), _("Form"), required=True),
    Need(("sold_as",), _("Sold as"), required=True),
    Need(("consent_destroy",), _("Agreement to destroy the sample"), required=True),
)
#: What a step asks to record → what is needed of the table.
WANTED: Mapping[str, Need] = {
    "sample.used_mg": Need(("mass_mg",), _("Mass handed in")),
    "weighing.mg": Need(("mass_mg",), _("Mass handed in")),
    "sample.photo": Need(("photo",), _("Photo"), when="consent_photo"),
    "sample.colours": Need(("colour",), _("Colour")),
    "sample.logo_front": Need(("logo",), _("Logo, or “none”"), forms=MARKED),
    "sample.length_mm": Need(
        ("length_mm", "width_mm", "thickness_mm"),
        _("Length, width and thickness"),
        forms=UNITS,
        whole=True,
    ),
}


def needs_of(documents: Iterable[Mapping[str, Any]]) -> Needs:
    """Return what is needed under protocol documents; guidelines ask nothing of a sample."""
    wanted: dict[str, Need] = {}
    masses: list[NeededMass] = []
    for document in documents:
        if document.get("technique") == GUIDELINE:
            continue
        for step in listed(document.get("steps")):
            for name in step.get("records") or ():
                if name in WANTED:
                    wanted.setdefault(WANTED[name].field, WANTED[name])
            masses += _masses(document, step)
    order = [need.field for need in WANTED.values()]
    ordered = sorted(wanted.values(), key=lambda need: order.index(need.field))
    return Needs((*START, *ordered), tuple(sorted(masses, key=lambda one: one.protocol)))


def _masses(document: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[NeededMass]:
    """Give the mass of sample that a step states: its figure, where it records what was used."""
    stated = mapping(step.get("figures")).get("mass")
    if "sample.used_mg" not in (step.get("records") or ()) or not is_figure(stated):
        return
    figure = mapping(stated)
    if figure["unit"] != "mg":
        return
    yield NeededMass(
        f"{document.get('name')} {document.get('version')}",
        {str(code): str(words) for code, words in mapping(document.get("title")).items()},
        figure_value(figure),
        str(mapping(document.get("sources")).get(figure["source"], "")),
    )


def lacking(answers: Mapping[str, Any], needs: Needs) -> Lacking:
    """Return what a sample lacks; `answers` by the names of the form, "photo" for its photos."""
    missing = [need for need in needs.answers if _concerns(need, answers) and _open(need, answers)]
    mass = answers.get("mass_mg")
    known = isinstance(mass, Decimal) and mass.is_finite()
    return Lacking(
        tuple(need for need in missing if need.required),
        tuple(need for need in missing if not need.required),
        tuple(one for one in needs.masses if known and mass is not None and mass < one.mg),
    )


def _concerns(need: Need, answers: Mapping[str, Any]) -> bool:
    if need.forms and answers.get("form") not in need.forms:
        return False
    if need.when and not answers.get(need.when):
        return False
    return not (need.whole and answers.get("whole_or_part") == "part")


def _open(need: Need, answers: Mapping[str, Any]) -> bool:
    return any(_is_empty(answers.get(field)) for field in need.fields)


def _is_empty(answer: Any) -> bool:
    return answer is None or answer is False or (isinstance(answer, (str, Sequence)) and not answer)
