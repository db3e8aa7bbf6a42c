"""Destruction before two persons: one act for many samples, with a protocol to sign."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from lims import journal
from lims.custody import destructions, noting, queries
from lims.custody.rules import MassMove
from lims.custody.stores import Destruction
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.codes import shown
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.intake import queries as intake
from lims.intake.records import Sample
from lims.intake.rules import wrong_text
from lims.journal.operations import Subject
from lims.network.rules import Permission

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Residue:
    """A sample by its code, and how much of it is destroyed; without mg, all that is held."""

    code: str
    mg: Decimal | None = None


@dataclass(frozen=True)
class DestroySamples:
    """What a site destroys, why and how, before a second person who proves it by password."""

    site_id: uuid.UUID
    residues: tuple[Residue, ...]
    reason: str
    witness_account: str
    witness_password: str
    method: str = ""
    id: uuid.UUID | None = None


def destroy_samples(session: Session, actor: Actor, command: DestroySamples) -> Destruction:
    """Destroy some or all of many samples in one act before a second person of the site.

    The same identifier with the same samples gives the same act. Raises Invalid naming every code
    that cannot be destroyed: then nothing is.
    """
    actor.must(Permission.MANAGE_CUSTODY, command.site_id)
    known = session.get(Destruction, command.id) if command.id else None
    if known is not None:
        if not _is_same(session, known, command):
            raise Refused(_("Another act has this identifier."))
        return known
    reason = noting.said(command.reason, "reason")
    if wrong_text("method", command.method, 120):
        raise refuse_field("method", _("At most %(n)s characters, please.", n=120))
    wanted = _residues(session, actor, command)
    witness = noting.proved_witness(
        *(session, actor, command.witness_account, command.witness_password), command.site_id
    )
    act = _act(session, actor, command, reason, witness)
    for sample, mg in wanted:
        _destroy(session, actor, act, sample, mg)
    about: list[Subject] = [("destruction", act.id)]
    about += [("sample", sample.id) for sample, _mg in wanted]
    facts = {"number": act.number, "mg": sum(mg for _sample, mg in wanted), "reason": reason}
    journal.record(session, actor, "destroy samples", about, witness=witness, **facts)
    return act


def _is_same(session: Session, act: Destruction, command: DestroySamples) -> bool:
    """Tell whether a command asks again for what was done: same site, same samples, same mg."""
    done = {sample_id: mg for _code, sample_id, mg in destructions.lines_of(session, act.id)}
    asked = [(intake.find_by_code(session, one.code), one.mg) for one in command.residues]
    return (
        act.site_id == command.site_id
        and {sample.id for sample, _mg in asked if sample is not None} == set(done)
        and all(sample is not None and mg in (None, done[sample.id]) for sample, mg in asked)
    )


def _act(
    session: Session, actor: Actor, command: DestroySamples, reason: str, witness: str
) -> Destruction:
    act = Destruction(
        id=command.id or uuid.uuid4(),
        number=next_number(session, Destruction.number, "D-"),
        site_id=command.site_id,
        by=actor.account,
        witness=witness,
        reason=reason,
        method=command.method.strip(),
        at=clock.now(),
    )
    session.add(act)
    session.flush()
    return act


def _destroy(session: Session, actor: Actor, act: Destruction, sample: Sample, mg: Decimal) -> None:
    noting.enter(
        *(session, actor, sample, act.site_id, MassMove.DESTROYED, mg),
        witness=act.witness,
        cause=act.id,
    )
    if queries.balance_at(session, sample.id, act.site_id) == 0:
        noting.leave_places(session, [sample.id], "destroyed")


def _residues(
    session: Session, actor: Actor, command: DestroySamples
) -> Sequence[tuple[Sample, Decimal]]:
    """Return each sample, locked, with what is destroyed of it; raises Invalid otherwise."""
    if not command.residues:
        raise refuse_field("codes", _("Scan or type at least one sample code."))
    if len(command.residues) > MOST_AT_ONCE:
        raise refuse_field("codes", _("At most %(n)s, please.", n=MOST_AT_ONCE))
    found = [(intake.find_by_code(session, one.code), one) for one in command.residues]
    noting.lock_samples(session, [sample.id for sample, _one in found if sample is not None])
    wanted: dict[uuid.UUID, tuple[Sample, Decimal]] = {}
    problems: list[Problem] = []
    for sample, residue in found:
        if sample is None or not intake.may_follow(actor, sample):
            words = _("No sample has the code %(code)s.", code=residue.code[:20])
            problems.append(Problem("codes", words))
            continue
        held = queries.balance_at(session, sample.id, command.site_id)
        mg = residue.mg if residue.mg is not None else held
        problems += _unfit(session, sample, held, mg)
        if sample.id in wanted:
            words = _("The code %(code)s stands twice.", code=shown(sample.code))
            problems.append(Problem("codes", words))
        wanted[sample.id] = (sample, mg)
    if problems:
        raise Invalid(problems)
    return list(wanted.values())


def _unfit(session: Session, sample: Sample, held: Decimal, mg: Decimal) -> list[Problem]:
    """Return why a sample cannot be destroyed here: on the way, never weighed, or not so much."""
    code = shown(sample.code)
    parcel = queries.active_parcel_of(session, sample.id)
    if parcel is not None and parcel.state != "draft":
        words = _("%(code)s is in parcel %(number)s.", code=code, number=parcel.number)
        return [Problem("codes", words)]
    if not queries.is_weighed(session, sample.id):
        return [Problem("codes", _("%(code)s was never weighed. Weigh it first.", code=code))]
    if mg <= 0 or mg > held:
        words = _("Of %(code)s, the ledger says that %(held)s mg are here.", code=code, held=held)
        return [Problem("mg", words)]
    return []
