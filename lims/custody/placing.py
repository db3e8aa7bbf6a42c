"""Putting samples in their places, by scan: every move is kept, nothing stands in two places."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.custody import noting, places, queries
from lims.custody.conventions import PlaceKind
from lims.custody.records import Parcel
from lims.custody.stores import Placement, StoragePlace
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.codes import shown
from lims.foundation.errors import Invalid, NotFound, Problem, Refused, refuse_field
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.intake import queries as intake
from lims.intake.records import Sample
from lims.intake.rules import wrong_text
from lims.journal.operations import Subject
from lims.network import queries as network
from lims.network.rules import Permission

MOST_AT_ONCE = 500
DEEPEST = 5


@dataclass(frozen=True)
class AddPlace:
    """A place of a site, perhaps inside another one."""

    site_id: uuid.UUID
    name: str
    kind: str
    inside_id: uuid.UUID | None = None
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class ClosePlace:
    """A place that is not used any more, or is used again."""

    place_id: uuid.UUID
    active: bool = False


@dataclass(frozen=True)
class PutAway:
    """Codes of samples, or numbers of parcels, that are put in a place."""

    place_id: uuid.UUID
    codes: tuple[str, ...]


@dataclass(frozen=True)
class TakeOut:
    """A sample that is taken out of its place, and why."""

    sample_id: uuid.UUID
    reason: str


def add_place(session: Session, actor: Actor, command: AddPlace) -> StoragePlace:
    """Add a place to a site; the same identifier again gives the same place."""
    actor.must(Permission.MANAGE_CUSTODY, command.site_id)
    known = session.get(StoragePlace, command.id) if command.id else None
    if known is not None:
        if known.site_id != command.site_id:
            raise Refused(_("Another place has this identifier."))
        return known
    site = network.site(session, command.site_id)
    name = _name(session, command)
    _refuse_wrong_inside(session, command)
    place = StoragePlace(
        id=command.id or uuid.uuid4(),
        number=next_number(session, StoragePlace.number, "P-"),
        site_id=site.id,
        name=name,
        kind=command.kind,
        inside_id=command.inside_id,
        active=True,
        made_at=clock.now(),
    )
    session.add(place)
    facts = {"number": place.number, "name": name}
    journal.record(session, actor, "add place", [("place", place.id)], **facts)
    return place


def _name(session: Session, command: AddPlace) -> str:
    """Return the name of a new place; raises Invalid for one that the site has, or an odd kind."""
    name = command.name.strip()
    if not name:
        raise refuse_field("name", _("This answer is needed."))
    if wrong_text("name", name, 80):
        raise refuse_field("name", _("At most %(n)s characters, please.", n=80))
    if command.kind not in set(PlaceKind):
        raise refuse_field("kind", _("Choose one of the list."))
    taken = select(StoragePlace.id).where(
        StoragePlace.site_id == command.site_id, StoragePlace.name == name
    )
    if session.scalar(taken) is not None:
        raise refuse_field("name", _("This site already has a place of this name."))
    return name


def _refuse_wrong_inside(session: Session, command: AddPlace) -> None:
    if command.inside_id is None:
        return
    around = session.get(StoragePlace, command.inside_id)
    if around is None or around.site_id != command.site_id or not around.active:
        raise refuse_field("inside_id", _("Choose one of the list."))
    if len(places.way_to(around)) >= DEEPEST:
        raise refuse_field("inside_id", _("At most %(n)s places inside each other.", n=DEEPEST))


def close_place(session: Session, actor: Actor, command: ClosePlace) -> StoragePlace:
    """Use a place no more, once it is empty; or use it again."""
    actor.must(Permission.MANAGE_CUSTODY)
    place = _place(session, actor, command.place_id)
    inner = select(StoragePlace.id).where(StoragePlace.inside_id == place.id, StoragePlace.active)
    if not command.active and places.standing_ids(session, place.id):
        raise Refused(_("Samples stand here still. Put them elsewhere first."))
    if not command.active and session.scalar(inner.limit(1)) is not None:
        raise Refused(_("Another place in use stands inside this one."))
    place.active = command.active
    act = "reopen place" if command.active else "close place"
    journal.record(session, actor, act, [("place", place.id)], number=place.number)
    return place


def put_away(session: Session, actor: Actor, command: PutAway) -> Sequence[Placement]:
    """Put samples, or all of a parcel that is here, in a place; what stands there stays.

    Raises Invalid naming every code that is not at this site: then nothing is moved.
    """
    actor.must(Permission.FOLLOW_SAMPLES)
    place = _place(session, actor, command.place_id, Permission.FOLLOW_SAMPLES)
    if not place.active:
        raise Refused(_("This place is not used any more."))
    samples = _samples(session, actor, place, command.codes)
    noting.lock_samples(session, [one.id for one in samples])
    here = places.standing_ids(session, place.id)
    moved = [one for one in samples if one.id not in here]
    noting.leave_places(session, [one.id for one in moved], "moved")
    session.flush()
    made = [
        Placement(
            id=uuid.uuid4(),
            sample_id=one.id,
            open_sample_id=one.id,
            place_id=place.id,
            since=clock.now(),
            by=actor.account,
        )
        for one in moved
    ]
    session.add_all(made)
    about: list[Subject] = [("place", place.id)]
    about += [("sample", one.id) for one in moved]
    if moved:
        facts = {"number": place.number, "place": place.name}
        journal.record(session, actor, "put in place", about, **facts)
    return made


def _samples(
    session: Session, actor: Actor, place: StoragePlace, codes: Sequence[str]
) -> list[Sample]:
    """Return the samples of codes and parcels, once each; raises Invalid naming the others."""
    found: dict[uuid.UUID, Sample] = {}
    problems: list[Problem] = []
    for text in codes[: MOST_AT_ONCE + 1]:
        try:
            named = _named(session, actor, place, text)
        except (Invalid, NotFound) as wrong:
            words = wrong.problems[0].message if isinstance(wrong, Invalid) else wrong.message
            problems.append(
                Problem("code", _("%(code)s: %(words)s", code=text.strip()[:20], words=words))
            )
            continue
        found.update({one.id: one for one in named})
    strangers = [one for one in found.values() if not _is_here(session, one, place)]
    if strangers:
        listed = [shown(one.code) for one in strangers]
        problems.append(Problem("code", _("Not at this site: %(codes)s.", codes=listed)))
    if len(codes) > MOST_AT_ONCE or len(found) > MOST_AT_ONCE:
        problems.append(Problem("code", _("At most %(n)s, please.", n=MOST_AT_ONCE)))
    if not found and not problems:
        problems.append(Problem("code", _("Scan or type at least one sample code.")))
    if problems:
        raise Invalid(problems)
    return list(found.values())


def _named(session: Session, actor: Actor, place: StoragePlace, text: str) -> Sequence[Sample]:
    parcel = session.scalar(
        select(Parcel).where(
            Parcel.number == text.strip().upper()[:20],
            (Parcel.from_site_id == place.site_id) | (Parcel.to_site_id == place.site_id),
        )
    )
    if parcel is not None:
        return [one for _item, one in noting.packed(parcel)]
    return [intake.sample_by_code(session, actor, text)]


def _is_here(session: Session, sample: Sample, place: StoragePlace) -> bool:
    """Tell whether a sample is at a site: held there, or in a parcel that is being unpacked."""
    parcel = queries.active_parcel_of(session, sample.id)
    if parcel is None or parcel.state in ("draft", "sealed"):
        is_left = queries.balance_at(session, sample.id, place.site_id) > 0
        is_left = is_left or not queries.is_weighed(session, sample.id)
        return is_left and queries.holder(session, sample) == place.site_id
    return parcel.to_site_id == place.site_id and parcel.arrived_at is not None


def take_out(session: Session, actor: Actor, command: TakeOut) -> Sample:
    """Take a sample out of its place, with the reason."""
    actor.must(Permission.FOLLOW_SAMPLES)
    sample = noting.locked_sample(session, command.sample_id)
    standing = session.scalar(select(Placement).where(Placement.open_sample_id == sample.id))
    if standing is None:
        raise Refused(_("This sample stands in no place."))
    _refuse_stranger(actor, standing.place.site_id)
    reason = noting.said(command.reason, "reason", 200)
    standing.open_sample_id, standing.until = None, clock.now()
    standing.until_why = reason
    about: list[Subject] = [("place", standing.place_id), ("sample", sample.id)]
    facts = {"number": standing.place.number, "reason": reason}
    journal.record(session, actor, "take out of place", about, **facts)
    return sample


def _place(
    session: Session,
    actor: Actor,
    place_id: uuid.UUID,
    permission: Permission = Permission.MANAGE_CUSTODY,
) -> StoragePlace:
    place = session.get(StoragePlace, place_id)
    if place is None:
        raise NotFound(_("There is no such place, or it is not of your sites."))
    if permission is Permission.FOLLOW_SAMPLES:
        _refuse_stranger(actor, place.site_id)
    else:
        actor.must(permission, place.site_id)
    return place


def _refuse_stranger(actor: Actor, site_id: uuid.UUID) -> None:
    """Refuse whoever neither hands over, nor receives, nor accounts for masses at a site."""
    sides = (Permission.HAND_OVER, Permission.RECEIVE)
    if not any(actor.may(side, site_id) for side in sides):
        actor.must(Permission.MANAGE_CUSTODY, site_id)
