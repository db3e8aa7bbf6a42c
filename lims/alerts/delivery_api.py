"""Recipients, their groups and what is on its way, through the machine door."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.alerts import (
    addressees,
    delivered,
    deliveries,
    groups,
    mailboxes,
    reaching,
    recipients,
)
from lims.alerts import delivery_schemas as schemas
from lims.doors import machine
from lims.doors.house import house

blueprint = Blueprint(
    "recipients-api", __name__, url_prefix="/api", description="Recipients of alerts, deliveries"
)


@blueprint.route("/recipients/")
class Recipients(MethodView):
    """Offices and machines that are told of alerts."""

    @blueprint.arguments(schemas.RecipientListSchema, location="query")
    @blueprint.response(200, schemas.RecipientPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List recipients in the order of their numbers."""
        filters = addressees.RecipientFilters(asked["which"], asked["audience"])
        rows, total = machine.read(addressees.recipients, filters, asked["page"] or 1)
        return {"total": total, "recipients": rows}

    @blueprint.arguments(schemas.AddRecipientSchema)
    @blueprint.response(201, schemas.RecipientSchema)
    def post(self, command: recipients.AddRecipient) -> Any:
        """Add a recipient; another person confirms it before it is sent anything."""
        allowed = mailboxes.hosts(house().settings.webhook_hosts)
        return machine.act(recipients.add_recipient, replace(command, webhook_hosts=allowed))


@blueprint.route("/recipients/<uuid:recipient_id>")
class Recipient(MethodView):
    """One recipient."""

    @blueprint.response(200, schemas.RecipientSchema)
    def get(self, recipient_id: uuid.UUID) -> Any:
        """Read a recipient, without its secret."""
        return machine.read(addressees.recipient, recipient_id)

    @blueprint.arguments(schemas.ChangeRecipientBody)
    @blueprint.response(200, schemas.RecipientSchema)
    def put(self, given: dict[str, Any], recipient_id: uuid.UUID) -> Any:
        """Change language, digest and pause."""
        command = recipients.ChangeRecipient(recipient_id=recipient_id, **given)
        return machine.act(recipients.change_recipient, command)


@blueprint.route("/recipients/<uuid:recipient_id>/confirm")
class Confirmation(MethodView):
    """The second person."""

    @blueprint.arguments(schemas.VersionedBody)
    @blueprint.response(200, schemas.RecipientSchema)
    def post(self, given: dict[str, Any], recipient_id: uuid.UUID) -> Any:
        """Confirm a recipient that somebody else added."""
        command = recipients.ConfirmRecipient(recipient_id=recipient_id, **given)
        return machine.act(recipients.confirm_recipient, command)


@blueprint.route("/recipients/<uuid:recipient_id>/remove")
class Removal(MethodView):
    """The end."""

    @blueprint.arguments(schemas.RemoveBody)
    @blueprint.response(200, schemas.RecipientSchema)
    def post(self, given: dict[str, Any], recipient_id: uuid.UUID) -> Any:
        """Take a recipient off every list at once."""
        command = recipients.RemoveRecipient(recipient_id=recipient_id, **given)
        return machine.act(recipients.remove_recipient, command)


@blueprint.route("/recipients/<uuid:recipient_id>/secret")
class Secret(MethodView):
    """The secret of a webhook."""

    @blueprint.response(200, schemas.SecretSchema)
    def post(self, recipient_id: uuid.UUID) -> Any:
        """Make a new secret; it is told once, and the one before signs nothing any more."""
        command = recipients.MakeSecret(recipient_id, house().settings.data_dir)
        return {"secret": machine.act(recipients.make_secret, command)}


@blueprint.route("/recipient-groups/")
class Groups(MethodView):
    """Named lists of recipients."""

    @blueprint.arguments(schemas.PageSchema, location="query")
    @blueprint.response(200, schemas.GroupPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List the groups by name."""
        rows, total = machine.read(addressees.groups, asked["page"] or 1)
        return {"total": total, "groups": rows}

    @blueprint.arguments(schemas.MakeGroupSchema)
    @blueprint.response(201, schemas.GroupSchema)
    def post(self, command: groups.MakeGroup) -> Any:
        """Make an empty group, which reaches nobody."""
        return machine.act(groups.make_group, command)


@blueprint.route("/recipient-groups/<uuid:group_id>")
class Group(MethodView):
    """One group."""

    @blueprint.response(200, schemas.GroupSchema)
    def get(self, group_id: uuid.UUID) -> Any:
        """Read a group."""
        return machine.read(addressees.group, group_id)

    @blueprint.arguments(schemas.ChangeGroupBody)
    @blueprint.response(200, schemas.GroupSchema)
    def put(self, given: dict[str, Any], group_id: uuid.UUID) -> Any:
        """Change the standing rule."""
        return machine.act(groups.change_group, groups.ChangeGroup(group_id=group_id, **given))

    @blueprint.response(200, schemas.GroupSchema)
    def delete(self, group_id: uuid.UUID) -> Any:
        """Dissolve a group."""
        return machine.act(groups.end_group, groups.EndGroup(group_id))


@blueprint.route("/recipient-groups/<uuid:group_id>/members")
class Members(MethodView):
    """Who is in a group."""

    @blueprint.arguments(schemas.MemberBody)
    @blueprint.response(200, schemas.GroupSchema)
    def post(self, given: dict[str, Any], group_id: uuid.UUID) -> Any:
        """Bring a recipient into a group."""
        return machine.act(groups.add_member, groups.Membership(group_id=group_id, **given))


@blueprint.route("/recipient-groups/<uuid:group_id>/members/<uuid:recipient_id>")
class Member(MethodView):
    """One membership."""

    @blueprint.response(200, schemas.GroupSchema)
    def delete(self, group_id: uuid.UUID, recipient_id: uuid.UUID) -> Any:
        """Take a recipient out of a group."""
        return machine.act(groups.remove_member, groups.Membership(group_id, recipient_id))


@blueprint.route("/deliveries/")
class Deliveries(MethodView):
    """What is on its way."""

    @blueprint.arguments(schemas.DeliveryListSchema, location="query")
    @blueprint.response(200, schemas.DeliveryPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List deliveries, what was given up first."""
        rows, total = machine.read(delivered.deliveries, asked["which"], asked["page"] or 1)
        return {"total": total, "deliveries": rows}


@blueprint.route("/deliveries/<uuid:delivery_id>/again")
class Again(MethodView):
    """Another try."""

    @blueprint.response(200, schemas.DeliverySchema)
    def post(self, delivery_id: uuid.UUID) -> Any:
        """Queue a dead letter again."""
        return machine.act(deliveries.try_again, deliveries.TryAgain(delivery_id))


@blueprint.route("/alert-versions/<uuid:version_id>/recipients")
class Reach(MethodView):
    """Who is told of a version."""

    @blueprint.response(200, schemas.ReachSchema)
    def get(self, version_id: uuid.UUID) -> Any:
        """Read who would be sent this version if it were published now."""
        return machine.read(lambda session, actor: reaching.read_reach(session, actor, version_id))

    @blueprint.arguments(schemas.ChooseGroupsBody)
    @blueprint.response(200, schemas.ReachSchema)
    def put(self, given: dict[str, Any], version_id: uuid.UUID) -> Any:
        """Choose which groups are told of a draft."""
        machine.act(groups.choose_groups, groups.ChooseGroups(version_id=version_id, **given))
        return machine.read(lambda session, actor: reaching.read_reach(session, actor, version_id))
