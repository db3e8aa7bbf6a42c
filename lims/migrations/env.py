"""How Alembic reaches the database: through the connection it is given."""

from __future__ import annotations

from alembic import context

from lims.foundation.database import Base
from lims.foundation.register import all_tables

all_tables()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    user_module_prefix="database.",
)
with context.begin_transaction():
    context.run_migrations()
