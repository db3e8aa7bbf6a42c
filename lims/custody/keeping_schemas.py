"""From text to the commands of keeping (ledger, places, counts, permits), and back to JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.custody import operations
from lims.custody.conventions import AlarmKind, PlaceKind
from lims.doors.schema import Amount, Choice, CommandSchema, Day, Identifier, Text, Tick, Whole


class WeighSampleSchema(CommandSchema):
    """A mass that the scale shows."""

    command = operations.WeighSample

    sample_id = Identifier(required=True)
    site_id = Identifier(required=True)
    mg = Amount(required=True)


class UseMassSchema(CommandSchema):
    """A mass that a run used up."""

    command = operations.UseMass

    sample_id = Identifier(required=True)
    site_id = Identifier(required=True)
    mg = Amount(required=True)
    run_id = Identifier(load_default=None, allow_none=True)


class ResidueSchema(CommandSchema):
    """A sample by its code, and how much of it is destroyed; all without mg."""

    command = operations.Residue

    code = Text(80, required=True)
    mg = Amount()


class DestroySamplesSchema(CommandSchema):
    """A destruction of many samples before a second person."""

    command = operations.DestroySamples

    id = Identifier(load_default=None, allow_none=True)
    site_id = Identifier(required=True)
    residues = fields.List(
        fields.Nested(ResidueSchema), required=True, validate=ma.validate.Length(max=500)
    )
    reason = Text(280, load_default="")
    method = Text(120, load_default="")
    witness_account = Text(80, required=True)
    witness_password = fields.String(
        required=True, load_only=True, validate=ma.validate.Length(max=1024)
    )

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Any:
        return operations.DestroySamples(**{**data, "residues": tuple(data["residues"])})


class ReturnSampleSchema(CommandSchema):
    """Material given back; all that is left without mg."""

    command = operations.ReturnSample

    sample_id = Identifier(required=True)
    mg = Amount()


class LoseSampleSchema(CommandSchema):
    """A sample that is not where it should be."""

    command = operations.LoseSample

    sample_id = Identifier(required=True)
    reason = Text(280, load_default="")


class FindSampleSchema(CommandSchema):
    """A sample that is found again."""

    command = operations.FindSample

    sample_id = Identifier(required=True)
    site_id = Identifier(required=True)
    words = Text(200, load_default="")
    mg = Amount()


class AddPermitSchema(CommandSchema):
    """A transport authorisation."""

    command = operations.AddPermit

    id = Identifier(load_default=None, allow_none=True)
    number = Text(80, required=True)
    authority = Text(120, required=True)
    from_site_id = Identifier(required=True)
    to_site_id = Identifier(load_default=None, allow_none=True)
    carrier_function = Text(80, load_default="")
    valid_from = Day(required=True)
    valid_until = Day(required=True)


class WhySchema(CommandSchema):
    """Why."""

    reason = Text(200, load_default="")


class AddPlaceSchema(CommandSchema):
    """A storage place."""

    command = operations.AddPlace

    id = Identifier(load_default=None, allow_none=True)
    site_id = Identifier(required=True)
    name = Text(80, required=True)
    kind = Choice(*PlaceKind, required=True)
    inside_id = Identifier(load_default=None, allow_none=True)


class ActiveSchema(CommandSchema):
    """Whether a place is in use."""

    active = Tick()


class PutAwaySchema(CommandSchema):
    """Codes of samples, or numbers of parcels."""

    codes = fields.List(Text(80), required=True, validate=ma.validate.Length(max=500))


class CodesSchema(CommandSchema):
    """One code or many in one field, apart by spaces, commas or lines."""

    code = fields.Method(deserialize="_split", required=True)

    def _split(self, value: Any) -> tuple[str, ...]:
        text = str(value)[:20_000].replace(",", " ").replace(";", " ")
        return tuple(text.split())


class StockScanSchema(CommandSchema):
    """A code that is there."""

    code = Text(80, required=True)
    foreign = Tick()


class SettleAlarmSchema(CommandSchema):
    """What was done about an alarm."""

    kind = Choice(*AlarmKind, required=True)
    subject_id = Identifier(required=True)
    words = Text(280, load_default="")


class AskedReportSchema(CommandSchema):
    """A report of holdings at the end of a day, with the account since another day."""

    site_id = Identifier(required=True)
    day = Day(load_default=None, allow_none=True)
    since = Day(load_default=None, allow_none=True)


class PageArguments(CommandSchema):
    """Which page."""

    page = Whole(least=1, most=100_000, load_default=1)


class HoldingArguments(PageArguments):
    """Which page, at the end of which day; today without one."""

    day = Day(load_default=None, allow_none=True)


class MassEntrySchema(ma.Schema):
    """One entry of the ledger, signed: what comes to the site is positive."""

    id = fields.UUID()
    sample_id = fields.UUID()
    site_id = fields.UUID()
    kind = fields.String()
    mg = Amount()
    at = fields.AwareDateTime()
    by = fields.String()
    witness = fields.String()
    cause_id = fields.UUID(allow_none=True)


class LedgerLineSchema(ma.Schema):
    """An entry and the balance after it."""

    entry = fields.Nested(MassEntrySchema)
    site_name = fields.String()
    balance = Amount()


class LedgerSchema(ma.Schema):
    """The ledger of a sample."""

    lines = fields.List(fields.Nested(LedgerLineSchema))
    balance = Amount()
