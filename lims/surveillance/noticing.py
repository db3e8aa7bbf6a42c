"""What is noticed at once when something arrives: first sightings, contents, reported effects."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from lims.findings.statements import Names
from lims.foundation.actors import Actor
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.intake.registration import SampleRegistered
from lims.network.rules import Permission
from lims.surveillance import effects, looks, sightings
from lims.surveillance.arrivals import ACTIVE, OWN, ArrivedSample
from lims.surveillance.finding_first import Seeing, first_sightings
from lims.surveillance.noticed import Noticed
from lims.surveillance.operations import SignalRaised
from lims.surveillance.raising import raise_noticed
from lims.surveillance.rules import SignalSource
from lims.surveillance.series import names_of
from lims.surveillance.weeks import monday_of

Row = Mapping[str, Any]
Known = Collection[tuple[uuid.UUID, uuid.UUID | None]]


def notice(
    session: Session,
    actor: Actor,
    arrived: Sequence[ArrivedSample],
    rows: Sequence[Row],
    earlier: Known,
) -> None:
    """Raise what is new in results that are about to be counted; back-dated ones raise nothing.

    `earlier` names what the same samples said before: that was noticed then.
    """
    fresh = [
        row
        for row in rows
        if row["counts"]
        and row["in_time"]
        and row["counted_as_id"] is not None
        and (row["sample_id"] or row["origin_id"], row["counted_as_id"]) not in earlier
    ]
    if not fresh:
        return
    noticed = first_sightings(session, _seeings(fresh))
    for one in arrived:
        if one.origin == OWN:
            noticed += _other_content(session, one, [r for r in fresh if _is_of(r, one)])
    raise_noticed(session, actor, noticed)


def _seeings(rows: Iterable[Row]) -> list[Seeing]:
    found = [
        Seeing(
            origin=row["origin"],
            substance=row["counted_as_id"],
            region=row["region"],
            declared=row["declared_id"],
            seen_on=row["analysed_on"],
            confidence=row["confidence"],
            sample_id=row["sample_id"],
            product_id=row["product_id"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.origin, one.seen_on, str(one.substance), one.region))


def _is_of(row: Row, arrived: ArrivedSample) -> bool:
    return bool(row["origin_id"] == arrived.origin_id)


def _other_content(session: Session, arrived: ArrivedSample, rows: list[Row]) -> list[Noticed]:
    """Return whether a sample holds what its look did not hold before."""
    active = [row["counted_as_id"] for row in rows if row["role"] in ACTIVE]
    if arrived.product_id is None or arrived.sample_id is None or not active:
        return []
    own = looks.Parameters()
    since = arrived.analysed_on - timedelta(days=own.days)
    before = sightings.contents_of_look(session, arrived.product_id, arrived.sample_id, since)
    now = sightings.keys_of(session, active)
    inputs = {"now": now, "earlier": before}
    outcome = looks.computed(inputs, asdict(own))
    if outcome["difference"] == looks.Difference.NONE:
        return []
    names = names_of(session, active)
    return [_content_notice(arrived, inputs, outcome, [names[one] for one in active], active)]


def _content_notice(
    arrived: ArrivedSample,
    inputs: dict[str, Any],
    outcome: dict[str, Any],
    now: Sequence[Names],
    active: Sequence[uuid.UUID],
) -> Noticed:
    return Noticed(
        matter=f"look:{arrived.product_id}:{'+'.join(outcome['new'])}"[:200],
        source=SignalSource.SAME_LOOK,
        level="caution",
        reason=_(
            "Same look, different content: %(now)s. Samples of this look before: %(n)s.",
            now=now,
            n=len(inputs["earlier"]),
        ),
        algorithm=looks.ALGORITHM,
        version=looks.VERSION,
        parameters=asdict(looks.Parameters()),
        inputs=inputs,
        outcome=outcome,
        region=arrived.region,
        week=monday_of(arrived.analysed_on),
        substance_id=active[0] if len(active) == 1 else None,
        product_id=arrived.product_id,
        sample_id=arrived.sample_id,
    )


def count_reports(session: Session, actor: Actor, happening: SignalRaised) -> None:
    """Raise a signal when the third person reports a bad effect of one product."""
    look = sightings.look_of_signal(session, happening.signal_id)
    if look is not None:
        raise_noticed(session, actor, _reported(session, look))


def count_told_effects(session: Session, actor: Actor, happening: SampleRegistered) -> None:
    """Count what was told at the table of a bad effect, as a report on the product."""
    actor.must(Permission.REGISTER)
    sample = session.get_one(Sample, happening.sample_id)
    told = set(sample.effects or ())
    if sample.incident_link in effects.NO_INCIDENT and not told:
        return
    adverse = sightings.adverse_effects(session)
    if effects.is_bad(told, sample.incident_link, adverse):
        session.flush()
        look = sightings.look_of_sample(sample)
        raise_noticed(session, actor, _reported(session, look))


def _reported(session: Session, look: effects.Look) -> list[Noticed]:
    own = effects.Parameters()
    reports = sightings.reports_of_look(session, look, own.days)
    inputs = {
        "look": asdict(look),
        "days": [one.day.isoformat() for one in reports],
        "reports": [one.what for one in reports],
    }
    outcome = effects.computed(inputs, asdict(own))
    if not outcome["raised"]:
        return []
    products = {one.product_id for one in reports} - {None}
    samples = [one.sample_id for one in reports if one.sample_id]
    return [
        Noticed(
            matter=look.matter,
            source=SignalSource.EFFECTS,
            level="warning",
            reason=_(
                "Bad effects reported of one product: %(n)s within four weeks.",
                n=outcome["reports"],
            ),
            algorithm=effects.ALGORITHM,
            version=effects.VERSION,
            parameters=asdict(own),
            inputs=inputs,
            outcome=outcome,
            product_id=products.pop() if len(products) == 1 else None,
            sample_id=samples[-1] if samples else None,
        )
    ]
