"""From text to the commands of signals, and from signals to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Tick, Whole
from lims.findings.statements import tell
from lims.foundation.settings import Settings
from lims.surveillance import operations, rules
from lims.surveillance.acts import ReportEffect
from lims.surveillance.reporting import Teller
from lims.surveillance.rules import SignalSource, SignalState, Target

STATES = tuple(SignalState)
SOURCES = tuple(SignalSource)


def targets_of(settings: Settings) -> Mapping[str, Target]:
    """Return within how many hours this installation looks and decides, by level."""
    others = Target(settings.signal_other_look_hours, settings.signal_other_decide_hours)
    return {
        "red": Target(settings.signal_red_look_hours, settings.signal_red_decide_hours),
        "warning": Target(settings.signal_warning_look_hours, settings.signal_warning_decide_hours),
        "caution": others,
        "information": others,
    }


class Codes(fields.List[Any]):
    """Several codes of a list; one alone and nothing are lists too."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        given = [value] if isinstance(value, str) and value else value or []
        return [one for one in super()._deserialize(given, attr, data, **kwargs) if one]


class ReportEffectSchema(CommandSchema):
    """A report by hand."""

    id = Identifier(load_default=None, allow_none=True)
    words = Text(400, lines=True, required=True)
    level = Choice(*rules.REPORT_LEVELS, required=True)
    sample_code = Text(40, load_default="")
    product_number = Text(20, load_default="")
    told_by = Choice(*Teller, load_default="worker")
    form = Text(32, load_default="")
    colour = Text(20, load_default="")
    logo = Text(60, load_default="")
    effects = Codes(Text(40), load_default=())
    area = Text(60, load_default="")
    week = Text(8, load_default="")
    opens_event = Tick()
    not_a_person = Tick()
    is_another = Tick()

    @ma.post_load
    def _report(self, data: dict[str, Any], **_kwargs: Any) -> ReportEffect:
        return ReportEffect(**{**data, "effects": tuple(data["effects"])})


class DiscardBody(CommandSchema):
    """No reason to go on, as the machine door sends it."""

    reason = Text(400, lines=True, required=True)
    row_version = Whole(required=True)


class DiscardSignalSchema(DiscardBody):
    """No reason to go on."""

    command = operations.DiscardSignal

    signal_id = Identifier(required=True)


class MergeBody(CommandSchema):
    """The same matter as another open signal, as the machine door sends it."""

    into_id = Identifier(required=True)
    row_version = Whole(required=True)


class MergeSignalSchema(MergeBody):
    """The same matter as another open signal."""

    command = operations.MergeSignal

    signal_id = Identifier(required=True)


class SignalListSchema(CommandSchema):
    """What to show of the queue, and which page of it."""

    state = Choice(*STATES, "all", load_default="open")
    level = Choice(*rules.REPORT_LEVELS, load_default="")
    source = Choice(*SOURCES, load_default="")
    late = Tick()
    page = Whole(least=1, most=100_000, load_default=1)


class SignalSchema(ma.Schema):
    """A signal as JSON."""

    id = fields.UUID()
    number = fields.String()
    source = fields.String()
    level = fields.String()
    state = fields.String()
    reason = fields.Function(lambda signal: tell(signal.reason, "en"))
    finding_id = fields.UUID(allow_none=True)
    sample_id = fields.UUID(allow_none=True)
    product_id = fields.UUID(allow_none=True)
    substance_id = fields.UUID(allow_none=True)
    rule = fields.String(attribute="rule_key", allow_none=True)
    rule_version = fields.Integer(allow_none=True)
    data_hash = fields.String()
    opened_at = fields.AwareDateTime()
    looked_at = fields.AwareDateTime(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    decision_reason = fields.String()
    area = fields.String()
    event_id = fields.UUID(allow_none=True)
    merged_into_id = fields.UUID(allow_none=True)
    row_version = fields.Integer()


class SignalPageSchema(ma.Schema):
    """One page of signals."""

    total = fields.Integer()
    signals = fields.List(fields.Nested(SignalSchema))
