"""Reading the meetings with focal points that were written down."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.overview.report_records import FocalMeeting


def meetings(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[FocalMeeting], int]:
    """Return one page of the meetings, the latest first; withdrawn ones too."""
    actor.must(Permission.READ_INDICATORS)
    total = session.scalar(select(func.count()).select_from(FocalMeeting)) or 0
    rows = session.scalars(
        select(FocalMeeting)
        .order_by(FocalMeeting.day.desc(), FocalMeeting.noted_at.desc(), FocalMeeting.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return list(rows), total


def meeting(session: Session, actor: Actor, meeting_id: uuid.UUID) -> FocalMeeting:
    """Return one meeting; raises NotFound."""
    actor.must(Permission.READ_INDICATORS)
    found = session.get(FocalMeeting, meeting_id)
    if found is None:
        raise NotFound(_("There is no such meeting."))
    return found
