"""Reading who is trained on which protocol, and whether it still holds."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.words import Message
from lims.network.records import Competence, Member, MemberDuty
from lims.network.rules import TABLE, Permission
from lims.quality import rules

AT_THE_BENCH = tuple(
    duty for duty, may in TABLE.items() if may & {Permission.ANALYSE, Permission.VERIFY}
)


@dataclass(frozen=True)
class Trained:
    """A person and one training, with how it stands today; no training where none is kept."""

    member: Member
    competence: Competence | None
    state: rules.TrainingState
    words: Message


def competence(session: Session, member_id: uuid.UUID, protocol: str) -> Competence | None:
    """Return the training of a person on a protocol, or None."""
    return session.scalar(
        select(Competence).where(Competence.member_id == member_id, Competence.protocol == protocol)
    )


def people(session: Session, site_id: uuid.UUID) -> Sequence[Member]:
    """Return who runs or verifies at a laboratory now, by account."""
    query = (
        select(Member)
        .join(MemberDuty, MemberDuty.member_id == Member.id)
        .where(
            MemberDuty.site_id == site_id,
            MemberDuty.until.is_(None),
            MemberDuty.duty.in_(AT_THE_BENCH),
            Member.active.is_(True),
        )
        .distinct()
        .order_by(Member.account)
    )
    return session.scalars(query).all()


def trainings(session: Session, actor: Actor, site_id: uuid.UUID) -> list[Trained]:
    """Return the trainings of who works at a laboratory; who has none stands with none."""
    if not actor.may(Permission.ANALYSE, site_id):
        actor.must(Permission.RECORD_TRAINING, site_id)
    there = people(session, site_id)
    query = select(Competence).where(Competence.member_id.in_([one.id for one in there]))
    by_member: dict[uuid.UUID, list[Competence]] = {}
    for one in session.scalars(query.order_by(Competence.protocol)):
        by_member.setdefault(one.member_id, []).append(one)
    return [_trained(member, one) for member in there for one in by_member.get(member.id, [None])]


def training_of(session: Session, account: str, protocol: str) -> Trained | None:
    """Return how the training of an account on a protocol stands, or None for no such account."""
    member = session.scalar(select(Member).where(Member.account == account))
    if member is None:
        return None
    return _trained(member, competence(session, member.id, protocol))


def _trained(member: Member, kept: Competence | None) -> Trained:
    until = kept.valid_until if kept else None
    state = rules.training_state(kept is not None, until, clock.today())
    return Trained(member, kept, state, rules.training_words(state, until))
