"""Rules of the library: how names are folded, how colours read, and when a lot has expired.

Nothing here holds a reference value; those come from the shipped tables, each with its source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from math import sqrt

from lims.foundation.errors import Invalid, Problem, refuse_field
from lims.foundation.words import Message, _

_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "Δ": "delta", "ω": "omega"}


class StructureStatus(StrEnum):
    """How sure the structure of a substance is."""

    CONFIRMED = "confirmed"
    SKELETON = "skeleton"
    UNCONFIRMED = "unconfirmed"
    NONE = "none"


class Role(StrEnum):
    """The usual role of a substance, which is not a verdict on a sample."""

    PSYCHOACTIVE = "psychoactive"
    ADULTERANT = "adulterant"
    DILUENT = "diluent"
    BY_PRODUCT = "by-product"
    PRECURSOR = "precursor"


PEOPLE_NEEDED = 2
"""How many people of the network confirm a structure that its source leaves open."""
SOON = timedelta(days=60)
"""A standard whose last day is nearer than this is to be ordered again."""


class LotState(StrEnum):
    """How a bottle of a reference standard stands."""

    EXPIRED = "expired"
    EMPTY = "empty"
    SOON = "expires soon"
    USABLE = "usable"


LOT_WORDS = {
    LotState.EXPIRED: _("expired"),
    LotState.EMPTY: _("empty"),
    LotState.SOON: _("expires soon"),
    LotState.USABLE: _("may be used"),
}
STATUS_WORDS = {
    StructureStatus.CONFIRMED: _("Structure confirmed by a second source"),
    StructureStatus.SKELETON: _("Structure confirmed without its stereochemistry"),
    StructureStatus.UNCONFIRMED: _("Structure not confirmed by a second source"),
    StructureStatus.NONE: _("No structure"),
}
ROLE_WORDS = {
    Role.PSYCHOACTIVE: _("psychoactive"),
    Role.ADULTERANT: _("active cutting agent"),
    Role.DILUENT: _("diluent"),
    Role.BY_PRODUCT: _("by-product"),
    Role.PRECURSOR: _("precursor"),
}


def fold(name: str) -> str:
    """Fold a chemical name for comparing: case, accents, Greek letters, punctuation, spacing.

    A mark between two digits stays as a space, so that 2,5 and 25 differ.
    """
    spelled = "".join(_GREEK.get(letter, letter) for letter in name)
    plain = unicodedata.normalize("NFKD", spelled).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    spaced = re.sub(r"[\W_]+", " ", bare).strip()
    return re.sub(r"(?<!\d) | (?!\d)", "", spaced)


def printable(text: str) -> str:
    """Return a text without the characters that no name holds and no database compares."""
    return "".join(letter for letter in text if letter.isprintable()).strip()


def code_of(name: str) -> str:
    """Return the code of a listed name, such as "simons" for Simon's."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold().replace("'", "")).strip("-")


def stages(colours: str) -> tuple[tuple[str, ...], ...]:
    """Return the stages of a colour sequence in time, each with its alternatives."""
    return tuple(tuple(filter(None, stage.split("/"))) for stage in colours.split(">") if stage)


def mean(n: int, total: float) -> Decimal:
    """Return the mean of n values, to 0.1."""
    return Decimal(total / n).quantize(Decimal("0.1"))


def deviation(n: int, total: float, squares: float) -> Decimal | None:
    """Return the standard deviation (n - 1) from a sum and a sum of squares, to 0.1."""
    if n < 2:
        return None
    variance = max(0.0, (squares - total * total / n) / (n - 1))
    return Decimal(sqrt(variance)).quantize(Decimal("0.1"))


def refuse_name(candidates: Sequence[str]) -> Invalid:
    """Return the refusal of a name that means nothing here, or more than one substance."""
    if candidates:
        words = _("This name can mean several substances: %(names)s.", names=list(candidates))
        return refuse_field("substance", words)
    return refuse_field("substance", _("This substance is not in the library."))


def expiry_words(expires: date | None, on: date) -> Message:
    """Say whether a lot may still be used on a day, and until when."""
    if expires is None:
        return _("No expiry date")
    if expires < on:
        return _("Expired since %(day)s", day=expires)
    return _("Usable until %(day)s", day=expires)


def has_expired(expires: date | None, on: date) -> bool:
    """Tell whether a lot is past its last day."""
    return expires is not None and expires < on


def lot_state(expires: date | None, remaining_mg: Decimal | None, on: date) -> LotState:
    """Return how a bottle stands on a day; an expired one is called so even when empty."""
    if has_expired(expires, on):
        return LotState.EXPIRED
    if remaining_mg is not None and remaining_mg <= 0:
        return LotState.EMPTY
    if expires is not None and expires - on <= SOON:
        return LotState.SOON
    return LotState.USABLE


def settled_status(stated: str, people: int) -> StructureStatus:
    """Return the status of a structure from what its source states and who confirmed it here."""
    if people >= PEOPLE_NEEDED:
        return StructureStatus.CONFIRMED
    return StructureStatus(stated)


def is_cas_number(text: str) -> bool:
    """Tell whether a text is a CAS Registry Number with its right check digit.

    The check digit is the sum of the digits, each times its place counted from the right, modulo
    10 (CAS, Check Digit Verification of CAS Registry Numbers).
    """
    if not re.fullmatch(r"[0-9]{2,7}-[0-9]{2}-[0-9]", text):
        return False
    *digits, check = (int(one) for one in text.replace("-", ""))
    return sum(place * one for place, one in enumerate(reversed(digits), 1)) % 10 == check


def lot_problems(
    received: date | None,
    opened: date | None,
    expires: date | None,
    purity: Decimal | None,
    on: date,
) -> Sequence[Problem]:
    """Return what cannot be right about a bottle of a reference standard."""
    problems = []
    if received is not None and received > on:
        problems.append(Problem("received", _("This day has not come yet.")))
    if opened is not None and opened > on:
        problems.append(Problem("opened", _("This day has not come yet.")))
    if received is not None and opened is not None and opened < received:
        problems.append(Problem("opened", _("It cannot be opened before it was received.")))
    if received is not None and expires is not None and expires < received:
        problems.append(Problem("expires", _("It cannot expire before it was received.")))
    if purity is not None and not 0 < purity <= 100:
        problems.append(Problem("purity", _("A purity is more than 0 % and at most 100 %.")))
    return problems
