"""From text to the commands of foreign alerts, and from their records to JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.alerts.cap.codes import SEVERITIES
from lims.doors.schema import Choice, CommandSchema, Identifier, Text
from lims.exchange import foreign_alerts, foreign_queries
from lims.exchange.schemas import PartSchema
from lims.foundation import clock
from lims.foundation.words import kept
from lims.surveillance.rules import REPORT_LEVELS


class SourceSchema(CommandSchema):
    """What is said of a foreign file beside it."""

    source = Text(120, required=True)
    licence = Text(200, load_default="")


class ForeignFilterSchema(CommandSchema):
    """Which foreign alerts are wanted."""

    command = foreign_queries.ForeignFilter

    state = Choice(*foreign_queries.STATES, load_default="")
    severity = Choice(*SEVERITIES, load_default="")
    text = Text(80, load_default="")


class WantedForeignSchema(ma.Schema):
    """Which foreign alerts are wanted, and which page of them."""

    class Meta:
        unknown = ma.EXCLUDE

    state = Choice(*foreign_queries.STATES, load_default="")
    severity = Choice(*SEVERITIES, load_default="")
    text = Text(80, load_default="")
    page = fields.Integer(load_default=1, validate=ma.validate.Range(1, 100_000))


class SignalSchema(CommandSchema):
    """A foreign alert concerns us."""

    command = foreign_alerts.SignalFromAlert

    alert_id = Identifier(required=True)
    level = Choice(*REPORT_LEVELS, required=True)
    substance = Text(160, load_default="")


class WantedSignalSchema(ma.Schema):
    """The level of the signal, and the substance when it is known."""

    class Meta:
        unknown = ma.EXCLUDE

    level = Choice(*REPORT_LEVELS, required=True)
    substance = Text(160, load_default="")


class ForeignAlertSchema(ma.Schema):
    """An alert of another country, not verified by us."""

    id = fields.UUID()
    source = fields.String()
    licence = fields.String()
    sender = fields.String()
    identifier = fields.String()
    sent = fields.DateTime()
    status = fields.String()
    msg_type = fields.String()
    state = fields.Function(lambda one: foreign_queries.state_of(one, clock.now()))
    severity = fields.String()
    infos = fields.List(fields.Dict())
    expires = fields.DateTime(allow_none=True)
    signature = fields.String()
    fingerprint = fields.String()
    remarks = fields.Method("_said")
    verified_by_us = fields.Constant(False)
    signal_id = fields.UUID(allow_none=True)
    brought_at = fields.DateTime()

    def _said(self, one: Any) -> list[dict[str, str]]:
        return [
            {"grade": told["grade"], "place": told["place"], "words": str(kept(told["message"]))}
            for told in one.remarks
        ]


class ForeignPartSchema(PartSchema):
    """One page of foreign alerts."""

    rows = fields.List(fields.Nested(ForeignAlertSchema))


class RaisedSchema(ma.Schema):
    """The signal that was made."""

    id = fields.UUID()
    number = fields.String()
    level = fields.String()
    state = fields.String()
