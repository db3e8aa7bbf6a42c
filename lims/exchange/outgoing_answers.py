"""What a finding answers, as facts: what was found, measured, and looked for and not found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from lims.exchange.column_sets import ColumnSet

Facts = dict[str, Any]
SOPHISTICATION = (*("strip", "reagent", "tlc", "uv", "ftir", "raman", "hplc_uv", "lcms", "gcms"),)
"""Techniques from the least to the most discriminating, in the order of TEDI's list of methods."""
PLAIN_UNITS = {"mg/unit": "mg", "µg/unit": "ug", "%": "%"}
"""What our own table for other services writes for a unit; other units have no place in it."""


def technique(work: Any) -> str:
    """Return the most discriminating technique that a finding stands on."""
    used = {cell.get("technique") for row in work.methods for cell in row.get("cells", ())}
    used |= {run.get("technique") for run in work.scope}
    return next((one for one in reversed(SOPHISTICATION) if one in used), "")


def named(one: Row[Any]) -> str:
    """Return what was found: a substance, or the words for a group or an unknown."""
    return str(one.name_en or one.label)


def answers(
    facts: Facts, found: Sequence[Row[Any]], work: Any, chosen: ColumnSet
) -> Iterator[Facts]:
    """Yield a row for each answer; a sample without any keeps one row, so that none disappears."""
    told = [_answer(one) for one in found]
    told += _not_detected(work.scope, {one.key for one in found}) if work else []
    if chosen.answers:
        told = [one for one in told if one["answer"] in chosen.answers]
    for one in told or [{}]:
        yield facts | one


def _answer(one: Row[Any]) -> Facts:
    measured = one.kind == "measured"
    plain = PLAIN_UNITS.get(one.unit, "") if measured else ""
    return {
        "substance": named(one),
        "substance_key": one.key or "",
        "answer": one.kind,
        "role": one.role,
        "abundance": one.abundance,
        "major_or_minor": one.abundance if one.abundance in ("major", "minor") else "",
        "amount": one.value if measured else None,
        "uncertainty": one.uncertainty if measured else None,
        "unit": one.unit,
        "plain_amount": one.value if plain else None,
        "plain_unit": plain,
        "expressed_as": one.expressed_as,
        "lod": one.lod,
        "loq": one.loq,
    }


def _not_detected(scope: Sequence[Mapping[str, Any]], there: set[str | None]) -> list[Facts]:
    """Return what was looked for by name and not found, once each, with its best limit."""
    found: dict[str, Facts] = {}
    for run in scope:
        for one in run.get("not_detected", ()):
            key, lod = str(one.get("key", "")), one.get("lod")
            if key in there or key in found:
                continue
            names = one.get("names") or {}
            told = names.get("names") if isinstance(names, Mapping) else names
            found[key] = {
                "substance": str(told[2]) if told and len(told) > 2 else key,
                "substance_key": key,
                "answer": "not-detected",
                "lod": Decimal(lod) if lod else None,
                "unit": str(one.get("unit") or ""),
            }
    return list(found.values())
