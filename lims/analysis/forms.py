"""Forms of runs: what a form shows of what is recorded, and what a form has told, tidied.

Empty lines are left out; nothing that was typed in a line is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.readings import PlateRead
from lims.analysis.records import Peak, ReagentTest, Run, Spot, StripTest, Weighing
from lims.foundation.words import number
from lims.library.records import Substance

Typed = dict[str, Any]
NEEDED: Mapping[str, str] = {
    "tests": "at_0",
    "strips": "result",
    "weighings": "mg",
    "peaks": "place",
    "answers": "kind",
}
"""Lines of a form → the field without which a line is empty."""
SPARE = 2
TEST = ("sample_id", "reagent", "at_0", "at_30", "at_60", "lot_id")
STRIP = ("sample_id", "result", "target", "dilution_mg_ml", "lot_id")
WEIGHING = ("sample_id", "mg", "uncertainty_mg", "of")
PEAK = ("sample_id", "place", "unit", "height", "ions", "match_score", "match_library")
ANSWER = (
    *("sample_id", "group", "kind", "value", "unit", "expressed_as", "uncertainty", "lod"),
    *("loq", "replicates", "basis_mg", "abundance", "remark"),
)


def key_of(step: str) -> str:
    """Return a step as it stands in the name of a form's field, where a dash parts levels."""
    return step.replace("-", "_")


def step_of(key: str) -> str:
    """Return the step of a key."""
    return key.replace("_", "-")


def shown_amount(value: Decimal | None, language: str) -> str:
    """Write an amount as a person types it in this language."""
    return "" if value is None else number(value, language).replace("\u202f", "")


def notes_typed(run: Run, language: str) -> Typed:
    """Return the notes of a run as its form shows them."""
    return {
        "row_version": run.row_version,
        "deviation": run.deviation,
        "note": run.note,
        "used": [
            {"sample_id": str(one.sample_id), "mg": shown_amount(one.used_mg, language)}
            for one in run.samples
        ],
    }


def run_typed(session: Session, run: Run, part: str, language: str) -> Typed:
    """Return what is recorded in a run as its form shows it."""
    typed = notes_typed(run, language)
    if part == "reagents":
        tests = session.scalars(select(ReagentTest).where(ReagentTest.run_id == run.id))
        typed["tests"] = _lines(tests, TEST, language)
    elif part == "strips":
        strips = session.scalars(select(StripTest).where(StripTest.run_id == run.id))
        typed["strips"] = _lines(strips, STRIP, language)
    elif part == "weighings":
        weighings = session.scalars(select(Weighing).where(Weighing.run_id == run.id))
        typed["weighings"] = _lines(weighings, WEIGHING, language)
    elif part == "results":
        typed |= _results_typed(session, run, language)
    return typed


def _results_typed(session: Session, run: Run, language: str) -> Typed:
    query = select(Peak).where(Peak.run_id == run.id).order_by(Peak.position)
    rows = list(session.scalars(query))
    peaks = _lines(rows, PEAK, language)
    known = _names(session, [row.substance_id for row in rows], language)
    for line, row in zip(peaks, rows, strict=True):
        line["substance"] = known.get(row.substance_id, "")
    answers = _lines(run.answers, ANSWER, language)
    for line, answer in zip(answers, run.answers, strict=True):
        line["substance"] = answer.substance.name(language) if answer.substance else ""
    return {"peaks": peaks, "answers": answers}


def _names(session: Session, ids: Sequence[Any], language: str) -> dict[Any, str]:
    wanted = [one for one in ids if one is not None]
    rows = session.scalars(select(Substance).where(Substance.id.in_(wanted))) if wanted else ()
    return {row.id: row.name(language) for row in rows}


def _lines(rows: Iterable[Any], names: Sequence[str], language: str) -> list[Typed]:
    return [{name: _text(getattr(row, name), language) for name in names} for row in rows]


def _text(value: Any, language: str) -> str:
    if isinstance(value, Decimal):
        return shown_amount(value, language)
    return "" if value is None else str(value)


def with_spare(lines: Any, samples: Sequence[str], spare: int = SPARE) -> list[Typed]:
    """Return lines with empty ones behind, on the only sample or in turn on each."""
    kept = [dict(one) for one in lines or [] if isinstance(one, Mapping)]
    for place in range(max(spare, len(samples) if not kept else 1)):
        sample = samples[place % len(samples)] if samples else ""
        kept.append({"sample_id": sample})
    return kept


def tidied(typed: Mapping[str, Any]) -> Typed:
    """Return what a form has told without its empty lines."""
    kept = dict(typed)
    for name, needed in NEEDED.items():
        if name in kept:
            kept[name] = [one for one in _listed(kept[name]) if _is_filled(one, needed)]
    return kept


def _is_filled(line: Mapping[str, Any], needed: str) -> bool:
    ignored = {"sample_id", "unit", "of", "target", "replicates", "lot_id"}
    return bool(line.get(needed)) or any(
        value for name, value in line.items() if name not in ignored
    )


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def plate_typed(run: Run, plate: PlateRead, language: str) -> Typed:
    """Return a plate as its form shows it; a step's lot stands once for the whole plate."""
    lots: dict[str, str] = {}
    for seen in plate.spots:
        for one in seen.spot.observations:
            lots.setdefault(one.step, str(one.lot_id or ""))
    return {
        **notes_typed(run, language),
        "front_mm": shown_amount(plate.plate.front_mm, language),
        "lanes": [
            {
                "role": lane.role,
                "sample_id": str(lane.sample_id or ""),
                "lot_id": str(lane.lot_id or ""),
                "spots": [_spot_typed(spot, plate, language) for spot in lane.spots],
            }
            for lane in plate.plate.lanes
        ],
        "steps": [{"step": step, "lot_id": lot} for step, lot in lots.items()],
    }


def _spot_typed(spot: Spot, plate: PlateRead, language: str) -> Typed:
    return {
        "label": spot.label,
        "distance_mm": shown_amount(spot.distance_mm, language),
        "intensity": spot.intensity,
        "tailing": "yes" if spot.tailing else "",
        "what": spot.reference or _standard(plate, spot.substance_id),
        "sightings": {key_of(seen.step): seen.colours for seen in spot.observations},
    }


def _standard(plate: PlateRead, substance_id: Any) -> str:
    found = next((one for one in plate.standards.values() if one.id == substance_id), None)
    return found.key if found is not None else ""


def plate_kept(typed: Mapping[str, Any]) -> Typed:
    """Return a plate as typed without its empty rows, so that each problem finds its place."""
    lanes = [
        {
            **lane,
            "spots": [
                one
                for one in _listed(lane.get("spots", []))
                if str(one.get("distance_mm", "")).strip()
            ],
        }
        for lane in _listed(typed.get("lanes", []))
        if lane.get("role")
    ]
    return {**typed, "lanes": lanes, "steps": _listed(typed.get("steps", []))}


def plate_told(typed: Mapping[str, Any]) -> Typed:
    """Return a plate as its schema reads it: lanes without role and spots without distance go.

    What was picked from the palette (`pick` for `picked`, lane:spot:step) is put in its place.
    """
    lots = {
        str(one.get("step", "")): one.get("lot_id", "") for one in _listed(typed.get("steps", []))
    }
    lanes = []
    for at, lane in enumerate(_listed(typed.get("lanes", []))):
        if not lane.get("role"):
            continue
        spots = [
            {**spot, "sightings": _sightings(spot, lots, _picked(typed, at, number))}
            for number, spot in enumerate(_listed(lane.get("spots", [])))
            if str(spot.get("distance_mm", "")).strip()
        ]
        lanes.append({**lane, "spots": spots})
    if typed.get("add_lane"):
        lanes.append(_added(str(typed["add_lane"]), lanes))
    return {**typed, "lanes": lanes}


def _added(role: str, lanes: Sequence[Mapping[str, Any]]) -> Typed:
    first = next((lane["sample_id"] for lane in lanes if lane.get("sample_id")), "")
    return {"role": role, "sample_id": first if role in ("sample", "co-spot") else "", "spots": []}


def _picked(typed: Mapping[str, Any], lane: int, spot: int) -> tuple[str, str, str]:
    """Return step, colour and how to put it, when the palette was used for this spot."""
    where = str(typed.get("picked", "")).split(":", 2)
    if where[:2] != [str(lane), str(spot)] or len(where) != 3:
        return "", "", ""
    return where[2], str(typed.get("pick", "")), str(typed.get("put", ""))


def _sightings(
    spot: Mapping[str, Any], lots: Mapping[str, Any], picked: tuple[str, str, str]
) -> list[Typed]:
    told = spot.get("sightings")
    kept = dict(told) if isinstance(told, Mapping) else {}
    step, colour, put = key_of(picked[0]), picked[1], picked[2]
    if step and put == "clear":
        kept[step] = ""
    elif step and colour:
        before = str(kept.get(step, "")) if put == "then" else ""
        kept[step] = f"{before}>{colour}" if before else colour
    return [
        {
            "step": step_of(name),
            "colours": str(colours).split(">"),
            "lot_id": lots.get(step_of(name), ""),
        }
        for name, colours in kept.items()
        if str(colours).strip()
    ]
