"""From text to the commands of quality, and from its records to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Choice, CommandSchema, Day, Identifier, Text, Tick, YesNo
from lims.protocols.rules import Technique
from lims.quality import operations, training


class AddReagentLotSchema(CommandSchema):
    """A new lot."""

    command = operations.AddReagentLot

    id = Identifier(load_default=None, allow_none=True)
    site_id = Identifier(required=True)
    reagent = Text(40, required=True)
    lot = Text(60, required=True)
    expires = Day(required=True)
    stated_lod = Text(60, load_default="")


class CheckReagentLotSchema(CommandSchema):
    """A check with a positive and a negative; both answers are needed."""

    command = operations.CheckReagentLot

    lot_id = Identifier(required=True)
    positive_as_expected = YesNo(required=True)
    negative_as_expected = YesNo(required=True)
    checked_on = Day(load_default=None, allow_none=True)


class AddInstrumentSchema(CommandSchema):
    """A new instrument."""

    command = operations.AddInstrument

    id = Identifier(load_default=None, allow_none=True)
    site_id = Identifier(required=True)
    name = Text(80, required=True)
    technique = Choice(*Technique, required=True)
    calibrated_until = Day(load_default=None, allow_none=True)


class RecordCompetenceSchema(CommandSchema):
    """A training."""

    command = training.RecordCompetence

    member_id = Identifier(required=True)
    protocol = Text(60, required=True)
    trained_on = Day(required=True)
    valid_until = Day(load_default=None, allow_none=True)


class CompetenceSchema(ma.Schema):
    """A training as JSON."""

    id = fields.UUID()
    member_id = fields.UUID()
    protocol = fields.String()
    trained_on = fields.Date()
    valid_until = fields.Date(allow_none=True)


class TrainedSchema(ma.Schema):
    """A person of a laboratory with one training, or with none."""

    account = fields.String(attribute="member.account")
    member_id = fields.UUID(attribute="member.id")
    competence = fields.Nested(CompetenceSchema, allow_none=True)
    state = fields.String()


class SetInstrumentStateSchema(CommandSchema):
    """Calibration and service of an instrument."""

    command = operations.SetInstrumentState

    instrument_id = Identifier(required=True)
    calibrated_until = Day(load_default=None, allow_none=True)
    out_of_service = Tick()


class LaboratorySchema(ma.Schema):
    """Which laboratory."""

    site_id = Identifier(required=True)


class ReagentLotSchema(ma.Schema):
    """A lot as JSON."""

    id = fields.UUID()
    site_id = fields.UUID()
    reagent = fields.String()
    lot = fields.String()
    expires = fields.Date()
    checked_on = fields.Date(allow_none=True)
    check_failed = fields.Boolean()
    stated_lod = fields.String()


class InstrumentSchema(ma.Schema):
    """An instrument as JSON."""

    id = fields.UUID()
    site_id = fields.UUID()
    name = fields.String()
    technique = fields.String()
    calibrated_until = fields.Date(allow_none=True)
    out_of_service = fields.Boolean()
