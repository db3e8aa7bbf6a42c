"""From text to a command: fields that speak our languages, schemas that make frozen dataclasses.

A decimal comma is accepted, text is cleaned of control characters, and every complaint is a
`Message` beside its field. Validation that needs the database belongs to operations.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields

from lims.foundation.errors import Invalid, Problem
from lims.foundation.measures import read_decimal
from lims.foundation.words import Message, _

_NEEDED: dict[str, Any] = {
    "required": _("This answer is needed."),
    "null": _("This answer is needed."),
    "validator_failed": _("This answer cannot be right."),
}
ma.fields.Field.default_error_messages = _NEEDED


class Text(fields.String):
    """One line (or several) of plain text: trimmed, normalised, without control characters."""

    default_error_messages: dict[str, Any] = {
        "invalid": _("This must be text."),
        "invalid_utf8": _("This must be text."),
    }

    def __init__(self, longest: int = 200, *, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest, self.lines = longest, lines
        self.metadata = {"maxLength": longest, **self.metadata}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))
        kept = "".join(letter for letter in text if self._is_kept(letter)).strip()
        if len(kept) > self.longest:
            raise ma.ValidationError([_("At most %(n)s characters, please.", n=self.longest)])
        if self.required and not kept:
            raise self.make_error("required")
        return kept

    def _is_kept(self, letter: str) -> bool:
        if self.lines and letter == "\n":
            return True
        return unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


class Amount(fields.Field[Decimal]):
    """A decimal amount, read with comma or point, written as text; empty is None."""

    def __init__(self, *, least: str | None = None, most: str | None = None, **kwargs: Any) -> None:
        if not kwargs.get("required"):
            kwargs.setdefault("load_default", None)
            kwargs.setdefault("allow_none", True)
        super().__init__(**kwargs)
        self.least = None if least is None else Decimal(least)
        self.most = None if most is None else Decimal(most)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = str(value).strip() if isinstance(value, (str, int, float, Decimal)) else None
        if text is None or isinstance(value, bool):
            raise ma.ValidationError([_("This must be a number.")])
        if text == "":
            if self.required:
                raise self.make_error("required")
            return None
        try:
            amount = read_decimal(text, attr or "")
        except Invalid as refusal:
            raise ma.ValidationError([p.message for p in refusal.problems]) from refusal
        if self.least is not None and amount < self.least:
            raise ma.ValidationError([_("At least %(n)s, please.", n=self.least)])
        if self.most is not None and amount > self.most:
            raise ma.ValidationError([_("At most %(n)s, please.", n=self.most)])
        return amount

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else format(value, "f")


class Choice(Text):
    """A code of a short fixed list; an empty answer is kept empty."""

    def __init__(self, *codes: str, **kwargs: Any) -> None:
        super().__init__(60, **kwargs)
        self.codes = codes
        if codes:
            listed = [*codes, *([] if self.required else [""])]
            self.metadata = {"enum": listed, **self.metadata}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        code = super()._deserialize(value, attr, data, **kwargs)
        if code and self.codes and code not in self.codes:
            raise ma.ValidationError([_("Choose one of the list.")])
        return code


class Day(fields.Date):
    """A day; an empty answer is None."""

    default_error_messages: dict[str, Any] = {
        "invalid": _("Write the day as year-month-day, such as 2026-11-22."),
        "format": _("Write the day as year-month-day, such as 2026-11-22."),
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if value == "":
            if self.required:
                raise self.make_error("required")
            return None
        return super()._deserialize(value, attr, data, **kwargs)


class Tick(fields.Boolean):
    """A tick box: absent or empty is False."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("required"):
            kwargs.setdefault("load_default", False)
        super().__init__(**kwargs)

    default_error_messages: dict[str, Any] = {"invalid": _("Tick it or leave it.")}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        return False if value == "" else bool(super()._deserialize(value, attr, data, **kwargs))


class YesNo(fields.Boolean):
    """Yes, no, or no answer (None)."""

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("required"):
            kwargs.setdefault("load_default", None)
            kwargs.setdefault("allow_none", True)
        super().__init__(**kwargs)

    default_error_messages: dict[str, Any] = {"invalid": _("Yes, no, or leave empty.")}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if value == "":
            if self.required:
                raise self.make_error("required")
            return None
        return super()._deserialize(value, attr, data, **kwargs)


class Identifier(fields.UUID):
    """The identifier of a record; empty is None unless required."""

    default_error_messages: dict[str, Any] = {
        "invalid_uuid": _("This is not an identifier."),
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if value == "" and not self.required:
            return None
        return super()._deserialize(value, attr, data, **kwargs)


class Whole(fields.Integer):
    """A whole number; an empty answer is None."""

    default_error_messages: dict[str, Any] = {
        "invalid": _("This must be a whole number."),
        "too_large": _("This must be a whole number."),
    }

    def __init__(self, *, least: int | None = None, most: int | None = None, **kwargs: Any) -> None:
        if not kwargs.get("required"):
            kwargs.setdefault("load_default", None)
            kwargs.setdefault("allow_none", True)
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if value == "":
            if self.required:
                raise self.make_error("required")
            return None
        number = super()._deserialize(value, attr, data, **kwargs)
        if number is not None and self.least is not None and number < self.least:
            raise ma.ValidationError([_("At least %(n)s, please.", n=self.least)])
        if number is not None and self.most is not None and number > self.most:
            raise ma.ValidationError([_("At most %(n)s, please.", n=self.most)])
        return number


class CommandSchema(ma.Schema):
    """A schema that makes a frozen command dataclass, named by the class attribute `command`."""

    command: ClassVar[type | None] = None

    error_messages: dict[str, Any] = {
        "unknown": _("This field is not known here."),
        "type": _("This does not have the expected form."),
    }

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Any:
        return data if self.command is None else self.command(**data)

    def read(self, typed: Mapping[str, Any]) -> Any:
        """Return the command made from what was typed; raises Invalid with every problem."""
        try:
            return self.load(typed, unknown=ma.EXCLUDE)
        except ma.ValidationError as wrong:
            raise Invalid(problems_in(wrong.messages)) from wrong


def problems_in(messages: Any, prefix: str = "") -> list[Problem]:
    """Return marshmallow's nested messages as a flat list of problems, fields joined by dots."""
    if isinstance(messages, Mapping):
        found: list[Problem] = []
        for key, inner in messages.items():
            name = prefix if key == "_schema" else f"{prefix}.{key}" if prefix else str(key)
            found.extend(problems_in(inner, name))
        return found
    listed = messages if isinstance(messages, (list, tuple)) else [messages]
    return [
        Problem(
            prefix, told if isinstance(told, Message) else Message(str(told).replace("%", "%%"))
        )
        for told in listed
    ]
