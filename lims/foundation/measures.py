"""Amounts: a decimal value with its unit, what it is expressed as, and how sure it is.

"120 mg" of a drug means little until one knows whether the base or the salt was weighed and how
wide the uncertainty is. A comparison with a limit therefore has three answers, and the third,
"cannot be excluded", is an answer to act on, not a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import product

from lims.foundation.errors import refuse_field
from lims.foundation.words import Message, _

BASE = "base"
MOST_DIGITS = 12
#: Points of type in one millimetre of paper: 72 to the inch of 25.4 mm.
MM = 72 / 25.4
_LONGEST_TYPED = 40

#: Unit → (what it measures, how many of the smallest unit of that kind).
_UNITS: dict[str, tuple[str, Decimal]] = {
    "ng": ("mass", Decimal(1)),
    "µg": ("mass", Decimal(10) ** 3),
    "mg": ("mass", Decimal(10) ** 6),
    "g": ("mass", Decimal(10) ** 9),
    "µg/unit": ("mass per unit", Decimal(1)),
    "mg/unit": ("mass per unit", Decimal(10) ** 3),
    "g/unit": ("mass per unit", Decimal(10) ** 6),
    "µg/ml": ("mass per volume", Decimal(1)),
    "mg/ml": ("mass per volume", Decimal(10) ** 3),
    "g/l": ("mass per volume", Decimal(10) ** 3),
    "mg/g": ("mass fraction", Decimal(1)),
    "%": ("mass fraction", Decimal(10)),
    "µm": ("length", Decimal(1)),
    "mm": ("length", Decimal(10) ** 3),
    "cm": ("length", Decimal(10) ** 4),
    "µl": ("volume", Decimal(1)),
    "ml": ("volume", Decimal(10) ** 3),
    "l": ("volume", Decimal(10) ** 6),
}
_PER_UNIT = re.compile(r"\s*(?:/|per)\s*(?:dosage unit|dose|unit|tablet|blotter|capsule)$")
_DIGITS = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
_SPACES = "\u00a0\u2009\u202f\u2007"
_GROUPED = r"\d{1,3}(?:%s\d{3})+"
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)"
    rf"(?P<whole>{_GROUPED % ' '}|{_GROUPED % '[.]'}(?=,|$)|{_GROUPED % ','}(?=[.]|$)|\d*)"
    r"(?:[.,](?P<part>\d+))?",
    re.ASCII,
)
#: One separator: 1,234 and 1.234 are one point two three four (see read_decimal).
_PLAIN = re.compile(r"(?P<sign>[+-]?)(?P<whole>\d*)(?:[.,](?P<part>\d+))?", re.ASCII)


class Comparison(StrEnum):
    """Where an amount lies relative to a limit."""

    ABOVE = "above"
    BELOW = "below"
    CANNOT_BE_EXCLUDED = "cannot-be-excluded"


@dataclass(frozen=True)
class Quantity:
    """An amount. `uncertainty` is expanded (k = 2), in the same unit as the value.

    `expressed_as` is "base", the name of a salt ("HCl"), or None when nobody stated it.
    """

    value: Decimal
    unit: str
    expressed_as: str | None = None
    uncertainty: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse amounts that are no number, and write the unit in its one form."""
        if not self.value.is_finite():
            raise refuse_field("value", _("An amount must be a number."))
        spread = self.uncertainty
        if spread is not None and (not spread.is_finite() or spread < 0):
            raise refuse_field("uncertainty", _("The uncertainty must be zero or more."))
        object.__setattr__(self, "unit", unit_name(self.unit))

    def scaled(self, factor: Decimal) -> Quantity:
        """Return the amount times a factor, uncertainty included."""
        spread = None if self.uncertainty is None else self.uncertainty * factor
        return replace(self, value=self.value * factor, uncertainty=spread)


def read_decimal(text: str, field: str) -> Decimal:
    """Read a number typed with a decimal comma or point; raises Invalid on `field`.

    Thousands may be set apart by spaces (also no-break and thin). A lone comma or point is the
    decimal sign, so that 1,234 and 1.234 both are a little more than one: a balance that shows
    three decimals is daily bread. With both signs present the last one is the decimal sign.
    """
    typed = text.strip() if len(text) <= _LONGEST_TYPED else text[:_LONGEST_TYPED] + "…"
    if not typed:
        raise refuse_field(field, _("A number is missing."))
    plain = typed.translate(_DIGITS).replace("−", "-")
    for space in _SPACES:
        plain = plain.replace(space, " ")
    match = _PLAIN.fullmatch(plain) or _NUMBER.fullmatch(plain)
    if match is None or not (match["whole"] or match["part"]):
        raise refuse_field(
            field, _("“%(typed)s” is not a number. Write it like 12,5 or 12.5.", typed=typed)
        )
    whole = re.sub(r"\D", "", match["whole"]) or "0"
    part = match["part"] or ""
    if len(whole.lstrip("0")) + len(part) > MOST_DIGITS:
        raise refuse_field(field, _("A number has at most %(n)s digits here.", n=MOST_DIGITS))
    return Decimal(f"{match['sign']}{whole}.{part}" if part else f"{match['sign']}{whole}")


def read_amount(text: str, field: str) -> Decimal:
    """Read a number that cannot be negative; raises Invalid on `field`."""
    amount = read_decimal(text, field)
    if amount < 0:
        raise refuse_field(field, _("This cannot be less than zero."))
    return abs(amount)


def unit_name(unit: str) -> str:
    """Return the one way in which a unit is written here: ug is µg, mg per tablet is mg/unit."""
    name = unit.strip().replace("\u03bc", "µ")
    name = _PER_UNIT.sub("/unit", name)
    return "µ" + name[1:] if name.startswith(("ug", "ul", "um")) else name


def converted(quantity: Quantity, unit: str) -> Quantity:
    """Return the same amount in another unit; raises Invalid when the two measure other things."""
    target = unit_name(unit)
    if quantity.unit == target:
        return quantity
    mine, theirs = _UNITS.get(quantity.unit), _UNITS.get(target)
    if mine is None or theirs is None or mine[0] != theirs[0]:
        raise refuse_field("unit", _incompatible(quantity.unit, target))
    return replace(quantity.scaled(mine[1] / theirs[1]), unit=target)


def as_base(quantity: Quantity, salt_factor: Decimal) -> Quantity:
    """Return the amount expressed as base; `salt_factor` is base mass over salt mass.

    Raises Invalid when nobody stated what the amount is expressed as.
    """
    _refuse_unstated(quantity)
    _refuse_factor(salt_factor)
    if quantity.expressed_as == BASE:
        return quantity
    return replace(quantity.scaled(salt_factor), expressed_as=BASE)


def as_salt(quantity: Quantity, salt_factor: Decimal, salt: str = "HCl") -> Quantity:
    """Return the amount expressed as a salt; `salt_factor` is base mass over that salt's mass.

    Raises Invalid when the amount is expressed as another salt, or nobody stated as what.
    """
    _refuse_unstated(quantity)
    _refuse_factor(salt_factor)
    if quantity.expressed_as == salt:
        return quantity
    if quantity.expressed_as != BASE:
        raise refuse_field(
            "expressed_as", _("Convert to the base first: one salt does not give another.")
        )
    return replace(quantity.scaled(1 / salt_factor), expressed_as=salt)


def compare(
    found: Quantity, operator: str, limit: Quantity, salt_factor: Decimal | None
) -> Comparison:
    """Say where `found` lies relative to `limit`: above, below, or cannot be excluded.

    `operator` (> >= < <=) says to which side an amount equal to the limit belongs. Uncertainty
    and every reading of base or salt that is not stated count: when two of them disagree the
    answer is "cannot be excluded". `salt_factor` is base mass over salt mass, None if not known.
    """
    if operator not in (">", ">=", "<", "<="):
        raise refuse_field("operator", _("A limit is compared with >, >=, < or <=."))
    if salt_factor is not None:
        _refuse_factor(salt_factor)
    found = converted(found, limit.unit)
    spread = found.uncertainty or Decimal(0)
    answers = {
        _side(edge * mine, operator, limit.value * theirs)
        for mine, theirs in _readings(found.expressed_as, limit.expressed_as, salt_factor)
        for edge in (found.value - spread, found.value + spread)
    }
    return answers.pop() if len(answers) == 1 else Comparison.CANNOT_BE_EXCLUDED


def _side(amount: Decimal, operator: str, limit: Decimal) -> Comparison:
    equal_is_above = operator in (">=", "<")
    above = amount >= limit if equal_is_above else amount > limit
    return Comparison.ABOVE if above else Comparison.BELOW


def _readings(
    found_as: str | None, limit_as: str | None, salt_factor: Decimal | None
) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield the factors that bring amount and limit to the base, one pair per possible reading."""
    one = Decimal(1)
    if found_as == limit_as and found_as is not None:
        yield one, one
    elif salt_factor is not None and _is_one_salt(found_as, limit_as):
        yield from product(_factors(found_as, salt_factor), _factors(limit_as, salt_factor))
    elif {found_as, limit_as} <= {None, BASE}:
        yield one, one
    else:  # two salts, or a salt without factor: neither side of the limit can be shown
        yield Decimal(0), one
        yield one, Decimal(0)


def _is_one_salt(found_as: str | None, limit_as: str | None) -> bool:
    return len({found_as, limit_as} - {None, BASE}) <= 1


def _factors(expressed_as: str | None, salt_factor: Decimal) -> tuple[Decimal, ...]:
    if expressed_as is None:
        return Decimal(1), salt_factor
    return (Decimal(1),) if expressed_as == BASE else (salt_factor,)


def _refuse_unstated(quantity: Quantity) -> None:
    if quantity.expressed_as is None:
        raise refuse_field(
            "expressed_as", _("State whether the amount is expressed as base or as a salt.")
        )


def _refuse_factor(salt_factor: Decimal) -> None:
    if not 0 < salt_factor <= 1:
        raise refuse_field(
            "salt_factor", _("A salt factor lies between 0 and 1: base mass over salt mass.")
        )


def _incompatible(unit: str, target: str) -> Message:
    return _("%(unit)s cannot be compared with %(target)s.", unit=unit, target=target)
