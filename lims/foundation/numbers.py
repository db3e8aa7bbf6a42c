"""Numbers that people read and say, such as C-0007: one series per table, without gaps in trust.

The next number is the highest one plus one; a UNIQUE constraint refuses the rare double, and the
unit of work is then tried again by its door.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def next_number(session: Session, column: InstrumentedAttribute[str], prefix: str) -> str:
    """Return the next number of a series, at least four digits: `C-0007`."""
    session.flush()
    longest = func.length(column)
    last = session.scalar(
        select(column)
        .where(column.startswith(prefix, autoescape=True))
        .order_by(longest.desc(), column.desc())
        .limit(1)
    )
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"
