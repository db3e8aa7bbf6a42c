"""Write reference_data/substance_groups.csv: to which structural groups each substance belongs.

Run it after a change of substances.csv or structural_groups.csv; a test fails until it is done.
"""

from __future__ import annotations

import csv
from pathlib import Path

from lims.library import chemistry

TABLES = Path(__file__).resolve().parent.parent / "reference_data"


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a shipped table."""
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def groups_by_key() -> dict[str, tuple[str, ...]]:
    """Return the groups of every substance that belongs to one, computed from its structure."""
    structures = {row["key"]: row["smiles"] for row in rows("substances.csv") if row["smiles"]}
    groups = chemistry.read_groups(rows("structural_groups.csv"), structures)
    found = {key: chemistry.groups_of(smiles, groups) for key, smiles in structures.items()}
    return {key: names for key, names in found.items() if names}


def main() -> None:
    """Write the table."""
    with (TABLES / "substance_groups.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["key", "groups"])
        writer.writerows((key, "|".join(names)) for key, names in groups_by_key().items())


if __name__ == "__main__":
    main()
