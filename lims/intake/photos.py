"""Photos of a sample: kept with the person's agreement only, and let go when it is taken back."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.words import _
from lims.intake import pictures, queries, rules
from lims.intake.photo_records import SamplePhoto
from lims.intake.pictured import SIDES
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.network.rules import Permission

MOST_PHOTOS = 6
LARGEST_PIXEL = Decimal(2)
"""Millimetres of one pixel; more is a slip of the comma."""


@dataclass(frozen=True)
class AttachPhoto:
    """A photo of a sample; `folder` is where this installation keeps its files."""

    id: uuid.UUID
    sample_id: uuid.UUID
    side: str
    data: bytes = field(repr=False)
    folder: Path
    mm_per_px: Decimal | None = None


@dataclass(frozen=True)
class RemovePhoto:
    """A photo that is not of this sample, or shows what it should not."""

    photo_id: uuid.UUID


def attach_photo(session: Session, actor: Actor, command: AttachPhoto) -> SamplePhoto:
    """Keep a photo of a sample, re-encoded without metadata; the same identifier twice is once.

    Raises Refused without the person's agreement or beyond six photos, Invalid for a file that is
    no plain photo.
    """
    actor.must(Permission.FOLLOW_SAMPLES)
    sample = _own_sample(session, actor, command.sample_id)
    if command.side not in SIDES:
        raise refuse_field("side", _("Choose one of the list."))
    if command.mm_per_px is not None:
        _refuse_scale(command.mm_per_px)
    picture = pictures.cleaned(command.data)
    there = session.get(SamplePhoto, command.id)
    if there is not None:
        sha256 = hashlib.sha256(picture.data).hexdigest()
        if (there.sample_id, there.side, there.sha256) != (sample.id, command.side, sha256):
            raise Refused(_("Another photo has this identifier."))
        return there
    _refuse_more(session, sample)
    # Only now: of a photo that nobody agreed to, nothing ever reaches the disk.
    sha256 = files.store(command.folder, picture.data)
    scale = command.mm_per_px
    made = SamplePhoto(
        id=command.id,
        sample_id=sample.id,
        side=command.side,
        sha256=sha256,
        width=picture.width,
        height=picture.height,
        mm_per_px=None if scale is None else scale * picture.shrunk,
        by=actor.account,
    )
    session.add(made)
    session.flush()
    journal.record(session, actor, "attach photo", [("sample", sample.id)], side=made.side)
    return made


def remove_photo(session: Session, actor: Actor, command: RemovePhoto) -> Sample:
    """Take a photo off a sample; its file goes with the next purge."""
    actor.must(Permission.FOLLOW_SAMPLES)
    photo = session.get(SamplePhoto, command.photo_id)
    if photo is None:
        raise NotFound(_("There is no such photo."))
    sample = _own_sample(session, actor, photo.sample_id)
    side = photo.side
    session.delete(photo)
    session.flush()
    journal.record(session, actor, "remove photo", [("sample", sample.id)], side=side)
    return sample


def let_go_of_photos(session: Session, actor: Actor, sample: Sample) -> int:
    """Remove every photo of a sample whose person no longer agrees; return how many they were."""
    actor.must(Permission.REGISTER, sample.site_id)
    mine = session.scalars(select(SamplePhoto).where(SamplePhoto.sample_id == sample.id)).all()
    for photo in mine:
        session.delete(photo)
    session.flush()
    if mine:
        about = [("sample", sample.id)]
        journal.record(session, actor, "remove photos", about, count=len(mine))
    return len(mine)


def _own_sample(session: Session, actor: Actor, sample_id: uuid.UUID) -> Sample:
    """Return a sample that one registers, or examines in one's laboratory."""
    sample = queries.sample(session, actor, sample_id)
    if sample.laboratory_id is None or not actor.may(Permission.RECEIVE, sample.laboratory_id):
        actor.must(Permission.REGISTER, sample.site_id)
    return sample


def _refuse_more(session: Session, sample: Sample) -> None:
    if sample.state == SampleState.WITHDRAWN:
        raise Refused(_("This sample was withdrawn; nothing is added to it."))
    if not sample.consent_photo:
        raise Refused(_("The person has not agreed to a photo."))
    mine = select(func.count(SamplePhoto.id)).where(SamplePhoto.sample_id == sample.id)
    if (session.scalar(mine) or 0) >= MOST_PHOTOS:
        raise Refused(_("A sample has at most %(most)s photos.", most=MOST_PHOTOS))


def _refuse_scale(scale: Decimal) -> None:
    wrong = rules.wrong_amount("mm_per_px", scale, LARGEST_PIXEL)
    if wrong:
        raise refuse_field("mm_per_px", wrong[0].message)
    if scale == 0:
        raise refuse_field("mm_per_px", _("This must be more than zero."))
