"""Blocks of codes: given to a site or a pad of printed labels, so that two tables never clash."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import codes
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field
from lims.foundation.words import _
from lims.intake import rules
from lims.intake.records import Sample, SampleCode, SampleCodeBlock
from lims.network import queries as network
from lims.network.rules import Permission


@dataclass(frozen=True)
class MakeCodeBlock:
    """A run of fresh codes for a site; `device` names the tablet or the pad of labels."""

    site_id: uuid.UUID
    device: str = ""
    count: int = 100
    id: uuid.UUID | None = None


def make_code_block(session: Session, actor: Actor, command: MakeCodeBlock) -> SampleCodeBlock:
    """Make a block of fresh random codes; the same identifier again gives the same block."""
    actor.must(Permission.PRINT, command.site_id)
    if not 1 <= command.count <= rules.LARGEST_BLOCK:
        raise refuse_field("count", _("A block has 1 to %(most)s codes.", most=rules.LARGEST_BLOCK))
    if rules.wrong_text("device", command.device, 60):
        raise refuse_field("device", _("At most %(n)s characters, please.", n=60))
    found = session.get(SampleCodeBlock, command.id) if command.id else None
    if found is not None:
        if (found.site_id, found.device) != (command.site_id, command.device):
            raise Refused(_("Another block has this identifier."))
        return found
    site = network.site(session, command.site_id)
    number = (session.scalar(select(func.max(SampleCodeBlock.number))) or 0) + 1
    block = SampleCodeBlock(
        id=command.id or uuid.uuid4(), number=number, site_id=site.id, device=command.device
    )
    session.add(block)
    session.flush()
    rows = [{"code": code, "block_id": block.id} for code in _fresh(session, command.count)]
    session.execute(insert(SampleCode), rows)
    journal.record(
        session, actor, "make code block", [("block", block.id)], number=number, codes=len(rows)
    )
    return block


def _fresh(session: Session, count: int) -> list[str]:
    """Return random codes that are in no block and on no sample."""
    fresh: set[str] = set()
    while len(fresh) < count:
        drawn = {codes.new_code() for _each in range(count - len(fresh))}
        taken = set(session.scalars(select(SampleCode.code).where(SampleCode.code.in_(drawn))))
        taken |= set(session.scalars(select(Sample.code).where(Sample.code.in_(drawn))))
        fresh |= drawn - taken
    return sorted(fresh)
