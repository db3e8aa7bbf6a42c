"""Composing a finding: from verified evidence and the author's choices to all that it states.

Nothing is written here. The same composing serves the draft, each change of it, and the check at
signing that the facts are still the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from lims.findings import conclusions, danger, evidence, rules
from lims.findings.acts import EditFinding
from lims.findings.conclusions import Evidence, Proposal, Row
from lims.findings.plain_words import Facts, Seen, compose
from lims.findings.records import Detection, Finding
from lims.findings.rules import Expected, Found, Level, Outcome
from lims.findings.statements import Names, keep
from lims.foundation.clock import today
from lims.foundation.errors import refuse_field
from lims.foundation.measures import Quantity
from lims.foundation.words import LANGUAGES, _
from lims.identification.records import CandidateList
from lims.intake.records import Sample
from lims.library.queries import refuse_unknown_term


@dataclass(frozen=True)
class Chosen:
    """What the author decided otherwise than proposed. `left_out` are keys of no detection."""

    roles: Mapping[str, str] = field(default_factory=dict)
    abundances: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    match: str = ""
    decided: tuple[str, ...] = ()


@dataclass(frozen=True)
class Composed:
    """All that a finding states, ready to be written into its record."""

    proposals: tuple[Proposal, ...]
    offered: tuple[Proposal, ...]
    match: str
    level: Level
    outcomes: tuple[Outcome, ...]
    confidence: str
    reason: dict[str, Any]
    rows: tuple[Row, ...]
    evidence: Evidence
    texts: dict[str, str]


def compose_finding(session: Session, sample: Sample, chosen: Chosen) -> Composed:
    """Return what a finding on a sample states now."""
    found = evidence.read_evidence(session, sample.id)
    expected = danger.expected_of(sample)
    offered = conclusions.propose(found, expected)
    proposals = [_with_choices(one, chosen) for one in offered if one.key not in chosen.left_out]
    level, outcomes = rules.weigh(
        danger.rules_on(session, today()),
        [_found(one) for one in proposals],
        expected,
        chosen.decided,
    )
    looked = conclusions.was_looked_for(found, expected.key)
    roles = [one.role for one in proposals]
    match = chosen.match or conclusions.proposed_match(roles, expected, was_looked_for=looked)
    word, reason = conclusions.confidence(found, proposals)
    rows = conclusions.method_rows(found, offered)
    facts = _facts(sample, expected, proposals, match, level, word, outcomes, rows, found)
    return Composed(
        proposals=tuple(proposals),
        offered=tuple(offered),
        match=match,
        level=level,
        outcomes=tuple(outcomes),
        confidence=word,
        reason=keep(reason),
        rows=tuple(rows),
        evidence=found,
        texts={language: compose(facts, language) for language in LANGUAGES},
    )


def compose_again(session: Session, found: Finding) -> Composed:
    """Return what the author's present choices would state now, with all that is offered."""
    roles = {_key(one): one.role for one in found.detections}
    return compose_finding(session, found.sample, Chosen(roles=roles, match=found.match))


def _key(detection: Detection) -> str:
    return detection.substance.key if detection.substance else detection.label


def has_evidence(session: Session, sample_id: uuid.UUID) -> bool:
    """Tell whether any verified run says something of the sample."""
    found = evidence.read_evidence(session, sample_id)
    return bool(conclusions.searching(found.runs))


def _with_choices(proposal: Proposal, chosen: Chosen) -> Proposal:
    return Proposal(
        proposal.reading,
        chosen.roles.get(proposal.key, proposal.role),
        chosen.abundances.get(proposal.key, proposal.abundance),
    )


def _found(proposal: Proposal) -> Found:
    one = proposal.reading
    value = one.value if one.value is not None else one.loq
    quantity = None
    if value is not None and one.unit:
        quantity = Quantity(value, one.unit, one.expressed_as or None, one.uncertainty)
    return Found(one.what, one.kind, quantity, one.loq)


def _facts(
    sample: Sample,
    expected: Expected,
    proposals: Sequence[Proposal],
    match: str,
    level: Level,
    word: str,
    outcomes: Sequence[Outcome],
    rows: Sequence[Row],
    found: Evidence,
) -> Facts:
    sold = sample.sold_as_substance
    names = danger.known_of(sold).names if sold else Names(*[sample.sold_as] * 3)
    return Facts(
        form=sample.form,
        sold_as=names if expected.stated else None,
        match=match,
        level=level,
        confidence=word,
        seen=tuple(_seen(one, expected) for one in proposals),
        outcomes=tuple(outcomes),
        rows=tuple(rows),
        scope=tuple(_unfound(found, {one.key for one in proposals})),
    )


def _seen(proposal: Proposal, expected: Expected) -> Seen:
    one = proposal.reading
    return Seen(
        names=one.what.names,
        kind=one.kind,
        role=proposal.role,
        abundance=proposal.abundance,
        late_onset=one.what.late_onset,
        value=one.value,
        unit=one.unit,
        expressed_as=one.expressed_as,
        uncertainty=one.uncertainty,
        loq=one.loq,
    )


def _unfound(
    found: Evidence, detected: set[str]
) -> list[tuple[str, tuple[Names, ...], Decimal | None, str]]:
    """Return what each technique looked for without finding it, by limit of detection."""
    told: dict[tuple[str, Decimal | None, str], dict[str, Names]] = {}
    for run in conclusions.searching(found.runs):
        for key, names, lod, unit in negatives(found, run.id):
            if key not in detected:
                told.setdefault((run.technique, lod, unit), {})[key] = names
    return [(key[0], tuple(names.values()), key[1], key[2]) for key, names in told.items()]


def negatives(found: Evidence, run_id: str) -> list[tuple[str, Names, Decimal | None, str]]:
    """Return what one run looked for without finding it: key, names, limit of detection, unit."""
    mine = [one for one in found.readings if one.run_id == run_id]
    named = {one.what.key for one in mine}
    told = [
        (one.what.key, one.what.names, one.lod, one.unit)
        for one in mine
        if one.kind == "not-detected"
    ]
    run = next(run for run in found.runs if run.id == run_id)
    if conclusions.is_telling_by_silence(found, run):
        scope = [one for one in run.looked_for if one.what.key not in named]
        told += [(one.what.key, one.what.names, one.lod, one.unit) for one in scope]
    return told


def chosen_by(command: EditFinding) -> Chosen:
    """Return the author's choices of a change."""
    return Chosen(
        roles={one.key: one.role for one in command.detections if one.role},
        abundances={one.key: one.abundance for one in command.detections if one.abundance},
        left_out=frozenset(one.key for one in command.detections if not one.kept),
        match=command.match,
        decided=command.decided,
    )


def cited_evidence(
    session: Session, sample_id: uuid.UUID, list_id: uuid.UUID | None
) -> uuid.UUID | None:
    """Return the kept evidence that a finding cites; raises Invalid when of another sample."""
    if list_id is None:
        return None
    kept = session.get(CandidateList, list_id)
    if kept is None or kept.sample_id != sample_id or kept.method != "fusion":
        raise refuse_field("evidence_list_id", _("Choose one of the list."))
    return kept.id


def refuse_unknown_choices(session: Session, command: EditFinding, composed: Composed) -> None:
    """Refuse roles, abundances, matches and rules that no list holds; raises Invalid."""
    refuse_unknown_term(session, "match_to_expected", command.match, "match")
    offered = {one.key for one in composed.offered}
    for place, one in enumerate(command.detections):
        if one.key not in offered:
            raise refuse_field(f"detections.{place}.key", _("No verified run has found this."))
        refuse_unknown_term(session, "detection_role", one.role, f"detections.{place}.role")
        refuse_unknown_term(session, "abundance", one.abundance, f"detections.{place}.abundance")
    human = {rule.key for rule in danger.rules_on(session, today()) if rule.condition == "human"}
    if not set(command.decided) <= human:
        raise refuse_field("decided", _("Choose one of the list."))
