"""From text to the commands of the library; what goes out as JSON is in `shown`."""

from __future__ import annotations

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount, Choice, CommandSchema, Day, Identifier, Text, Whole
from lims.foundation.words import _
from lims.library import adding, masses, operations, rules, search

MOST_SYNONYMS = 40


class Names(fields.Field[tuple[str, ...]]):
    """Several names: a list, or a text with one name on each line or between vertical bars."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        parts = value.replace("|", "\n").splitlines() if isinstance(value, str) else value
        if not isinstance(parts, list) or len(parts) > MOST_SYNONYMS:
            raise ma.ValidationError([_("At most %(n)s names, please.", n=MOST_SYNONYMS)])
        read = (Text(160).deserialize(part, attr, data) for part in parts)
        return tuple(dict.fromkeys(filter(None, read)))


class Usual(Choice):
    """A choice of which an empty answer is the usual one."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs) or str(self.load_default)


class SearchSchema(CommandSchema):
    """What to look for."""

    command: ClassVar[type | None] = search.SubstanceFilters

    text = Text(160, load_default="")
    chemical_class = Text(40, load_default="")
    role = Choice(*rules.Role, load_default="")
    group = Text(60, load_default="")
    status = Choice(*rules.StructureStatus, load_default="")
    formula = Text(60, load_default="")
    mz = Amount(least="0.5", most="5000")
    adduct = Usual(masses.NEUTRAL, *masses.ADDUCTS, load_default=masses.NEUTRAL)
    tolerance = Amount(least="0", most="1000")
    unit = Usual(*masses.UNITS, load_default="ppm")
    structure = Text(1000, load_default="")
    relation = Usual(search.CONTAINS, search.SIMILAR, load_default=search.CONTAINS)
    threshold = Amount(least="0.05", most="1")


class PagedSearchSchema(SearchSchema):
    """A search, and which part of the answer."""

    command = None

    page = Whole(least=1, most=100_000, load_default=1)


class AddSubstanceSchema(CommandSchema):
    """A substance that the library lacks."""

    command = adding.AddSubstance

    id = Identifier(load_default=None, allow_none=True)
    name_en = Text(120, required=True)
    name_fr = Text(120, load_default="")
    name_nl = Text(120, load_default="")
    smiles = Text(1000, required=True)
    chemical_class = Text(40, required=True)
    role = Choice(*rules.Role, required=True)
    source = Text(400, required=True)
    cas = Text(20, load_default="")
    synonyms = Names(load_default=())


class SynonymSchema(CommandSchema):
    """A name to add to a substance."""

    name = Text(160, required=True)


class ConfirmSchema(CommandSchema):
    """One person's word for a structure."""

    inchikey = Text(27, required=True)
    compared_with = Text(400, required=True)


class TakeBackSchema(CommandSchema):
    """Why something is taken back."""

    reason = Text(400, required=True)


class AddReferenceLotSchema(CommandSchema):
    """A bottle of a reference standard."""

    command = operations.AddReferenceLot

    id = Identifier(load_default=None, allow_none=True)
    substance_id = Identifier(required=True)
    site_id = Identifier(required=True)
    lot = Text(60, required=True)
    form = Text(40, load_default="base")
    supplier = Text(80, load_default="")
    purity = Amount(least="0", most="100")
    received = Day(load_default=None, allow_none=True)
    opened = Day(load_default=None, allow_none=True)
    expires = Day(load_default=None, allow_none=True)
    remaining_mg = Amount(least="0", most="1000000")
    storage = Text(80, load_default="")


class UseReferenceSchema(CommandSchema):
    """An amount taken out of a bottle."""

    mg = Amount(required=True, least="0", most="1000000")
    reason = Text(400, required=True)
    row_version = Whole()


class CorrectReferenceLotSchema(CommandSchema):
    """What a bottle really holds, and its days."""

    remaining_mg = Amount(required=True, least="0", most="1000000")
    reason = Text(400, required=True)
    opened = Day(load_default=None, allow_none=True)
    expires = Day(load_default=None, allow_none=True)
    row_version = Whole()


class LotsOfSchema(CommandSchema):
    """Which laboratory, and which of its bottles."""

    site_id = Identifier(required=True)
    state = Choice(*rules.LotState, load_default="")
    text = Text(80, load_default="")


class WindowSchema(CommandSchema):
    """The half width of the windows, in hRf; empty for the usual ones."""

    window = Amount(least="0.5", most="50")
