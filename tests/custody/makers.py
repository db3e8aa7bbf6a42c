"""Parcels on their way through custody, for its tests. Everything here is synthetic."""

from __future__ import annotations

import itertools
from decimal import Decimal

from sqlalchemy.orm import Session

from lims.custody import operations as custody
from lims.custody.records import Parcel
from lims.intake.records import Sample
from tests.makers import PASSWORD, Network

SEALS = itertools.count(1)


def draft(session: Session, network: Network, *samples: Sample) -> Parcel:
    """Begin a parcel from the counter with some samples in it."""
    command = custody.DraftParcel(network.counter.id, network.laboratory.id)
    parcel = custody.draft_parcel(session, network.worker, command)
    for sample in samples:
        change = custody.ChangeManifest(parcel.id, sample.code)
        custody.add_to_parcel(session, network.worker, change)
    return parcel


def sealed(session: Session, network: Network, *samples: Sample) -> Parcel:
    """Seal a parcel with some samples in it, under a number of its own."""
    parcel = draft(session, network, *samples)
    seal = custody.SealParcel(parcel.id, f"S-{next(SEALS):05d}")
    return custody.seal_parcel(session, network.worker, seal)


def sent(session: Session, network: Network, *samples: Sample) -> Parcel:
    """Send a sealed parcel."""
    parcel = sealed(session, network, *samples)
    return custody.send_parcel(session, network.worker, custody.MoveParcel(parcel.id))


def scan(session: Session, network: Network, parcel: Parcel, *codes_seen: str) -> None:
    """Scan codes of a parcel at the laboratory."""
    for code in codes_seen:
        custody.scan_parcel(session, network.chemist, custody.ScanParcel(parcel.id, code))


def checked(session: Session, network: Network, parcel: Parcel) -> Parcel:
    """Find the seal of a parcel whole."""
    look = custody.CheckSeals(parcel.id, parcel.seal, True, parcel.seal_2)
    return custody.check_seals(session, network.chemist, look)


def closed(session: Session, network: Network, parcel: Parcel) -> Parcel:
    """Close the receipt of a parcel whose seal is whole."""
    checked(session, network, parcel)
    command = custody.ReconcileParcel(parcel.id)
    return custody.reconcile_parcel(session, network.chemist, command)


def reconciled(session: Session, network: Network, *samples: Sample) -> Parcel:
    """Bring samples to the laboratory."""
    parcel = sent(session, network, *samples)
    scan(session, network, parcel, *(sample.code for sample in samples))
    return closed(session, network, parcel)


def destroy(
    session: Session, network: Network, sample: Sample, mg: Decimal | None = None, **other: str
) -> None:
    """Destroy some of a sample at the laboratory before its head."""
    told = {"reason": "Synthetic.", "witness_account": "head", "witness_password": PASSWORD}
    residue = custody.Residue(sample.code, mg)
    command = custody.DestroySamples(network.laboratory.id, (residue,), **{**told, **other})
    custody.destroy_samples(session, network.chemist, command)
