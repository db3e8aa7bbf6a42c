"""How Alembic reaches the database: through the connection it is given."""

from __future__ import annotations

from typing import Any

from alembic import context

from lims.foundation.database import Base
from lims.foundation.register import all_tables
from lims.migrations.carrying import carry


def _applied(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    """Carry the rows over after a revision went up; going down needs nothing."""
    if step.is_upgrade and not step.is_stamp:
        for revision in step.up_revision_ids:
            carry(ctx.connection, revision)


all_tables()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    user_module_prefix="database.",
    on_version_apply=_applied,
)
with context.begin_transaction():
    context.run_migrations()
