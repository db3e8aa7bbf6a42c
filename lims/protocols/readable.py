"""A protocol document as a person reads it: one language, figures written out, sources named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lims.foundation.words import Message, with_unit
from lims.protocols import rules
from lims.protocols.fields import field_words
from lims.protocols.figures import figure_value, is_figure, mapping

#: Parts that every version changes by itself.
_OWN = ("version", "supersedes")


@dataclass(frozen=True)
class Step:
    """One step: what to do, and what must be recorded."""

    text: str
    records: Sequence[Message]
    sources: Sequence[str]


@dataclass(frozen=True)
class InScope:
    """What is looked for with one limit of detection, or with one reason why there is none."""

    names: Sequence[str]
    lod: str
    reason: str
    source: str


@dataclass(frozen=True)
class PlateReference:
    """A reference of the plate: tabulated hRf and window, with their sources."""

    name: str
    tabulated: str
    window: str
    sources: Sequence[str]


@dataclass(frozen=True)
class Readable:
    """A whole protocol in one language."""

    title: str
    purpose: str
    scope: str
    looked_for: Sequence[InScope]
    materials: Sequence[str]
    steps: Sequence[Step]
    references: Sequence[PlateReference]
    checks: Sequence[str]
    conclusions: Sequence[str]
    minutes: str
    safety: str
    #: short name → what it is
    sources: Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """One place where a version differs from the one before; empty text: not there."""

    path: str
    old: str
    new: str


def read(document: Mapping[str, Any], language: str, names: Mapping[str, str]) -> Readable:
    """Return a published document in one language; `names` says what the scope's ids stand for."""
    scope, acceptance = document["scope"], document["acceptance"]
    plate = mapping(acceptance.get("plate"))
    return Readable(
        title=document["title"][language],
        purpose=document["purpose"][language],
        scope=scope["text"][language],
        looked_for=_looked_for(scope, language, names),
        materials=_texts(document["materials"], language),
        steps=[_step(step, language) for step in document["steps"]],
        references=[_reference(item, language) for item in plate.get("references") or []],
        checks=_texts(acceptance["checks"], language),
        conclusions=_texts(document["conclusions"], language),
        minutes=_written(document["minutes"], language),
        safety=document["safety"][language],
        sources=document["sources"],
    )


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two versions, place by place."""
    return [
        Change(one.path, _plain(one.old), _plain(one.new))
        for one in rules.differences(old, new)
        if one.path not in _OWN
    ]


def _texts(items: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    return [item["text"][language] for item in items]


def _step(step: Mapping[str, Any], language: str) -> Step:
    figures = mapping(step.get("figures")).values()
    used = tuple(dict.fromkeys(figure["source"] for figure in figures))
    return Step(
        rules.step_text(step, language), [field_words(name) for name in step["records"]], used
    )


def _looked_for(scope: Mapping[str, Any], language: str, names: Mapping[str, str]) -> list[InScope]:
    """Gather what shares its limit of detection, or the reason for having none."""
    shelves: dict[tuple[str, str, str], list[str]] = {}
    for kind in ("substances", "groups"):
        for item in scope.get(kind) or []:
            lod = item.get("lod")
            reason = mapping(item.get("reason")).get(language, "")
            known = (_written(lod, language), "", lod["source"]) if lod else ("", reason, "")
            shelves.setdefault(known, []).append(names.get(item["id"], item["id"]))
    return [
        InScope(tuple(found), lod, reason, source)
        for (lod, reason, source), found in shelves.items()
    ]


def _reference(item: Mapping[str, Any], language: str) -> PlateReference:
    tabulated, window = item["tabulated"], item["window"]
    sources = dict.fromkeys((tabulated["source"], window["source"]))
    name = mapping(item.get("name")).get(language) or item["id"]
    return PlateReference(
        name, str(figure_value(tabulated)), str(figure_value(window)), tuple(sources)
    )


def _written(figure: Mapping[str, Any], language: str) -> str:
    return with_unit(figure_value(figure), figure["unit"], language).strip()


def _plain(value: Any) -> str:
    """Write a value of a document without the marks of its file."""
    if value is None:
        return ""
    if is_figure(value):
        return f"{value['value']} {value['unit']} [{value['source']}]"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return str(value)
