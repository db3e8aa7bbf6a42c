"""Long work: what the worker does, has done, or waits to do."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.jobs import Job
from lims.foundation.words import Message, _
from lims.network.rules import Permission

SIZE = 50
KINDS = {
    "import spectra": _("Import of reference spectra"),
    "watch": _("Watch over all series"),
}
STATES = {
    "waiting": _("waits"),
    "running": _("under way"),
    "done": _("done"),
    "failed": _("failed"),
    "stopped": _("stopped"),
}


def long_work(
    session: Session, actor: Actor, page: int = 1, size: int = SIZE
) -> tuple[list[Job], int]:
    """Return one page of the jobs, newest first, and how many there are."""
    if not actor.may(Permission.MANAGE_LABORATORY):
        actor.must(Permission.ADMINISTER)
    total = session.scalar(select(func.count()).select_from(Job)) or 0
    query = select(Job).order_by(Job.created_at.desc(), Job.id)
    return list(session.scalars(query.offset((page - 1) * size).limit(size))), total


def kind_words(kind: str) -> Message:
    """Return a kind of work in words; one that nobody worded stands for itself."""
    return KINDS.get(kind) or Message(kind.replace("%", "%%"))


def percent(job: Job) -> int:
    """Return how far a job is, in per cent; 0 when its length is not known."""
    if job.state == "done":
        return 100
    return min(100, 100 * job.done // job.total) if job.total else 0
