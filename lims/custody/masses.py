"""The mass ledger: every milligram of a sample that comes to a site or leaves it.

received = used + destroyed + returned + lost + sent on + held, for each sample and each site,
because what is held is the sum of the entries and nothing else. Losses and destructions have
files of their own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from lims import journal
from lims.custody import noting, queries, rules
from lims.custody.records import MassEntry
from lims.custody.rules import MassMove
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field
from lims.foundation.words import _
from lims.intake.corrections import MassCorrected
from lims.intake.records import Sample
from lims.intake.registration import SampleRegistered
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
class ReturnSample:
    """Material given back to the person who handed it in; without mg, all that is left."""

    sample_id: uuid.UUID
    mg: Decimal | None = None


def enter_handed_in(session: Session, actor: Actor, happening: SampleRegistered) -> None:
    """Enter the mass of a sample that was handed in, when it was weighed.

    It is dated by the moment at the table: without a network that was before today, and an
    inspection asks what was held then.
    """
    actor.must(Permission.REGISTER)
    # Nobody else can see a sample of this very transaction: there is nothing to lock.
    sample = session.get_one(Sample, happening.sample_id)
    if sample.mass_mg is not None:
        kind = MassMove.HANDED_IN
        at, mg = sample.recorded_at, sample.mass_mg
        noting.enter(session, actor, sample, sample.site_id, kind, mg, at=at)
        facts = {"mg": sample.mass_mg, "kind": kind}
        journal.record(session, actor, "enter mass", [("sample", sample.id)], **facts)


def enter_corrected(session: Session, actor: Actor, happening: MassCorrected) -> None:
    """Enter the difference when the mass that was handed in had been written down wrongly."""
    actor.must(Permission.REGISTER)
    sample = noting.locked_sample(session, happening.sample_id)
    difference = (sample.mass_mg or Decimal(0)) - (happening.before_mg or Decimal(0))
    kind = MassMove.CORRECTED if happening.before_mg is not None else MassMove.HANDED_IN
    noting.enter(session, actor, sample, sample.site_id, kind, difference)
    facts = {"mg": difference, "kind": kind}
    journal.record(session, actor, "enter mass", [("sample", sample.id)], **facts)


def use_mass(session: Session, actor: Actor, command: UseMass) -> MassEntry:
    """Take from the ledger what a run used; never more than the site holds."""
    actor.must(Permission.ANALYSE, command.site_id)
    sample = noting.locked_sample(session, command.sample_id)
    noting.refuse_travelling(session, sample)
    noting.refuse_unweighed(session, sample)
    kind = MassMove.USED
    entry = noting.enter(
        session, actor, sample, command.site_id, kind, command.mg, cause=command.run_id
    )
    journal.record(session, actor, "use mass", [("sample", sample.id)], mg=command.mg)
    return entry


def weigh_sample(session: Session, actor: Actor, command: WeighSample) -> MassEntry:
    """Enter what the scale says is there now: the first mass known, or the difference."""
    actor.must(Permission.MANAGE_CUSTODY, command.site_id)
    sample = noting.locked_sample(session, command.sample_id)
    if not command.mg.is_finite() or command.mg < 0 or command.mg > rules.MOST_MG:
        raise refuse_field("mg", _("A mass is from zero to %(most)s mg.", most=rules.MOST_MG))
    noting.refuse_travelling(session, sample)
    if queries.holder(session, sample) != command.site_id:
        raise Refused(_("This sample is held by another site."))
    known = queries.is_weighed(session, sample.id)
    held = queries.balance_at(session, sample.id, command.site_id)
    kind = MassMove.WEIGHED if known else MassMove.HANDED_IN
    entry = noting.enter(session, actor, sample, command.site_id, kind, command.mg - held)
    journal.record(session, actor, "weigh sample", [("sample", sample.id)], mg=command.mg)
    return entry


def return_sample(session: Session, actor: Actor, command: ReturnSample) -> MassEntry:
    """Give material back where it was handed in, if the law policy of the site allows it."""
    actor.must(Permission.HAND_OVER)
    sample = noting.locked_sample(session, command.sample_id)
    actor.must(Permission.HAND_OVER, sample.site_id)
    site = network.site(session, sample.site_id)
    if not (site.may_hold and site.may_return):
        raise Refused(_("The law policy of this site does not let staff give material back."))
    noting.refuse_travelling(session, sample)
    noting.refuse_unweighed(session, sample)
    held = queries.balance_at(session, sample.id, site.id)
    mg = command.mg if command.mg is not None else held
    entry = noting.enter(session, actor, sample, site.id, MassMove.RETURNED, mg)
    if mg == held:
        noting.leave_places(session, [sample.id], "returned")
    journal.record(session, actor, "return sample", [("sample", sample.id)], mg=mg)
    return entry
