"""What the pages of recipients and deliveries say of codes, in the reader's language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lims.alerts import delivering
from lims.alerts.audiences import TLP, Audience, audience_words
from lims.doors import browser
from lims.doors.house import house
from lims.foundation.words import Message, _, moment, say


def said(words: Message) -> str:
    """Say something in the reader's language."""
    return say(words, browser.language())


def words_of_lists() -> dict[str, Any]:
    """Return the words of codes, and the lists that forms offer."""
    named = {str(one): said(audience_words(one)) for one in Audience}
    return {
        "audiences": named,
        "labels": {str(one): label for one, label in TLP.items()},
        "kinds": {code: said(words) for code, words in delivering.KIND_WORDS.items()},
        "ceilings": [(one, one) for one in delivering.CEILINGS],
        "digests": {"daily": said(_("every day")), "weekly": said(_("every week"))},
        "why_not": delivering.why_not,
        "unsent": house().settings.demonstration,
    }


def said_moment(at: datetime) -> str:
    """Return a moment in the reader's language."""
    return moment(at, browser.language())
