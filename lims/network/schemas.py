"""From text to the commands of the network, and from its records to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Tick
from lims.network import operations
from lims.network.rules import Duty, OrganisationKind, Permission

KINDS = tuple(OrganisationKind)


class SetUpSchema(CommandSchema):
    """The first-run set-up."""

    command = operations.SetUp

    organisation = Text(120, required=True)
    kind = Choice(*KINDS, required=True)
    site = Text(120, required=True)
    account = Text(80, required=True)
    password = fields.String(required=True)
    language = Choice("fr", "nl", "en", load_default="fr")


class AddSiteSchema(CommandSchema):
    """A new site."""

    command = operations.AddSite

    organisation = Text(120, required=True)
    kind = Choice(*KINDS, required=True)
    name = Text(120, required=True)
    service_type = Text(32, load_default="")
    area = Text(80, load_default="")
    opening_hours = Text(400, lines=True, load_default="")
    may_hold = Tick()
    may_return = Tick()
    ticket_policy = Choice("result", "come and talk", load_default="result")
    lone_laboratory = Tick()


class AddMemberSchema(CommandSchema):
    """A new account."""

    command = operations.AddMember

    account = Text(80, required=True)
    password = fields.String(required=True)
    language = Choice("fr", "nl", "en", load_default="fr")


class GiveDutySchema(CommandSchema):
    """A duty for a member."""

    command = operations.GiveDuty

    member_id = Identifier(required=True)
    duty = Choice(*Duty, required=True)
    site_id = Identifier(load_default=None, allow_none=True)


class MakeApiKeySchema(CommandSchema):
    """An API key."""

    command = operations.MakeApiKey

    name = Text(80, required=True)
    member_id = Identifier(required=True)
    scopes = fields.List(Choice(*Permission), required=True)


class SiteSchema(ma.Schema):
    """A site as JSON."""

    id = fields.UUID()
    name = fields.String()
    kind = fields.String()
    organisation = fields.String(attribute="organisation.name")
    service_type = fields.String()
    area = fields.String()
    may_hold = fields.Boolean()
    may_return = fields.Boolean()
    ticket_policy = fields.String()


class MeSchema(ma.Schema):
    """Who an API key acts as."""

    account = fields.String()
    language = fields.String()
    site_id = fields.UUID(allow_none=True)
    site_name = fields.String()
    duties = fields.List(fields.String())
    permissions = fields.Function(lambda actor: sorted(actor.grants))
