"""Sealing: the manifest is locked under one or two seals and a valid authorisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims import journal
from lims.custody import authorisations, noting, queries, rules
from lims.custody.records import Parcel, SealInUse
from lims.custody.rules import ParcelState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.codes import shown
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field, refuse_stale
from lims.foundation.words import Message, _
from lims.intake import rules as intake_rules
from lims.network.rules import Permission


@dataclass(frozen=True)
class SealParcel:
    """The seals that lock a manifest; why it goes though a laboratory would need more."""

    parcel_id: uuid.UUID
    seal: str
    gross_mass_mg: Decimal | None = None
    row_version: int | None = None
    seal_2: str = ""
    lacking_why: str = ""


def seal_parcel(session: Session, actor: Actor, command: SealParcel) -> Parcel:
    """Seal a parcel and lock its manifest, under an authorisation that is valid today.

    Raises Refused without such an authorisation, Invalid for a seal that another parcel bears.
    """
    actor.must(Permission.HAND_OVER)
    parcel = noting.locked_parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    refuse_stale(parcel, command.row_version)
    seals = _seals(command)
    _refuse_unready(parcel)
    lacking = queries.lacking(session, parcel)
    rules.refuse_permit(parcel.chosen_permit, authorisations.today())
    if parcel.chosen_permit is not None:
        rules.refuse_carrier(parcel.chosen_permit.carrier_function, parcel.carrier_function)
    why = _answer(lacking, command.lacking_why)
    rules.refuse_move(parcel.state, ParcelState.SEALED)
    _bear(session, parcel, seals)
    parcel.move_to(ParcelState.SEALED)
    parcel.seal, parcel.seal_2, parcel.lacking_why = *seals, why
    parcel.gross_mass_mg, parcel.sealed_at = command.gross_mass_mg, clock.now()
    for item, sample in noting.packed(parcel):
        item.mass_mg = queries.balance_at(session, sample.id, parcel.from_site_id) or None
        sample.laboratory_id = parcel.to_site_id
    parcel.manifest_hash = rules.manifest_hash(queries.manifest_facts(parcel))
    facts = {"number": parcel.number, "seal": " + ".join(filter(None, seals))}
    facts |= {"samples": str(len(parcel.items)), "manifest": parcel.manifest_hash}
    if lacking:
        facts |= {"reason": why, "lacking": ", ".join(shown(code) for code, _words in lacking)}
    journal.record(session, actor, "seal parcel", noting.about(parcel), **facts)
    return parcel


def _answer(lacking: Sequence[tuple[str, Sequence[Message]]], why: str) -> str:
    """Return why a parcel goes though samples are not complete; raises Invalid without words."""
    if not lacking:
        return ""
    if not why.strip():
        codes = [shown(code) for code, _words in lacking]
        words = _(
            "The laboratory needs more of these samples: %(codes)s. Complete them, or say why they "
            "are sent anyway.",
            codes=codes,
        )
        raise refuse_field("lacking_why", words)
    return noting.said(why, "lacking_why")


def _seals(command: SealParcel) -> tuple[str, str]:
    """Return the numbers of both seals; raises Invalid for what cannot be one."""
    problems = []
    seal, second = command.seal.strip(), command.seal_2.strip()
    if not rules.plain_seal(seal):
        problems.append(Problem("seal", _("Write the number of the seal.")))
    for name, text in (("seal", seal), ("seal_2", second)):
        if intake_rules.wrong_text(name, text, 60):
            problems.append(Problem(name, _("At most %(n)s characters, please.", n=60)))
    if second and rules.plain_seal(second) in ("", rules.plain_seal(seal)):
        problems.append(Problem("seal_2", _("The second seal needs a number of its own.")))
    mass = intake_rules.wrong_amount("m", command.gross_mass_mg, rules.HEAVIEST_PARCEL_MG)
    if mass:
        problems.append(Problem("gross_mass_mg", _("This mass of a parcel cannot be right.")))
    if problems:
        raise Invalid(problems)
    return seal, second


def _bear(session: Session, parcel: Parcel, seals: tuple[str, str]) -> None:
    """Keep the numbers of the seals for this parcel while it is under way."""
    named = {name: seal for name, seal in zip(("seal", "seal_2"), seals, strict=True) if seal}
    words = _("Another parcel, which is under way, bears this seal.")
    for name, seal in named.items():
        other = session.scalar(
            select(Parcel.number)
            .join(SealInUse, SealInUse.parcel_id == Parcel.id)
            .where(SealInUse.number == rules.plain_seal(seal))
        )
        if other is not None:
            words = _("Parcel %(number)s, which is under way, bears this seal.", number=other)
            raise refuse_field(name, words)
    try:
        with session.begin_nested():
            for seal in named.values():
                session.add(SealInUse(number=rules.plain_seal(seal), parcel_id=parcel.id))
    except IntegrityError as taken:
        raise refuse_field("seal", words) from taken


def _refuse_unready(parcel: Parcel) -> None:
    if not parcel.items:
        raise Refused(_("There is no sample in this parcel yet."))
    unfit = [
        one.code
        for _item, one in noting.packed(parcel)
        if one.state
        not in (rules.MAY_TRAVEL if one.site_id == parcel.from_site_id else rules.MAY_BE_FORWARDED)
    ]
    if unfit:
        codes = [shown(code) for code in unfit]
        raise Refused(_("Take these out first, they do not travel: %(codes)s.", codes=codes))
