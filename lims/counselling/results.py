"""One result as it is told: the released finding, what it means, what to do, current alerts.

Only the version that stands is told; a draft, a version in verification and a superseded one are
never read here. Everything comes from the finding as it was signed, said in the reader's language.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.alerts.queries import current_alerts
from lims.counselling import rules
from lims.counselling.cards import shipped_cards
from lims.counselling.rules import Card, Facts, Standing
from lims.findings.amounts import amount, limit_words
from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState
from lims.findings.statements import name_in, tell
from lims.foundation.errors import Invalid
from lims.foundation.measures import Quantity
from lims.foundation.words import Message, say
from lims.intake.records import Sample
from lims.library.queries import term_label
from lims.products.records import ProductSample

UNKNOWN = frozenset({"", "unknown"})
MOST_ALERTS = 5


@dataclass(frozen=True)
class Line:
    """Something found: its name, which of the answers, how much, in which part it plays."""

    name: str
    kind: str
    amount: str
    role: str
    late: bool = False


@dataclass(frozen=True)
class NotFound:
    """Something looked for and not found, with the limit below which it would not show."""

    name: str
    limit: str


@dataclass(frozen=True)
class Looked:
    """What one method looked for without finding it."""

    method: str
    words: str
    missing: tuple[NotFound, ...]


@dataclass(frozen=True)
class Warned:
    """The message of a current alert, for one audience."""

    number: str
    level: str
    headline: str
    body: str


@dataclass(frozen=True)
class Told:
    """What a released finding says, in one language."""

    finding_id: uuid.UUID
    version: int
    released_at: datetime
    headline: str
    text: str
    level: str
    reasons: tuple[str, ...]
    late: tuple[str, ...]
    match: str
    certainty: Message
    confidence: str
    lines: tuple[Line, ...]
    looked: tuple[Looked, ...]
    cards: tuple[Card, ...]
    warned: tuple[Warned, ...]
    amended: bool
    reason: str


@dataclass(frozen=True)
class Result:
    """What there is to tell about a sample; `told` only where a finding is released."""

    sample_id: uuid.UUID
    code: str
    form: str
    form_words: str
    sold_as: str
    standing: Standing
    waiting: Message | str
    reason: str = ""
    because: Message = rules.BECAUSE["other"]
    told: Told | None = None
    product_id: uuid.UUID | None = field(default=None)


def results_of(
    session: Session, samples: Sequence[Sample], language: str, audience: str
) -> list[Result]:
    """Return what there is to tell about each sample, to counsellors or to the public."""
    findings = released_findings(session, [sample.id for sample in samples])
    return [
        result_of(session, sample, findings.get(sample.id), language, audience)
        for sample in samples
    ]


# Made once, so that SQLAlchemy finds their SQL again at once.
_STANDING = (
    select(Finding)
    .where(
        Finding.sample_id.in_(bindparam("sample_ids", expanding=True)),
        Finding.state == FindingState.RELEASED,
    )
    .options(
        selectinload(Finding.detections).joinedload(Detection.substance),
        joinedload(Finding.sample),
    )
    .order_by(Finding.version)
)
_FILED = select(ProductSample.product_id).where(
    ProductSample.current_sample_id == bindparam("sample_id")
)


def released_findings(
    session: Session, sample_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, Finding]:
    """Return the finding that stands on each sample, where there is one."""
    standing = session.scalars(_STANDING, {"sample_ids": list(sample_ids)})
    return {found.sample_id: found for found in standing}


def result_of(
    session: Session, sample: Sample, finding: Finding | None, language: str, audience: str
) -> Result:
    """Return what there is to tell about one sample."""
    stands = rules.standing(sample.state, has_finding=finding is not None)
    product_id = None
    told = None
    if finding is not None and stands is Standing.RESULT:
        product_id = product_of(session, sample.id)
        warned = _warned(session, finding, product_id, language, audience)
        told = _told(finding, sample, language, warned)
    why = sample.not_analysed_reason
    return Result(
        sample_id=sample.id,
        code=sample.code,
        form=sample.form,
        form_words=term_label(session, "dosage_form", sample.form, language),
        sold_as=_sold_as(sample, language),
        standing=stands,
        waiting=rules.waiting_words(sample.state),
        because=rules.because(why),
        reason=term_label(session, "not_analysed_reason", why, language) if why else "",
        told=told,
        product_id=product_id,
    )


def product_of(session: Session, sample_id: uuid.UUID) -> uuid.UUID | None:
    """Return the product under which a sample is filed now, or None."""
    return session.scalar(_FILED, {"sample_id": sample_id})


def _sold_as(sample: Sample, language: str) -> str:
    if sample.sold_as_substance is not None:
        return sample.sold_as_substance.name(language)
    return "" if sample.sold_as.strip().lower() in UNKNOWN else sample.sold_as


def _told(finding: Finding, sample: Sample, language: str, warned: tuple[Warned, ...]) -> Told:
    headline, text = rules.headline(finding.text(language))
    present = [one for one in finding.detections if one.kind in rules.FOUND]
    lines = tuple(_line(one, language) for one in present)
    return Told(
        finding_id=finding.id,
        version=finding.version,
        released_at=finding.released_at or finding.made_at,
        headline=headline,
        text=text,
        level=finding.danger,
        reasons=_reasons(finding.danger_outcomes, language),
        late=tuple(line.name for line in lines if line.late),
        match=finding.match,
        certainty=rules.certainty_words(finding.confidence),
        confidence=finding.confidence,
        lines=lines,
        looked=tuple(_looked(one, language) for one in finding.scope),
        cards=rules.choose_cards(shipped_cards(), facts_of(finding)),
        warned=warned,
        amended=finding.version > 1,
        reason=finding.reason if finding.version > 1 else "",
    )


def facts_of(finding: Finding) -> Facts:
    """Return what advice depends on, from what was found and nothing else."""
    present = [one for one in finding.detections if one.kind in rules.FOUND]
    known = [one.substance for one in present if one.substance is not None]
    # A strip names a group (nitazene): it counts as every class that ends in that word.
    groups = {one.label.lower().removesuffix("s") for one in present if one.substance is None}
    return Facts(
        level=finding.danger,
        match=finding.match,
        late_onset=any(one.late_onset for one in known),
        classes=frozenset({*(one.chemical_class for one in known)})
        | frozenset(f"opioid-{group}" for group in groups if group),
        substances=frozenset(one.key for one in known),
        active=any(one.role.startswith("active") for one in present),
        unidentified=any(one.role == "unidentified" for one in present),
    )


def _line(one: Detection, language: str) -> Line:
    return Line(
        name=one.substance.name(language) if one.substance is not None else one.label,
        kind=one.kind,
        amount=_amount(one, language),
        role=one.role,
        late=bool(one.substance is not None and one.substance.late_onset),
    )


def _amount(one: Detection, language: str) -> str:
    """Say how much, with unit, uncertainty and what it is expressed as; nothing when unmeasured."""
    if one.kind != "measured" or one.value is None:
        return ""
    try:
        quantity = Quantity(one.value, one.unit, one.expressed_as or None, one.uncertainty)
    except Invalid:
        return say(Message("%(n)s %(unit)s", {"n": one.value, "unit": one.unit}), language)
    return say(amount(quantity), language)


def _reasons(outcomes: Sequence[Mapping[str, Any]], language: str) -> tuple[str, ...]:
    said = (tell(one["words"], language) for one in outcomes if one.get("raises"))
    return tuple(dict.fromkeys(words for words in said if words))


def _looked(run: Mapping[str, Any], language: str) -> Looked:
    missing = tuple(
        NotFound(name_in(one["names"], language), _limit(one, language))
        for one in run.get("not_detected") or ()
    )
    title = run.get("titles") or run.get("technique") or ""
    words = run.get("words")
    return Looked(name_in(title, language), name_in(words, language) if words else "", missing)


def _limit(one: Mapping[str, Any], language: str) -> str:
    if not one.get("lod"):
        return ""
    return say(limit_words(Quantity(Decimal(one["lod"]), str(one["unit"]))), language)


def _warned(
    session: Session,
    finding: Finding,
    product_id: uuid.UUID | None,
    language: str,
    audience: str,
) -> tuple[Warned, ...]:
    """Return the current alerts on this product or on what was found, for one audience."""
    found = [one.substance_id for one in finding.detections if one.kind in rules.FOUND]
    substances = [one for one in found if one is not None]
    if product_id is None and not substances:
        return ()
    versions, _total = current_alerts(
        session, product_id=product_id, substance_ids=substances, size=MOST_ALERTS
    )
    return tuple(
        Warned(version.alert.number, version.level, message.headline, message.body)
        for version in versions
        for message in version.messages
        if (message.audience, message.language) == (audience, language)
    )
