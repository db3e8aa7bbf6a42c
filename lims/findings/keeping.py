"""Writing what was composed into the record of a finding, in a form that stays readable."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from lims.findings.conclusions import Cell, Evidence, Proposal, Reading, Row, RunRead
from lims.findings.danger import kept_outcome, known_of
from lims.findings.drafting import Composed, negatives
from lims.findings.evidence import read_evidence
from lims.findings.records import Detection, Finding
from lims.findings.statements import Names, kept_value
from lims.foundation.words import LANGUAGES
from lims.library.queries import substance_by_key


def write_finding(
    session: Session, found: Finding, composed: Composed, typed: Mapping[str, str] | None = None
) -> None:
    """Write the composed facts and texts; a text that a person typed stays as typed."""
    found.match, found.danger = composed.match, composed.level
    found.danger_outcomes = [kept_outcome(one) for one in composed.outcomes]
    found.confidence, found.confidence_reason = composed.confidence, composed.reason
    found.scope = [_kept_run(run, composed.evidence) for run in composed.evidence.runs]
    found.methods = kept_rows(composed.rows)
    _write_texts(found, composed.texts, typed or {})
    for old in list(found.detections):
        found.detections.remove(old)
        session.delete(old)
    session.flush()
    for position, proposal in enumerate(composed.proposals, start=1):
        found.detections.append(_detection(session, proposal, position))
    session.flush()


def _write_texts(found: Finding, composed: Mapping[str, str], typed: Mapping[str, str]) -> None:
    """Keep a typed text, and the composed text under which it was typed.

    A text that nobody edited follows the facts. An edited one stays, and is marked when the facts
    have changed since it was written.
    """
    kept = dict(found.composed or {})
    for language in LANGUAGES:
        before = kept.get(language, {})
        shown = getattr(found, f"text_{language}") or ""
        text = _tidied(typed.get(language, shown))
        is_edited = bool(text) and text != _tidied(before.get("now", ""))
        is_new = text != _tidied(shown)
        under = before.get("now", "") if is_new else before.get("under", "")
        if not is_edited:
            text = under = composed[language]
        setattr(found, f"text_{language}", text)
        kept[language] = {"now": composed[language], "under": under}
    found.composed = kept


def _tidied(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def is_edited(found: Finding, language: str) -> bool:
    """Tell whether a person changed the composed text."""
    now = found.composed.get(language, {}).get("now", "")
    return _tidied(found.text(language)) != _tidied(str(now))


def is_outdated(found: Finding, language: str) -> bool:
    """Tell whether the facts have changed since a person edited the text."""
    kept = found.composed.get(language, {})
    return is_edited(found, language) and kept.get("now") != kept.get("under")


def needs_explanation(found: Finding) -> bool:
    """Tell whether the author must say why: methods disagree, or something found was left out."""
    return bool(clashes(found) or left_out(found))


def clashes(found: Finding) -> list[dict[str, Any]]:
    """Return the rows on which the methods disagree."""
    return [row for row in found.methods if row["clash"]]


def left_out(found: Finding) -> list[dict[str, Any]]:
    """Return the rows of what a method found and the finding does not hold."""
    held = {detection_key(one) for one in found.detections}
    positive = {"measured", "found", "below-loq"}
    return [
        row
        for row in found.methods
        if row["key"] not in held and any(_says(cell, positive) for cell in row["cells"])
    ]


def _says(cell: Mapping[str, Any], kinds: set[str]) -> bool:
    return cell["kind"] in kinds and not cell["among"]


def detection_key(detection: Detection) -> str:
    """Return the key under which a detection stands in the table of methods."""
    return detection.substance.key if detection.substance else detection.label


def names_of(detection: Detection) -> Names:
    """Return the name of a detection: a substance, a group or an unknown's number."""
    return known_of(detection.substance, detection.label).names


def is_same_evidence(session: Session, found: Finding) -> bool:
    """Tell whether the verified runs still say what the finding was composed from."""
    now = read_evidence(session, found.sample_id)
    return [_kept_run(run, now) for run in now.runs] == found.scope and _figures(
        now
    ) == _kept_readings(found)


def _figures(evidence: Evidence) -> set[tuple[str, str, str, str]]:
    return {
        (one.run_id, one.what.key, one.kind, str(_number(one.value)))
        for one in evidence.readings
        if one.kind in ("measured", "found", "below-loq")
    }


def _kept_readings(found: Finding) -> set[tuple[str, str, str, str]]:
    return {
        (cell["run"], row["key"], cell["kind"], str(cell.get("value")))
        for row in found.methods
        for cell in row["cells"]
        if _says(cell, {"measured", "found", "below-loq"})
    }


def _number(value: Any) -> str | None:
    return None if value is None else format(value, "f")


def _detection(session: Session, proposal: Proposal, position: int) -> Detection:
    one = proposal.reading
    substance = substance_by_key(session, one.what.key) if one.what.chemical_class else None
    return Detection(
        id=uuid.uuid4(),
        position=position,
        substance=substance,
        label="" if substance else one.what.key,
        role=proposal.role,
        abundance=proposal.abundance,
        kind=one.kind,
        value=one.value,
        unit=one.unit,
        expressed_as=one.expressed_as,
        uncertainty=one.uncertainty,
        lod=one.lod,
        loq=one.loq,
    )


def _kept_run(run: RunRead, found: Evidence) -> dict[str, Any]:
    return {
        "run": run.id,
        "number": run.number,
        "technique": run.technique,
        "protocol": run.protocol,
        "titles": kept_value(run.titles),
        "words": kept_value(run.scope_words) if run.scope_words else None,
        "not_detected": [
            {
                "key": key,
                "names": kept_value(names),
                "lod": None if lod is None else format(lod, "f"),
                "unit": unit,
            }
            for key, names, lod, unit in negatives(found, run.id)
        ],
    }


def kept_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the table of methods as JSON can hold it."""
    return [
        {
            "key": row.what.key,
            "names": kept_value(row.what.names),
            "clash": row.clash,
            "cells": [_kept_cell(cell) for cell in row.cells],
        }
        for row in rows
    ]


def _kept_cell(cell: Cell) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "run": cell.run.id,
        "number": cell.run.number,
        "technique": cell.run.technique,
        "kind": cell.kind,
        "lod": None if cell.lod is None else format(cell.lod, "f"),
        "unit": cell.unit,
        "among": [kept_value(names) for names in cell.among],
    }
    return kept | (_kept_figures(cell.reading) if cell.reading else {})


def _kept_figures(reading: Reading) -> dict[str, Any]:
    figures = ("value", "uncertainty", "loq")
    numbers = {name: getattr(reading, name) for name in figures}
    return {
        **{name: None if n is None else format(n, "f") for name, n in numbers.items()},
        "unit": reading.unit,
        "expressed_as": reading.expressed_as,
        "abundance": reading.abundance,
        "remark": reading.remark,
    }
