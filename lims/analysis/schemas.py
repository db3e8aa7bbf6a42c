"""From text to the commands of the analyses; what is shown of runs is in `shown`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.analysis import answers, lanes, noting, operations, queries, recording, results
from lims.analysis.states import (
    ABUNDANCES,
    INTENSITIES,
    AnswerKind,
    LaneRole,
    RunState,
    StripResult,
)
from lims.doors.schema import Amount, Choice, CommandSchema, Identifier, Text, Tick, Whole
from lims.protocols.rules import Technique


class Part(CommandSchema):
    """A part of a command: lists become tuples, what is not known is left out."""

    class Meta:
        """How unknown fields are met."""

        unknown = ma.EXCLUDE

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Any:
        held = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        return held if self.command is None else self.command(**held)


class StartRunSchema(Part):
    """A run to be started; samples by code."""

    protocol_id = Identifier(load_default=None, allow_none=True)
    protocol = Text(60, load_default="")
    samples = fields.List(Text(60), load_default=list, validate=ma.validate.Length(max=20))
    instrument_id = Identifier(load_default=None, allow_none=True)


class UsedSchema(Part):
    """The mass that a run used of a sample, mg."""

    command = noting.Used

    sample_id = Identifier(required=True)
    mg = Amount(least="0", most="100000")


class NotesSchema(Part):
    """What may be noted with any run, and the state that the person has read."""

    row_version = Whole(required=True)
    used = fields.List(fields.Nested(UsedSchema), load_default=list)
    deviation = Text(400, load_default="")
    note = Text(2000, lines=True, load_default="")


class SightingSchema(Part):
    """What a spot shows at a step: uv254, uv365 or a reagent."""

    command = lanes.Sighting

    step = Text(40, required=True)
    colours = fields.List(Text(20), required=True, validate=ma.validate.Length(max=12))
    lot_id = Identifier(load_default=None, allow_none=True)


class SpotSchema(Part):
    """A spot, mm from the origin."""

    command = lanes.SpotGiven

    distance_mm = Amount(required=True)
    label = Text(4, load_default="")
    intensity = Choice(*INTENSITIES, load_default="medium")
    tailing = Tick()
    what = Text(120, load_default="")
    sightings = fields.List(fields.Nested(SightingSchema), load_default=list)


class LaneSchema(Part):
    """A lane from the left."""

    command = lanes.LaneGiven

    role = Choice(*LaneRole, required=True)
    sample_id = Identifier(load_default=None, allow_none=True)
    lot_id = Identifier(load_default=None, allow_none=True)
    spots = fields.List(fields.Nested(SpotSchema), load_default=list)


class PlateSchema(NotesSchema):
    """A whole plate."""

    front_mm = Amount()
    lanes = fields.List(fields.Nested(LaneSchema), required=True)


class ReagentSchema(Part):
    """A colour test on a sample: palette colours at 0, 30 and 60 s."""

    command = recording.ReagentGiven

    sample_id = Identifier(required=True)
    reagent = Text(40, required=True)
    at_0 = Text(20, required=True)
    at_30 = Text(20, load_default="")
    at_60 = Text(20, load_default="")
    lot_id = Identifier(load_default=None, allow_none=True)


class ReagentsSchema(NotesSchema):
    """All colour tests of a run."""

    tests = fields.List(fields.Nested(ReagentSchema), load_default=list)


class StripSchema(Part):
    """A strip on a sample."""

    command = recording.StripGiven

    sample_id = Identifier(required=True)
    result = Choice(*StripResult, required=True)
    target = Text(40, load_default="")
    dilution_mg_ml = Amount()
    lot_id = Identifier(load_default=None, allow_none=True)


class StripsSchema(NotesSchema):
    """All strips of a run."""

    strips = fields.List(fields.Nested(StripSchema), load_default=list)


class WeighingSchema(Part):
    """A weighing, mg."""

    command = recording.WeighingGiven

    sample_id = Identifier(required=True)
    mg = Amount(required=True)
    uncertainty_mg = Amount()
    of = Choice("unit", "whole", load_default="whole")


class WeighingsSchema(NotesSchema):
    """All weighings of a run."""

    weighings = fields.List(fields.Nested(WeighingSchema), load_default=list)


class PeakSchema(Part):
    """A peak entered by hand."""

    command = results.PeakGiven

    sample_id = Identifier(required=True)
    place = Amount(required=True)
    unit = Choice("cm-1", "min", "nm", load_default="")
    height = Amount()
    ions = Text(200, load_default="")
    substance = Text(120, load_default="")
    match_score = Text(40, load_default="")
    match_library = Text(80, load_default="")


class AnswerSchema(Part):
    """An answer with its figures."""

    sample_id = Identifier(required=True)
    substance = Text(120, load_default="")
    group = Text(60, load_default="")
    kind = Choice(*AnswerKind, required=True)
    value = Amount()
    unit = Choice(*answers.UNITS, load_default="")
    expressed_as = Text(20, load_default="")
    uncertainty = Amount()
    lod = Amount()
    loq = Amount()
    replicates = Whole(least=1, most=100)
    basis_mg = Amount()
    abundance = Choice(*ABUNDANCES, load_default="")
    remark = Text(400, load_default="")

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Any:
        outside = {name: data.pop(name) for name in ("sample_id", "substance", "group", "remark")}
        return results.AnswerGiven(figures=answers.Figures(**data), **outside)


class ResultsSchema(NotesSchema):
    """All peaks and answers of an instrumental run."""

    peaks = fields.List(fields.Nested(PeakSchema), load_default=list)
    answers = fields.List(fields.Nested(AnswerSchema), load_default=list)


class RunVersionSchema(Part):
    """The state that the person has read."""

    row_version = Whole(required=True)


class RunReasonSchema(RunVersionSchema):
    """A reason."""

    reason = Text(400, required=True)


class RetestSchema(Part):
    """Why a run is done again."""

    reason = Text(400, required=True)
    id = Identifier(load_default=None, allow_none=True)


class RunFiltersSchema(CommandSchema):
    """Which runs."""

    command = queries.RunFilters

    state = Choice(*RunState, load_default="")
    technique = Choice(*Technique, load_default="")
    code = Text(20, load_default="")
    mine = Tick()


class PagedRunsSchema(ma.Schema):
    """Which runs, and which part of the answer."""

    state = Choice(*RunState, load_default="")
    technique = Choice(*Technique, load_default="")
    code = Text(20, load_default="")
    mine = Tick()
    page = Whole(least=1, most=100_000, load_default=1)


COMMANDS: Mapping[str, tuple[type[NotesSchema], type, str]] = {
    "plate": (PlateSchema, operations.RecordPlate, "lanes"),
    "reagents": (ReagentsSchema, operations.RecordReagents, "tests"),
    "strips": (StripsSchema, operations.RecordStrips, "strips"),
    "results": (ResultsSchema, operations.RecordResults, "answers"),
    "weighings": (WeighingsSchema, operations.RecordWeighings, "weighings"),
}
"""What is recorded → its schema, its command and the name of its lines."""
ACTS: Mapping[str, Any] = {
    "plate": operations.record_plate,
    "reagents": operations.record_reagents,
    "strips": operations.record_strips,
    "results": operations.record_results,
    "weighings": operations.record_weighings,
}
PARTS: Mapping[str, str] = {
    Technique.TLC: "plate",
    Technique.REAGENT: "reagents",
    Technique.STRIP: "strips",
    Technique.WEIGHING: "weighings",
    Technique.APPEARANCE: "weighings",
    **dict.fromkeys(results.INSTRUMENTAL, "results"),
}
"""Technique → what a run of it records."""


def recording_of(part: str, run_id: uuid.UUID, data: Mapping[str, Any]) -> Any:
    """Return the command that records a part of a run, from what its schema has read."""
    given = dict(data)
    names = ("used", "deviation", "note")
    notes = noting.Notes(**{name: given.pop(name) for name in names})
    held = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return COMMANDS[part][1](run_id=run_id, notes=notes, **held)


def start_of(run_id: uuid.UUID | None, data: Mapping[str, Any]) -> operations.StartRun:
    """Return the command that starts a run."""
    return operations.StartRun(
        protocol_id=data["protocol_id"],
        protocol=data["protocol"],
        codes=tuple(code for code in data["samples"] if code),
        instrument_id=data["instrument_id"],
        id=run_id,
    )
