"""Protocol documents: what they must state, how they are hashed, and how two versions differ.

Refuses, in words, a document that lacks a part or a language, or that states a figure without its
source. A published document is known by its hash and never changes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lims.foundation.errors import Problem
from lims.foundation.words import _, with_unit
from lims.protocols.figures import (
    figure_problems,
    figure_value,
    ids,
    listed,
    mapping,
    plate_problems,
)

LANGUAGES = ("en", "fr", "nl")


class Technique(StrEnum):
    """What a protocol is about."""

    TLC = "tlc"
    REAGENT = "reagent"
    STRIP = "strip"
    FTIR = "ftir"
    RAMAN = "raman"
    GCMS = "gcms"
    LCMS = "lcms"
    HPLC_UV = "hplc_uv"
    UV = "uv"
    WEIGHING = "weighing"
    APPEARANCE = "appearance"
    GUIDELINE = "guideline"


@dataclass(frozen=True)
class Difference:
    """One place where two versions differ; None stands for what is not there."""

    path: str
    old: Any
    new: Any


#: A measurement inside a text hides its source: it must be a figure.
_MEASUREMENT = re.compile(r"\d\s*(?:[mcµn]?[mgl]|°C|h|min|s|%|hRf)\b")
_PLACE = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def check_document(document: Mapping[str, Any]) -> list[Problem]:
    """Return everything that is wrong with a protocol document, in words; nothing when it passes.

    Each problem's field is the path to the place, such as "steps.develop.text.nl".
    """
    problems = [Problem(key, _("This part is missing.")) for key in _PARTS if key not in document]
    problems += [
        Problem(str(key), _("A protocol has no such part."))
        for key in document
        if key not in _PARTS
    ]
    for key, check in _PARTS.items():
        if key in document:
            problems += check(key, document[key], document)
    problems += figure_problems("", document, ids(document.get("sources")))
    if document.get("technique") == Technique.TLC:
        problems += plate_problems(document.get("acceptance"))
    return problems


def content_hash(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON of a document, in hexadecimal."""
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Return where two versions differ; lists of things with an id are compared by id."""
    return list(_differences("", old, new))


def step_text(step: Mapping[str, Any], language: str) -> str:
    """Return the text of a step in one language, its figures written out with their units."""
    figures = step.get("figures", {})

    def written(match: re.Match[str]) -> str:
        figure = figures[match[1]]
        return with_unit(figure_value(figure), figure["unit"], language).strip()

    return _PLACE.sub(written, step["text"][language])


_Check = Callable[[str, Any, Mapping[str, Any]], list[Problem]]


def _text_problems(path: str, value: Any, _document: Mapping[str, Any]) -> list[Problem]:
    if not isinstance(value, Mapping):
        return [Problem(path, _("Write this in English, French and Dutch."))]
    return [
        Problem(f"{path}.{language}", _("The text in this language is missing."))
        for language in LANGUAGES
        if not isinstance(value.get(language), str) or not value[language].strip()
    ]


def _name_problems(path: str, value: Any, _document: Mapping[str, Any]) -> list[Problem]:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return []
    return [Problem(path, _("A name has small letters, digits and dashes only."))]


def _version_problems(path: str, value: Any, _document: Mapping[str, Any]) -> list[Problem]:
    if type(value) is int and value >= 1:
        return []
    return [Problem(path, _("A version is a whole number from 1."))]


def _supersedes_problems(path: str, value: Any, document: Mapping[str, Any]) -> list[Problem]:
    version = document.get("version")
    if not isinstance(version, int) or version < 1:
        return []
    expected = None if version == 1 else f"{document.get('name')}-{version - 1}"
    if value == expected:
        return []
    if expected is None:
        return [Problem(path, _("A first version supersedes nothing."))]
    return [Problem(path, _("This version supersedes %(expected)s.", expected=expected))]


def _technique_problems(path: str, value: Any, _document: Mapping[str, Any]) -> list[Problem]:
    if isinstance(value, str) and value in set(Technique):
        return []
    return [Problem(path, _("“%(technique)s” is not a known technique.", technique=value))]


def _scope_problems(path: str, value: Any, document: Mapping[str, Any]) -> list[Problem]:
    if not isinstance(value, Mapping):
        return [
            Problem(path, _("The scope states what is looked for, and its limit of detection."))
        ]
    problems = _text_problems(f"{path}.text", value.get("text"), document)
    for kind in ("substances", "groups"):
        for place, item in enumerate(listed(value.get(kind))):
            where = f"{path}.{kind}.{item.get('id', place)}"
            if not item.get("id"):
                problems.append(Problem(where, _("The identifier is missing.")))
            if item.get("lod") is None and _text_problems(where, item.get("reason"), document):
                why = _("Give the limit of detection, or say in three languages why there is none.")
                problems.append(Problem(f"{where}.lod", why))
    return problems


def _step_problems(path: str, value: Any, document: Mapping[str, Any]) -> list[Problem]:
    steps = listed(value)
    problems = _list_problems(path, value, document)
    for place, step in enumerate(steps):
        where = f"{path}.{step.get('id', place)}"
        if not isinstance(step.get("records"), list):
            problems.append(Problem(f"{where}.records", _("Say what is recorded, or give [].")))
        problems += _wording_problems(where, step)
    if steps and not any(step.get("records") for step in steps):
        problems.append(Problem(path, _("No step records anything.")))
    return problems


def _wording_problems(path: str, step: Mapping[str, Any]) -> list[Problem]:
    """Find figures that a text names but the step lacks, and measurements without a source."""
    texts = step.get("text")
    figures = {str(name) for name in mapping(step.get("figures"))}
    problems = []
    for language, text in mapping(texts).items():
        where = f"{path}.text.{language}"
        used = set(_PLACE.findall(str(text)))
        for name in sorted(used ^ figures):
            message = (
                _("The text names no figure “%(name)s”.", name=name)
                if name in figures
                else _("The figure “%(name)s” is missing.", name=name)
            )
            problems.append(Problem(where, message))
        if _MEASUREMENT.search(str(text)):
            problems.append(Problem(where, _("Write this measurement as a figure with a source.")))
    return problems


def _list_problems(path: str, value: Any, document: Mapping[str, Any]) -> list[Problem]:
    """Check a list of things that each have an id and a text in three languages."""
    items = listed(value)
    if not items:
        return [Problem(path, _("This part is empty."))]
    problems, seen = [], set()
    for place, item in enumerate(items):
        name = str(item.get("id") or "")
        where = f"{path}.{name or place}"
        if not name or name in seen:
            problems.append(Problem(where, _("Each item needs an identifier of its own.")))
        seen.add(name)
        problems += _text_problems(f"{where}.text", item.get("text"), document)
    return problems


def _acceptance_problems(path: str, value: Any, document: Mapping[str, Any]) -> list[Problem]:
    return _list_problems(f"{path}.checks", mapping(value).get("checks"), document)


def _minutes_problems(path: str, value: Any, _document: Mapping[str, Any]) -> list[Problem]:
    if isinstance(value, Mapping) and value.get("unit") == "min":
        return []
    return [Problem(path, _("State the bench time in minutes, with its source."))]


def _source_problems(path: str, value: Any, _document: Mapping[str, Any]) -> list[Problem]:
    if ids(value):
        return []
    return [Problem(path, _("A protocol names its sources."))]


def _differences(path: str, old: Any, new: Any) -> Iterator[Difference]:
    before, after = _keyed(old), _keyed(new)
    if before is None or after is None:
        if old != new:
            yield Difference(path, old, new)
        return
    for key in dict.fromkeys((*before, *after)):
        yield from _differences(f"{path}.{key}".lstrip("."), before.get(key), after.get(key))
    kept = [key for key in before if key in after]
    if isinstance(new, list) and kept != [key for key in after if key in before]:
        yield Difference(path, list(before), list(after))


def _keyed(value: Any) -> dict[str, Any] | None:
    """Return a mapping, or a list of things with an id, by key; None for anything else."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list) and value and all(mapping(item).get("id") for item in value):
        return {str(item["id"]): item for item in value}
    return None


_PARTS: dict[str, _Check] = {
    "name": _name_problems,
    "version": _version_problems,
    "technique": _technique_problems,
    "supersedes": _supersedes_problems,
    "title": _text_problems,
    "purpose": _text_problems,
    "scope": _scope_problems,
    "materials": _list_problems,
    "steps": _step_problems,
    "acceptance": _acceptance_problems,
    "conclusions": _list_problems,
    "minutes": _minutes_problems,
    "safety": _text_problems,
    "sources": _source_problems,
}
