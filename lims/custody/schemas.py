"""From text to the commands of custody, and from its records to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.custody import operations
from lims.doors.schema import Amount, CommandSchema, Identifier, Text, Whole, YesNo
from lims.foundation.codes import LENGTH, shown


class DraftParcelSchema(CommandSchema):
    """A parcel that is begun."""

    command = operations.DraftParcel

    from_site_id = Identifier(required=True)
    to_site_id = Identifier(required=True)
    permit = Text(80, load_default="")
    carrier_function = Text(80, load_default="")
    id = Identifier(load_default=None, allow_none=True)


class CodeSchema(CommandSchema):
    """A code, typed or scanned."""

    code = Text(80, required=True)


class SealParcelSchema(CommandSchema):
    """The seal of a parcel."""

    seal = Text(60, load_default="")
    gross_mass_mg = Amount(least="0", most="50000000")
    row_version = Whole()


class MoveParcelSchema(CommandSchema):
    """A parcel that moves on, as of a version that was read."""

    row_version = Whole()


class ReconcileParcelSchema(CommandSchema):
    """The end of receipt."""

    seal_broken = YesNo()
    row_version = Whole()


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


class DestroySampleSchema(CommandSchema):
    """A destruction before a second person."""

    command = operations.DestroySample

    sample_id = Identifier(required=True)
    mg = Amount(required=True)
    witness_account = Text(80, required=True)
    witness_password = fields.String(
        required=True, load_only=True, validate=ma.validate.Length(max=1024)
    )


class ReturnSampleSchema(CommandSchema):
    """Material given back."""

    command = operations.ReturnSample

    sample_id = Identifier(required=True)
    mg = Amount(required=True)


class ParcelItemSchema(ma.Schema):
    """One line of a parcel."""

    sample_id = fields.UUID(allow_none=True)
    code = fields.Function(
        lambda item: shown(item.code) if len(item.code) == LENGTH else item.code,
        metadata={"type": "string"},
    )
    position = fields.Integer()
    mass_mg = Amount()
    scan = fields.String()
    scanned_at = fields.AwareDateTime(allow_none=True)


class ParcelSchema(ma.Schema):
    """A parcel with its lines."""

    id = fields.UUID()
    number = fields.String()
    state = fields.String()
    seal = fields.String()
    from_site_id = fields.UUID()
    to_site_id = fields.UUID()
    permit = fields.String()
    carrier_function = fields.String()
    gross_mass_mg = Amount()
    seal_broken = fields.Boolean(allow_none=True)
    made_at = fields.AwareDateTime()
    sealed_at = fields.AwareDateTime(allow_none=True)
    left_at = fields.AwareDateTime(allow_none=True)
    arrived_at = fields.AwareDateTime(allow_none=True)
    reconciled_at = fields.AwareDateTime(allow_none=True)
    row_version = fields.Integer()
    items = fields.List(fields.Nested(ParcelItemSchema))


class ParcelLineSchema(ma.Schema):
    """A parcel in a list."""

    id = fields.UUID(attribute="parcel.id")
    number = fields.String(attribute="parcel.number")
    state = fields.String(attribute="parcel.state")
    from_site_id = fields.UUID(attribute="parcel.from_site_id")
    to_site_id = fields.UUID(attribute="parcel.to_site_id")
    samples = fields.Integer()
    waiting = fields.Integer()
    wrong = fields.Integer()


class ParcelPageSchema(ma.Schema):
    """One page of parcels."""

    parcels = fields.List(fields.Nested(ParcelLineSchema))
    total = fields.Integer()
    page = fields.Integer()


class ParcelArguments(CommandSchema):
    """Which parcels, which page."""

    state = Text(20, load_default="")
    page = Whole(least=1, most=100_000, load_default=1)


class PageArguments(CommandSchema):
    """Which page."""

    page = Whole(least=1, most=100_000, load_default=1)


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


class HoldingSchema(ma.Schema):
    """What a site holds of a sample."""

    sample_id = fields.UUID(attribute="sample.id")
    code = fields.Function(lambda held: shown(held.sample.code), metadata={"type": "string"})
    mg = Amount()


class HoldingPageSchema(ma.Schema):
    """One page of holdings, and their sum."""

    holdings = fields.List(fields.Nested(HoldingSchema))
    total = fields.Integer()
    mg = Amount()
    page = fields.Integer()
