"""A parcel as its page shows it, with what can be done with it now; shared by its doors."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from lims.custody import authorisations, queries, rules, shown
from lims.custody.records import Parcel
from lims.doors import browser
from lims.doors.house import house
from lims.foundation.actors import Actor
from lims.foundation.words import Message
from lims.library.queries import terms
from lims.network.rules import Permission


def shown_parcel(
    session: Session,
    actor: Actor,
    parcel_id: uuid.UUID,
    typed: browser.Typed,
    problems: browser.Problems,
) -> str:
    """Render a parcel with what the actor can do with it now."""
    found = queries.parcel(session, actor, parcel_id)
    tongue, agreed = browser.language(), shown.agreed(house().settings)
    return browser.render(
        "custody/parcel.html",
        parcel=found,
        typed=typed,
        problems=problems,
        receives=actor.may(Permission.RECEIVE, found.to_site_id),
        may_lose=any(
            actor.may(Permission.MANAGE_CUSTODY, site)
            for site in (found.from_site_id, found.to_site_id)
        ),
        is_arriving=found.state in rules.ARRIVING,
        counts={one: sum(item.scan == one for item in found.items) for one in rules.ScanResult},
        permit_ends=_end(found),
        forms={term.code: term.label(tongue) for term in terms(session, "dosage_form")},
        mass=sum((item.mass_mg or 0 for item in found.items), 0),
        tolerance=agreed.gross_mg,
        beyond={item.id for item in found.items if queries.differs(item, agreed.gross_mg)},
        manifest_whole=queries.is_manifest_whole(found) if found.manifest_hash else None,
        **_of_a_draft(session, actor, found),
    )


def _of_a_draft(session: Session, actor: Actor, found: Parcel) -> dict[str, Any]:
    """Return what the sender needs to fill and seal a draft."""
    sends = actor.may(Permission.HAND_OVER, found.from_site_id)
    ended = sends and found.state == rules.ParcelState.SEALED and authorisations.has_ended(found)
    if not sends or found.state != rules.ParcelState.DRAFT:
        way = (found.from_site_id, found.to_site_id)
        permits = authorisations.usable(session, *way) if ended else []
        return {"sends": sends, "ready": [], "permits": permits, "lacking": [], "ended": ended}
    return {
        "sends": True,
        "ready": queries.ready_to_travel(session, actor, found.from_site_id),
        "permits": authorisations.usable(session, found.from_site_id, found.to_site_id),
        "lacking": queries.lacking(session, found),
        "ended": False,
    }


def _end(parcel: Parcel) -> int | None:
    """Return how many days the authorisation of a parcel is still valid, when that is soon."""
    permit = parcel.chosen_permit
    if permit is None or not authorisations.ends_soon(permit):
        return None
    return authorisations.days_left(permit)


def parcel_form(
    parcel_id: uuid.UUID,
    address: str,
    act: Callable[..., Any],
    done: Callable[[Any], Message | None],
) -> Any:
    """Do an act of a parcel; a refusal shows the parcel again with words beside the field."""
    return browser.form_page(
        act=act,
        then=lambda _record: address,
        done=done,
        show=lambda session, actor, typed, problems: shown_parcel(
            session, actor, parcel_id, typed, problems
        ),
    )
