"""The words of the ticket that a device draws: all three languages at once, whoever reads it."""

from __future__ import annotations

from typing import Any

from lims.foundation.words import LANGUAGES, _, say
from lims.intake import ticket_papers

SAMPLES = _("Samples: %(n)s", n="{n}")
"""The script that draws the ticket puts the number in."""


def ticket_words() -> dict[str, dict[str, Any]]:
    """Return the sentences of the ticket by language."""
    return {
        language: {
            "title": say(ticket_papers.TICKET_TITLE, language),
            "samples": say(SAMPLES, language),
            "lines": [say(line, language) for line in ticket_papers.TICKET_LINES],
            "short": " ".join(say(line, language) for line in ticket_papers.TICKET_LINES),
        }
        for language in LANGUAGES
    }
