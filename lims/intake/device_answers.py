"""What a device is answered about a sealed record, at every door: taken, had before, refused."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from lims.doors import browser, machine
from lims.doors.house import house
from lims.intake import device_schemas, outbox
from lims.intake.outbox import EnvelopeRefused, OtherRecord, Received


def folder() -> Path:
    """Return the folder that holds the keys of this installation."""
    return house().settings.data_dir


def received(
    envelope_id: uuid.UUID,
    text: bytes,
    sent_at: str,
    act: Any = outbox.receive_envelope,
    status: int = 201,
) -> Any:
    """Answer a sealed record: taken, 409 had before, 4xx refused and to be kept."""
    command = outbox.ReceiveEnvelope(envelope_id, text, folder(), sent_at[:40])
    try:
        found: Received = machine.act(act, command)
    except OtherRecord as other:
        browser.close_session()
        found = other.received
    except EnvelopeRefused as refusal:
        browser.close_session()
        told = device_schemas.told_refusal(envelope_id, refusal, browser.language())
        return machine.problem(
            refusal.status, machine.TITLES.get(refusal.status, "Refused"), **told
        )
    told = device_schemas.told_received(found)
    return (told, status) if found.is_new else machine.problem(409, "Received before", **told)
