"""Verified runs on a sample as the conclusions need them: plain values, with what was looked for.

Only verified runs are read; what the scope of a protocol names, and a run does not find, was
looked for and not detected.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.analysis.records import Answer, Run, RunSample
from lims.analysis.states import RunState
from lims.findings.conclusions import Evidence, LookedFor, Reading, RunRead
from lims.findings.danger import known_of
from lims.findings.rules import Known
from lims.findings.statements import Names
from lims.identification.records import Unknown
from lims.library.records import Substance


def read_evidence(session: Session, sample_id: uuid.UUID) -> Evidence:
    """Return every verified run on a sample and what they say, oldest first."""
    runs = session.scalars(
        select(Run)
        .join(RunSample, RunSample.run_id == Run.id)
        .where(RunSample.sample_id == sample_id, Run.state == RunState.VERIFIED)
        .options(joinedload(Run.protocol), selectinload(Run.answers).joinedload(Answer.substance))
        .order_by(Run.started_at, Run.number)
    ).all()
    known = _substances(session, runs)
    solved = _solved(session, [a.group for run in runs for a in run.answers if a.group])
    readings = [
        _reading(a, solved) for run in runs for a in run.answers if a.sample_id == sample_id
    ]
    return Evidence(tuple(_run(run, known) for run in runs), tuple(readings))


def verified_runs(session: Session, sample_id: uuid.UUID) -> tuple[RunRead, ...]:
    """Return the verified runs on a sample, oldest first."""
    return read_evidence(session, sample_id).runs


def unverified_runs(session: Session, sample_id: uuid.UUID) -> list[str]:
    """Return the numbers of runs on a sample that nobody has verified yet."""
    waiting = (RunState.RECORDED, RunState.TO_VERIFY)
    query = select(Run.number).join(RunSample, RunSample.run_id == Run.id)
    query = query.where(RunSample.sample_id == sample_id, Run.state.in_(waiting))
    return list(session.scalars(query.order_by(Run.number)))


def site_of_runs(session: Session, sample_id: uuid.UUID) -> uuid.UUID | None:
    """Return the laboratory of the latest verified run on a sample."""
    query = select(Run.site_id).join(RunSample, RunSample.run_id == Run.id)
    query = query.where(RunSample.sample_id == sample_id, Run.state == RunState.VERIFIED)
    return session.scalar(query.order_by(Run.started_at.desc()).limit(1))


def _solved(session: Session, numbers: Iterable[str]) -> dict[str, Substance]:
    """Return what unknowns turned out to be since their runs were verified, by number."""
    query = select(Unknown).where(
        Unknown.number.in_(sorted(set(numbers))), Unknown.substance_id.is_not(None)
    )
    found = session.scalars(query.options(joinedload(Unknown.substance)))
    return {one.number: one.substance for one in found if one.substance is not None}


def _reading(answer: Answer, solved: Mapping[str, Substance]) -> Reading:
    return Reading(
        run_id=str(answer.run_id),
        what=known_of(answer.substance or solved.get(answer.group), answer.group),
        kind=answer.kind,
        value=answer.value,
        unit=answer.unit,
        expressed_as=answer.expressed_as,
        uncertainty=answer.uncertainty,
        lod=answer.lod,
        loq=answer.loq,
        abundance=answer.abundance,
        remark=answer.remark,
    )


def _run(run: Run, known: Mapping[str, Known]) -> RunRead:
    scope = _scope(run)
    looked = [
        LookedFor(known.get(str(entry["id"])) or known_of(None, str(entry["id"])), *_limit(entry))
        for entry in _entries(scope)
    ]
    return RunRead(
        id=str(run.id),
        number=run.number,
        technique=run.technique,
        protocol=run.protocol.label,
        titles=_names(run.protocol.titles) or Names("", "", ""),
        looked_for=tuple(looked),
        scope_words=_names(scope.get("text")),
    )


def _scope(run: Run) -> Mapping[str, Any]:
    found = (run.protocol.document or {}).get("scope")
    return found if isinstance(found, Mapping) else {}


def _entries(scope: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for part in ("substances", "groups"):
        for entry in scope.get(part, ()) or ():
            if isinstance(entry, Mapping) and entry.get("id"):
                yield entry


def _limit(entry: Mapping[str, Any]) -> tuple[Decimal | None, str]:
    """Return the limit of detection of a scope's entry: a number with unit, or none stated."""
    stated = entry.get("lod")
    within: Mapping[str, Any] = stated if isinstance(stated, Mapping) else {"value": stated}
    value = within.get("value")
    try:
        unit = str(within.get("unit") or entry.get("unit") or "")
        return (None, "") if value is None else (Decimal(str(value)), unit)
    except InvalidOperation:
        return None, ""


def _substances(session: Session, runs: Iterable[Run]) -> dict[str, Known]:
    keys = {str(entry["id"]) for run in runs for entry in _entries(_scope(run))}
    found = session.scalars(select(Substance).where(Substance.key.in_(keys))) if keys else ()
    return {one.key: known_of(one) for one in found}


def _names(labels: Any) -> Names | None:
    if not isinstance(labels, Mapping):
        return None
    english = str(labels.get("en", ""))
    return Names(str(labels.get("fr", english)), str(labels.get("nl", english)), english)
