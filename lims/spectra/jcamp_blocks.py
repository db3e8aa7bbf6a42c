"""JCAMP-DX files taken apart: blocks of labelled lines, and the tables of numbers in them.

A block begins at `##TITLE=` and ends at `##END=`; a LINK block holds others. Labels are compared
without blanks, dashes, slashes and underscores, as the standard asks. `$$` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lims.foundation.words import _
from lims.spectra.places import MOST_LABELS, MOST_ROWS, at_line

TABLES = ("XYDATA", "XYPOINTS", "PEAKTABLE", "PEAKASSIGNMENTS", "RADATA", "DATATABLE")
_LABEL = re.compile(r"\s*##([^=]{0,80})=(.*)", re.DOTALL)
_END = re.compile(r"\s*##END\s*$", re.IGNORECASE)
_FORM = re.compile(r"\s*(\((?:[^()]|\([^()]*\))*\))\s*(?:,\s*[A-Z ]+)?(.*)", re.IGNORECASE)
Lines = list[tuple[int, str]]


@dataclass
class Table:
    """Numbers as written, the form that they stand in, and the labels that hold for them."""

    label: str
    form: str
    line: int
    rows: Lines
    page: str = ""
    page_labels: dict[str, str] = field(default_factory=dict)


@dataclass
class Block:
    """One block: its labels with their first values, its tables, whether its end was seen."""

    line: int
    labels: dict[str, str] = field(default_factory=dict)
    n_tuples: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    ended: bool = False

    @property
    def is_link(self) -> bool:
        """Tell whether the block only holds others."""
        return self.labels.get("DATATYPE", "").strip().upper() == "LINK" or "BLOCKS" in self.labels


@dataclass
class _State:
    """What the lines read so far have opened."""

    open: list[Block] = field(default_factory=list)
    in_tuples: bool = False
    page: str = ""
    page_labels: dict[str, str] = field(default_factory=dict)
    rows: Lines | None = None


def plain_label(written: str) -> str:
    """Return a label as it is compared."""
    return re.sub(r"[\s\-/_]", "", written).upper()


def blocks_of(lines: Iterable[tuple[int, str]]) -> list[Block]:
    """Return the blocks of a file in the order in which they begin."""
    state, blocks = _State(), []
    count = 0
    for line, label, value in _labelled(lines, state):
        count += 1
        if count > MOST_LABELS:
            raise at_line(line, _("there are more than %(n)s lines of text", n=MOST_LABELS))
        if label == "END" and not state.open:
            continue
        if label == "TITLE" or not state.open:
            blocks.append(Block(line))
            state.open.append(blocks[-1])
            state.in_tuples = False
        block = state.open[-1]
        if label == "END":
            state.open.pop().ended = True
        else:
            _labels(block, state, label, value, line)
    return blocks


def _labelled(lines: Iterable[tuple[int, str]], state: _State) -> Iterator[tuple[int, str, str]]:
    """Give label and value of each labelled line; other lines go to the table that is open."""
    count = 0
    for line, written in lines:
        text = written.partition("$$")[0]
        found = _LABEL.match(text)
        if found or _END.match(text):
            state.rows = None
            label = plain_label(found[1]) if found else "END"
            yield line, label, found[2].strip() if found else ""
        elif state.rows is not None and text.strip():
            count += 1
            if count > MOST_ROWS:
                raise at_line(line, _("there are more than %(n)s rows", n=MOST_ROWS))
            state.rows.append((line, text))


def _labels(block: Block, state: _State, label: str, value: str, line: int) -> None:
    if label in TABLES:
        _open_table(block, state, label, value, line)
    elif label == "NTUPLES":
        state.in_tuples, block.labels["NTUPLES"] = True, value
    elif label == "ENDNTUPLES":
        state.in_tuples = False
    elif label == "PAGE":
        state.page, state.page_labels = value, {}
    elif state.in_tuples:
        labels = state.page_labels if state.page else block.n_tuples
        labels.setdefault(label, value)
    elif label:
        block.labels.setdefault(label, value)


def _open_table(block: Block, state: _State, label: str, value: str, line: int) -> None:
    form = _FORM.match(value[:400])
    rows: Lines = []
    if form and re.search(r"\d", form[2]):
        rows.append((line, form[2]))
    table = Table(label, (form[1] if form else value).upper(), line, rows)
    if state.in_tuples:
        table.page, table.page_labels = state.page, state.page_labels
    block.tables.append(table)
    state.rows = rows
