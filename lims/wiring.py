"""The only list of "when X happens, Y reacts". Reactions run in the same transaction, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lims.foundation import happenings
from lims.foundation.happenings import Reaction


def reactions() -> Mapping[type, Sequence[Reaction]]:
    """Return every reaction of the program."""
    return {}


def connect() -> None:
    """Make the reactions known; every application and command starts with this."""
    happenings.connect(reactions())
