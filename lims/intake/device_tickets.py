"""Tickets that a device made without network: the server keeps a verifier, never the secret."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lims.foundation.errors import Invalid, Problem
from lims.foundation.words import Message, _
from lims.intake import rules
from lims.intake.declarations import RegisterVisit
from lims.intake.device_records import ReservedSelector


def refuse_wrong_ticket(session: Session, command: RegisterVisit) -> None:
    """Raise Invalid for a ticket that is no verifier of ours, or not of this device."""
    ticket = command.ticket
    if ticket is None:
        return
    if command.with_ticket:
        raise _wrong("", _("A visit has one ticket: the device's or the server's."))
    if command.device_id is None:
        raise _wrong("", _("Only an enrolled device makes tickets; its records come sealed."))
    if not rules.VERIFIER.fullmatch(ticket.verifier):
        raise _wrong(".verifier", _("This is no verifier of a ticket."))
    kept = session.get(ReservedSelector, ticket.selector)
    if kept is None or kept.device_id != command.device_id:
        raise _wrong(".selector", _("This ticket is not one of this device's."))
    if kept.used:  # the server's own tickets keep clear of what is reserved
        raise _wrong(".selector", _("Another visit has this ticket."))


def _wrong(place: str, message: Message) -> Invalid:
    return Invalid([Problem(f"ticket{place}", message)])
