"""Reading the photos of samples."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake import queries
from lims.intake.photo_records import SamplePhoto

SIDES = ("front", "back", "packaging")


def photo(session: Session, actor: Actor, photo_id: uuid.UUID) -> SamplePhoto:
    """Return a photo of a sample that the actor may know of; raises NotFound."""
    found = session.get(SamplePhoto, photo_id)
    if found is None:
        raise NotFound(_("There is no such photo."))
    queries.sample(session, actor, found.sample_id)
    return found


def photos_of(session: Session, sample_id: uuid.UUID) -> Sequence[SamplePhoto]:
    """Return the photos of a sample, the front first."""
    query = select(SamplePhoto).where(SamplePhoto.sample_id == sample_id)
    found = session.scalars(query.order_by(SamplePhoto.kept_at)).all()
    return sorted(found, key=lambda photo: SIDES.index(photo.side))
