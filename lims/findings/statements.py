"""Sentences that are kept with a finding: message and values, said later in any language.

A released finding must read the same in ten years, in French, Dutch and English, so that what is
stored is never a sentence in one language: it is the sentence's source text and its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lims.foundation.words import Message, say

Kept = dict[str, Any]


@dataclass(frozen=True)
class Names:
    """One name in three languages."""

    fr: str
    nl: str
    en: str

    def in_language(self, language: str) -> str:
        return str(getattr(self, language, self.en))


def keep(message: Message) -> Kept:
    """Return a message as plain values that JSON can hold."""
    return {"id": message.msgid, "params": {k: kept_value(v) for k, v in message.params.items()}}


def kept_value(value: Any) -> Any:
    """Return one value of a message as JSON can hold it."""
    if isinstance(value, Message):
        return keep(value)
    if isinstance(value, Names):
        return {"names": [value.fr, value.nl, value.en]}
    if isinstance(value, Decimal):
        return {"decimal": format(value, "f")}
    if isinstance(value, (list, tuple)):
        return {"list": [kept_value(item) for item in value]}
    return str(value)


def tell(kept: Mapping[str, Any], language: str) -> str:
    """Say a kept message in one language; nothing kept is nothing said."""
    return say(_message(kept, language), language) if kept else ""


def speak(message: Message, language: str) -> str:
    """Say a message whose values may be names in three languages."""
    return tell(keep(message), language)


def name_in(kept: Any, language: str) -> str:
    """Say a kept name, or a kept message that stands for one."""
    return str(_value(kept, language))


def _message(kept: Mapping[str, Any], language: str) -> Message:
    params = kept.get("params", {})
    return Message(str(kept["id"]), {key: _value(value, language) for key, value in params.items()})


def _value(value: Any, language: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "names" in value:
        return Names(*value["names"]).in_language(language)
    if "decimal" in value:
        return Decimal(value["decimal"])
    if "list" in value:
        return ", ".join(str(_said(item, language)) for item in value["list"])
    return say(_message(value, language), language)


def _said(item: Any, language: str) -> Any:
    return say(Message("%(item)s", {"item": _value(item, language)}), language)
