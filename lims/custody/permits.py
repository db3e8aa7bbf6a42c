"""Transport authorisations: written down, chosen for a parcel, withdrawn; never changed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lims import journal
from lims.custody import authorisations, noting, queries, rules
from lims.custody.records import Parcel, TransportPermit
from lims.custody.rules import ParcelState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Problem, Refused, refuse_field
from lims.foundation.words import _
from lims.intake import rules as intake_rules
from lims.network import queries as network
from lims.network.rules import OrganisationKind, Permission


@dataclass(frozen=True)
class AddPermit:
    """An authorisation as the authority gave it; without a laboratory it is for any."""

    number: str
    authority: str
    from_site_id: uuid.UUID
    valid_from: date
    valid_until: date
    to_site_id: uuid.UUID | None = None
    carrier_function: str = ""
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class WithdrawPermit:
    """An authorisation that is used no more, and why."""

    permit_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class ChoosePermit:
    """Another authorisation for a draft."""

    parcel_id: uuid.UUID
    permit_id: uuid.UUID


def add_permit(session: Session, actor: Actor, command: AddPermit) -> TransportPermit:
    """Write down an authorisation; the same identifier again gives the same record."""
    actor.must(Permission.KEEP_PERMITS, command.from_site_id)
    known = session.get(TransportPermit, command.id) if command.id else None
    if known is not None:
        if known.number != command.number.strip():
            raise Refused(_("Another authorisation has this identifier."))
        return known
    site = network.site(session, command.from_site_id)
    if command.to_site_id is not None:
        _refuse_no_laboratory(session, command.to_site_id)
    problems = _wrong(command)
    if problems:
        raise Invalid(problems)
    permit = TransportPermit(
        id=command.id or uuid.uuid4(),
        number=command.number.strip(),
        authority=command.authority.strip(),
        from_site_id=site.id,
        to_site_id=command.to_site_id,
        carrier_function=command.carrier_function.strip(),
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        made_by=actor.account,
        made_at=clock.now(),
    )
    session.add(permit)
    facts = {"number": permit.number, "site": site.name, "until": permit.valid_until}
    journal.record(session, actor, "add permit", [("permit", permit.id)], **facts)
    return permit


def _refuse_no_laboratory(session: Session, site_id: uuid.UUID) -> None:
    if network.site(session, site_id).kind != OrganisationKind.LABORATORY:
        raise refuse_field("to_site_id", _("A parcel goes to a laboratory."))


def _wrong(command: AddPermit) -> list[Problem]:
    problems = []
    for name, longest in (("number", 80), ("authority", 120), ("carrier_function", 80)):
        text = getattr(command, name)
        problems += intake_rules.wrong_text(name, text, longest)
        if name != "carrier_function" and not text.strip():
            problems.append(Problem(name, _("This answer is needed.")))
    if command.valid_until < command.valid_from:
        problems.append(Problem("valid_until", _("The end comes before the beginning.")))
    return problems


def withdraw_permit(session: Session, actor: Actor, command: WithdrawPermit) -> TransportPermit:
    """Use an authorisation no more; what travelled under it still names it."""
    actor.must(Permission.KEEP_PERMITS)
    permit = session.get(TransportPermit, command.permit_id, with_for_update=True)
    if permit is None:
        raise NotFound(_("There is no such authorisation."))
    actor.must(Permission.KEEP_PERMITS, permit.from_site_id)
    if permit.withdrawn_at is not None:
        raise Refused(_("Transport authorisation %(n)s was withdrawn.", n=permit.number))
    permit.withdrawn_why = noting.said(command.reason, "reason", 200)
    permit.withdrawn_at = clock.now()
    facts = {"number": permit.number, "reason": permit.withdrawn_why}
    journal.record(session, actor, "withdraw permit", [("permit", permit.id)], **facts)
    return permit


def choose_permit(session: Session, actor: Actor, command: ChoosePermit) -> Parcel:
    """Choose another authorisation for a draft, or for a sealed parcel whose own has ended.

    The seals stay on; the manifest gets another control number, so the sheet is printed again.
    """
    actor.must(Permission.HAND_OVER)
    parcel = noting.locked_parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    is_sealed = parcel.state == ParcelState.SEALED and authorisations.has_ended(parcel)
    if not is_sealed:
        rules.refuse_locked(parcel.state)
    permit = session.get(TransportPermit, command.permit_id)
    if permit is None or not rules.fits_route(permit, parcel.from_site_id, parcel.to_site_id):
        raise refuse_field("permit_id", _("This authorisation is for another route."))
    if is_sealed:
        rules.refuse_permit(permit, authorisations.today())
        rules.refuse_carrier(permit.carrier_function, parcel.carrier_function)
    parcel.chosen_permit, parcel.permit = permit, permit.number
    parcel.carrier_function = parcel.carrier_function or permit.carrier_function
    facts = {"number": parcel.number, "permit": permit.number}
    if is_sealed:
        parcel.manifest_hash = rules.manifest_hash(queries.manifest_facts(parcel))
        facts["manifest"] = parcel.manifest_hash
    journal.record(session, actor, "choose permit", [("parcel", parcel.id)], **facts)
    return parcel
