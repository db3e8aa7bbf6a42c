"""Runs, answers and plates as JSON; hRf is derived each time, never kept."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.analysis.records import Run
from lims.doors.schema import Amount


class RunAnswerSchema(ma.Schema):
    """An answer as JSON."""

    sample_id = fields.UUID()
    substance = fields.Function(lambda one: one.substance.key if one.substance else None)
    group = fields.String()
    kind = fields.String()
    value = Amount(allow_none=True)
    unit = fields.String()
    expressed_as = fields.String()
    uncertainty = Amount(allow_none=True)
    lod = Amount(allow_none=True)
    loq = Amount(allow_none=True)
    replicates = fields.Integer()
    basis_mg = Amount(allow_none=True)
    abundance = fields.String()
    remark = fields.String()


def sample_codes(run: Run) -> list[dict[str, str]]:
    """Return the samples of a run as identifier and code."""
    return [{"id": str(one.sample_id), "code": one.sample.code} for one in run.samples]


class RunSchema(ma.Schema):
    """A run as JSON."""

    id = fields.UUID()
    number = fields.String()
    technique = fields.String()
    protocol = fields.Function(lambda run: run.protocol.label)
    protocol_hash = fields.String()
    state = fields.String()
    analyst = fields.String()
    verified_by = fields.String()
    started_at = fields.DateTime()
    ended_at = fields.DateTime(allow_none=True)
    verified_at = fields.DateTime(allow_none=True)
    parent_id = fields.UUID(allow_none=True)
    reason = fields.String()
    deviation = fields.String()
    note = fields.String()
    row_version = fields.Integer()
    samples = fields.Function(sample_codes)
    answers = fields.List(fields.Nested(RunAnswerSchema))


class RunsSchema(ma.Schema):
    """One page of runs."""

    total = fields.Integer()
    page = fields.Integer()
    runs = fields.List(fields.Nested(RunSchema))


class ObservationSchema(ma.Schema):
    """What a spot shows at a step."""

    step = fields.String()
    colours = fields.Function(lambda seen: [one for one in seen.colours.split(">") if one])
    lot_id = fields.UUID(allow_none=True)


class SpotReadSchema(ma.Schema):
    """A spot as it reads."""

    id = fields.UUID(attribute="spot.id")
    lane = fields.Integer(attribute="lane.position")
    role = fields.String(attribute="lane.role")
    sample_id = fields.UUID(attribute="lane.sample_id", allow_none=True)
    label = fields.String(attribute="spot.label")
    distance_mm = Amount(attribute="spot.distance_mm")
    intensity = fields.String(attribute="spot.intensity")
    tailing = fields.Boolean(attribute="spot.tailing")
    reference = fields.String(attribute="spot.reference")
    hrf = Amount(allow_none=True)
    corrected = Amount(allow_none=True)
    observations = fields.List(fields.Nested(ObservationSchema), attribute="spot.observations")


class PlateCheckSchema(ma.Schema):
    """One question put to a plate."""

    code = fields.String()
    passed = fields.Boolean()
    words = fields.Function(lambda check: str(check.message))


class PlateReadSchema(ma.Schema):
    """A plate as it reads now."""

    run_id = fields.UUID(attribute="plate.run_id")
    system = fields.String(attribute="plate.system")
    front_mm = Amount(attribute="plate.front_mm", allow_none=True)
    accepted = fields.Function(lambda plate: plate.is_accepted)
    checks = fields.List(fields.Nested(PlateCheckSchema))
    spots = fields.List(fields.Nested(SpotReadSchema))
