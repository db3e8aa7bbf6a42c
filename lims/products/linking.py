"""Look-alikes: products that look alike and are not of one series, linked so that both are seen.

A link that is taken away stays in the table with who did it and why; linking again brings it back.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, refuse_field
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.products import filing, queries
from lims.products.records import LookAlike


@dataclass(frozen=True)
class LinkLookAlikes:
    """Two products that look alike and are not of one series."""

    product_id: uuid.UUID
    other_id: uuid.UUID
    why: str = ""


@dataclass(frozen=True)
class UnlinkLookAlikes:
    """Two products that do not look alike after all."""

    product_id: uuid.UUID
    other_id: uuid.UUID
    reason: str


def link_look_alikes(session: Session, actor: Actor, command: LinkLookAlikes) -> LookAlike:
    """Link two products that look alike; twice is once."""
    actor.must(Permission.EDIT_PRODUCTS)
    one = queries.product(session, actor, command.product_id)
    other = queries.product(session, actor, command.other_id)
    if one.id == other.id:
        raise refuse_field("other_id", _("Choose another product."))
    for each in (one, other):
        filing.refuse_taken_over(session, each)
    link = filing.link(session, one, other, actor.account, command.why)
    if link.ended_at is not None:
        link.by, link.why, link.at = actor.account, command.why, clock.now()
        link.ended_at, link.ended_by, link.ended_why = None, "", ""
        session.flush()
    subjects = [("product", one.id), ("product", other.id)]
    journal.record(session, actor, "link look-alikes", subjects, numbers=[one.number, other.number])
    return link


def unlink_look_alikes(session: Session, actor: Actor, command: UnlinkLookAlikes) -> LookAlike:
    """Take the link of two look-alikes away, with a reason; raises NotFound when there is none.

    A link that came from a product that was taken over goes the same way.
    """
    actor.must(Permission.EDIT_PRODUCTS)
    reason = filing.reason_of(command.reason)
    one = queries.product(session, actor, command.product_id)
    other = queries.product(session, actor, command.other_id)
    links = queries.links_between(session, one.id, other.id)
    if not links:
        raise NotFound(_("These two are not linked as look-alikes."))
    for link in links:
        link.ended_at, link.ended_by, link.ended_why = clock.now(), actor.account, reason
    session.flush()
    subjects = [("product", one.id), ("product", other.id)]
    facts = {"numbers": [one.number, other.number], "reason": reason}
    journal.record(session, actor, "unlink look-alikes", subjects, **facts)
    return links[0]
