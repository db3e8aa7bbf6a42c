"""What custody keeps, as JSON; and what the house has agreed on, out of its settings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.custody.conventions import Conventions
from lims.custody.reporting import Report
from lims.custody.rules import ORDER_IN, ORDER_OUT
from lims.doors.schema import Amount
from lims.foundation.codes import LENGTH, shown
from lims.foundation.settings import Settings


def agreed(settings: Settings) -> Conventions:
    """Return the tolerances and waits that this installation calls an alarm."""
    return Conventions(
        gross_mg=Decimal(settings.gross_tolerance_mg),
        weighing_mg=Decimal(settings.weighing_tolerance_mg),
        keep_days=settings.keep_days,
        transit_days=settings.transit_days,
    )


def _coded(record: Any) -> str:
    """Return the code of a record as people read it; a foreign one as it was scanned."""
    code = str(record.code)
    return shown(code) if len(code) == LENGTH else code


class PermitSchema(ma.Schema):
    """A transport authorisation."""

    id = fields.UUID()
    number = fields.String()
    authority = fields.String()
    from_site_id = fields.UUID()
    to_site_id = fields.UUID(allow_none=True)
    carrier_function = fields.String()
    valid_from = fields.Date(allow_none=True)
    valid_until = fields.Date(allow_none=True)
    withdrawn_at = fields.AwareDateTime(allow_none=True)
    withdrawn_why = fields.String()


class PermitPageSchema(ma.Schema):
    """One page of authorisations."""

    permits = fields.List(fields.Nested(PermitSchema))
    total = fields.Integer()
    page = fields.Integer()


class PlaceSchema(ma.Schema):
    """A storage place."""

    id = fields.UUID()
    number = fields.String()
    site_id = fields.UUID()
    name = fields.String()
    kind = fields.String()
    inside_id = fields.UUID(allow_none=True)
    active = fields.Boolean()


class PlaceLineSchema(ma.Schema):
    """A storage place of a list."""

    place = fields.Nested(PlaceSchema)
    samples = fields.Integer()


class PlacePageSchema(ma.Schema):
    """One page of places."""

    places = fields.List(fields.Nested(PlaceLineSchema))
    total = fields.Integer()
    page = fields.Integer()


class StandingSchema(ma.Schema):
    """A sample that stands in a place."""

    sample_id = fields.UUID(attribute="sample.id")
    code = fields.Function(lambda one: shown(one.sample.code), metadata={"type": "string"})
    since = fields.AwareDateTime()
    by = fields.String()
    mg = Amount()


class ContentsSchema(ma.Schema):
    """One page of what stands in a place."""

    place = fields.Nested(PlaceSchema)
    samples = fields.List(fields.Nested(StandingSchema))
    total = fields.Integer()
    page = fields.Integer()


class PlacementSchema(ma.Schema):
    """Where a sample stands or stood."""

    place_id = fields.UUID()
    sample_id = fields.UUID()
    since = fields.AwareDateTime()
    by = fields.String()
    until = fields.AwareDateTime(allow_none=True)
    until_why = fields.String()


class StockLineSchema(ma.Schema):
    """One line of a count."""

    sample_id = fields.UUID(allow_none=True)
    code = fields.Function(_coded, metadata={"type": "string"})
    result = fields.String()
    at = fields.AwareDateTime()


class StocktakingSchema(ma.Schema):
    """A count with its lines."""

    id = fields.UUID()
    number = fields.String()
    place_id = fields.UUID()
    started_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    lines = fields.List(fields.Nested(StockLineSchema))


class AlarmSchema(ma.Schema):
    """One alarm of custody."""

    kind = fields.String()
    subject_id = fields.UUID()
    site_id = fields.UUID()
    site_name = fields.String()
    since = fields.AwareDateTime()
    mg = Amount()
    sample_id = fields.UUID(allow_none=True)
    code = fields.Function(_coded, metadata={"type": "string"})
    parcel_id = fields.UUID(allow_none=True)
    number = fields.String()


class AlarmPageSchema(ma.Schema):
    """One page of alarms."""

    alarms = fields.List(fields.Nested(AlarmSchema))
    total = fields.Integer()
    page = fields.Integer()


class DestructionSchema(ma.Schema):
    """An act of destroying."""

    id = fields.UUID()
    number = fields.String()
    site_id = fields.UUID()
    by = fields.String()
    witness = fields.String()
    reason = fields.String()
    method = fields.String()
    at = fields.AwareDateTime()


class HeldSchema(ma.Schema):
    """What was held of one sample, and where it stood."""

    sample_id = fields.UUID()
    code = fields.Function(_coded, metadata={"type": "string"})
    mg = Amount()
    place = fields.String(attribute="place_number")


class HoldingPageSchema(ma.Schema):
    """One page of what a site held at the end of a day, and the sum."""

    day = fields.Date()
    holdings = fields.List(fields.Nested(HeldSchema))
    total = fields.Integer()
    mg = Amount()
    page = fields.Integer()


class PlaceSumSchema(ma.Schema):
    """What stood in one place."""

    number = fields.String()
    name = fields.String()
    samples = fields.Integer()
    mg = Amount()


class AccountSchema(ma.Schema):
    """The two sides of a site's account."""

    opening = Amount()
    moves = fields.Dict(keys=fields.String(), values=Amount())
    closing = Amount()
    is_even = fields.Boolean()


class HoldingsReportSchema(ma.Schema):
    """A report of holdings, tied to the journal."""

    site_id = fields.UUID(attribute="site.id")
    day = fields.Date()
    since = fields.Date()
    lines = fields.List(fields.Nested(HeldSchema))
    places = fields.List(fields.Nested(PlaceSumSchema))
    account = fields.Nested(AccountSchema)
    sha256 = fields.String()
    journal_seq = fields.Integer()
    journal_hash = fields.String()


class KeptSampleSchema(ma.Schema):
    """A sample whose custody changed."""

    id = fields.UUID()
    code = fields.Function(_coded, metadata={"type": "string"})
    state = fields.String()


def report_facts(made: Report) -> dict[str, Any]:
    """Return what a report of holdings says on paper, as plain values."""
    return {
        "site": made.site.name,
        "day": made.day,
        "since": made.since,
        "lines": [(one.code, one.mg, one.place_number, one.place_name) for one in made.lines],
        "places": [(one.number, one.name, one.samples, one.mg) for one in made.places],
        "opening": made.account.opening,
        "moves": [(kind, made.account.moves[kind]) for kind in (*ORDER_IN, *ORDER_OUT)],
        "closing": made.account.closing,
        "sha256": made.sha256,
        "journal_seq": made.journal_seq,
        "journal_hash": made.journal_hash,
    }
