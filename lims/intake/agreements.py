"""What a person agrees to beside the analysis, and what taking it back brings about."""

from __future__ import annotations

from collections.abc import Mapping

from lims.foundation.words import Message, _

CONSEQUENCES: Mapping[str, Message] = {
    "data": _("From now on its data leave this network in no export."),
    "second_laboratory": _("From now on it goes to no second laboratory."),
    "photo": _("Its photos are removed; no new one is kept."),
}
"""What taking back an agreement brings about."""
NAMES: Mapping[str, Message] = {
    "data": _("Use the data again"),
    "second_laboratory": _("Second laboratory"),
    "photo": _("Photo"),
}
