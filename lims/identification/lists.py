"""A kept list as it is shown: its lines named in one language, what it stands on, what differs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.records import Run
from lims.foundation.words import Message, _, say
from lims.identification.recomputing import Recomputed
from lims.identification.records import CandidateList, Decision
from lims.identification.rules import NONE_OF_THE_LIBRARY
from lims.intake.records import Sample
from lims.library.records import Substance

METHOD_WORDS: Mapping[str, Message] = {
    "spot": _("one spot of a plate"),
    "colours": _("colour tests of a sample"),
    "search": _("library search of a spectrum"),
    "mixture": _("a spectrum resolved into components"),
    "fusion": _("all evidence on a sample"),
}
FIGURES: Mapping[str, Message] = {
    "score": _("Score"),
    "gap": _("Gap"),
    "llr": _("Log-likelihood ratio"),
    "loglik": _("Log-likelihood"),
    "posterior": _("Posterior"),
    "fraction": _("Fraction"),
    "se": _("Standard error"),
}
MOST_LINES = 50
LONGEST = 120


def shown_list(session: Session, found: Recomputed, language: str) -> dict[str, Any]:
    """Return a kept list with its labels, said in a language."""
    kept = found.kept
    figures = [key for key in FIGURES if any(_is_number(row.get(key)) for row in kept.ranked)]
    names = names_of(session, [str(row.get("substance") or "") for row in kept.ranked], language)
    run = session.get(Run, kept.run_id) if kept.run_id else None
    return {
        "kept": kept,
        "sample": session.get(Sample, kept.sample_id),
        "run": run,
        "method": say(METHOD_WORDS.get(kept.method, Message(kept.method)), language),
        "words": say(found.words, language),
        "figures": [say(FIGURES[key], language) for key in figures],
        "lines": [_line(row, figures, names) for row in kept.ranked[:MOST_LINES]],
        "more": max(0, len(kept.ranked) - MOST_LINES),
        "parameters": [(key, _short(value)) for key, value in sorted(kept.parameters.items())],
        "differences": [
            (one.place, _short(one.kept), _short(one.now)) for one in found.differences
        ],
        "decisions": decisions_on(session, kept),
    }


def decisions_on(session: Session, kept: CandidateList) -> list[tuple[Decision, Substance | None]]:
    """Return the decisions on a list, oldest first, with the substance accepted."""
    query = select(Decision, Substance).outerjoin(Substance, Substance.id == Decision.substance_id)
    query = query.where(Decision.candidate_list_id == kept.id).order_by(Decision.at)
    return [(row[0], row[1]) for row in session.execute(query)]


def names_of(session: Session, keys: list[str], language: str) -> dict[str, str]:
    """Return the names of substances by their keys, with none of the library; one query."""
    wanted = sorted({key for key in keys if key})
    found = session.scalars(select(Substance).where(Substance.key.in_(wanted))) if wanted else ()
    named = {one.key: one.name(language) for one in found}
    return {**named, NONE_OF_THE_LIBRARY: say(_("None of the library"), language)}


def _line(row: Mapping[str, Any], figures: list[str], names: Mapping[str, str]) -> dict[str, Any]:
    key = str(row.get("substance") or "")
    return {
        "rank": row.get("rank"),
        "name": names.get(key) or str(row.get("name") or key),
        "figures": [row.get(one) if _is_number(row.get(one)) else None for one in figures],
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
