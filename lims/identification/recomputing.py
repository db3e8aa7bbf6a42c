"""Computing kept lists of candidates again: one way in for every method.

`ALGORITHMS` names, for each family of algorithms, where its `Recomputer` stands. A family is the
name of an algorithm without the number at its end: "tlc-colour-1" is of the family "tlc-colour".
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.analysis import queries as analysis
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import Message, _
from lims.identification import fusion, fusion_documents, sameness
from lims.identification.queries import compute_again
from lims.identification.records import CandidateList
from lims.identification.rules import ALGORITHM_VERSION
from lims.identification.sameness import Difference, Outcome
from lims.intake import queries as intake
from lims.network.rules import Permission


class CannotCompute(Exception):
    """What a list stands on is gone: it cannot be computed again; `words` say why."""

    def __init__(self, words: Message) -> None:
        super().__init__(str(words))
        self.words = words


@dataclass(frozen=True)
class Recomputer:
    """How the lists of one family of algorithms are computed again.

    `version` is the algorithm of this program; `again` returns the lines as `ranked` keeps them,
    from a kept list's `observed`, `parameters` and `library_version`; raises CannotCompute.
    """

    version: str
    again: Callable[[Session, CandidateList], list[Any]]


def _ranking_again(_session: Session, kept: CandidateList) -> list[Any]:
    lines: list[Any] = compute_again(kept).as_document()["candidates"]
    return lines


def _fusion_again(_session: Session, kept: CandidateList) -> list[Any]:
    return list(
        fusion_documents.fused_document(
            fusion_documents.fuse_document(kept.observed, kept.parameters)
        )
    )


FUSION = Recomputer(fusion.ALGORITHM_VERSION, _fusion_again)
TLC_AND_COLOURS = Recomputer(ALGORITHM_VERSION, _ranking_again)
ALGORITHMS: dict[str, str] = {
    "tlc-colour": "lims.identification.recomputing:TLC_AND_COLOURS",
    "bands": "lims.identification.spectra_again:SEARCH_OF_CURVES",
    "ei": "lims.identification.spectra_again:SEARCH_OF_IONS",
    "msms": "lims.identification.spectra_again:SEARCH_OF_FRAGMENTS",
    "mixture": "lims.identification.spectra_again:MIXTURES",
    "fusion": "lims.identification.recomputing:FUSION",
}
"""Family of algorithms → module:name of its Recomputer. Add a line for each new family."""


@dataclass(frozen=True)
class Recomputed:
    """What became of one kept list when it was computed again."""

    kept: CandidateList
    outcome: Outcome
    words: Message
    differences: tuple[Difference, ...] = ()
    ranked: tuple[Any, ...] = ()


def family_of(algorithm: str) -> str:
    """Return the family of an algorithm: its name without the number at its end."""
    name, _dash, number = algorithm.rpartition("-")
    return name if name and number.isdigit() else algorithm


def recomputer_of(algorithm: str) -> Recomputer | None:
    """Return how lists of an algorithm are computed again, or None."""
    address = ALGORITHMS.get(family_of(algorithm))
    if address is None:
        return None
    module, _colon, name = address.partition(":")
    found: Recomputer = getattr(import_module(module), name)
    return found


def recompute(session: Session, kept: CandidateList) -> Recomputed:
    """Compute a kept list again from what was kept with it, and say whether it is the same."""
    way = recomputer_of(kept.algorithm)
    if way is None:
        words = _("This program no longer has the algorithm %(name)s.", name=kept.algorithm)
        return Recomputed(kept, Outcome.NOT_COMPUTED, words)
    try:
        ranked = way.again(session, kept)
    except CannotCompute as gone:
        return Recomputed(kept, Outcome.NOT_COMPUTED, gone.words)
    except (KeyError, TypeError, ValueError, IndexError):
        words = _("What was kept with this list is not complete, or this program reads it no more.")
        return Recomputed(kept, Outcome.NOT_COMPUTED, words)
    found = sameness.differences(kept.ranked, ranked)
    if not found:
        return Recomputed(kept, Outcome.EQUAL, _equal(kept, way), (), tuple(ranked))
    words = _different(kept, way)
    return Recomputed(kept, Outcome.DIFFERENT, words, tuple(found), tuple(ranked))


def _equal(kept: CandidateList, way: Recomputer) -> Message:
    if kept.algorithm == way.version:
        return _("Every line and figure comes out as kept.")
    return _(
        "Every line and figure comes out as kept, though the algorithm is now %(now)s.",
        now=way.version,
    )


def _different(kept: CandidateList, way: Recomputer) -> Message:
    if kept.algorithm != way.version:
        values = {"kept": kept.algorithm, "now": way.version}
        return _("The algorithm has changed since: %(kept)s then, %(now)s now.", **values)
    return _("The same algorithm gives another list: a record it stands on has been changed.")


def may_read_list(session: Session, actor: Actor, kept: CandidateList) -> bool:
    """Tell whether a kept list is of a laboratory, or about a sample, that the actor follows."""
    if kept.run_id is not None:
        try:
            analysis.run(session, actor, kept.run_id)
        except NotFound:
            return False
        return True
    return sample_is_read(session, actor, kept.sample_id)


def sample_is_read(session: Session, actor: Actor, sample_id: uuid.UUID) -> bool:
    """Tell whether the actor works where a sample was or is analysed."""
    if not any(actor.may(one) for one in analysis.READERS):
        return False
    try:
        intake.sample(session, actor, sample_id)
    except NotFound:
        return False
    return True


def recomputed_list(session: Session, actor: Actor, list_id: uuid.UUID) -> Recomputed:
    """Return a kept list with what computing it again gives; raises NotFound."""
    actor.must(next((one for one in analysis.READERS if actor.may(one)), Permission.ANALYSE))
    kept = session.get(CandidateList, list_id)
    if kept is None or not may_read_list(session, actor, kept):
        raise NotFound(_("There is no such list of candidates."))
    return recompute(session, kept)


def recompute_all(session: Session, newest: int | None = None) -> Iterator[Recomputed]:
    """Compute every kept list again, or the newest ones, one after another."""
    query = select(CandidateList.id).order_by(CandidateList.made_at.desc(), CandidateList.id)
    for list_id in list(session.scalars(query.limit(newest))):
        kept = session.get(CandidateList, list_id)
        if kept is not None:
            yield recompute(session, kept)
            session.expunge(kept)


def how_many(session: Session) -> int:
    """Return how many lists are kept."""
    return session.scalar(select(func.count()).select_from(CandidateList)) or 0
