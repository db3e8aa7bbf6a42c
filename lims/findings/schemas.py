"""From text to the commands of findings and danger rules, and from their records to JSON."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount, Choice, CommandSchema, Identifier, Text, Tick, Whole
from lims.findings import operations, queries, rulebook
from lims.findings.acts import ChooseDetection
from lims.findings.references import AddConfirmedAsReference
from lims.findings.rules import FindingState
from lims.foundation.words import LANGUAGES

LONGEST_TEXT = 4000


class DraftFindingSchema(CommandSchema):
    """A first conclusion on a sample."""

    command = operations.DraftFinding

    sample_id = Identifier(required=True)
    id = Identifier(load_default=None, allow_none=True)


class ChooseDetectionSchema(CommandSchema):
    """What the author says of one proposed detection."""

    key = Text(80, required=True)
    role = Text(32, load_default="")
    abundance = Text(20, load_default="")
    left_out = Tick()

    @ma.post_load
    def _choose(self, data: dict[str, Any], **_kwargs: Any) -> ChooseDetection:
        kept = not data.pop("left_out")
        return ChooseDetection(**data, kept=kept)


class EditFindingSchema(CommandSchema):
    """A change of a draft; a text that is not given stays, an empty one is composed anew."""

    finding_id = Identifier(required=True)
    detections = fields.List(fields.Nested(ChooseDetectionSchema), load_default=list)
    match = Text(32, load_default="")
    explanation = Text(2000, lines=True, load_default="")
    evidence_list_id = Identifier(load_default=None, allow_none=True)
    decided = fields.List(Text(60), load_default=list)
    text_fr = Text(LONGEST_TEXT, lines=True, load_default=None, allow_none=True)
    text_nl = Text(LONGEST_TEXT, lines=True, load_default=None, allow_none=True)
    text_en = Text(LONGEST_TEXT, lines=True, load_default=None, allow_none=True)
    row_version = Whole(required=True)

    @ma.post_load
    def _edit(self, data: dict[str, Any], **_kwargs: Any) -> operations.EditFinding:
        return edit_command(data.pop("finding_id"), data)


def edit_command(finding_id: uuid.UUID, given: dict[str, Any]) -> operations.EditFinding:
    """Return the change of a draft; texts that are not given stay."""
    texts = {code: given.pop(f"text_{code}") for code in LANGUAGES}
    kept = {code: text for code, text in texts.items() if text is not None}
    given["detections"], given["decided"] = tuple(given["detections"]), tuple(given["decided"])
    return operations.EditFinding(finding_id, texts=kept, **given)


class AddConfirmedAsReferenceSchema(CommandSchema):
    """Which spectrum of a confirmed sample becomes a reference, and of what."""

    command = AddConfirmedAsReference

    finding_id = Identifier(required=True)
    spectrum_id = Identifier(required=True)
    substance_id = Identifier(load_default=None, allow_none=True)
    form = Text(60, load_default="")


class SubmitFindingSchema(CommandSchema):
    """Sign a draft."""

    command = operations.SubmitFinding

    finding_id = Identifier(required=True)
    row_version = Whole(required=True)


class ReleaseFindingSchema(CommandSchema):
    """Sign as the second person, naming every disagreement that was read."""

    finding_id = Identifier(required=True)
    disagreements_read = fields.List(Text(80), load_default=list)
    lone_exception = Tick()
    row_version = Whole(required=True)

    @ma.post_load
    def _release(self, data: dict[str, Any], **_kwargs: Any) -> operations.ReleaseFinding:
        data["disagreements_read"] = tuple(data["disagreements_read"])
        return operations.ReleaseFinding(**data)


class SendBackFindingSchema(CommandSchema):
    """Give a finding back, with the reason."""

    command = operations.SendBackFinding

    finding_id = Identifier(required=True)
    reason = Text(400, lines=True, required=True)
    row_version = Whole(required=True)


class AmendFindingSchema(CommandSchema):
    """Begin a correction, with the reason."""

    command = operations.AmendFinding

    finding_id = Identifier(required=True)
    reason = Text(400, lines=True, required=True)
    id = Identifier(load_default=None, allow_none=True)
    row_version = Whole(required=True)


class ChooseJurisdictionsSchema(CommandSchema):
    """The places whose context rules judge here too."""

    codes = fields.List(Text(2), load_default=list)

    @ma.post_load
    def _choose(self, data: dict[str, Any], **_kwargs: Any) -> rulebook.ChooseJurisdictions:
        return rulebook.ChooseJurisdictions(tuple(data["codes"]))


class FindingFiltersSchema(ma.Schema):
    """Which findings to list, and which part of the answer."""

    state = Choice(*FindingState, load_default="")
    sample_id = Identifier(load_default=None, allow_none=True)
    page = Whole(least=1, most=100_000, load_default=1)


class RowVersionSchema(ma.Schema):
    """The version that the person read."""

    row_version = Whole(required=True)


def api_schema(whole: type[CommandSchema], name: str) -> type[ma.Schema]:
    """Return a command's schema without the identifier that stands in the address."""
    kept = {key: value for key, value in whole._declared_fields.items() if key != "finding_id"}
    return ma.Schema.from_dict(dict(kept), name=name)


EditBody = api_schema(EditFindingSchema, "EditFinding")
ReleaseBody = api_schema(ReleaseFindingSchema, "ReleaseFinding")
SendBackBody = api_schema(SendBackFindingSchema, "SendBackFinding")
AmendBody = api_schema(AmendFindingSchema, "AmendFinding")


class FindingSchema(ma.Schema):
    """A finding as JSON, said in the language of the request."""

    id = fields.UUID()
    sample_id = fields.UUID()
    code = fields.String()
    form = fields.String()
    sold_as = fields.String()
    laboratory = fields.String()
    version = fields.Integer()
    row_version = fields.Integer()
    state = fields.String()
    match = fields.String()
    match_label = fields.String()
    danger = fields.String()
    danger_reason = fields.String()
    confidence = fields.String()
    confidence_reason = fields.String()
    explanation = fields.String()
    evidence_list_id = fields.UUID(allow_none=True)
    reason = fields.String()
    author = fields.String()
    verified_by = fields.String()
    lone_exception = fields.Boolean()
    made_at = fields.DateTime()
    submitted_at = fields.DateTime(allow_none=True)
    released_at = fields.DateTime(allow_none=True)
    supersedes_id = fields.UUID(allow_none=True)
    methods = fields.List(fields.Dict())
    detections = fields.List(fields.Dict())
    rules = fields.List(fields.Dict())
    scope = fields.List(fields.Dict())
    texts = fields.Dict()


class FindingLineSchema(ma.Schema):
    """A finding in a list."""

    id = fields.UUID()
    sample_id = fields.UUID()
    code = fields.String(attribute="sample.code")
    version = fields.Integer()
    state = fields.String()
    match = fields.String()
    danger = fields.String()
    confidence = fields.String()
    made_at = fields.DateTime()
    released_at = fields.DateTime(allow_none=True)


class FindingPageSchema(ma.Schema):
    """One page of findings."""

    items = fields.List(fields.Nested(FindingLineSchema))
    total = fields.Integer()
    page = fields.Integer()


class DangerRuleSchema(ma.Schema):
    """A published danger rule as JSON."""

    id = fields.UUID()
    rule_key = fields.String()
    version = fields.Integer()
    target_type = fields.String()
    target = fields.String()
    condition = fields.String()
    condition_words = fields.String()
    operator = fields.String()
    limit_value = Amount()
    unit = fields.String()
    expressed_as = fields.String()
    dosage_form = fields.String()
    expected_as = fields.String()
    level = fields.String()
    jurisdiction = fields.String()
    source = fields.String()
    note = fields.String()
    in_force = fields.Boolean()
    valid_from = fields.Date(allow_none=True)
    valid_until = fields.Date(allow_none=True)
    published_at = fields.DateTime()
    published_by = fields.String()
    drafted_by = fields.String()


class JurisdictionsSchema(ma.Schema):
    """The places that were chosen."""

    codes = fields.List(fields.String())


def filters_of(given: dict[str, Any]) -> queries.FindingFilters:
    """Return the filters of a list of findings."""
    return queries.FindingFilters(given.get("state") or "", given.get("sample_id"))


class AddedReferenceSchema(ma.Schema):
    """The draft reference that a measured spectrum became."""

    id = fields.UUID()
    library_id = fields.UUID()
    substance_id = fields.UUID()
    kind = fields.String()
    state = fields.String()
