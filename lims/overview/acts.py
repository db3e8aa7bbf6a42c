"""What each act of the journal is called when a life is told: one sentence per verb.

A test reads every operation and asks that its verb stands in `act_words` or `act_words_later`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lims.alerts.acts import ACTS as DELIVERY_ACTS
from lims.foundation.words import Message, _, number, say
from lims.overview.act_words import EARLY
from lims.overview.act_words_later import LATER

WORDS: Mapping[str, Message] = {**EARLY, **LATER, **DELIVERY_ACTS}
CHAIN_FAULTS: Mapping[str, Message] = {
    "the tail is missing": _("The end of the journal is missing."),
    "an entry is missing": _("An act is missing here."),
    "the entry does not follow the one before": _("It does not follow the act before it."),
    "the entry was changed": _("It was changed after it was written."),
    "the details were changed": _("Its details were changed after they were written."),
}
"""What journal.queries says of the first act that does not fit."""
DETAILS: Mapping[str, Message] = {
    "number": _("number"),
    "place": _("place"),
    "witness": _("witness"),
    "seal": _("seal"),
    "mg": _("mass in mg"),
    "version": _("version"),
    "level": _("level"),
    "danger": _("danger"),
    "reason": _("reason"),
}
"""Details that are shown with an act, with their names."""
LEVELS: Mapping[str, Message] = {
    "neutral": _("Neutral"),
    "information": _("Information"),
    "caution": _("Caution"),
    "warning": _("Warning"),
    "red": _("Red alert"),
}
CODED_REASON = ("mark not analysed", "print labels", "print sheet again")
"""Acts whose reason is a code, which the page says with the vocabulary."""


def said(act: str, language: str) -> str:
    """Return an act in words; a verb of an older program is shown as it was written."""
    words = WORDS.get(act)
    return say(words, language) if words else act


def detail(act: str, body: Mapping[str, Any], language: str) -> str:
    """Return the details of an act that help a reader, in words."""
    shown = [
        f"{say(words, language)}{COLON[language]} {_value(name, str(body[name]), language)}"
        for name, words in DETAILS.items()
        if isinstance(body.get(name), str | int | float)
        and body[name] != ""
        and not (name == "reason" and act in CODED_REASON)
    ]
    return ", ".join(shown)


COLON = {"fr": "\u00a0:", "nl": ":", "en": ":"}
"""French puts a no-break space before a colon."""


def _value(name: str, value: str, language: str) -> str:
    if name in ("level", "danger") and value in LEVELS:
        return say(LEVELS[value], language)
    if name == "mg":
        try:
            return number(Decimal(value), language)
        except InvalidOperation:
            return value
    return value
