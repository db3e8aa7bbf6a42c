"""Changes of the tables over time, up and down, on both databases (Alembic)."""
