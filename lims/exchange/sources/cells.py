"""Single cells of a partner's table: days, amounts and yes or no, written as people write them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

_AMOUNT = re.compile(r"[+]?\d{1,12}(?:[.,]\d{1,12})?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[T ].*)?")
_YES = frozenset({"1", "true", "yes", "y", "oui", "ja", "ie", "ydy", "1.0"})
_NO = frozenset({"0", "false", "no", "n", "non", "nee", "nein", "na", "nage", "0.0"})


def amount(text: str) -> Decimal | None:
    """Return a number with decimal point or comma, or None when it is not one."""
    squeezed = text.replace("\u00a0", "").replace("\u202f", "").strip()
    if not _AMOUNT.fullmatch(squeezed) or not squeezed.isascii():
        return None
    return Decimal(squeezed.replace(",", "."))


def day(text: str) -> date | None:
    """Return a day written ISO or day first (31/12/2025), or None when it is not one."""
    if iso := _ISO_DAY.fullmatch(text.strip()):
        parts = iso.groups()
    elif first := _DAY_FIRST.fullmatch(text.strip()):
        parts = first.groups()[::-1]
    else:
        return None
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None


def yes_or_no(text: str) -> bool | None:
    """Return the answer, or None when the cell is neither yes nor no."""
    folded = text.strip().casefold()
    if folded in _YES:
        return True
    return False if folded in _NO else None
