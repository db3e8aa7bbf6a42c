"""Looking through free text for what may point to a person: a warning that must be answered.

It errs towards asking: a worker who knows that a word is no name says so with one tick. Nothing
that is found is kept or logged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from lims.foundation.words import Message, _

_MAIL = re.compile(r"[^\s@]{1,64}\s?(?:@|\(at\)|\[at\])\s?[^\s@]+\.\s?\w{2,}", re.IGNORECASE)
_HANDLE = re.compile(
    r"(?<!\w)@\w{3,}|\b(?:insta(?:gram)?|snapchat|telegram|whatsapp)\b", re.IGNORECASE
)
_DIGIT_RUN = re.compile(r"(?<![\w,.])(?<!CAS )\+?\d(?:[\s./()\-]{0,2}\d){7,}(?![\w])")
#: 15 June 1985 in its usual spellings: 15/06/1985, 15.6.85, 1985-06-15.
_DATE = re.compile(
    r"\b(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})\b"
)
#: Belgian plates: 1-ABC-234, ABC-123, 123-ABC, and their like next door (AB-123-CD, B-AB 1234).
_PLATE = re.compile(
    r"\b(?:[1-9O][\s-]?[A-Z]{3}[\s-]?\d{3}|[A-Z]{3}[\s-]\d{3}|\d{3}[\s-][A-Z]{3}"
    r"|[A-Z]{2}[\s-]\d{3}[\s-][A-Z]{2}|[A-Z]{1,3}-[A-Z]{1,2}\s?\d{2,4})\b"
)
_TITLE = re.compile(r"\b(?:[Mm]me|[Mm]lle|Mrs?|Ms|[Dd]hr|[Mm]evr(?:ouw)?|M)\b\.?\s?[A-ZÀ-Þ]\w+")
_NAMING = re.compile(
    r"s['’]appelle|\b(?:prénom|nom de famille|naam is|heet|named|surname|voornaam|first name)\b",
    re.IGNORECASE,
)
_CAPITAL = r"[A-ZÀ-Þ][a-zà-ÿ]+"
_PARTICLES = r"(?:(?:van|de|den|der|von|le|la|el|ben)\s+)*"
_FULL_NAME = re.compile(rf"\b{_CAPITAL}\s+{_PARTICLES}{_CAPITAL}\b")

KINDS: tuple[tuple[Message, tuple[re.Pattern[str], ...]], ...] = (
    (_("an e-mail address"), (_MAIL,)),
    (_("a name on a network"), (_HANDLE,)),
    (_("a date of birth"), (_DATE,)),
    (_("a phone or register number"), (_DIGIT_RUN,)),
    (_("a number plate"), (_PLATE,)),
)
NAMES: tuple[Message, tuple[re.Pattern[str], ...]] = (
    _("a name"),
    (_TITLE, _NAMING, _FULL_NAME),
)


def persons_in(text: str, *, names: bool = False) -> list[Message]:
    """Return what in a text may point to a person; `names` looks for personal names too.

    Names are looked for in notes only: what a product is called is full of capitals.
    """
    plain = unicodedata.normalize("NFKC", text)
    kinds = (*KINDS, NAMES) if names else KINDS
    return [words for words, patterns in kinds if any(one.search(plain) for one in patterns)]


def warnings(texts: Mapping[str, str], notes: frozenset[str]) -> dict[str, Message]:
    """Return field → the warning to be answered, for each text that may point to a person."""
    found = {}
    for field, text in texts.items():
        kinds = persons_in(text, names=field in notes)
        if kinds:
            found[field] = _(
                "This looks like %(what)s. Take it out, or tick that it is not about a person.",
                what=kinds,
            )
    return found
