"""How hard a text is to read: the same measure in every language, and where it is hard.

A number helps nobody to write; the longest sentence and the long words do. They are shown beside
each message. Nothing is refused for being hard: a chemist's message may have to be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from lims.foundation.words import Message, _

LONG_WORD = 6
"""A word of more letters counts as long: Björnsson, Läsbarhet, 1968."""
STEPS = (30, 40, 50, 60)
"""The bounds between very easy, easy, middling, hard and very hard, after the same book."""
LONGEST_SENTENCE = 20
"""Words of a sentence above which it is shown to its writer: a house convention."""
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_END = re.compile(r"[.!?…:]+(?=\s|$)|\n\s*\n|\n")


@dataclass(frozen=True)
class Reading:
    """What a text asks of its reader."""

    words: int
    sentences: int
    lix: float | None
    longest: str
    longest_words: int
    long_words: tuple[str, ...]

    @property
    def grade(self) -> int | None:
        """Return 0 (very easy) to 4 (very hard); None for a text too short to say."""
        return None if self.lix is None else sum(self.lix >= step for step in STEPS)

    @property
    def is_too_long(self) -> bool:
        return self.longest_words > LONGEST_SENTENCE


def reading(text: str) -> Reading:
    """Return how hard a text is, by LIX: words per sentence plus long words per hundred words.

    LIX (Björnsson 1968) counts letters and not syllables, so that French, Dutch and English are
    measured alike. A colon ends a sentence, as there. A text without a word has no LIX.
    """
    sentences = [part for part in _sentences(text) if _WORD.search(part)]
    words = _WORD.findall(text)
    long_ones = [word for word in words if _letters(word) > LONG_WORD]
    lix = None
    if words:
        lix = len(words) / len(sentences) + 100 * len(long_ones) / len(words)
    longest = max(sentences, key=lambda part: len(_WORD.findall(part)), default="")
    hardest = sorted(set(long_ones), key=lambda word: (-_letters(word), word))
    return Reading(
        words=len(words),
        sentences=len(sentences),
        lix=lix,
        longest=" ".join(longest.split()),
        longest_words=len(_WORD.findall(longest)),
        long_words=tuple(hardest[:5]),
    )


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text; a decimal point inside a number ends none."""
    ends = [0, *(found.end() for found in _END.finditer(text)), len(text)]
    return [text[start:end].strip() for start, end in pairwise(ends)]


def _letters(word: str) -> int:
    return sum(one.isalpha() for one in word)


GRADES: tuple[Message, ...] = (
    _("very easy to read"),
    _("easy to read"),
    _("middling to read"),
    _("hard to read"),
    _("very hard to read"),
)
"""The words of each grade, from the easiest."""
