"""The mass ledger: every milligram of a sample that comes to a site or leaves it.

received = used + destroyed + returned + sent on + held, for each sample and each site, because
what is held is the sum of the entries and nothing else.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from lims import journal
from lims.custody import queries, rules
from lims.custody.records import MassEntry
from lims.custody.rules import MassMove
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.words import _
from lims.intake.corrections import MassCorrected
from lims.intake.records import Sample
from lims.intake.registration import SampleRegistered
from lims.network import logins
from lims.network import queries as network
from lims.network.rules import Permission


@dataclass(frozen=True)
class UseMass:
    """Material used up by a run."""

    sample_id: uuid.UUID
    site_id: uuid.UUID
    mg: Decimal
    run_id: uuid.UUID | None = None


@dataclass(frozen=True)
class WeighSample:
    """What the scale of a site says that is there of a sample now."""

    sample_id: uuid.UUID
    site_id: uuid.UUID
    mg: Decimal


@dataclass(frozen=True)
class DestroySample:
    """Destruction before a second person, who proves it with their own password."""

    sample_id: uuid.UUID
    mg: Decimal
    witness_account: str
    witness_password: str


@dataclass(frozen=True)
class ReturnSample:
    """Material given back to the person who handed it in."""

    sample_id: uuid.UUID
    mg: Decimal


def enter_handed_in(session: Session, actor: Actor, happening: SampleRegistered) -> None:
    """Enter the mass of a sample that was just handed in, when it was weighed."""
    actor.must(Permission.REGISTER)
    sample = _locked(session, happening.sample_id)
    if sample.mass_mg is not None:
        kind = MassMove.HANDED_IN
        _enter(session, actor, sample, sample.site_id, kind, sample.mass_mg)
        facts = {"mg": sample.mass_mg, "kind": kind}
        journal.record(session, actor, "enter mass", [("sample", sample.id)], **facts)


def enter_corrected(session: Session, actor: Actor, happening: MassCorrected) -> None:
    """Enter the difference when the mass that was handed in had been written down wrongly."""
    actor.must(Permission.REGISTER)
    sample = _locked(session, happening.sample_id)
    difference = (sample.mass_mg or Decimal(0)) - (happening.before_mg or Decimal(0))
    kind = MassMove.WEIGHED if happening.before_mg is not None else MassMove.HANDED_IN
    _enter(session, actor, sample, sample.site_id, kind, difference)
    facts = {"mg": difference, "kind": kind}
    journal.record(session, actor, "enter mass", [("sample", sample.id)], **facts)


def use_mass(session: Session, actor: Actor, command: UseMass) -> MassEntry:
    """Take from the ledger what a run used; never more than the site holds."""
    actor.must(Permission.ANALYSE, command.site_id)
    sample = _locked(session, command.sample_id)
    _refuse_travelling(session, sample)
    _refuse_unweighed(session, sample)
    kind = MassMove.USED
    entry = _enter(session, actor, sample, command.site_id, kind, command.mg, cause=command.run_id)
    journal.record(session, actor, "use mass", [("sample", sample.id)], mg=command.mg)
    return entry


def weigh_sample(session: Session, actor: Actor, command: WeighSample) -> MassEntry:
    """Enter what the scale says is there now: the first mass known, or the difference."""
    actor.must(Permission.MANAGE_CUSTODY, command.site_id)
    sample = _locked(session, command.sample_id)
    if not command.mg.is_finite() or command.mg < 0 or command.mg > rules.MOST_MG:
        raise refuse_field("mg", _("A mass is from zero to %(most)s mg.", most=rules.MOST_MG))
    _refuse_travelling(session, sample)
    if queries.holder(session, sample) != command.site_id:
        raise Refused(_("This sample is held by another site."))
    known = queries.is_weighed(session, sample.id)
    held = queries.balance_at(session, sample.id, command.site_id)
    kind = MassMove.WEIGHED if known else MassMove.HANDED_IN
    entry = _enter(session, actor, sample, command.site_id, kind, command.mg - held)
    journal.record(session, actor, "weigh sample", [("sample", sample.id)], mg=command.mg)
    return entry


def destroy_sample(session: Session, actor: Actor, command: DestroySample) -> MassEntry:
    """Destroy some or all of a sample before a second person of the same site, never oneself."""
    actor.must(Permission.MANAGE_CUSTODY)
    sample = _locked(session, command.sample_id)
    site_id = queries.holder(session, sample)
    actor.must(Permission.MANAGE_CUSTODY, site_id)
    account = command.witness_account.strip().lower()
    if account == actor.account:
        raise refuse_field("witness_account", _("Another person must be the witness."))
    _refuse_travelling(session, sample)
    _refuse_unweighed(session, sample)
    witness = logins.proved_witness(session, account, command.witness_password)
    if witness is None or not any(site_id in sites for sites in witness.grants.values()):
        raise refuse_field(
            "witness_password",
            _("Account or password of the witness is wrong, or they hold no duty here."),
        )
    kind = MassMove.DESTROYED
    entry = _enter(session, actor, sample, site_id, kind, command.mg, witness=account)
    subjects = [("sample", sample.id)]
    journal.record(session, actor, "destroy sample", subjects, mg=command.mg, witness=account)
    return entry


def return_sample(session: Session, actor: Actor, command: ReturnSample) -> MassEntry:
    """Give material back where it was handed in, if the law policy of the site allows it."""
    actor.must(Permission.HAND_OVER)
    sample = _locked(session, command.sample_id)
    actor.must(Permission.HAND_OVER, sample.site_id)
    if not network.site(session, sample.site_id).may_hold:
        raise Refused(_("The law policy of this site does not let staff give material back."))
    _refuse_travelling(session, sample)
    _refuse_unweighed(session, sample)
    entry = _enter(session, actor, sample, sample.site_id, MassMove.RETURNED, command.mg)
    journal.record(session, actor, "return sample", [("sample", sample.id)], mg=command.mg)
    return entry


def _locked(session: Session, sample_id: uuid.UUID) -> Sample:
    """Return a sample whose ledger nobody else writes until this act is done."""
    sample = session.get(Sample, sample_id, with_for_update=True)
    if sample is None:
        raise NotFound(_("There is no such sample, or it is not for your sites."))
    return sample


def _enter(
    session: Session,
    actor: Actor,
    sample: Sample,
    site_id: uuid.UUID,
    kind: MassMove,
    mg: Decimal,
    *,
    witness: str = "",
    cause: uuid.UUID | None = None,
) -> MassEntry:
    made = MassEntry.of(
        sample.id, site_id, kind, mg, actor.account, witness=witness, cause_id=cause
    )
    if made.mg < 0:
        rules.refuse_more_than_held(-made.mg, queries.balance_at(session, sample.id, site_id))
    session.add(made)
    session.flush()
    return made


def _refuse_unweighed(session: Session, sample: Sample) -> None:
    if not queries.is_weighed(session, sample.id):
        raise Refused(_("The mass of this sample is not known yet. Weigh it first."))


def _refuse_travelling(session: Session, sample: Sample) -> None:
    parcel = queries.active_parcel_of(session, sample.id)
    if parcel is not None and parcel.state != rules.ParcelState.DRAFT:
        raise Refused(
            _(
                "This sample is in parcel %(number)s, which is not reconciled yet.",
                number=parcel.number,
            )
        )
