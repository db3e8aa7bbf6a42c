"""Words of a batch sheet that its writer and its reader share."""

from __future__ import annotations

import unicodedata
from typing import Protocol

from lims.foundation.words import LANGUAGES, Message, _, say

SAMPLES = _("Samples")
EXPLANATIONS = _("Explanations")
LISTS = "lists"
REMARKS = _("Remarks")
EXAMPLE = _("EXAMPLE, not read")
#: How the first cell of an example begins, in any language.
EXAMPLES = ("example", "exemple", "voorbeeld")


class Named(Protocol):
    """Something with a name in each language."""

    def words(self, language: str) -> str: ...


def folded(text: str) -> str:
    """Return a text as compared: without case, width, accents of composition and extra spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("_", " ")
    return " ".join(plain.split())


def heading(column: Named) -> str:
    """Return the name of a column in the three languages, one a line."""
    return "\n".join(dict.fromkeys(column.words(language) for language in LANGUAGES))


def said_in_all(message: Message) -> frozenset[str]:
    """Return a message in every language, folded."""
    return frozenset(folded(say(message, language)) for language in LANGUAGES)
