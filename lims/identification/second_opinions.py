"""What is known of a sample, for the criteria of a second laboratory."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.states import RunState
from lims.foundation.shipped import shipped
from lims.foundation.words import Message
from lims.identification import second_laboratory
from lims.identification.gathering import SampleEvidence
from lims.identification.knowledge import FOUND
from lims.identification.second_laboratory import Facts
from lims.library.records import Substance


@dataclass(frozen=True)
class Criterion:
    """A criterion that a sample meets, with where it holds and who says so."""

    rule: str
    words: Message
    jurisdiction: str
    source: str


def criteria_met(session: Session, evidence: SampleEvidence) -> list[Criterion]:
    """Return the criteria for a second laboratory that a sample meets."""
    table = _table()
    return [
        Criterion(rule, second_laboratory.WORDS[rule], *table[rule])
        for rule in second_laboratory.met(_facts(session, evidence))
        if rule in table
    ]


def _facts(session: Session, evidence: SampleEvidence) -> Facts:
    answered = [one for one in evidence.answers if one.kind in FOUND]
    found = {one.substance.key: one.substance for one in answered if one.substance}
    infrared = [one for one in evidence.told if one.statement.technique == "ftir"]
    named = [key for one in infrared for key in one.statement.named]
    sold_as = evidence.sample.sold_as_substance
    return Facts(
        form=evidence.sample.form,
        classes={one.chemical_class for one in found.values()},
        components=len(found),
        expected=sold_as.chemical_class if sold_as else "",
        seen_first=any(_is_first(evidence, key) for key in found),
        strip_groups={one.group for one in answered if one.group and not one.substance},
        infrared_groups=_groups_of(session, named) if infrared else None,
        answered=bool(evidence.answers),
    )


def _is_first(evidence: SampleEvidence, key: str) -> bool:
    """Tell whether no other sample of the network is known to have held a substance."""
    verified = {run.id for told in evidence.told for run in told.runs if _is_verified(run.state)}
    own = any(
        one.run_id in verified and one.substance is not None and one.substance.key == key
        for one in evidence.answers
        if one.kind in FOUND
    )
    return evidence.prior.counts.get(key, 0) <= int(own)


def _is_verified(state: str) -> bool:
    return state == RunState.VERIFIED


def _groups_of(session: Session, keys: list[str]) -> set[str]:
    query = select(Substance.groups).where(Substance.key.in_(keys))
    return {group for groups in session.scalars(query) for group in groups} if keys else set()


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, str]]:
    path = shipped("reference_data") / "confirmation_rules.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["rule_id"]: (row["jurisdiction"], row["source"]) for row in csv.DictReader(file)
        }
