"""What every channel is given, and what it answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from lims.alerts.delivering import Outcome


@dataclass(frozen=True)
class Letter:
    """A message ready to go; `id` names it for ever, so that a second copy is known as one.

    `subject` and `body` are what a mail says, `content` what a webhook is sent, `secret` what
    signs it.
    """

    id: uuid.UUID
    kind: str
    address: str
    language: str
    subject: str
    body: str
    queued_at: datetime
    content: Mapping[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)


class Channel(Protocol):
    """Something that sends a letter."""

    def send(self, letter: Letter) -> Outcome:
        """Try once, and tell what became of it; raises nothing."""
        ...
