"""The answers of a registration: checked against the rules and the lists, compared, made facts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import clock, codes
from lims.foundation.errors import Invalid, Problem, Refused
from lims.foundation.words import LANGUAGES, _
from lims.intake import names, rules, screening
from lims.intake.declarations import RegisterSample, RegisterVisit
from lims.intake.records import Sample, Visit
from lims.library import queries as library

LISTS = {
    "form": "dosage_form",
    "colour": "colour",
    "colour_2": "colour",
    "obtained_from": "obtained_from",
    "route": "route",
    "incident_link": "incident_link",
    "price_per": "price_per",
}
VISIT_LISTS = {"age_band": "age_band", "gender": "gender", "table_scale": "table_scale"}
"""Answer → the vocabulary that it comes from."""
SCREENED = (
    *("sold_as", "believed", "street_name", "logo", "logo_back", "shape", "packaging"),
    *("obtained_region", "note"),
)
NOTES = frozenset({"note"})
NOT_KEPT = {"id", "code", "believed", "not_a_person", "sold_as_key", "believed_key"}


def refuse_wrong_visit(session: Session, command: RegisterVisit) -> None:
    """Raise Invalid with every problem of a visit and its samples, beside their fields."""
    if not command.samples:
        raise Invalid([Problem("samples", _("A visit needs at least one sample."))])
    if len(command.samples) > rules.MOST_SAMPLES:
        too_many = _("A visit has at most %(most)s samples.", most=rules.MOST_SAMPLES)
        raise Invalid([Problem("samples", too_many)])
    problems = _wrong_facts(session, command)
    for place, sample in enumerate(command.samples):
        inner = wrong_answers(session, sample, ask_names=command.ask_names)
        problems += [Problem(f"samples.{place}.{one.field}", one.message) for one in inner]
    problems += _repeated_codes(command)
    if problems:
        raise Invalid(problems)
    given = [sample.id for sample in command.samples if sample.id]
    taken = session.scalar(select(Sample.id).where(Sample.id.in_(given))) if given else None
    if len(set(given)) < len(given) or taken:
        raise Refused(_("Another sample has this identifier."))


def _wrong_facts(session: Session, command: RegisterVisit) -> list[Problem]:
    problems = rules.wrong_day(command.day, clock.now()) if command.day else []
    for field, longest in rules.VISIT_TEXTS.items():
        problems += rules.wrong_text(field, getattr(command, field), longest)
    if command.language not in LANGUAGES:
        problems.append(Problem("language", _("Choose one of the list.")))
    if not problems:
        problems += _unknown_terms(session, command, VISIT_LISTS)
        told = screening.warnings({"session_name": command.session_name}, frozenset())
        answered = any(sample.not_a_person for sample in command.samples)
        problems += [Problem(name, words) for name, words in told.items() if not answered]
    return problems


def wrong_answers(
    session: Session, given: RegisterSample, *, ask_names: bool = False
) -> list[Problem]:
    """Return every problem of one sample's answers, each with its field.

    `ask_names` asks which substance is meant where the words can mean several.
    """
    problems = rules.missing(given.form, given.sold_as, given.consent_destroy)
    for field, longest in rules.TEXTS.items():
        problems += rules.wrong_text(field, getattr(given, field), longest)
    for field, most in rules.AMOUNTS.items():
        problems += rules.wrong_amount(field, getattr(given, field), most)
    problems += rules.wrong_week(given.obtained_week, clock.now())
    problems += rules.wrong_units(given.units) + rules.wrong_taken_with(given.taken_with)
    if not {one.field for one in problems} & set(rules.AMOUNTS):
        problems += rules.wrong_masses(given.mass_mg, given.unit_mass_mg)
    if given.whole_or_part not in ("", "whole", "part"):
        problems.append(Problem("whole_or_part", _("Choose one of the list.")))
    if not {one.field for one in problems} & {*rules.TEXTS, "taken_with"}:
        problems += _wrong_words(session, given)
        problems += names.to_be_asked(session, given) if ask_names else []
    return problems


def _wrong_words(session: Session, given: RegisterSample) -> list[Problem]:
    """Return codes that no list holds, and texts that may point to a person."""
    problems = _unknown_terms(session, given, LISTS)
    known = {term.code for term in library.terms(session, "effect")}
    if len(given.effects) > len(known) or not set(given.effects) <= known:
        problems.append(Problem("effects", _("Choose one of the list.")))
    if not given.not_a_person:
        texts = {field: getattr(given, field) for field in SCREENED}
        texts["taken_with"] = ", ".join(given.taken_with)
        told = screening.warnings(texts, NOTES)
        problems += [Problem(field, words) for field, words in told.items()]
    return problems


def _unknown_terms(session: Session, given: Any, lists: dict[str, str]) -> list[Problem]:
    problems: list[Problem] = []
    for field, list_name in lists.items():
        try:
            library.refuse_unknown_term(session, list_name, getattr(given, field), field)
        except Invalid as refusal:
            problems += refusal.problems
    return problems


def _repeated_codes(command: RegisterVisit) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for place, sample in enumerate(command.samples):
        try:
            code = codes.read_code(sample.code) if sample.code.strip() else ""
        except Invalid as refusal:
            field = f"samples.{place}.code"
            problems += [Problem(field, one.message) for one in refusal.problems]
            continue
        if code and code in seen:
            twice = _("This code stands on two samples of this visit.")
            problems.append(Problem(f"samples.{place}.code", twice))
        seen.add(code)
    return problems


def resolved(session: Session, given: RegisterSample, prefix: str = "") -> dict[str, Any]:
    """Return the library's substances that the words name; believed must be one of them."""
    believed = names.meaning(session, given.believed, given.believed_key)
    if given.believed and believed is None:
        message = _("The library does not know this substance; write it as street name.")
        if len(names.candidates(session, given.believed)) > 1:
            message = names.which_one(given.believed)
        raise Invalid([Problem(f"{prefix}believed", message)])
    return {
        "sold_as_id": names.meaning(session, given.sold_as, given.sold_as_key),
        "believed_id": believed,
    }


def facts_of(given: RegisterSample) -> dict[str, Any]:
    """Return the answers as the table keeps them."""
    facts = {one.name: getattr(given, one.name) for one in fields(given)}
    facts["effects"] = sorted(set(given.effects))
    facts["taken_with"] = list(dict.fromkeys(name for name in given.taken_with if name))
    return {name: value for name, value in facts.items() if name not in NOT_KEPT}


def refuse_other_answers(visit: Visit, command: RegisterVisit) -> None:
    """Raise Refused when a visit of this identifier was registered with other answers."""
    same = len(visit.samples) == len(command.samples) and visit.site_id == command.site_id
    for name in ("session_name", "language", "first_visit", *VISIT_LISTS):
        same = same and getattr(visit, name) == getattr(command, name)
    same = same and command.day in (None, visit.day)
    same = same and all(
        _same_sample(sample, given)
        for sample, given in zip(visit.samples, command.samples, strict=False)
    )
    if not same:
        raise Refused(_("This visit is already registered, with other answers."))


def _same_sample(sample: Sample, given: RegisterSample) -> bool:
    if given.code.strip():
        try:
            if codes.read_code(given.code) != sample.code:
                return False
        except Invalid:
            return False
    if given.id not in (None, sample.id):
        return False
    return all(getattr(sample, name) == value for name, value in facts_of(given).items())
