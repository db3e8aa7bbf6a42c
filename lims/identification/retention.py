"""Whether a search named what it named with a retention index behind it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from math import isfinite
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.measured import MeasuredSpectrum
from lims.identification.records import CandidateList
from lims.identification.stick_facts import RETENTION_NEAR
from lims.library.spectra import ReferenceSpectrum


def indexes_agree(session: Session, lists: Sequence[CandidateList], named: Sequence[str]) -> bool:
    """Tell whether each named substance stands on a list whose spectrum has its retention index.

    Measured index and that of the reference must both be recorded and lie as near as one compound's
    do; one that was named without, or against, its index is named by the mass spectrum alone.
    """
    pairs = {
        str(line["substance"]): (one.spectrum_id, uuid.UUID(line["reference_id"]))
        for one in lists
        for line in reversed(one.ranked)
        if line.get("substance") in named and line.get("reference_id") and one.spectrum_id
    }
    if not named or set(pairs) != set(named):
        return False
    measured = _measured(session, [pair[0] for pair in pairs.values()])
    reference = _references(session, [pair[1] for pair in pairs.values()])
    return all(
        _near(measured.get(spectrum), reference.get(listed)) for spectrum, listed in pairs.values()
    )


def _near(mine: float | None, theirs: float | None) -> bool:
    return mine is not None and theirs is not None and abs(mine - theirs) <= RETENTION_NEAR


def _measured(session: Session, ids: Sequence[Any]) -> dict[Any, float | None]:
    query = select(MeasuredSpectrum.id, MeasuredSpectrum.facts)
    rows = session.execute(query.where(MeasuredSpectrum.id.in_(ids)))
    return {row[0]: _number(row[1].get("retention_index", "")) for row in rows}


def _references(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, float | None]:
    query = select(ReferenceSpectrum.id, ReferenceSpectrum.retention_index)
    return {row[0]: row[1] for row in session.execute(query.where(ReferenceSpectrum.id.in_(ids)))}


def _number(text: Any) -> float | None:
    """Return the first number of a fact, as a file writes it; None when it is none."""
    try:
        value = float(str(text).split()[0].replace(",", "."))
    except (ValueError, IndexError):
        return None
    return value if isfinite(value) and value > 0 else None
