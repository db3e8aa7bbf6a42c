"""From text to the commands of open data."""

from __future__ import annotations

from lims.doors.schema import CommandSchema, Identifier, Text, Whole
from lims.exchange import opening


class PrepareSchema(CommandSchema):
    """Which quarter is counted."""

    period = Text(8, required=True)


class PublishSchema(CommandSchema):
    """Which release is published, with the password typed again."""

    command = opening.PublishRelease

    release_id = Identifier(required=True)
    password = Text(1024, required=True)
    row_version = Whole(required=True)


class DiscardSchema(CommandSchema):
    """Which prepared release is thrown away."""

    command = opening.DiscardRelease

    release_id = Identifier(required=True)
    row_version = Whole(required=True)


class WithdrawSchema(CommandSchema):
    """Which release is taken down, and why."""

    command = opening.WithdrawRelease

    release_id = Identifier(required=True)
    reason = Text(400, required=True)
    row_version = Whole(required=True)
