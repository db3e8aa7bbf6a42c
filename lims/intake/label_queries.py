"""Reading labels: templates of one's sites, what a choice of paper means, what was printed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, refuse_field
from lims.foundation.words import _
from lims.intake import queries
from lims.intake.label_design import OWN, Design, LabelLayout, own_paper, usual
from lims.intake.label_records import LabelDefault, LabelPrint, LabelSheet, LabelTemplate, printed
from lims.intake.papers import papers
from lims.intake.records import Sample, SampleCode, SampleCodeBlock
from lims.journal.records import JournalEntry, JournalSubject
from lims.network.rules import Permission

USUAL_LAYOUT = "roll-62x29"
PRINTED = "print labels"


@dataclass(frozen=True)
class Chosen:
    """What a choice of template or paper means: where labels lie and how they look."""

    name: str
    paper: LabelLayout
    design: Design


def _visible(actor: Actor) -> ColumnElement[bool]:
    sites = actor.sites_for(Permission.PRINT)
    if sites is None:
        return true()
    return or_(LabelTemplate.site_id.is_(None), LabelTemplate.site_id.in_(sites))


def templates(
    session: Session, actor: Actor, page: int = 1, size: int = 50, *, retired: bool = False
) -> tuple[list[LabelTemplate], int]:
    """Return one page of the templates of one's sites and of the network, by name."""
    actor.must(Permission.PRINT)
    wanted = (_visible(actor), LabelTemplate.retired.is_(retired))
    total = session.scalar(select(func.count()).select_from(LabelTemplate).where(*wanted)) or 0
    rows = session.scalars(
        select(LabelTemplate)
        .options(joinedload(LabelTemplate.site))
        .where(*wanted)
        .order_by(LabelTemplate.name, LabelTemplate.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return list(rows), total


def template(session: Session, actor: Actor, template_id: uuid.UUID) -> LabelTemplate:
    """Return a template of one's sites or of the network; raises NotFound."""
    actor.must(Permission.PRINT)
    query = select(LabelTemplate).options(joinedload(LabelTemplate.site))
    found = session.scalar(query.where(LabelTemplate.id == template_id, _visible(actor)))
    if found is None:
        raise NotFound(_("There is no such template, or it is not for your sites."))
    return found


def speaks_zpl(session: Session, actor: Actor) -> bool:
    """Tell whether a template in use here is for a label printer."""
    wanted = (_visible(actor), LabelTemplate.retired.is_(False), LabelTemplate.output != "pdf")
    return session.scalar(select(LabelTemplate.id).where(*wanted).limit(1)) is not None


def may_change(actor: Actor, site_id: uuid.UUID | None) -> bool:
    """Tell whether an actor may change templates of a site, or (None) of the whole network."""
    sites = actor.sites_for(Permission.PRINT)
    return actor.may(Permission.PRINT) and (sites is None or site_id in sites)


def default_of(session: Session, site_id: uuid.UUID | None) -> LabelTemplate | None:
    """Return the template that a site takes when nobody chooses another, if it is in use."""
    if site_id is None:
        return None
    query = select(LabelTemplate).join(LabelDefault, LabelDefault.template_id == LabelTemplate.id)
    wanted = (LabelDefault.site_id == site_id, LabelTemplate.retired.is_(False))
    return session.scalar(query.where(*wanted))


def layout_of(found: LabelTemplate) -> LabelLayout:
    """Return the paper of a template."""
    if found.paper == OWN:
        return own_paper(found.own_paper)
    return papers()[found.paper]


def design_of(found: LabelTemplate) -> Design:
    """Return how a template's labels look."""
    return Design(
        fields=tuple(found.fields),
        qr_side=float(found.qr_side),
        text_pt=float(found.text_pt),
        copies=found.copies,
        offset_x=float(found.offset_x),
        offset_y=float(found.offset_y),
        output=found.output,
    )


def chosen(session: Session, actor: Actor, choice: str) -> Chosen:
    """Return what was chosen: a template by its identifier, a paper by its name.

    Without a choice, the default of one's site, else the usual roll. Raises Invalid on "layout".
    """
    if not choice:
        found = default_of(session, actor.site_id)
        return _of_template(found) if found else _of_paper(papers()[USUAL_LAYOUT])
    if choice in papers():
        return _of_paper(papers()[choice])
    try:
        return _of_template(template(session, actor, uuid.UUID(choice)))
    except (ValueError, NotFound):
        raise refuse_field("layout", _("Choose one of the list.")) from None


def _of_paper(paper: LabelLayout) -> Chosen:
    return Chosen(paper.name, paper, usual(paper))


def _of_template(found: LabelTemplate) -> Chosen:
    return Chosen(found.name, layout_of(found), design_of(found))


def times_printed(session: Session, samples: Sequence[Sample]) -> Mapping[str, int]:
    """Return how often the label of each sample's code was printed, blank or not, by code.

    What was printed before prints had a table of their own is counted in the journal.
    """
    by_code = prints_of_codes(session, [sample.code for sample in samples])
    rows = session.execute(
        select(JournalSubject.subject_id, func.count())
        .join(JournalEntry, JournalEntry.seq == JournalSubject.seq)
        .where(
            JournalSubject.kind == "sample",
            JournalSubject.subject_id.in_([str(sample.id) for sample in samples]),
            JournalEntry.act == PRINTED,
        )
        .group_by(JournalSubject.subject_id)
    )
    in_journal = {subject: int(times) for subject, times in rows}
    return {
        one.code: max(by_code.get(one.code, 0), in_journal.get(str(one.id), 0)) for one in samples
    }


def prints_of_codes(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """Return how often labels of codes were printed; a code that never was is not in it."""
    query = select(LabelPrint.code, func.max(LabelPrint.nth)).where(LabelPrint.code.in_(codes))
    return {code: int(n) for code, n in session.execute(query.group_by(LabelPrint.code))}


def prints_of(session: Session, code: str) -> Sequence[LabelPrint]:
    """Return the printings of one code in their order."""
    query = select(LabelPrint).where(LabelPrint.code == code)
    return session.scalars(query.order_by(LabelPrint.nth)).all()


def unprinted_codes(session: Session, block_id: uuid.UUID, most: int | None) -> list[str]:
    """Return the codes of a block that neither a sample nor a printed label has, in order."""
    query = select(SampleCode.code).where(
        SampleCode.block_id == block_id, SampleCode.used.is_(False), ~printed()
    )
    return list(session.scalars(query.order_by(SampleCode.code).limit(most)))


@dataclass(frozen=True)
class SheetRow:
    """A sheet of blank labels and how many of its codes no sample has yet."""

    record: LabelSheet
    free: int


def sheets(
    session: Session, actor: Actor, number: int, page: int = 1, size: int = 50
) -> tuple[list[SheetRow], int]:
    """Return one page of the sheets of a block, newest first, and how many there are."""
    block = queries.block(session, actor, number)
    mine = LabelSheet.block_id == block.id
    total = session.scalar(select(func.count()).select_from(LabelSheet).where(mine)) or 0
    free = (
        select(func.count())
        .select_from(LabelPrint)
        .join(SampleCode, SampleCode.code == LabelPrint.code)
        .where(
            LabelPrint.sheet_id == LabelSheet.id,
            LabelPrint.nth == 1,
            SampleCode.used.is_(False),
        )
        .correlate(LabelSheet)
        .scalar_subquery()
    )
    rows = session.execute(
        select(LabelSheet, free)
        .where(mine)
        .order_by(LabelSheet.number.desc())
        .offset((page - 1) * size)
        .limit(size)
    )
    return [SheetRow(record, int(left or 0)) for record, left in rows], total


def sheet(session: Session, actor: Actor, sheet_id: uuid.UUID) -> LabelSheet:
    """Return a sheet of a block of one's sites; raises NotFound."""
    actor.must(Permission.PRINT)
    found = session.get(LabelSheet, sheet_id)
    if found is None or not actor.may(Permission.PRINT, site_of_sheet(session, found)):
        raise NotFound(_("There is no such sheet of labels."))
    return found


def site_of_sheet(session: Session, found: LabelSheet) -> uuid.UUID | None:
    """Return the site that a sheet's block was given to."""
    block = session.get(SampleCodeBlock, found.block_id)
    return block.site_id if block else None


def codes_of_sheet(session: Session, found: LabelSheet) -> list[str]:
    """Return the codes of a sheet that no sample has yet, in their order."""
    query = (
        select(LabelPrint.code)
        .join(SampleCode, SampleCode.code == LabelPrint.code)
        .where(LabelPrint.sheet_id == found.id, LabelPrint.nth == 1, SampleCode.used.is_(False))
    )
    return list(session.scalars(query.order_by(LabelPrint.code)))


def block_of_sheet(session: Session, actor: Actor, sheet_id: uuid.UUID) -> SampleCodeBlock:
    """Return the block of a sheet; raises NotFound."""
    found = sheet(session, actor, sheet_id)
    return session.scalars(
        select(SampleCodeBlock).where(SampleCodeBlock.id == found.block_id)
    ).one()


@dataclass(frozen=True)
class BlockCounts:
    """Codes of a block: all, on no sample yet, and of these on no printed label."""

    codes: int
    free: int
    unprinted: int


def block_counts(session: Session, block_id: uuid.UUID) -> BlockCounts:
    """Count the codes of a block."""
    free = SampleCode.used.is_(False)
    query = select(
        func.count(), func.count().filter(free), func.count().filter(free & ~printed())
    ).where(SampleCode.block_id == block_id)
    codes, left, unprinted = session.execute(query).one()
    return BlockCounts(codes, left, unprinted)
