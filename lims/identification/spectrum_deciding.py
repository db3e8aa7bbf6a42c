"""Keeping what fits a spectrum, and deciding on it: a decision becomes answers of the run.

A list is kept as it was shown, with the hash of its file. A search accepts one candidate; a
mixture accepts the components that the chemist agrees with. A reference without a substance of
the library cannot be an answer: it is linked or added there first.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.analysis import holdings
from lims.analysis.measured import MeasuredSpectrum
from lims.analysis.noting import open_run, own_open_run, record_in_journal
from lims.analysis.records import Run
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field
from lims.foundation.words import _
from lims.identification.answering import stand_on_spectrum, withdraw_from_spectrum
from lims.identification.deciding import Decide, Verdict, decided_facts, said_why, write_decision
from lims.identification.mixture_fits import MixtureFits, abundance_of, mixture_of
from lims.identification.records import CandidateList, Decision
from lims.identification.spectrum_fits import NOT_APART, SpectrumFits, fits_of
from lims.library.records import Substance
from lims.library.spectra import ReferenceSpectrum
from lims.network.rules import Permission
from lims.spectra.spectrum import Kind

SEARCH, MIXTURE = "search", "mixture"
SPECTRAL = (SEARCH, MIXTURE)
MOST_ACCEPTED = 6


@dataclass(frozen=True)
class KeepFits:
    """What fits a spectrum, to be kept as it is now; `method` is search or mixture."""

    spectrum_id: uuid.UUID
    folder: Path
    method: str = SEARCH


@dataclass(frozen=True)
class DecideOnSpectrum:
    """A decision on what fits a spectrum now: the accepted references, or why none."""

    spectrum_id: uuid.UUID
    row_version: int
    verdict: str
    folder: Path
    reference_ids: tuple[uuid.UUID, ...] = ()
    why: str = ""
    method: str = SEARCH


def keep_fits(session: Session, actor: Actor, command: KeepFits) -> CandidateList:
    """Keep what fits a spectrum; raises Refused when it cannot be searched."""
    actor.must(Permission.ANALYSE)
    measured = holdings.measured(session, actor, command.spectrum_id)
    run = own_open_run(session, actor, measured.upload.run_id)
    kept = _keep(session, run, measured, command.method, command.folder)
    facts = {"list": kept.id, "lines": len(kept.ranked), "library": kept.library_version}
    record_in_journal(session, actor, "search spectrum", run, **facts)
    return kept


def decide_on_spectrum(session: Session, actor: Actor, command: DecideOnSpectrum) -> list[Decision]:
    """Keep what fits a spectrum and decide on it, in one act; raises as `decide_on_list`."""
    actor.must(Permission.ANALYSE)
    measured = holdings.measured(session, actor, command.spectrum_id)
    run = open_run(session, actor, measured.upload.run_id, command.row_version)
    kept = _keep(session, run, measured, command.method, command.folder)
    made = _decide(session, actor, run, kept, command.verdict, command.reference_ids, command.why)
    for one in made:
        record_in_journal(
            session, actor, "decide on candidates", run, **decided_facts(session, one)
        )
    return made


def decide_on_list(
    session: Session, actor: Actor, run: Run, kept: CandidateList, command: Decide
) -> list[Decision]:
    """Decide on a kept list of a spectrum; raises Invalid without a reason where one is needed.

    Raises Refused for a blank, for ultraviolet alone, and for a reference without a substance.
    """
    actor.must(Permission.ANALYSE)
    rows: tuple[uuid.UUID, ...] = ()
    if command.verdict == Verdict.ACCEPT:
        found = session.get(Substance, command.substance_id) if command.substance_id else None
        rows = tuple(
            uuid.UUID(row["reference_id"])
            for row in kept.ranked
            if found is not None and row["substance"] == found.key
        )[:1]
        if not rows:
            words = _("This substance is not one of the candidates.")
            raise refuse_field("substance_id", words)
    made = _decide(session, actor, run, kept, command.verdict, rows, command.why)
    for one in made:
        record_in_journal(
            session, actor, "decide on candidates", run, **decided_facts(session, one)
        )
    return made


def _keep(
    session: Session, run: Run, measured: MeasuredSpectrum, method: str, folder: Path
) -> CandidateList:
    if measured.upload.sample_id is None or measured.upload.role != "sample":
        raise Refused(_("A background or a blank is looked at, not decided on."))
    if method not in SPECTRAL:
        raise refuse_field("method", _("Choose one of the list."))
    found: SpectrumFits | MixtureFits = (
        fits_of(session, run, measured, folder)
        if method == SEARCH
        else mixture_of(session, run, measured, folder)
    )
    if found.refusal is not None:
        raise Refused(found.refusal)
    kept = CandidateList(
        run_id=run.id,
        sample_id=measured.upload.sample_id,
        spectrum_id=measured.id,
        method=method,
        library_version=found.library_version,
        algorithm=found.algorithm,
        parameters=dict(found.parameters),
        observed=_observed(measured, found),
        ranked=found.rows(),
    )
    session.add(kept)
    session.flush()
    return kept


def _observed(measured: MeasuredSpectrum, found: SpectrumFits | MixtureFits) -> dict[str, Any]:
    """Return what a kept list was made from: the file by its hash, the block, the searched."""
    return {
        "spectrum_id": str(measured.id),
        "sha256": measured.upload.sha256,
        "block": measured.block,
        "kind": measured.kind,
        "file": measured.upload.name,
        "told": dict(measured.upload.told),
        "searched": found.searched,
        "none_fits": found.none_fits,
    }


def _decide(
    session: Session,
    actor: Actor,
    run: Run,
    kept: CandidateList,
    verdict: str,
    wanted: Sequence[uuid.UUID],
    why: str,
) -> list[Decision]:
    rows: list[dict[str, Any]] = []
    if verdict == Verdict.ACCEPT:
        rows = _rows(kept, wanted)
    why = said_why(verdict, why, needed=_is_doubtful(kept, rows))
    accepted = [(row, _substance(session, row)) for row in rows]
    assert kept.spectrum_id is not None  # lists of these methods are about a spectrum
    withdraw_from_spectrum(run, kept.spectrum_id)
    if not accepted:
        return [write_decision(session, actor, kept, None, verdict, why)]
    made = []
    for row, found in accepted:
        facts = _evidence(kept, row)
        abundance = abundance_of(row, rows) if kept.method == MIXTURE else "present"
        stand_on_spectrum(run, kept.sample_id, found, "", why, facts, abundance)
        made.append(write_decision(session, actor, kept, found, verdict, why))
    return made


def _rows(kept: CandidateList, wanted: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    if kept.observed["kind"] == Kind.UV:
        words = _("An ultraviolet spectrum alone excludes; it never confirms.")
        raise Refused(words)
    if not wanted:
        raise refuse_field("reference_ids", _("Say which candidate you accept."))
    if kept.method == SEARCH and len(wanted) > 1:
        raise refuse_field("reference_ids", _("Accept one candidate; several make a mixture."))
    by_id = {row["reference_id"]: row for row in kept.ranked}
    if any(str(one) not in by_id for one in wanted):
        raise refuse_field("reference_ids", _("This substance is not one of the candidates."))
    return [by_id[str(one)] for one in dict.fromkeys(wanted)]


def _is_doubtful(kept: CandidateList, rows: Sequence[dict[str, Any]]) -> bool:
    """Tell whether accepting needs a reason: not the first, nothing fits, or not told apart."""
    if not rows:
        return False
    if kept.method == MIXTURE:
        return bool(kept.observed["none_fits"])
    first = rows[0]
    near = first["gap"] is not None and first["gap"] < NOT_APART
    return first["rank"] != 1 or near or bool(kept.observed["none_fits"])


def _substance(session: Session, row: dict[str, Any]) -> Substance:
    reference = session.get(ReferenceSpectrum, uuid.UUID(row["reference_id"]))
    found = reference.substance if reference is not None else None
    if found is None:
        words = _(
            "“%(name)s” is a spectrum without a substance of the library. "
            "Link it or add the substance first, then accept it.",
            name=row["name"],
        )
        raise refuse_field("reference_ids", words)
    return found


def _evidence(kept: CandidateList, row: dict[str, Any]) -> dict[str, Any]:
    facts = {
        "candidate_list_id": str(kept.id),
        "spectrum_id": str(kept.spectrum_id),
        "reference_id": row["reference_id"],
        "rank": row["rank"],
        "library": row["library"],
        "library_version": kept.library_version,
        "algorithm": kept.algorithm,
    }
    facts |= {key: row[key] for key in ("score", "gap", "fraction", "se") if key in row}
    if kept.method == SEARCH:
        near = [
            one["substance"] or one["name"]
            for one in kept.ranked
            if one is not row and abs(one["score"] - row["score"]) < NOT_APART
        ]
        facts["not_separated_from"] = near
    return facts
