"""What the acts of custody share: locked records, ledger entries, witnesses, given words."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lims.custody import queries, rules
from lims.custody.records import MassEntry, Parcel, ParcelItem, SealInUse
from lims.custody.rules import MassMove
from lims.custody.stores import Placement, SettledAlarm
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Problem, Refused, refuse_field
from lims.foundation.words import _
from lims.intake import rules as intake_rules
from lims.intake import screening
from lims.intake.records import Sample
from lims.journal.operations import Subject
from lims.network import logins
from lims.network.rules import Permission

LONGEST = 280


def locked_sample(session: Session, sample_id: uuid.UUID) -> Sample:
    """Return a sample whose ledger nobody else writes until this act is done."""
    sample = session.get(Sample, sample_id, with_for_update=True)
    if sample is None:
        raise NotFound(_("There is no such sample, or it is not for your sites."))
    return sample


def lock_samples(session: Session, sample_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Sample]:
    """Return samples by identifier, locked in one order so that two acts never wait in a ring."""
    query = select(Sample).where(Sample.id.in_(sample_ids)).order_by(Sample.id).with_for_update()
    return {sample.id: sample for sample in session.scalars(query)}


def locked_parcel(
    session: Session, actor: Actor, parcel_id: uuid.UUID, permission: Permission
) -> Parcel:
    """Return a parcel, locked, where the actor may act at the side that the permission is of."""
    parcel = session.get(Parcel, parcel_id, with_for_update=True)
    if parcel is None:
        raise NotFound(_("There is no such parcel, or it is not for your sites."))
    if permission is Permission.MANAGE_CUSTODY and actor.may(permission, parcel.to_site_id):
        return parcel
    at = parcel.to_site_id if permission is Permission.RECEIVE else parcel.from_site_id
    actor.must(permission, at)
    return parcel


def packed(parcel: Parcel) -> Sequence[tuple[ParcelItem, Sample]]:
    """Return the lines of a parcel that a sample has."""
    return [(item, item.sample) for item in parcel.items if item.sample is not None]


def about(parcel: Parcel, *only: ParcelItem) -> list[Subject]:
    """Return what an act on a parcel is about: the parcel and its samples, or some of them."""
    items = only or tuple(parcel.items)
    return [
        ("parcel", parcel.id),
        *(("sample", item.sample_id) for item in items if item.sample_id is not None),
    ]


def enter(
    session: Session,
    actor: Actor,
    sample: Sample,
    site_id: uuid.UUID,
    kind: MassMove,
    mg: Decimal,
    *,
    witness: str = "",
    cause: uuid.UUID | None = None,
    note: str = "",
    at: datetime | None = None,
) -> MassEntry:
    """Write an entry of the ledger; never more out of a site than it holds (Invalid on "mg").

    `at` is of what came before it could be written down.
    """
    made = MassEntry.of(
        sample.id, site_id, kind, mg, actor.account, witness=witness, cause_id=cause
    )
    made.note = note[:200]
    made.at = at or made.at
    if made.mg < 0:
        rules.refuse_more_than_held(-made.mg, queries.balance_at(session, sample.id, site_id))
    session.add(made)
    session.flush()
    return made


def refuse_unweighed(session: Session, sample: Sample) -> None:
    """Refuse to take from a sample of which the ledger knows no mass."""
    if not queries.is_weighed(session, sample.id):
        raise Refused(_("The mass of this sample is not known yet. Weigh it first."))


def refuse_travelling(session: Session, sample: Sample) -> None:
    """Refuse an act on a sample that is sealed in a parcel."""
    parcel = queries.active_parcel_of(session, sample.id)
    if parcel is not None and parcel.state != rules.ParcelState.DRAFT:
        raise Refused(
            _(
                "This sample is in parcel %(number)s, which is not reconciled yet.",
                number=parcel.number,
            )
        )


def said(text: str, field: str, longest: int = LONGEST) -> str:
    """Return words that an act needs; raises Invalid when empty, too long, or about a person."""
    words = text.strip()
    problems = intake_rules.wrong_text(field, words, longest)
    if not words:
        problems = [Problem(field, _("Say why in a few words."))]
    told = {} if problems else screening.warnings({field: words}, frozenset({field}))
    problems += [Problem(name, message) for name, message in told.items()]
    if problems:
        raise Invalid(problems)
    return words


def proved_witness(
    session: Session, actor: Actor, account: str, password: str, site_id: uuid.UUID
) -> str:
    """Return the account of a second person of a site who proved it with their own password."""
    wanted = account.strip().lower()
    if wanted == actor.account:
        raise refuse_field("witness_account", _("Another person must be the witness."))
    witness = logins.proved_witness(session, wanted, password)
    if witness is None or not any(site_id in sites for sites in witness.grants.values()):
        raise refuse_field(
            "witness_password",
            _("Account or password of the witness is wrong, or they hold no duty here."),
        )
    return wanted


def free_seals(session: Session, parcel_id: uuid.UUID) -> None:
    """Let the numbers of a parcel's seals be used again: it is not under way any more."""
    session.execute(delete(SealInUse).where(SealInUse.parcel_id == parcel_id))


def leave_places(session: Session, sample_ids: Collection[uuid.UUID], why: str) -> None:
    """Close where samples stand, because they leave."""
    standing = select(Placement).where(Placement.open_sample_id.in_(sample_ids))
    for placement in session.scalars(standing):
        placement.open_sample_id, placement.until = None, clock.now()
        placement.until_why = why


def settle(
    session: Session, actor: Actor, kind: str, subject_id: uuid.UUID, site_id: uuid.UUID, words: str
) -> None:
    """Answer an alarm in words; one that was answered already stays as it is."""
    known = select(SettledAlarm.id).where(
        SettledAlarm.kind == kind, SettledAlarm.subject_id == subject_id
    )
    if session.scalar(known) is None:
        facts = {"kind": kind, "subject_id": subject_id, "site_id": site_id, "words": words}
        session.add(SettledAlarm(id=uuid.uuid4(), by=actor.account, at=clock.now(), **facts))
        session.flush()
