"""What an application carries with it: settings, engine, and how to recognise who acts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flask import current_app
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.settings import Settings
from lims.foundation.words import Message


@dataclass(frozen=True)
class Way:
    """An entry of the navigation: shown to those who hold the permission."""

    label: Message
    endpoint: str
    icon: str
    permission: str | None = None
    count: Callable[[Session, Actor], int] | None = None
    group: Message | None = None


@dataclass
class House:
    """The furniture of one application, kept in `app.extensions["house"]`."""

    settings: Settings
    engine: Engine
    recognise_cookie: Callable[[Session, str], Actor | None]
    recognise_key: Callable[[Session, str], Actor | None]
    ways: Sequence[Way] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    site_of: Callable[[Session, uuid.UUID], str] | None = None


def house() -> House:
    """Return the furniture of the application that answers now."""
    return cast(House, current_app.extensions["house"])
