"""From text to the commands that merge, split and link products, and their records as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import CommandSchema, Identifier, Text, Whole
from lims.products import linking, series
from lims.products.filing import LONGEST_REASON


class MergeProductsSchema(CommandSchema):
    """Let one product take over another."""

    command = series.MergeProducts

    product_id = Identifier(required=True)
    into_id = Identifier(required=True)
    reason = Text(LONGEST_REASON, required=True)
    row_version = Whole()


class SplitProductSchema(CommandSchema):
    """Take samples out of a product."""

    command = series.SplitProduct

    product_id = Identifier(required=True)
    sample_ids = fields.List(Identifier(required=True), load_default=list)
    reason = Text(LONGEST_REASON, required=True)
    row_version = Whole()

    @ma.post_load
    def _make(self, data: dict[str, object], **_kwargs: object) -> series.SplitProduct:
        chosen = data.pop("sample_ids")
        assert isinstance(chosen, list)
        return series.SplitProduct(sample_ids=tuple(chosen), **data)  # type: ignore[arg-type]


class UndoChangeSchema(CommandSchema):
    """Undo a merging or splitting."""

    command = series.UndoChange

    change_id = Identifier(required=True)
    reason = Text(LONGEST_REASON, required=True)


class UnlinkLookAlikesSchema(CommandSchema):
    """Take the link of two look-alikes away."""

    command = linking.UnlinkLookAlikes

    product_id = Identifier(required=True)
    other_id = Identifier(required=True)
    reason = Text(LONGEST_REASON, required=True)


class ChangeSchema(ma.Schema):
    """A merging or splitting as JSON."""

    id = fields.UUID()
    kind = fields.String()
    product_id = fields.UUID()
    other_id = fields.UUID()
    samples = fields.Integer()
    reason = fields.String()
    by = fields.String()
    at = fields.DateTime()
    undone_at = fields.DateTime(allow_none=True)
    undone_by = fields.String()
    undone_why = fields.String()


class EndedLinkSchema(ma.Schema):
    """A link between look-alikes that was taken away."""

    product_a_id = fields.UUID()
    product_b_id = fields.UUID()
    ended_at = fields.DateTime()
    ended_by = fields.String()
    ended_why = fields.String()
