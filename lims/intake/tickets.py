"""The visitor's ticket: made once, shown once, opened by its secret, destroyed on request.

The database holds a selector and the argon2id hash of the secret; the secret is kept nowhere.
"""

from __future__ import annotations

import secrets
import uuid
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock, codes
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound
from lims.foundation.words import _
from lims.intake import rules
from lims.intake.declarations import TicketVerifier
from lims.intake.device_records import ReservedSelector
from lims.intake.records import Ticket, Visit
from lims.network.rules import Permission

HASHER = PasswordHasher(
    time_cost=rules.TICKET_PASSES,
    memory_cost=rules.TICKET_MEMORY_KIB,
    parallelism=rules.TICKET_LANES,
)
VISITOR = Actor(member_id=None, account="visitor")
"""Who destroys a ticket: somebody of whom nothing is known."""


@lru_cache(maxsize=1)
def _no_ticket() -> str:
    """Return what is verified when there is no such ticket: both answers take the same time."""
    return HASHER.hash(secrets.token_hex(16))


def make_ticket(session: Session, actor: Actor, visit: Visit) -> str:
    """Make the ticket of a visit and return it as printed: this is the only time it is known."""
    actor.must(Permission.REGISTER, visit.site_id)
    journal.record(session, actor, "make ticket", [("visit", visit.id)])
    return _new_ticket(session, visit)


def keep_ticket(session: Session, actor: Actor, visit: Visit, ticket: TicketVerifier) -> None:
    """Keep what verifies a ticket that a device made and the visitor already has."""
    actor.must(Permission.USE_DEVICE, visit.site_id)
    mine = ReservedSelector.selector == ticket.selector
    session.execute(
        update(ReservedSelector).where(mine).values(used=True),
        execution_options={"synchronize_session": False},
    )
    _keep(session, visit, ticket.selector, ticket.verifier)


def renew_ticket(session: Session, actor: Actor, visit_id: uuid.UUID) -> str:
    """Make a new ticket for a visit whose ticket was not handed over; the old one opens nothing."""
    actor.must(Permission.PRINT)
    visit = session.get(Visit, visit_id)
    if visit is None:
        raise NotFound(_("There is no such visit."))
    actor.must(Permission.PRINT, visit.site_id)
    for old in session.scalars(select(Ticket).where(Ticket.visit_id == visit.id)):
        _empty(old)
    subjects = [("visit", visit.id), *(("sample", sample.id) for sample in visit.samples)]
    journal.record(session, actor, "renew ticket", subjects)
    return _new_ticket(session, visit)


def open_ticket(session: Session, text: str) -> Ticket | None:
    """Return the ticket that these characters open, or None; both take the same time."""
    try:
        given = codes.read_ticket(text)
    except Invalid:
        given = codes.new_ticket()
    found = session.scalar(select(Ticket).where(Ticket.selector == given.selector))
    usable = found is not None and found.destroyed_at is None and bool(found.secret_hash)
    nobody = _no_ticket()  # made for every caller, so that the first one pays alike
    hashed = found.secret_hash if found is not None and usable else nobody
    return found if _opens(hashed, given.secret) and usable else None


def destroy_ticket(session: Session, text: str) -> bool:
    """Destroy the ticket that these characters open, and tell whether there was one."""
    found = open_ticket(session, text)
    if found is None:
        return False
    _empty(found)
    journal.record(session, VISITOR, "destroy ticket", [("visit", found.visit_id)])
    return True


def _opens(hashed: str, secret: str) -> bool:
    try:
        return HASHER.verify(hashed, secret)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def _empty(ticket: Ticket) -> None:
    ticket.secret_hash = ""
    ticket.destroyed_at = ticket.destroyed_at or clock.now()


def _is_taken(session: Session, selector: str) -> bool:
    """Tell whether another ticket has a selector, or a device keeps it for one."""
    return (
        session.scalar(select(Ticket.id).where(Ticket.selector == selector)) is not None
        or session.get(ReservedSelector, selector) is not None
    )


def _new_ticket(session: Session, visit: Visit) -> str:
    made = codes.new_ticket()
    while _is_taken(session, made.selector):
        made = codes.new_ticket()
    _keep(session, visit, made.selector, HASHER.hash(made.secret))
    return codes.shown_ticket(made)


def _keep(session: Session, visit: Visit, selector: str, hashed: str) -> None:
    session.add(
        Ticket(
            id=uuid.uuid4(),
            visit_id=visit.id,
            selector=selector,
            secret_hash=hashed,
            made_at=clock.now(),
        )
    )
    session.flush()
