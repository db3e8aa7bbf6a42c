"""What is lost and what is found again, so that the ledger says where every milligram went."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from lims import journal
from lims.custody import noting, queries
from lims.custody.conventions import AlarmKind
from lims.custody.records import MassEntry, Parcel
from lims.custody.rules import MassMove, ParcelState, ScanResult
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.codes import shown
from lims.foundation.errors import Refused, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.intake import rules as intake_rules
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.network import queries as network
from lims.network.rules import OrganisationKind, Permission


@dataclass(frozen=True)
class LoseParcel:
    """A parcel that is lost on the way, and what is known of it."""

    parcel_id: uuid.UUID
    reason: str
    row_version: int | None = None


@dataclass(frozen=True)
class LoseSample:
    """A sample, or what is left of it, that is not where it should be, and what is known."""

    sample_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class FindSample:
    """A sample that was declared lost and is found again at a site; without mg, all of it."""

    sample_id: uuid.UUID
    site_id: uuid.UUID
    words: str
    mg: Decimal | None = None


def mark_parcel_lost(session: Session, actor: Actor, command: LoseParcel) -> Parcel:
    """Declare a parcel lost: its masses leave the sender's account as lost, and an alarm stands."""
    actor.must(Permission.MANAGE_CUSTODY)
    parcel = noting.locked_parcel(session, actor, command.parcel_id, Permission.MANAGE_CUSTODY)
    refuse_stale(parcel, command.row_version)
    parcel.move_to(ParcelState.LOST)
    parcel.lost_why = noting.said(command.reason, "reason")
    parcel.lost_at = clock.now()
    noting.lock_samples(session, [one.id for _item, one in noting.packed(parcel)])
    for item, sample in noting.packed(parcel):
        item.scan, item.active_sample_id = ScanResult.MISSING, None
        gone = queries.balance_at(session, sample.id, parcel.from_site_id)
        if gone > 0:
            at = parcel.from_site_id
            noting.enter(session, actor, sample, at, MassMove.LOST, gone, cause=parcel.id)
        noting.leave_places(session, [sample.id], "lost")
        _cannot_be_analysed(sample)
    noting.free_seals(session, parcel.id)
    codes = [shown(item.code) for item in parcel.items]
    facts = {"number": parcel.number, "missing": codes, "reason": parcel.lost_why}
    journal.record(session, actor, "mark parcel lost", noting.about(parcel), **facts)
    return parcel


def _cannot_be_analysed(sample: Sample) -> None:
    if SampleState.NOT_ANALYSED in intake_rules.MOVES[SampleState(sample.state)]:
        sample.move_to(SampleState.NOT_ANALYSED)
        sample.not_analysed_reason = intake_rules.LOST_OR_DAMAGED


def lose_sample(session: Session, actor: Actor, command: LoseSample) -> MassEntry:
    """Declare all that a site holds of a sample lost; an alarm stands until it is answered."""
    actor.must(Permission.MANAGE_CUSTODY)
    sample = noting.locked_sample(session, command.sample_id)
    site_id = queries.holder(session, sample)
    actor.must(Permission.MANAGE_CUSTODY, site_id)
    noting.refuse_travelling(session, sample)
    reason = noting.said(command.reason, "reason")
    held = queries.balance_at(session, sample.id, site_id)
    if held > 0:
        entry = noting.enter(session, actor, sample, site_id, MassMove.LOST, held, note=reason)
    elif queries.is_weighed(session, sample.id):
        raise Refused(_("The ledger says that nothing of this sample is left here."))
    else:
        entry = _unweighed(session, actor, sample, site_id, reason)
    noting.leave_places(session, [sample.id], "lost")
    _cannot_be_analysed(sample)
    for line in queries.missing_lines_of(session, sample.id):
        noting.settle(session, actor, AlarmKind.MISSING, line, site_id, reason)
    facts = {"mg": held, "reason": reason}
    journal.record(session, actor, "lose sample", [("sample", sample.id)], **facts)
    return entry


def _unweighed(
    session: Session, actor: Actor, sample: Sample, site_id: uuid.UUID, reason: str
) -> MassEntry:
    """Enter a loss of which nobody knows the mass: zero, so that it is named all the same."""
    if sample.state not in ("registered", "received", "in analysis", "to verify"):
        raise Refused(_("The ledger says that nothing of this sample is left here."))
    entry = MassEntry(
        id=uuid.uuid4(),
        sample_id=sample.id,
        site_id=site_id,
        kind=str(MassMove.LOST),
        mg=Decimal(0),
        at=clock.now(),
        by=actor.account,
        note=reason[:200],
    )
    session.add(entry)
    session.flush()
    return entry


def find_sample(session: Session, actor: Actor, command: FindSample) -> Sample:
    """Take a sample that was lost onto the account of the site where it is found again.

    Never more than was lost of it. Raises Refused for a sample that was not lost.
    """
    actor.must(Permission.MANAGE_CUSTODY, command.site_id)
    sample = noting.locked_sample(session, command.sample_id)
    words = noting.said(command.words, "words", 200)
    lost = queries.lost_mg(session, sample.id)
    if not lost and sample.not_analysed_reason != intake_rules.LOST_OR_DAMAGED:
        raise Refused(_("This sample was not declared lost."))
    mg = command.mg if command.mg is not None else lost
    if mg > lost:
        raise refuse_field("mg", _("Only %(lost)s mg of this sample were lost.", lost=lost))
    site = network.site(session, command.site_id)
    if queries.balance(session, sample.id) == 0:
        noting.leave_places(session, [sample.id], "received elsewhere")
    _wait_again(sample, site.id, is_laboratory=site.kind == OrganisationKind.LABORATORY)
    if lost:
        noting.enter(session, actor, sample, site.id, MassMove.FOUND, mg, note=words)
    facts = {"mg": mg, "reason": words}
    journal.record(session, actor, "find sample", [("sample", sample.id)], **facts)
    return sample


def _wait_again(sample: Sample, site_id: uuid.UUID, *, is_laboratory: bool) -> None:
    """Let a sample wait again where it is found: at a laboratory, or where it was handed in."""
    if not is_laboratory and site_id != sample.site_id:
        raise refuse_field(
            "site_id", _("A sample is found at a laboratory, or where it was handed in.")
        )
    lost = sample.not_analysed_reason == intake_rules.LOST_OR_DAMAGED
    if sample.state == SampleState.NOT_ANALYSED and lost:
        sample.move_to(SampleState.RECEIVED if is_laboratory else SampleState.REGISTERED)
        sample.not_analysed_reason = ""
    sample.laboratory_id = site_id if is_laboratory else None
