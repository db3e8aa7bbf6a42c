"""Accuracy and calibration: from text to the act, from figures to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import CommandSchema, Text
from lims.findings import calibrating


class CalibrateSchema(CommandSchema):
    """What is to be calibrated."""

    command = calibrating.Calibrate

    technique = Text(20, required=True)
    protocol = Text(60, required=True)
    algorithm = Text(40, required=True)


class ShareSchema(ma.Schema):
    """A share with its interval of 95 % (Wilson); empty without any."""

    hits = fields.Integer()
    n = fields.Integer()
    value = fields.Float(allow_none=True)
    interval = fields.List(fields.Float())


class AccuracySchema(ma.Schema):
    """One technique under one protocol at one laboratory."""

    technique = fields.String()
    protocol = fields.String()
    site = fields.String()
    unknowns = fields.Nested(ShareSchema, attribute="unknown")
    top1 = fields.Nested(ShareSchema)
    top3 = fields.Nested(ShareSchema)
    accepted_right = fields.Nested(ShareSchema)


class CalibrationSchema(ma.Schema):
    """A calibration that was made."""

    id = fields.UUID()
    technique = fields.String()
    protocol = fields.String()
    scores_of = fields.String()
    samples = fields.Integer()
    confirmed = fields.Integer()
    rivals = fields.Integer()
    coefficients = fields.Dict()
    reliability = fields.Dict()
    algorithm = fields.String()
    made_at = fields.AwareDateTime()
    made_by = fields.String()


class CalibrationGroupSchema(ma.Schema):
    """What could be calibrated, with its newest calibration."""

    technique = fields.String()
    protocol = fields.String()
    algorithm = fields.String()
    samples = fields.Integer()
    may_be_calibrated = fields.Boolean()
    default = fields.Float(allow_none=True)
    newest = fields.Nested(CalibrationSchema, allow_none=True)
