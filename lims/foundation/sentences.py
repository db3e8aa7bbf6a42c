"""Sentences kept in a record: source text and values, to be said later in any language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lims.foundation.words import Message


def keep(message: Message) -> dict[str, Any]:
    """Return a message as plain values that JSON can hold."""
    return {"id": message.msgid, "params": {k: _kept(v) for k, v in message.params.items()}}


def restore(kept: Mapping[str, Any]) -> Message:
    """Return the message that `keep` made plain; nothing kept is an empty message."""
    if not kept:
        return Message("")
    params = kept.get("params", {})
    return Message(str(kept.get("id", "")), {key: _restored(one) for key, one in params.items()})


def _kept(value: Any) -> Any:
    if isinstance(value, Message):
        return {"message": keep(value)}
    if isinstance(value, Decimal):
        return {"decimal": format(value, "f")}
    if isinstance(value, (list, tuple)):
        return [_kept(item) for item in value]
    return value if isinstance(value, (int, float, str)) else str(value)


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if isinstance(value, Mapping):
        return restore(value["message"]) if "message" in value else Decimal(value["decimal"])
    return value
