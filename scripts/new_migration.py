"""Write a migration from the difference between the tables and the records.

Usage: .venv/bin/python -m scripts.new_migration "what changes"
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from alembic import command

from lims.foundation.database import make_engine
from lims.migrations import moves


def main() -> None:
    """Upgrade a scratch database, compare it with the records, write the next revision."""
    words = " ".join(sys.argv[1:]).strip()
    if not words:
        raise SystemExit(__doc__)
    number = len(list((moves.FOLDER / "versions").glob("[0-9]*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'scratch.sqlite'}")
        moves.upgrade(engine)
        with engine.begin() as connection:
            command.revision(
                moves.configuration(connection),
                message=words,
                autogenerate=True,
                rev_id=f"{number:04d}",
            )
        engine.dispose()
    for path in (moves.FOLDER / "versions").glob(f"{number:04d}_*.py"):
        text = re.sub(
            r"database\.foundation\.database\.|lims\.foundation\.database\.(?=[A-Z])",
            "database.",
            path.read_text(),
        )
        path.write_text(text)
        print(path.name)


if __name__ == "__main__":
    main()
