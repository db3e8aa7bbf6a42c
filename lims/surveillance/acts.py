"""What happens to signals and is announced, and what may be asked of a report: plain commands."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class SignalRaised:
    """A new signal stands open; with a title, its reporter wants an event opened at once."""

    signal_id: uuid.UUID
    event_title: str = ""


@dataclass(frozen=True)
class SignalEscalated:
    """Nobody took a signal up in time: announced once for each signal, step and level."""

    signal_id: uuid.UUID
    step: str = "look"


@dataclass(frozen=True)
class ReportEffect:
    """A bad effect, an incident or a worrying product, told before or after identification."""

    words: str
    level: str = "caution"
    sample_code: str = ""
    product_number: str = ""
    id: uuid.UUID | None = None
    told_by: str = "worker"
    form: str = ""
    colour: str = ""
    logo: str = ""
    effects: tuple[str, ...] = ()
    area: str = ""
    week: str = ""
    opens_event: bool = False
    not_a_person: bool = False
    is_another: bool = False
