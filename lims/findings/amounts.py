"""How an amount is written in a sentence: value, uncertainty, unit, and as what it is expressed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lims.foundation.measures import BASE, Quantity
from lims.foundation.words import Message, _

_PER_FORM: dict[str, Message] = {
    "tablet": _("%(mass)s per tablet"),
    "capsule": _("%(mass)s per capsule"),
    "blotter": _("%(mass)s per blotter"),
}
_PER_UNIT = _("%(mass)s per unit")


def unit_words(unit: str, form: str = "") -> Message | str:
    """Return the words of a unit; per unit becomes per tablet where the form is known."""
    mass, is_per_unit, _rest = unit.partition("/unit")
    if not is_per_unit:
        return unit
    return Message(_PER_FORM.get(form, _PER_UNIT).msgid, {"mass": mass})


def amount(quantity: Quantity, form: str = "") -> Message:
    """Return an amount with its uncertainty and what it is expressed as."""
    values: dict[str, Any] = {
        "value": plain(quantity.value),
        "unit": unit_words(quantity.unit, form),
        "as": expressed(quantity.expressed_as),
    }
    if quantity.uncertainty is None:
        return _("%(value)s %(unit)s (%(as)s)", **values)
    return _(
        "%(value)s ± %(spread)s %(unit)s (%(as)s)", spread=plain(quantity.uncertainty), **values
    )


def limit_words(limit: Quantity, form: str = "") -> Message:
    """Return a limit with its unit."""
    return _("%(value)s %(unit)s", value=plain(limit.value), unit=unit_words(limit.unit, form))


def expressed(expressed_as: str | None) -> Message:
    """Return the words of what an amount is expressed as."""
    if not expressed_as:
        return _("salt or base not stated")
    if expressed_as == BASE:
        return _("as base")
    return _("as %(salt)s", salt=expressed_as)


def plain(value: Decimal) -> Decimal:
    """Return a number without needless zeros, and never in powers of ten."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
