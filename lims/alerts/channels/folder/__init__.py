"""The channel of a demonstration: writes each message into a folder and sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lims.alerts.channels import mail, webhook
from lims.alerts.channels.letter import Letter
from lims.alerts.delivering import SENT, Outcome, later
from lims.foundation.words import _

NAME = "unsent-messages"
"""The folder, in the data folder of the installation."""


@dataclass(frozen=True)
class FolderChannel:
    """A folder, and the office that would have sent."""

    folder: Path
    sender: str = ""

    def send(self, letter: Letter) -> Outcome:
        """Write a letter under its name; a second copy replaces the first."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if letter.kind == "webhook":
                (self.folder / f"{letter.id}.json").write_bytes(webhook.body_of(letter))
            else:
                whole = mail.written(letter, self.sender).as_bytes()
                (self.folder / f"{letter.id}.eml").write_bytes(whole)
        except (OSError, ValueError):
            return later(_("The folder of the demonstration cannot be written."))
        return SENT
