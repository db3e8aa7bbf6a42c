"""Printing labels, counted: a second label of the same code needs a reason.

Two tubes with one code would be taken for one sample, so every label of a code is counted, blank
or not. Numbers of prints are unique per code: of two that happen at once, the later one is second.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.codes import shown
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field
from lims.foundation.words import _
from lims.intake import label_queries, queries, rules, screening
from lims.intake.label_queries import Chosen
from lims.intake.label_records import LabelPrint, LabelSheet
from lims.intake.records import Sample
from lims.library import queries as library
from lims.network.rules import Permission


@dataclass(frozen=True)
class PrintLabels:
    """Labels of samples, with a template or paper; `reason` is of vocabulary reprint_reason."""

    sample_ids: tuple[uuid.UUID, ...]
    layout: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PrintBlock:
    """Blank labels of the codes of a block that were never printed and that no sample has."""

    number: int
    layout: str = ""
    most: int | None = None
    start: int = 1
    place: str = ""


@dataclass(frozen=True)
class PrintSheetAgain:
    """A sheet whose labels were spoilt or lost before they stood on a tube."""

    sheet_id: uuid.UUID
    layout: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PlaceSheet:
    """Where a sheet of blank labels is now."""

    sheet_id: uuid.UUID
    place: str


@dataclass(frozen=True)
class Blanks:
    """Blank labels that were just counted as printed."""

    codes: Sequence[str]
    sheets: Sequence[LabelSheet]
    chosen: Chosen

    @property
    def captions(self) -> list[str]:
        """Return what stands in the margin of each sheet."""
        return [
            f"{one.number} · {shown(one.first_code)} – {shown(one.last_code)}"
            for one in self.sheets
        ]


def print_labels(
    session: Session, actor: Actor, command: PrintLabels
) -> Sequence[tuple[Sample, int]]:
    """Return samples to print, each with how often its label was printed before; it is counted.

    Raises Invalid on "reason" when one of them was printed before and nobody says why again.
    """
    actor.must(Permission.PRINT)
    samples = [queries.sample(session, actor, one) for one in dict.fromkeys(command.sample_ids)]
    if not samples:
        raise refuse_field("samples", _("Choose at least one sample."))
    for sample in samples:
        actor.must(Permission.PRINT, sample.site_id)
    chosen = label_queries.chosen(session, actor, command.layout)
    before = label_queries.times_printed(session, samples)
    again = sum(1 for times in before.values() if times)
    _refuse_without_reason(session, again, command.reason)
    _count(session, before, chosen, command.reason)
    facts = {"reason": command.reason} if again else {}
    journal.record(
        session,
        actor,
        "print labels",
        [("sample", sample.id) for sample in samples],
        layout=chosen.name,
        again=again,
        **facts,
    )
    return [(sample, before[sample.code]) for sample in samples]


def print_blank_labels(session: Session, actor: Actor, command: PrintBlock) -> Blanks:
    """Count and return blank labels of a block, and enter their sheets in its register."""
    actor.must(Permission.PRINT)
    block = queries.block(session, actor, command.number)
    actor.must(Permission.PRINT, block.site_id)
    if block.device_id is not None:
        raise Refused(_("The codes of this block are on a tablet, which gives them out itself."))
    chosen = label_queries.chosen(session, actor, command.layout)
    if not 1 <= command.start <= chosen.paper.per_page:
        raise refuse_field("start", _("This paper has labels 1 to %(n)s.", n=chosen.paper.per_page))
    _refuse_place(command.place)
    free = label_queries.unprinted_codes(session, block.id, command.most)
    if not free:
        raise Refused(_("Every code of this block is on a sample or on a printed label already."))
    sheets = _enter_sheets(session, block.id, free, chosen, command)
    journal.record(
        session,
        actor,
        "print blank labels",
        [("block", block.id)],
        number=block.number,
        labels=len(free),
        layout=chosen.name,
        sheets=len(sheets),
    )
    return Blanks(free, sheets, chosen)


def print_sheet_again(session: Session, actor: Actor, command: PrintSheetAgain) -> Blanks:
    """Count and return the labels of a sheet once more, those that no sample has taken."""
    actor.must(Permission.PRINT)
    sheet = label_queries.sheet(session, actor, command.sheet_id)
    actor.must(Permission.PRINT, label_queries.site_of_sheet(session, sheet))
    chosen = label_queries.chosen(session, actor, command.layout)
    codes = label_queries.codes_of_sheet(session, sheet)
    if not codes:
        raise Refused(_("Every code of this sheet is on a sample already."))
    _refuse_without_reason(session, len(codes), command.reason)
    before = label_queries.prints_of_codes(session, codes)
    _count(session, before, chosen, command.reason)
    journal.record(
        session,
        actor,
        "print sheet again",
        [("block", sheet.block_id), ("label sheet", sheet.id)],
        sheet=sheet.number,
        labels=len(codes),
        layout=chosen.name,
        reason=command.reason,
    )
    return Blanks(codes, [sheet], chosen)


def place_sheet(session: Session, actor: Actor, command: PlaceSheet) -> LabelSheet:
    """Write down where a sheet of blank labels is."""
    actor.must(Permission.PRINT)
    sheet = label_queries.sheet(session, actor, command.sheet_id)
    actor.must(Permission.PRINT, label_queries.site_of_sheet(session, sheet))
    _refuse_place(command.place)
    sheet.place = command.place
    journal.record(
        session,
        actor,
        "place label sheet",
        [("block", sheet.block_id), ("label sheet", sheet.id)],
        sheet=sheet.number,
        place=command.place,
    )
    return sheet


def _refuse_place(place: str) -> None:
    problems = rules.wrong_text("place", place, 60)
    told = {} if problems else screening.warnings({"place": place}, frozenset({"place"}))
    problems += [Problem(name, words) for name, words in told.items()]
    if problems:
        raise Invalid(problems)


def _refuse_without_reason(session: Session, again: int, reason: str) -> None:
    if not again:
        return
    if not reason:
        raise refuse_field(
            "reason",
            _(
                "Labels that were printed before: %(n)s. Say why they are printed again: two "
                "tubes with one code would be taken for one sample.",
                n=again,
            ),
        )
    library.refuse_unknown_term(session, "reprint_reason", reason, "reason")


def _count(
    session: Session,
    before: Mapping[str, int],
    chosen: Chosen,
    reason: str,
    sheet_of: Mapping[str, uuid.UUID] | None = None,
) -> None:
    for code, times in before.items():
        session.add(
            LabelPrint(
                id=uuid.uuid4(),
                code=code,
                nth=times + 1,
                copies=chosen.design.copies,
                reason=reason if times else "",
                sheet_id=(sheet_of or {}).get(code),
            )
        )
    session.flush()


def _enter_sheets(
    session: Session,
    block_id: uuid.UUID,
    codes: Sequence[str],
    chosen: Chosen,
    command: PrintBlock,
) -> list[LabelSheet]:
    """Enter the sheets on which codes fall; single labels of one run are one entry."""
    per_sheet = chosen.paper.per_page
    copies = 1 if per_sheet == 1 else chosen.design.copies
    groups: dict[int, list[str]] = {}
    for index, code in enumerate(codes):
        number = 0 if per_sheet == 1 else (command.start - 1 + index * copies) // per_sheet
        groups.setdefault(number, []).append(code)
    query = select(func.max(LabelSheet.number)).where(LabelSheet.block_id == block_id)
    last = session.scalar(query) or 0
    made: list[LabelSheet] = []
    sheet_of: dict[str, uuid.UUID] = {}
    for number, group in enumerate(groups.values(), start=last + 1):
        sheet = LabelSheet(
            id=uuid.uuid4(),
            block_id=block_id,
            number=number,
            first_code=group[0],
            last_code=group[-1],
            labels=len(group),
            paper=chosen.name,
            place=command.place,
        )
        session.add(sheet)
        made.append(sheet)
        sheet_of |= dict.fromkeys(group, sheet.id)
    session.flush()
    _count(session, dict.fromkeys(codes, 0), chosen, "", sheet_of)
    return made
