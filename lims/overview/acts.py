"""What each act of the journal is called when a life is told: one sentence per verb.

A test reads every operation and asks that its verb stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lims.foundation.words import Message, _, say

WORDS: Mapping[str, Message] = {
    # the network
    "set up": _("Balise was set up"),
    "add site": _("Site added"),
    "add account": _("Account added"),
    "give duty": _("Duty given"),
    "end duty": _("Duty ended"),
    "close account": _("Account closed"),
    "lock account": _("Account locked after too many wrong passwords"),
    "log in": _("Logged in"),
    "log out": _("Logged out"),
    "choose site": _("Went to work at another site"),
    "change password": _("Password changed"),
    "record competence": _("Training recorded"),
    "make API key": _("API key made"),
    "revoke API key": _("API key revoked"),
    # what is published
    "load library": _("Library loaded"),
    "add reference lot": _("Reference standard added"),
    "publish protocol": _("Protocol published"),
    "publish danger rule": _("Danger rule published"),
    "publish shipped danger rules": _("Shipped danger rules published"),
    "choose jurisdictions of danger rules": _("Jurisdictions of danger rules chosen"),
    "add instrument": _("Instrument added"),
    "set instrument state": _("State of an instrument changed"),
    "add reagent lot": _("Reagent lot added"),
    "check reagent lot": _("Reagent lot checked"),
}
CHAIN_FAULTS: Mapping[str, Message] = {
    "the tail is missing": _("The end of the journal is missing."),
    "an entry is missing": _("An act is missing here."),
    "the entry does not follow the one before": _("It does not follow the act before it."),
    "the entry was changed": _("It was changed after it was written."),
    "the details were changed": _("Its details were changed after they were written."),
}
"""What journal.queries says of the first act that does not fit."""
DETAILS: Mapping[str, Message] = {
    "reason": _("reason"),
    "number": _("number"),
}
"""Details that are shown with an act, with their names."""
MASS_MOVES: Mapping[str, Message] = {
    "handed-in": _("handed in"),
    "sent": _("sent"),
    "received": _("received"),
    "used": _("used"),
    "returned": _("returned"),
    "destroyed": _("destroyed"),
    "lost": _("lost"),
}
"""Moves of the mass ledger."""


def said(act: str, language: str) -> str:
    """Return an act in words; a verb of an older program is shown as it was written."""
    words = WORDS.get(act)
    return say(words, language) if words else act


def detail(body: Mapping[str, Any], language: str) -> str:
    """Return the details of an act that help a reader, in words."""
    shown = [
        f"{say(words, language)}: {body[name]}"
        for name, words in DETAILS.items()
        if isinstance(body.get(name), str | int | float) and body[name] != ""
    ]
    return ", ".join(shown)
