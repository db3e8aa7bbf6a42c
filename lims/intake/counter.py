"""What the screen at the table is made of: its choices, its blocks of answers, its headings."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.codes import shown
from lims.foundation.errors import Problem
from lims.foundation.words import Message, _
from lims.intake import agreements, completeness, logo_lists, names, pictured, rules
from lims.intake.logo_records import Logo
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.intake.scale_card import PATCHES
from lims.library import queries as library
from lims.library.records import Substance

PICTURED = (
    *("tablet", "powder", "crystal", "capsule", "blotter", "liquid", "plant"),
    "used-equipment",
)
USUAL = ("mdma", "cocaine", "ketamine", "amphetamine", "2c-b")
"""Keys of the substances that are offered as quick choices, where the library has them."""
LISTS = (
    *("colour", "obtained_from", "route", "effect", "incident_link", "age_band", "gender"),
    *("price_per", "table_scale", "not_accepted_reason"),
)
NEEDED = {"form", "sold_as", "consent_destroy"}
"""Answers without which nothing is registered, as needing.START names them."""
NOT_COPIED = {"id", "code", "outside_code", "note", "not_a_person", "meanings"}
CLOSED = {SampleState.RELEASED, SampleState.AMENDED, SampleState.WITHDRAWN}


@dataclass(frozen=True)
class Choices:
    """The lists of the form, in the reader's language."""

    forms: Sequence[tuple[str, str]]
    other_forms: Sequence[tuple[str, str]]
    quick: Sequence[tuple[str, str]]
    suggestions: Sequence[str]
    logos: Sequence[str]
    lists: Mapping[str, Sequence[tuple[str, str]]]


def listed(session: Session, name: str, language: str) -> list[tuple[str, str]]:
    """Return a vocabulary as pairs of code and label."""
    return [(term.code, term.label(language)) for term in library.terms(session, name)]


def labels_of(session: Session, name: str, language: str) -> dict[str, str]:
    """Return a vocabulary as code → label."""
    return dict(listed(session, name, language))


def choices(session: Session, language: str, *, growing: bool = False) -> Choices:
    """Return what the form offers.

    `growing` adds the logos that were typed before: only for whoever is logged in, and not for the
    shell of the offline screen, which nobody need log in for and which must rarely change.
    """
    forms = listed(session, "dosage_form", language)
    found = session.scalars(select(Substance).where(Substance.key.in_(USUAL)))
    known = {one.key: one.name(language) for one in found}
    usual = [known[key] for key in USUAL if key in known]
    return Choices(
        forms=[pair for pair in forms if pair[0] in PICTURED],
        other_forms=[pair for pair in forms if pair[0] not in PICTURED],
        quick=[(name, name) for name in usual],
        suggestions=library.suggestions(session, language, 400),
        logos=logo_lists.suggestions(session) if growing else (),
        lists={name: listed(session, name, language) for name in LISTS},
    )


def card_patches(session: Session, language: str) -> list[tuple[str, str]]:
    """Return the colours of the scale card, as name and sRGB value; those the palette has."""
    known = {term.code: term for term in library.terms(session, "palette")}
    found = [known[code] for code in PATCHES if code in known]
    return [(one.label(language), str(one.extra["hex"])) for one in found if one.extra.get("hex")]


def empty_visit(language: str) -> dict[str, Any]:
    """Return the answers of a form that nobody has touched."""
    return {"id": str(uuid.uuid4()), "language": language, "samples": [_empty_sample()]}


def _empty_sample() -> dict[str, Any]:
    return {"id": str(uuid.uuid4())}


def blocks_of(typed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the blocks of answers that the form shows, at least one."""
    samples = typed.get("samples")
    told = samples if isinstance(samples, list) else []
    return [dict(one) for one in told if isinstance(one, Mapping)] or [_empty_sample()]


def with_meanings(
    session: Session, blocks: Sequence[Mapping[str, Any]], language: str
) -> list[dict[str, Any]]:
    """Return blocks of answers with what their declared names mean, or can mean."""
    known: dict[str, names.Meaning] = {}
    told = []
    for block in blocks:
        sold = block.get("sold_as") or block.get("sold_as_quick")
        words = {"sold_as": str(sold or ""), "believed": str(block.get("believed") or "")}
        for text in words.values():
            if text not in known:
                known[text] = names.said(session, text, language)
        told.append({**block, "meanings": {name: known[text] for name, text in words.items()}})
    return told


def changed(typed: Mapping[str, Any], wish: str) -> dict[str, Any]:
    """Return the answers with one block more (the same or empty), one less, or as they are."""
    samples = blocks_of(typed)
    verb, _space, place = wish.partition(" ")
    if verb == "remove" and place.isdecimal() and len(samples) > 1:
        samples = [one for at, one in enumerate(samples) if at != int(place)]
    elif verb in {"same", "another"} and len(samples) < rules.MOST_SAMPLES:
        same = {name: value for name, value in samples[-1].items() if name not in NOT_COPIED}
        samples.append({**(same if verb == "same" else {}), **_empty_sample()})
    return {**typed, "samples": samples}


def about(session: Session, sample: Sample, language: str) -> dict[str, Any]:
    """Return what the page of a sample shows beside its answers."""
    meant = sample.sold_as_substance.name(language) if sample.sold_as_substance else ""
    logo = sample.logo_entry
    return {
        "choices": choices(session, language, growing=True),
        "is_open": is_open(sample.state),
        "reasons": listed(session, "not_analysed_reason", language),
        "meant": "" if meant.casefold() == sample.sold_as.casefold() else meant,
        "logo_name": standing_name(session, logo) if logo else "",
        "lacking": completeness.lacking(session, [sample])[sample.id],
        "photos": pictured.photos_of(session, sample.id),
        "agreed": [
            (name, words)
            for name, words in agreements.NAMES.items()
            if getattr(sample, f"consent_{name}")
        ],
        "consequences": agreements.CONSEQUENCES,
    }


def standing_name(session: Session, logo: Logo) -> str:
    """Return what the network calls a logo now."""
    standing = session.get(Logo, logo.standing_id)
    return standing.name if standing else logo.name


def heading(problems: Iterable[Problem], otherwise: Message) -> Message:
    """Return what stands above a list of problems: what the laboratory lacks, or the refusal."""
    named = {one.field.rpartition(".")[2] for one in problems}
    if named and named <= NEEDED:
        return _("The laboratory cannot start without:")
    return otherwise


def is_open(state: str) -> bool:
    """Tell whether what was told of a sample may still be corrected."""
    return SampleState(state) not in CLOSED


def typed_of(session: Session, sample: Sample, language: str) -> dict[str, Any]:
    """Return a sample's answers as they would stand in the form."""
    names = (*rules.TEXTS, *rules.AMOUNTS, "score_line", "already_taken", "effects", "units")
    answers = {
        name: _written(getattr(sample, name), language) for name in names if name != "believed"
    }
    consents = ("destroy", "second_laboratory", "data", "photo")
    answers |= {f"consent_{one}": getattr(sample, f"consent_{one}") for one in consents}
    believed = library.substance(session, sample.believed_id) if sample.believed_id else None
    answers["believed"] = believed.name(language) if believed else ""
    answers["code"] = shown(sample.code)
    answers["taken_with"] = ", ".join(sample.taken_with)
    if sample.form not in PICTURED:
        answers["form_other"] = sample.form
    if sample.sold_as == rules.UNKNOWN:
        answers |= {"sold_as": "", "sold_as_quick": rules.UNKNOWN}
    return answers


def _written(value: Any, language: str) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f").replace(".", "." if language == "en" else ",")
    return value
