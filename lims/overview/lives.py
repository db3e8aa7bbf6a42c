"""The whole life of a sample: what the journal says of it, and the records that it touched."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.alerts.records import Alert
from lims.analysis.records import Run, RunSample
from lims.custody.records import MassEntry, Parcel, ParcelItem
from lims.findings.records import Finding
from lims.foundation.actors import Actor
from lims.foundation.codes import read_code
from lims.foundation.errors import NotFound
from lims.foundation.words import _, moment
from lims.intake.queries import may_follow
from lims.intake.records import Sample, Visit
from lims.journal.queries import Act
from lims.journal.records import JournalDetail, JournalEntry, JournalSubject
from lims.network.records import Site
from lims.network.rules import Permission
from lims.overview import acts
from lims.products.records import Product, ProductSample
from lims.surveillance.records import Signal

MOST_ACTS = 500
TALK = "record talk"
"""How counselling names its act; the talks themselves are not read here."""


@dataclass(frozen=True)
class Life:
    """A sample with everything that happened to it."""

    sample: Sample
    laboratory: Site | None
    acts: Sequence[Act]
    parcels: Sequence[Parcel] = ()
    runs: Sequence[Run] = ()
    findings: Sequence[Finding] = ()
    product: Product | None = None
    signals: Sequence[Signal] = ()
    alerts: Sequence[Alert] = ()
    talks: int = 0
    ledger: Sequence[MassEntry] = ()
    balance: Decimal = field(default=Decimal(0))


def life_by_code(session: Session, actor: Actor, text: str) -> Life:
    """Return the life of the sample whose code was typed; raises Invalid, NotFound."""
    actor.must(Permission.FOLLOW_SAMPLES)
    found = session.scalar(select(Sample.id).where(Sample.code == read_code(text)))
    if found is None:
        raise NotFound(_("There is no sample with this code."))
    return life(session, actor, found)


def life(session: Session, actor: Actor, sample_id: uuid.UUID) -> Life:
    """Return the life of a sample; raises NotFound for one that the actor may not follow."""
    actor.must(Permission.FOLLOW_SAMPLES)
    sample = _sample(session, actor, sample_id)
    findings = _findings(session, sample_id)
    signals = _signals(session, sample_id, findings)
    alerts = _alerts(session, signals)
    ledger = session.scalars(
        select(MassEntry).where(MassEntry.sample_id == sample_id).order_by(MassEntry.at)
    ).all()
    happened = _acts(session, sample_id, signals, alerts)
    return Life(
        sample=sample,
        laboratory=session.get(Site, sample.laboratory_id) if sample.laboratory_id else None,
        acts=happened,
        parcels=_parcels(session, sample_id),
        runs=_runs(session, sample_id),
        findings=findings,
        product=_product(session, sample_id),
        signals=signals,
        alerts=alerts,
        talks=sum(one.act == TALK for one in happened),
        ledger=ledger,
        balance=sum((entry.mg for entry in ledger), Decimal(0)),
    )


def _sample(session: Session, actor: Actor, sample_id: uuid.UUID) -> Sample:
    sample = session.scalar(
        select(Sample)
        .where(Sample.id == sample_id)
        .options(
            joinedload(Sample.site),
            joinedload(Sample.sold_as_substance),
            joinedload(Sample.visit).joinedload(Visit.site),
        )
    )
    if sample is None or not may_follow(actor, sample):
        raise NotFound(_("There is no such sample, or it is not for your site."))
    return sample


def _parcels(session: Session, sample_id: uuid.UUID) -> Sequence[Parcel]:
    held = select(ParcelItem.parcel_id).where(ParcelItem.sample_id == sample_id)
    query = select(Parcel).where(Parcel.id.in_(held)).order_by(Parcel.made_at)
    whole = (joinedload(Parcel.from_site), joinedload(Parcel.to_site))
    return session.scalars(query.options(*whole)).all()


def _runs(session: Session, sample_id: uuid.UUID) -> Sequence[Run]:
    held = select(RunSample.run_id).where(RunSample.sample_id == sample_id)
    query = select(Run).where(Run.id.in_(held)).order_by(Run.started_at, Run.number)
    return session.scalars(query.options(joinedload(Run.protocol))).all()


def _findings(session: Session, sample_id: uuid.UUID) -> Sequence[Finding]:
    return session.scalars(
        select(Finding).where(Finding.sample_id == sample_id).order_by(Finding.version)
    ).all()


def _product(session: Session, sample_id: uuid.UUID) -> Product | None:
    return session.scalar(
        select(Product)
        .join(ProductSample, ProductSample.product_id == Product.id)
        .where(ProductSample.current_sample_id == sample_id)
    )


def _signals(
    session: Session, sample_id: uuid.UUID, findings: Sequence[Finding]
) -> Sequence[Signal]:
    about = [Signal.sample_id == sample_id]
    if findings:
        about.append(Signal.finding_id.in_([one.id for one in findings]))
    return session.scalars(select(Signal).where(or_(*about)).order_by(Signal.opened_at)).all()


def _alerts(session: Session, signals: Sequence[Signal]) -> Sequence[Alert]:
    """Return the alerts that this sample's signals led to, with their versions."""
    events = {one.event_id for one in signals if one.event_id is not None}
    return session.scalars(
        select(Alert)
        .where(Alert.event_id.in_(events))
        .order_by(Alert.made_at)
        .options(selectinload(Alert.versions))
    ).all()


def _acts(
    session: Session, sample_id: uuid.UUID, signals: Sequence[Signal], alerts: Sequence[Alert]
) -> Sequence[Act]:
    """Return the acts on the sample, and on the alerts that it led to, oldest first."""
    subjects = {
        "sample": [sample_id],
        "signal": [one.id for one in signals],
        "event": [one.event_id for one in signals if one.event_id],
        "alert": [one.id for one in alerts],
    }
    about = [
        and_(JournalSubject.kind == kind, JournalSubject.subject_id.in_([str(i) for i in ids]))
        for kind, ids in subjects.items()
        if ids
    ]
    told = select(JournalSubject.seq).where(or_(*about))
    rows = session.execute(
        select(JournalEntry, JournalDetail)
        .outerjoin(JournalDetail, JournalDetail.seq == JournalEntry.seq)
        .where(JournalEntry.seq.in_(told))
        .order_by(JournalEntry.seq)
        .limit(MOST_ACTS)
    )
    return [
        Act(entry.seq, entry.at, entry.actor, entry.act, detail.body if detail else {})
        for entry, detail in rows
    ]


def told(found: Life, language: str) -> list[dict[str, Any]]:
    """Return the acts of a life as sentences in one language, oldest first."""
    return [
        {
            "seq": act.seq,
            "at": act.at.isoformat(timespec="seconds"),
            "when": moment(act.at, language),
            "actor": act.actor,
            "act": act.act,
            "what": acts.said(act.act, language),
            "detail": acts.detail(act.act, act.detail, language),
        }
        for act in found.acts
    ]


def moments(found: Life, language: str) -> list[dict[str, Any]]:
    """Return the acts of a life gathered by person and minute, oldest first."""
    return [
        {"when": when, "by": by, "acts": list(listed)}
        for (when, by), listed in groupby(
            told(found, language), key=lambda one: (one["when"], one["actor"])
        )
    ]
