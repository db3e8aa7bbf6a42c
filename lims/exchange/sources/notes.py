"""Reading cells of one file while noting what is odd, with row and column.

A day that cannot be right, a number that is none, a word that no vocabulary has: the sample is
still taken, the cell is kept as written, and the person who imports is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from lims.exchange.sources import cells
from lims.exchange.sources.mapping import SourceMapping
from lims.exchange.sources.rows import Coded, PartnerSampleRow, RowProblem, Status
from lims.foundation.words import Message, _

#: Characters that a name, a label or a reference may have in our tables.
LONGEST_TEXT, LONGEST_PLACE, LONGEST_REFERENCE = 200, 80, 80


class Notes:
    """The problems met while reading one file, in the order of its rows."""

    def __init__(self, file: str, mapping: SourceMapping, today: date) -> None:
        self.file = file
        self.mapping = mapping
        self.today = today
        self.problems: list[RowProblem] = []

    def leave_out(self, row: int, column: str, message: Message) -> None:
        """Note a row that is not taken."""
        self.problems.append(RowProblem(self.file, row, column, message, left_out=True))

    def note(self, row: int, column: str, message: Message) -> None:
        """Note something odd in a row that is taken."""
        self.problems.append(RowProblem(self.file, row, column, message))

    def day(self, row: int, column: str, text: str) -> date | None:
        """Read a day; an implausible one is kept and noted."""
        if self.mapping.is_blank(text):
            return None
        found = cells.day(text)
        if found is None:
            self.note(row, column, _("%(text)s is not a day.", text=_short(text)))
        elif found > self.today + timedelta(days=1):
            self.note(row, column, _("Implausible date: %(day)s is in the future.", day=found))
        elif found < self.mapping.earliest_day:
            message = _("Implausible date: %(day)s is before this service began.", day=found)
            self.note(row, column, message)
        return found

    def amount(self, row: int, column: str, text: str) -> Decimal | None:
        """Read a number with point or comma; what is no number is noted."""
        if self.mapping.is_blank(text):
            return None
        found = cells.amount(text)
        if found is None:
            self.note(row, column, _("%(text)s is not a number.", text=_short(text)))
        return found

    def word(self, row: int, column: str, vocabulary: str, text: str) -> Coded | None:
        """Map one word to our vocabulary; an unknown word is kept and noted."""
        words = self.words(row, column, vocabulary, [text])
        return words[0] if words else None

    def words(
        self, row: int, column: str, vocabulary: str, texts: Sequence[str]
    ) -> tuple[Coded, ...]:
        """Map a list of words to our vocabulary; unknown ones are kept and noted."""
        found = self.mapping.codes_of(vocabulary, list(texts))
        for coded in found:
            if coded.code is None:
                message = _("%(text)s is not in our vocabulary.", text=_short(coded.raw))
                self.note(row, column, message)
        return found

    def text(self, row: int, column: str, text: str, longest: int = LONGEST_TEXT) -> str:
        """Read plain text; what says nothing is empty, what is too long is cut and noted."""
        if self.mapping.is_blank(text):
            return ""
        return self.cut(row, column, text, longest)

    def cut(self, row: int, column: str, text: str, longest: int = LONGEST_TEXT) -> str:
        """Return a text cut to what our tables hold; a cut is noted."""
        if len(text) > longest:
            self.note(row, column, _("Cut to %(n)s characters; the row keeps it whole.", n=longest))
        return text[:longest].strip()

    def reference(self, row: int, column: str, text: str) -> bool:
        """Tell whether a sample's reference can be used; what cannot is left out and noted."""
        if text and len(text) <= LONGEST_REFERENCE:
            return True
        missing = _("The reference of the sample is missing.")
        too_long = _("The reference has more than %(n)s characters.", n=LONGEST_REFERENCE)
        self.leave_out(row, column, too_long if text else missing)
        return False

    def reason(self, row: int, column: str, text: str) -> Coded:
        """Map a reason for not analysing; an unknown one is filed as other, words kept."""
        found = self.mapping.reason_of(self.cut(row, column, text))
        if found.code is None:
            self.note(row, column, _("%(text)s is not in our vocabulary.", text=_short(text)))
            return replace(found, code="other")
        return found


def without_doubles(
    samples: Iterable[PartnerSampleRow], notes: Notes, column: str
) -> tuple[list[PartnerSampleRow], int]:
    """Return the samples with repeated rows counted once, and how many rows repeat another.

    Rows with one reference and different contents are all left out: which is right is unknown.
    """
    groups: dict[str, list[PartnerSampleRow]] = {}
    for sample in samples:
        groups.setdefault(sample.source_id, []).append(sample)
    kept: list[PartnerSampleRow] = []
    repeated = 0
    for source_id, group in groups.items():
        if any(replace(other, row=0) != replace(group[0], row=0) for other in group[1:]):
            for other in group:
                message = _("%(id)s stands here with different contents.", id=_short(source_id))
                notes.leave_out(other.row, column, message)
            continue
        kept.append(group[0])
        repeated += len(group) - 1
        for other in group[1:]:
            notes.note(other.row, column, _("This row repeats row %(n)s.", n=group[0].row))
    return kept, repeated


def listed(text: str) -> list[str]:
    """Return the entries of a list joined with vertical bars or line breaks."""
    lines = text.replace("|", "\n").splitlines()
    return [line.strip() for line in lines if line.strip()]


def contradiction(analysed: bool, statuses: Sequence[Status | None]) -> Message | None:
    """Return what is odd between "analysed" and what was found, if anything."""
    if analysed and not statuses:
        return _("Analysed, but no substance and no outcome is given.")
    if not analysed and any(status is None for status in statuses):
        return _("Not analysed, yet substances are given.")
    return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
