"""Tables of labels: templates, the one that a site takes, sheets of blank labels, prints."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import today
from lims.foundation.database import Base, Identified
from lims.intake.records import SampleCode
from lims.network.records import Site


class LabelTemplate(Identified, Base):
    """How labels look at a site or in the whole network: paper, fields, sizes, shift."""

    __tablename__ = "label_template"

    #: whose; empty: the whole network
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    #: its name
    name: Mapped[str] = mapped_column(String(60))
    #: name of a shipped paper, or "own"
    paper: Mapped[str] = mapped_column(String(40))
    #: measures of an own paper, in mm as text, and its columns and rows
    own_paper: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: fields below the code, in their order; see intake.label_design.FIELDS
    fields: Mapped[list[str]] = mapped_column(default=list)
    #: mm, side of the square without its white
    qr_side: Mapped[Decimal] = mapped_column()
    #: points, type of the words
    text_pt: Mapped[Decimal] = mapped_column()
    #: labels printed of each code
    copies: Mapped[int] = mapped_column(default=1)
    #: mm to the right that the printer needs
    offset_x: Mapped[Decimal] = mapped_column()
    #: mm down that the printer needs
    offset_y: Mapped[Decimal] = mapped_column()
    #: pdf, zpl203, zpl300
    output: Mapped[str] = mapped_column(String(10), default="pdf")
    #: not offered any more
    retired: Mapped[bool] = mapped_column(default=False)
    #: account that made it
    made_by: Mapped[str] = mapped_column(String(80))
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    site: Mapped[Site | None] = relationship()


class LabelDefault(Base):
    """The template that a site takes when nobody chooses another."""

    __tablename__ = "label_default"

    #: the site
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    #: its template
    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("label_template.id"), index=True)


class LabelSheet(Identified, Base):
    """A sheet, or a run of single labels, of codes that no sample had yet, and where it is."""

    __tablename__ = "label_sheet"
    __table_args__ = (UniqueConstraint("block_id", "number"),)

    #: of which block
    block_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample_code_block.id"), index=True)
    #: 1, 2 … within the block
    number: Mapped[int]
    #: in the order of the codes
    first_code: Mapped[str] = mapped_column(String(8))
    #: in the order of the codes
    last_code: Mapped[str] = mapped_column(String(8))
    #: how many codes stand on it
    labels: Mapped[int]
    #: template or paper that it was printed with
    paper: Mapped[str] = mapped_column(String(60), default="")
    #: the day
    printed_on: Mapped[date] = mapped_column(default=today)
    #: bag, table or drawer
    place: Mapped[str] = mapped_column(String(60), default="")


class LabelPrint(Identified, Base):
    """One printing of one code's label. It bears no time: it would tell when somebody came."""

    __tablename__ = "label_print"
    __table_args__ = (UniqueConstraint("code", "nth"),)

    #: the code on the label
    code: Mapped[str] = mapped_column(String(8))
    #: 1 for the first time
    nth: Mapped[int]
    #: labels printed at once
    copies: Mapped[int] = mapped_column(default=1)
    #: vocabulary reprint_reason; empty the first time
    reason: Mapped[str] = mapped_column(String(30), default="")
    #: the sheet of blank labels
    sheet_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("label_sheet.id"), index=True)


def printed() -> ColumnElement[bool]:
    """Return the condition that a label of a code was printed, so that it may lie somewhere."""
    return exists().where(LabelPrint.code == SampleCode.code)
