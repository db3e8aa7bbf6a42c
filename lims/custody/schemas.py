"""From text to the commands of custody, and from its records to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.custody import operations
from lims.doors.schema import Amount, CommandSchema, Identifier, Text, Tick, Whole, YesNo
from lims.foundation.codes import LENGTH, shown


class DraftParcelSchema(CommandSchema):
    """A parcel that is begun."""

    command = operations.DraftParcel

    from_site_id = Identifier(required=True)
    to_site_id = Identifier(required=True)
    permit_id = Identifier(load_default=None, allow_none=True)
    carrier_function = Text(80, load_default="")
    id = Identifier(load_default=None, allow_none=True)


class GrossSchema(CommandSchema):
    """The mass of a tube with its content, mg, perhaps."""

    gross_mg = Amount()


class FillSchema(GrossSchema):
    """A code of a sample that goes into a parcel."""

    code = Text(80, required=True)


class WeighItemSchema(CommandSchema):
    """What a tube with its content weighs."""

    code = Text(80, required=True)
    gross_mg = Amount(required=True)


class ScanSchema(GrossSchema):
    """A code that was scanned or typed; `foreign` keeps one that is none of ours."""

    code = Text(80, required=True)
    foreign = Tick()


class SealedScanSchema(ScanSchema):
    """A scan that a device took without network."""

    parcel_id = Identifier(required=True)


class UndoScanSchema(CommandSchema):
    """A scan that was wrong."""

    code = Text(80, required=True)
    reason = Text(200, load_default="")


class SealParcelSchema(CommandSchema):
    """The seals of a parcel."""

    seal = Text(60, load_default="")
    seal_2 = Text(60, load_default="")
    gross_mass_mg = Amount(least="0", most="50000000")
    lacking_why = Text(280, load_default="")
    row_version = Whole()


class CheckSealsSchema(CommandSchema):
    """What is read on the seals at receipt; words and a witness when something is wrong."""

    seal = Text(60, load_default="")
    seal_2 = Text(60, load_default="")
    whole = YesNo()
    sheet = Text(80, load_default="")
    words = Text(280, load_default="")
    witness_account = Text(80, load_default="")
    witness_password = fields.String(
        load_default="", load_only=True, validate=ma.validate.Length(max=1024)
    )
    row_version = Whole()


class ChoosePermitSchema(CommandSchema):
    """Another authorisation for a draft."""

    permit_id = Identifier(required=True)


class LoseParcelSchema(CommandSchema):
    """A parcel that is lost, and what is known of it."""

    reason = Text(280, load_default="")
    row_version = Whole()


class MoveParcelSchema(CommandSchema):
    """A parcel that moves on, as of a version that was read."""

    row_version = Whole()


class ReconcileParcelSchema(CommandSchema):
    """The end of receipt."""

    row_version = Whole()


class ParcelItemSchema(ma.Schema):
    """One line of a parcel."""

    sample_id = fields.UUID(allow_none=True)
    code = fields.Function(
        lambda item: shown(item.code) if len(item.code) == LENGTH else item.code,
        metadata={"type": "string"},
    )
    position = fields.Integer()
    mass_mg = Amount()
    gross_mg = Amount()
    received_gross_mg = Amount()
    scan = fields.String()
    scanned_at = fields.AwareDateTime(allow_none=True)


class ParcelSchema(ma.Schema):
    """A parcel with its lines."""

    id = fields.UUID()
    number = fields.String()
    state = fields.String()
    seal = fields.String()
    seal_2 = fields.String()
    from_site_id = fields.UUID()
    to_site_id = fields.UUID()
    permit = fields.String()
    permit_id = fields.UUID(allow_none=True)
    carrier_function = fields.String()
    gross_mass_mg = Amount()
    seal_broken = fields.Boolean(allow_none=True)
    seal_found = fields.String()
    seal_remark = fields.String()
    seal_witness = fields.String()
    manifest_hash = fields.String()
    lacking_why = fields.String()
    lost_why = fields.String()
    made_at = fields.AwareDateTime()
    sealed_at = fields.AwareDateTime(allow_none=True)
    left_at = fields.AwareDateTime(allow_none=True)
    arrived_at = fields.AwareDateTime(allow_none=True)
    reconciled_at = fields.AwareDateTime(allow_none=True)
    lost_at = fields.AwareDateTime(allow_none=True)
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
