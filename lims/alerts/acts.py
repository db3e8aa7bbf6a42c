"""What each act on recipients and deliveries is called when it is told: one sentence per verb."""

from __future__ import annotations

from collections.abc import Mapping

from lims.foundation.words import Message, _

ACTS: Mapping[str, Message] = {
    "add recipient": _("Recipient of alerts added"),
    "confirm recipient": _("Recipient of alerts confirmed by a second person"),
    "change recipient": _("Recipient of alerts changed"),
    "remove recipient": _("Recipient of alerts removed"),
    "make webhook secret": _("New secret made for a webhook"),
    "make recipient group": _("Group of recipients made"),
    "change recipient group": _("Group of recipients changed"),
    "end recipient group": _("Group of recipients dissolved"),
    "add to recipient group": _("Recipient brought into a group"),
    "remove from recipient group": _("Recipient taken out of a group"),
    "choose recipients of alert": _("Groups chosen for an alert"),
    "queue deliveries": _("Messages of an alert queued for its recipients"),
    "queue digests": _("Digests queued"),
    "send delivery": _("Message delivered"),
    "cancel delivery": _("Message not sent: its recipient may not be told any more"),
    "give up delivery": _("Message given up after several tries"),
    "try delivery again": _("Message queued again by hand"),
    "acknowledge delivery": _("Message confirmed by its reader"),
    "escalate unreceived alert": _("Red alert that nobody confirmed escalated"),
    "owe CAP message": _("Alert published before its file for programs could be signed"),
    "tell coordination": _("Coordination told of what escalates"),
}
