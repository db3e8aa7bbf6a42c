"""The shipped library and danger rules in a test's database, without their own features."""

from __future__ import annotations

import csv
import uuid
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lims.exchange.names import fold
from lims.findings.records import DangerRule
from lims.foundation.shipped import shipped
from lims.library.records import Substance, SubstanceName

CONDITIONS = {"content": "content", "any detection": "any-detection"}


def rows_of(name: str) -> list[dict[str, str]]:
    with (shipped("reference_data") / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load_library(session: Session) -> None:
    """Put the shipped substances and danger rules into an empty database, and commit."""
    substances, names, rules = [], [], []
    for row in rows_of("substances.csv"):
        substance_id = uuid.uuid4()
        substances.append(
            {
                "id": substance_id,
                **{key: row[key] for key in ("key", "name_en", "name_fr", "name_nl", "inchikey")},
                "cas": row["cas"],
                "chemical_class": row["class"],
                "role": row["role"],
                "always_alert": row["always_alert"] == "y",
            }
        )
        known = {fold(name): name for name in row["synonyms"].split("|") if name}
        names += [
            {"id": uuid.uuid4(), "folded": key, "name": name, "substance_id": substance_id}
            for key, name in known.items()
        ]
    for row in rows_of("danger_rules.csv"):
        words = row["condition"].split(" in a sample")[0]
        rules.append(
            {
                "id": uuid.uuid4(),
                "rule_key": row["rule_id"],
                "version": 1,
                "operator": row["operator"] if row["condition"] == "content" else "",
                "published_by": "test",
                "condition": CONDITIONS.get(words, "human"),
                "condition_words": row["condition"],
                "limit_value": Decimal(row["value"]) if row["value"].isdigit() else None,
                "in_force": row["default_on"] == "y",
                **{key: row[key] for key in ("target_type", "target", "unit")},
                **{key: row[key] for key in ("dosage_form", "expected_as", "level")},
                **{key: row[key] for key in ("jurisdiction", "source")},
            }
        )
    session.execute(insert(Substance), substances)
    session.execute(insert(SubstanceName), names)
    session.execute(insert(DangerRule), rules)
    session.commit()
