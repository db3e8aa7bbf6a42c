"""From text to the commands of recipients, groups and deliveries, and from records to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.alerts import addressees, delivered, delivering, rules
from lims.alerts.audiences import Audience
from lims.alerts.groups import MakeGroup
from lims.alerts.recipients import AddRecipient
from lims.alerts.schemas import Listed
from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Tick, Whole
from lims.foundation.words import LANGUAGES, kept

WHY = 200


class AddRecipientSchema(CommandSchema):
    """A new recipient."""

    command = AddRecipient

    id = Identifier(load_default=None, allow_none=True)
    name = Text(120, required=True)
    kind = Choice(*delivering.KINDS, required=True)
    address = Text(254, load_default="")
    audience = Choice(*Audience, load_default="")
    language = Choice(*LANGUAGES, required=True)
    tlp_ceiling = Choice(*delivering.CEILINGS, required=True)
    digest = Choice(*delivering.DIGESTS, load_default="")
    is_office = Tick()


class VersionedBody(CommandSchema):
    """The present state of a record, as read."""

    row_version = Whole(required=True)


class ChangeRecipientBody(VersionedBody):
    """Language, digest and pause of a recipient."""

    language = Choice(*LANGUAGES, required=True)
    digest = Choice(*delivering.DIGESTS, load_default="")
    is_active = Tick()


class RemoveBody(CommandSchema):
    """Why a recipient is removed."""

    reason = Text(WHY, required=True)


class MakeGroupSchema(CommandSchema):
    """A new group."""

    command = MakeGroup

    id = Identifier(load_default=None, allow_none=True)
    name = Text(80, required=True)
    purpose = Choice(*delivering.PURPOSES, load_default="alerts")
    standing_level = Choice(*rules.LEVELS, load_default="")
    is_office = Tick()


class ChangeGroupBody(VersionedBody):
    """The standing rule of a group."""

    standing_level = Choice(*rules.LEVELS, load_default="")


class MemberBody(CommandSchema):
    """Who comes into a group."""

    recipient_id = Identifier(required=True)


class ChooseGroupsBody(VersionedBody):
    """The groups that are told of a draft."""

    group_ids = Listed(Identifier(required=True), load_default=())


class RecipientListSchema(CommandSchema):
    """Which recipients, and which page of them."""

    which = Choice(*addressees.WHICH, load_default="used")
    audience = Choice(*Audience, load_default="")
    page = Whole(least=1, most=100_000, load_default=1)


class DeliveryListSchema(CommandSchema):
    """Which deliveries, and which page of them."""

    which = Choice(*delivered.WHICH, load_default="trouble")
    page = Whole(least=1, most=100_000, load_default=1)


class PageSchema(CommandSchema):
    """Which page of a list."""

    page = Whole(least=1, most=100_000, load_default=1)


class RecipientSchema(ma.Schema):
    """A recipient as JSON; its secret is never among it."""

    id = fields.UUID()
    number = fields.String()
    name = fields.String()
    kind = fields.String()
    address = fields.String()
    audience = fields.String()
    language = fields.String()
    tlp_ceiling = fields.String()
    digest = fields.String()
    is_active = fields.Boolean()
    added_by = fields.String()
    added_at = fields.AwareDateTime()
    verified_by = fields.String()
    verified_at = fields.AwareDateTime(allow_none=True)
    removed_at = fields.AwareDateTime(allow_none=True)
    removed_why = fields.String()
    secret_made_at = fields.AwareDateTime(allow_none=True)
    row_version = fields.Integer()


class RecipientPageSchema(ma.Schema):
    """One page of recipients."""

    total = fields.Integer()
    recipients = fields.List(fields.Nested(RecipientSchema))


class SecretSchema(ma.Schema):
    """The secret of a webhook: this answer is the only time that it is known."""

    secret = fields.String()


class GroupSchema(ma.Schema):
    """A group as JSON."""

    id = fields.UUID()
    name = fields.String()
    purpose = fields.String()
    standing_level = fields.String()
    row_version = fields.Integer()


class ListedGroupSchema(ma.Schema):
    """A group with how many are in it, and how many of them are sent messages."""

    group = fields.Nested(GroupSchema)
    members = fields.Integer()
    reached = fields.Integer()


class GroupPageSchema(ma.Schema):
    """One page of groups."""

    total = fields.Integer()
    groups = fields.List(fields.Nested(ListedGroupSchema))


class DeliverySchema(ma.Schema):
    """A delivery as JSON: never its token, never what it says."""

    id = fields.UUID()
    purpose = fields.String()
    version_id = fields.UUID(allow_none=True)
    recipient = fields.String(attribute="recipient.number")
    audience = fields.String()
    level = fields.String()
    state = fields.String()
    tries = fields.Integer()
    next_at = fields.AwareDateTime()
    queued_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
    acknowledged_at = fields.AwareDateTime(allow_none=True)
    escalated_at = fields.AwareDateTime(allow_none=True)
    last_error = fields.Function(lambda one: str(kept(one.last_error)))


class DeliveryPageSchema(ma.Schema):
    """One page of deliveries."""

    total = fields.Integer()
    deliveries = fields.List(fields.Nested(DeliverySchema))


class InReachSchema(ma.Schema):
    """A recipient in reach, and why it is sent nothing, if so."""

    recipient = fields.String(attribute="recipient.number")
    audience = fields.String(attribute="recipient.audience")
    through = fields.List(fields.String())
    why_not = fields.Function(lambda one: str(one.why_not) if one.why_not else "")


class ReachSchema(ma.Schema):
    """Who would be told of a version."""

    told = fields.List(fields.Nested(InReachSchema))
    left_out = fields.List(fields.Nested(InReachSchema))
    groups = fields.List(fields.Nested(GroupSchema))
