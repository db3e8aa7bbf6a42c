"""What is told at the table: a visit and its samples, as they come from any door."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class RegisterSample:
    """What one handed-in sample is said to be, looks like, and what the person agreed to.

    `sold_as` is verbatim, "unknown" when the person does not know; an empty `code` takes the
    next free one of the site's blocks.
    """

    id: uuid.UUID | None = None
    code: str = ""
    outside_code: str = ""
    form: str = ""
    sold_as: str = ""
    #: key of the substance that is meant, where the words can mean several; "none" for none of them
    sold_as_key: str = ""
    believed: str = ""
    believed_key: str = ""
    street_name: str = ""
    colour: str = ""
    colour_2: str = ""
    logo: str = ""
    logo_back: str = ""
    shape: str = ""
    score_line: bool | None = None
    length_mm: Decimal | None = None
    width_mm: Decimal | None = None
    thickness_mm: Decimal | None = None
    #: how many units were handed in
    units: int | None = None
    mass_mg: Decimal | None = None
    unit_mass_mg: Decimal | None = None
    whole_or_part: str = ""
    packaging: str = ""
    price: Decimal | None = None
    price_per: str = ""
    obtained_from: str = ""
    obtained_region: str = ""
    #: ISO week, such as 2026-W47; never a day
    obtained_week: str = ""
    route: str = ""
    effects: Sequence[str] = ()
    already_taken: bool | None = None
    #: what it was taken with, by name
    taken_with: Sequence[str] = ()
    incident_link: str = ""
    consent_destroy: bool = False
    consent_second_laboratory: bool = False
    consent_data: bool = False
    consent_photo: bool = False
    note: str = ""
    #: the worker's answer to a warning: this text is not about a person
    not_a_person: bool = False


@dataclass(frozen=True)
class TicketVerifier:
    """A ticket that a device made: what finds it, and the argon2id of a secret we never see."""

    selector: str
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class RegisterVisit:
    """One person at the table, without any identity, and what they hand in.

    `ticket`, `device_id` and `recorded_at` are of visits that a device recorded without network.
    """

    id: uuid.UUID
    site_id: uuid.UUID
    samples: tuple[RegisterSample, ...] = ()
    session_name: str = ""
    language: str = "fr"
    first_visit: bool | None = None
    age_band: str = ""
    gender: str = ""
    #: vocabulary table_scale: what was weighed with in this session
    table_scale: str = ""
    day: date | None = None
    with_ticket: bool = True
    ticket: TicketVerifier | None = None
    device_id: uuid.UUID | None = None
    recorded_at: datetime | None = None
    #: refuse words that can mean several substances until one is chosen
    ask_names: bool = False
