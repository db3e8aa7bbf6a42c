"""What each kind of sealed record becomes: the list that `wiring` sets at the start."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.foundation.actors import Actor


@dataclass(frozen=True)
class Origin:
    """Which device recorded, for which site, and when, by the server's clock; where files stand."""

    device_id: uuid.UUID
    site_id: uuid.UUID
    moment: datetime
    folder: Path = Path()


@dataclass(frozen=True)
class Kind:
    """What a kind of sealed record becomes.

    `schema_read` makes the command from the record's identifier, its day and its body; `operation`
    does it. The rest is for records that keep more: `stamped` adds where a command came from,
    `subject` names the record that it became, `result` and `present` tell of that record what the
    device needs, and what the conflict screen shows; `overrule` puts the device's answers in the
    place of ours.
    """

    schema_read: Callable[[uuid.UUID, date, Mapping[str, Any]], Any]
    operation: Callable[[Session, Actor, Any], Any]
    stamped: Callable[[Any, Origin], Any] | None = None
    subject: Callable[[Any], uuid.UUID] | None = None
    result: Callable[[Session, uuid.UUID], Mapping[str, Any]] | None = None
    present: Callable[[Session, uuid.UUID], Mapping[str, Any] | None] | None = None
    overrule: Callable[[Session, Actor, Any], Any] | None = None


_kinds: dict[str, Kind] = {}


def connect(kinds: Mapping[str, Kind]) -> None:
    """Set what each kind of record becomes; called by `wiring` when an application starts."""
    _kinds.clear()
    _kinds.update(kinds)


def kind_named(name: str) -> Kind | None:
    """Return what a kind of record becomes, or None when nothing is known of it."""
    return _kinds.get(name)
