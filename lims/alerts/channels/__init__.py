"""Channels that send: one folder each, one small protocol, nothing of the domain.

A channel takes a letter that is written already, tries once, and says what became of it. It never
looks anything up, never retries, never writes a substance or place anywhere but where the letter
has them. These folders are the only part of the program that opens a connection to another machine.
"""

from __future__ import annotations

from lims.alerts.channels.letter import Channel, Letter
from lims.foundation.settings import Settings

__all__ = ["Channel", "Letter", "channel_of"]


def channel_of(kind: str, settings: Settings) -> Channel:
    """Return the channel of a kind of recipient; a demonstration writes into its folder instead."""
    from lims.alerts.channels import folder, mail, webhook

    if settings.demonstration:
        return folder.FolderChannel(settings.data_dir / folder.NAME, settings.mail_from)
    if kind == "webhook":
        return webhook.webhook_channel(settings)
    return mail.mail_channel(settings)
