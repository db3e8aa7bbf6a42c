"""The definitions of the plan's own indicators, as they ship: one file, in three languages.

A definition that misses a language or a part is refused when the file is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from lims.foundation.shipped import shipped
from lims.foundation.words import LANGUAGES
from lims.overview.indicator_figures import Kind, Label

FILE = "indicators.yaml"
ABOUT = ("visitors", "samples", "network")
SCOPES = ("own", "network")


@dataclass(frozen=True)
class Section:
    """A line of the plan's list."""

    key: str
    title: Label


@dataclass(frozen=True)
class Definition:
    """One indicator: what is counted among what, in which unit, and what it cannot say."""

    key: str
    section: Section
    kind: Kind
    unit: Label
    about: str
    whole_network: bool
    whole: bool
    of_kinds: bool
    title: Label
    counts: Label
    among: Label | None
    cannot: Label
    source: Label


@dataclass(frozen=True)
class Definitions:
    """Every definition in its order, with the version of the file."""

    version: int
    sections: tuple[Section, ...]
    indicators: tuple[Definition, ...]

    def of(self, key: str) -> Definition:
        return next(one for one in self.indicators if one.key == key)

    def within(self, section: Section) -> tuple[Definition, ...]:
        return tuple(one for one in self.indicators if one.section.key == section.key)


@lru_cache(maxsize=1)
def definitions() -> Definitions:
    """Return the shipped definitions."""
    return read_definitions((shipped("reference_data") / FILE).read_text(encoding="utf-8"))


def read_definitions(text: str) -> Definitions:
    """Return the definitions of a file; raises ValueError for one that is not whole."""
    told = yaml.safe_load(text)
    version = int(told["version"])
    sections = tuple(Section(key, _label(one)) for key, one in told["sections"].items())
    by_key = {one.key: one for one in sections}
    units = {key: _label(one) for key, one in told["units"].items()}
    sources = {one.key: _source(_label(told["source"]), one, version) for one in sections}
    found = tuple(
        _definition(one, by_key[one["section"]], units[one["unit"]], sources[one["section"]])
        for one in told["indicators"]
    )
    if len({one.key for one in found}) != len(found):
        raise ValueError("An indicator is defined twice.")
    return Definitions(version, sections, found)


def _definition(one: Mapping[str, Any], section: Section, unit: Label, source: Label) -> Definition:
    key = str(one["key"])
    if one["about"] not in ABOUT or one["scope"] not in SCOPES:
        raise ValueError(f"{key}: about or scope is not known.")
    kind = Kind(one["kind"])
    among = one.get("among")
    if (kind in (Kind.SHARE, Kind.TIMES)) != (among is not None):
        raise ValueError(f"{key}: a share or a time says among what, nothing else does.")
    return Definition(
        key=key,
        section=section,
        kind=kind,
        unit=unit,
        about=one["about"],
        whole_network=one["scope"] == "network",
        whole=bool(one.get("whole", False)),
        of_kinds=one["unit"] == "kinds",
        title=_label(one["title"]),
        counts=_label(one["counts"]),
        among=_label(among) if among is not None else None,
        cannot=_label(one["cannot"]),
        source=source,
    )


def _label(told: Mapping[str, Any]) -> Label:
    """Return a text in every language; raises ValueError when one is missing."""
    missing = [code for code in LANGUAGES if not str(told.get(code) or "").strip()]
    if missing or set(told) - set(LANGUAGES):
        raise ValueError(f"{told}: a text in {missing} is missing, or there is one too many.")
    return {code: " ".join(str(told[code]).split()) for code in LANGUAGES}


def _source(text: Label, section: Section, version: int) -> Label:
    return {
        code: words % {"section": section.title[code], "version": version}
        for code, words in text.items()
    }
