"""Words in three languages.

Source text is English. A `Message` is a sentence that has not been said yet: rules and
operations make it, a door says it in the reader's language. Catalogues are one `.po` file per
language and feature under `lims/translations/`, read at start; no compiled file to go stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from babel.numbers import (
    format_decimal,
    get_decimal_symbol,
    get_group_symbol,
    get_minus_sign_symbol,
)

LANGUAGES = ("fr", "nl", "en")
LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_GB"}
CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
NBSP = "\u00a0"
MOST_DIGITS = 10
"""Digits behind the decimal sign that are written at most."""


@dataclass(frozen=True)
class Message:
    """A sentence with its values, to be said in the reader's language."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return say(self, "en")

    def __hash__(self) -> int:
        return hash(self.msgid)


def _(msgid: str, /, **params: Any) -> Message:
    """Return the sentence `msgid` with its values, not yet said in any language."""
    return Message(msgid, params)


def keep(message: Message) -> dict[str, Any]:
    """Return a message as plain values that JSON can hold, to be said later in any language."""
    return {"id": message.msgid, "params": {k: _kept(v) for k, v in message.params.items()}}


def _kept(value: Any) -> Any:
    if isinstance(value, Message):
        return keep(value)
    if isinstance(value, (list, tuple)):
        return [_kept(item) for item in value]
    return value if isinstance(value, (str, int, float)) else str(value)


def kept(values: Mapping[str, Any]) -> Message:
    """Return the message that was kept as plain values; nothing kept is an empty message."""
    params = values.get("params", {})
    return Message(str(values.get("id", "")), {key: _told(value) for key, value in params.items()})


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return kept(value)
    return [_told(item) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, str]:
    """Return the translations of one language, all features together."""
    found: dict[str, str] = {}
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=language):
                if entry.id and entry.string and isinstance(entry.id, str):
                    found[entry.id] = str(entry.string)
    return found


def say(message: Message | str, language: str) -> str:
    """Say a message in one language; values that are messages, numbers or dates are said too."""
    if isinstance(message, str):
        return catalogue(language).get(message, message)
    text = catalogue(language).get(message.msgid, message.msgid)
    if not message.params:
        return text
    return text % {key: _spoken(value, language) for key, value in message.params.items()}


def _spoken(value: Any, language: str) -> str:
    if isinstance(value, Message):
        return say(value, language)
    if isinstance(value, Decimal):
        return number(value, language)
    if isinstance(value, (list, tuple)):
        said = [_spoken(item, language) for item in value]
        whole = said and all(one.endswith(".") for one in said)  # sentences need no comma
        return (" " if whole else ", ").join(said)
    if isinstance(value, (date, datetime)):
        return day(value, language)
    return str(value)


def number(value: Decimal | float | int, language: str) -> str:
    """Write a number with the language's decimal sign, keeping the digits that are given."""
    if isinstance(value, float) or not Decimal(value).is_finite():
        return format_decimal(value, format="#,##0.##########", locale=LOCALES[language])
    # A page may say thousands of amounts: Babel reads its locale and pattern anew for each.
    digits = 0
    if isinstance(value, Decimal):
        digits = min(max(-int(value.as_tuple().exponent), 0), MOST_DIGITS)
    return f"{value:,.{digits}f}".translate(_signs(language))


@lru_cache(maxsize=len(LANGUAGES))
def _signs(language: str) -> dict[int, str]:
    """Return what a language writes for the signs of a number in Python's spelling."""
    locale = LOCALES[language]
    told = (get_group_symbol(locale), get_decimal_symbol(locale), get_minus_sign_symbol(locale))
    return dict(zip(map(ord, ",.-"), told, strict=True))


def with_unit(value: Decimal | float | int, unit: str, language: str) -> str:
    """Write a number and its unit with a no-break space between them."""
    return f"{number(value, language)}{NBSP}{unit}"


def day(value: date | datetime, language: str) -> str:
    """Write a day in the language's usual medium form."""
    return format_date(value, format="d MMM y", locale=LOCALES[language])


def moment(value: datetime, language: str) -> str:
    """Write a day and time in Belgian time, the language's usual form."""
    return format_datetime(
        value, format="d MMM y HH:mm", tzinfo=_belgium(), locale=LOCALES[language]
    )


@lru_cache(maxsize=1)
def _belgium() -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/Brussels")


def language_name(language: str) -> str:
    """Return the name of a language in that language."""
    return str(Locale(language).get_language_name(language))
