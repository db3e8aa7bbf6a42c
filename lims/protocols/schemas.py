"""From the protocols' records to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Choice, CommandSchema
from lims.protocols import queries
from lims.protocols.rules import Technique


class ProtocolFilterSchema(CommandSchema):
    """Which protocols to list."""

    command = queries.ProtocolFilters

    technique = Choice(*Technique, load_default="")


class ProtocolSchema(ma.Schema):
    """A version of a protocol in short."""

    id = fields.UUID()
    name = fields.String()
    version = fields.Integer()
    technique = fields.String()
    titles = fields.Dict(keys=fields.String(), values=fields.String())
    content_hash = fields.String()
    published_at = fields.AwareDateTime()
    supersedes_id = fields.UUID(allow_none=True)
    withdrawn_at = fields.AwareDateTime(allow_none=True)


class WholeProtocolSchema(ProtocolSchema):
    """A version of a protocol with its document."""

    document = fields.Dict()
