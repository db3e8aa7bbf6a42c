"""The pages of the documentation that repeat tables: danger rules, duties, the data dictionary.

Each takes its words from where the program has them: the shipped rules, the permission table and
the `#:` line above each column.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, String, Table
from sqlalchemy.orm import Mapper

CHECKOUT = Path(__file__).resolve().parent.parent
RULES = CHECKOUT / "reference_data" / "danger_rules.csv"


def danger_rules() -> str:
    """Describe every danger rule that the program publishes, those in force first."""
    rules = shipped_rules()
    lines = [
        "# Danger rules that come with the program",
        "",
        "`lims init` publishes them from `reference_data/danger_rules.csv`; the coordination may",
        "publish its own versions. A rule in force judges every finding. A context rule is shown",
        "beside it, and judges only where the coordination chose its jurisdiction and only if it",
        "can be computed; a rule that needs a human decision is listed for the person who",
        "concludes. No rule stands here without a source; what a source does not state is said",
        "to be not stated.",
    ]
    heads = ("rule", "level", "looks at", "condition", "jurisdiction", "source", "confirmed")
    for title, default in (("In force", "y"), ("Context", "")):
        chosen = [rule for rule in rules if rule["default_on"] == default]
        lines += ["", f"## {title}", "", f"Rules: {len(chosen)}.", ""]
        lines += table(heads, map(_rule_cells, chosen))
    return joined(lines)


def shipped_rules() -> list[dict[str, str]]:
    """Return the rows of the shipped rules."""
    with RULES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rule_cells(rule: dict[str, str]) -> tuple[str, ...]:
    kind, target = rule["target_type"], rule["target"]
    named = target if kind in ("substance", "any") else f"{kind} {target}"
    condition = " ".join([rule["condition"], rule["operator"], rule["value"], rule["unit"]])
    if rule["value"]:
        basis = rule["expressed_as"] or "not stated"
        condition += f" (expressed as: {basis})"
    if rule["dosage_form"]:
        condition += f", {rule['dosage_form']}"
    source = rule["source"] + (f" – {rule['note']}" if rule["note"] else "")
    return (
        f"`{rule['rule_id']}`",
        rule["level"],
        "anything" if target == "*" else named,
        condition,
        rule["jurisdiction"],
        source,
        rule["confirmed"],
    )


def duties() -> str:
    """Describe who may do what, from the one permission table."""
    from lims.network.rules import OPERATOR, TABLE, Duty, Permission

    lines = [
        "# Duties and permissions",
        "",
        "A person acts with the duties they hold at this moment, at the sites where they hold",
        "them. Every operation asks for a permission first. Nobody verifies or approves their own",
        "work whatever their duties are, and an API key never has more than its account and scope.",
        "",
        "## What each duty may do",
        "",
    ]
    may = {**TABLE}
    lines += table(
        ("duty", "may"),
        ((str(duty), "; ".join(sorted(may.get(duty, frozenset())))) for duty in Duty),
    )
    lines += ["", "## Who has each permission", ""]
    lines += table(
        ("permission", "duties", "at the server's command line"),
        (
            (
                str(permission),
                ", ".join(str(duty) for duty in Duty if permission in may.get(duty, frozenset())),
                "yes" if permission in OPERATOR else "no",
            )
            for permission in Permission
        ),
    )
    return joined(lines)


def dictionary() -> str:
    """Describe every column of every table, in the order of a sample's life."""
    from lims.foundation import register
    from lims.foundation.database import Base

    register.all_tables()
    meanings = _meanings()
    lines = [
        "# Data dictionary",
        "",
        "Every table and column, with the words that stand above it in the program. Amounts are",
        "kept as whole millionths, moments as UTC. Vocabularies stand in",
        "`reference_data/vocabularies`. There is no column for a name, an address or a contact of",
        "a visitor, and none for the address of a machine.",
    ]
    for feature in register.FEATURES:
        home = f"lims.{feature}.records"
        mappers = [one for one in Base.registry.mappers if one.class_.__module__ == home]
        lines += ["", f"## {feature.capitalize()}"]
        for mapper in sorted(mappers, key=_place):
            lines += _described(mapper, meanings)
    return joined(lines)


def _place(mapper: Mapper[Any]) -> int:
    """Return the line on which a table begins, so that the page follows the file."""
    path = CHECKOUT / (mapper.class_.__module__.replace(".", "/") + ".py")
    found = re.search(rf"^class {mapper.class_.__name__}\b", path.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found.start()


def _described(mapper: Mapper[Any], meanings: dict[str, dict[str, str]]) -> Iterator[str]:
    known: dict[str, str] = {}
    for parent in reversed(mapper.class_.__mro__):
        known |= meanings.get(parent.__name__, {})
    records = mapper.local_table
    assert isinstance(records, Table)
    text = (mapper.class_.__doc__ or "").split("\n\n")[0]
    yield from ("", f"### `{records.name}`", "", " ".join(text.split()), "")
    yield from table(
        ("column", "type", "meaning"),
        (
            (f"`{column.name}`", _kind(column), known[mapper.get_property_by_column(column).key])
            for column in records.columns
        ),
    )


def _kind(column: Column[Any]) -> str:
    """Say the type of a column in words that hold for both databases."""
    names = {
        "Uuid": "UUID",
        "UtcTime": "moment",
        "ExactDecimal": "decimal",
        "Date": "day",
        "Boolean": "yes or no",
        "Integer": "whole number",
        "BigInteger": "whole number",
        "Float": "number",
        "LargeBinary": "bytes",
        "JSON": "JSON",
        "Text": "text",
    }
    kind = type(column.type).__name__
    words = names.get(kind, kind)
    if isinstance(column.type, String) and column.type.length:
        words = f"text, {column.type.length} at most"
    if column.primary_key:
        words += ", key"
    for foreign in sorted(column.foreign_keys, key=lambda one: one.target_fullname):
        words += f" → `{foreign.target_fullname}`"
    return words + (", may be empty" if column.nullable else "")


def _meanings() -> dict[str, dict[str, str]]:
    """Return class → column → meaning; a column without a line of its own shares the one above."""
    files = [CHECKOUT / "lims/foundation/database.py", *CHECKOUT.glob("lims/*/records.py")]
    found: dict[str, dict[str, str]] = {}
    for path in files:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for made in ast.walk(ast.parse(text)):
            if isinstance(made, ast.ClassDef):
                found[made.name] = _of_class(made, lines)
    return found


def _of_class(made: ast.ClassDef, lines: list[str]) -> dict[str, str]:
    said, found = "", {}
    for statement in made.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        above: list[str] = []
        row = statement.lineno - 2
        while lines[row].strip().startswith("#:"):
            above.insert(0, lines[row].strip().removeprefix("#:").strip())
            row -= 1
        said = " ".join(above) or said
        found[statement.target.id] = said
    return found


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in rows:
        cells = [" ".join(cell.split()).replace("|", "\\|") for cell in row]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def joined(lines: list[str]) -> str:
    """Return a page from its lines."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"
