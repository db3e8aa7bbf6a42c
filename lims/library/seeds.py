"""The shipped tables as plain values: what `load_library` writes into the database.

A row keeps its source. Only colour outcomes on which two sources agree, wholly or in part, are
read; rows on which they differ are no reference.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lims.foundation.shipped import shipped
from lims.library.rules import code_of

if TYPE_CHECKING:
    from lims.library.chemistry import StructuralGroup

Row = dict[str, str]
Values = dict[str, Any]
AGREEMENTS = ("agree", "partial")
TABLES = (
    "substances.csv",
    "substance_groups.csv",
    "structural_groups.csv",
    "palette.csv",
    "reagents.csv",
    "tlc_systems.csv",
)
_LABELS = {"label_en": "en", "label_fr": "fr", "label_nl": "nl"}


@dataclass(frozen=True)
class Seeds:
    """All that is shipped, and the hash of the files it comes from."""

    content_hash: str
    substances: tuple[Values, ...]
    #: substance key → names and synonyms as written
    names: dict[str, tuple[str, ...]]
    terms: tuple[Values, ...]
    colours: tuple[Values, ...]
    retentions: tuple[Values, ...]


def content_hash(folder: Path) -> str:
    """Return the SHA-256 of the shipped tables, names and content, in a fixed order."""
    digest = hashlib.sha256()
    for path in (*(folder / name for name in TABLES), *_vocabularies(folder)):
        digest.update(f"{path.name}\n{path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_seeds(folder: Path) -> Seeds:
    """Read the shipped tables of a folder."""
    substances = _rows(folder / "substances.csv")
    groups = {row["key"]: row["groups"] for row in _rows(folder / "substance_groups.csv")}
    reagents = _rows(folder / "reagents.csv")
    systems = _rows(folder / "tlc_systems.csv")
    terms = [
        *_terms_of_vocabularies(folder),
        *_palette(_rows(folder / "palette.csv")),
        *_groups(_rows(folder / "structural_groups.csv")),
        *_reagents(reagents),
        *_systems(systems),
    ]
    return Seeds(
        content_hash=content_hash(folder),
        substances=tuple(_substance(row, groups.get(row["key"], "")) for row in substances),
        names={row["key"]: _names(row) for row in substances},
        terms=tuple(terms),
        colours=tuple(_colour(row) for row in reagents if row["agreement"] in AGREEMENTS),
        retentions=tuple(_retention(row) for row in systems),
    )


@lru_cache(maxsize=1)
def group_rows() -> Mapping[str, Row]:
    """Return the shipped structural groups by their code, first by precedence."""
    rows = _rows(shipped("reference_data") / "structural_groups.csv")
    return {row["group"]: row for row in sorted(rows, key=lambda row: int(row["precedence"]))}


@lru_cache(maxsize=1)
def core_groups() -> tuple[StructuralGroup, ...]:
    """Return the structural groups with their patterns read."""
    from lims.library import chemistry  # RDKit takes a second to load: only when one needs it

    rows = _rows(shipped("reference_data") / "substances.csv")
    structures = {row["key"]: row["smiles"] for row in rows if row["smiles"]}
    return chemistry.read_groups(group_rows().values(), structures)


@lru_cache(maxsize=64)
def elements(
    symbols: tuple[str, ...],
) -> tuple[Mapping[str, list[tuple[float, float]]], Mapping[str, float]]:
    """Return the isotopes (mass in Da, share) and atomic weights of elements."""
    from lims.library import chemistry  # RDKit takes a second to load: only when one looks

    return chemistry.isotopes(symbols), chemistry.weights(symbols)


def _vocabularies(folder: Path) -> list[Path]:
    return sorted((folder / "vocabularies").glob("*.csv"))


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split("|") if part.strip()]


def _substance(row: Row, groups: str) -> Values:
    return {
        **{name: row[name] for name in ("key", "name_en", "name_fr", "name_nl", "smiles")},
        **{name: row[name] for name in ("inchikey", "cas", "formula", "role", "source")},
        "monoisotopic_mass": _amount(row["monoisotopic_mass"]),
        "chemical_class": row["class"],
        "salts": _listed(row["common_salts"]),
        "salt_factor_hcl": _amount(row["salt_factor_hcl"]),
        "late_onset": row["late_onset"] == "y",
        "always_alert": row["always_alert"] == "y",
        "groups": _listed(groups),
        "structure_status": row["structure_status"],
    }


def _names(row: Row) -> tuple[str, ...]:
    written = (row["key"], row["name_en"], row["name_fr"], row["name_nl"])
    return tuple(dict.fromkeys((*written, *_listed(row["synonyms"]))))


def _term(list_name: str, code: str, sort: int, labels: Values, row: Row, *extra: str) -> Values:
    return {
        "list_name": list_name,
        "code": code,
        "sort": sort,
        "labels": labels,
        "extra": {name: row[name] for name in extra if row[name]},
        "source": row.get("source", ""),
    }


def _terms_of_vocabularies(folder: Path) -> Iterator[Values]:
    known = {"sort", "code", "source", *_LABELS}
    for path in _vocabularies(folder):
        for row in _rows(path):
            labels = {language: row[column] for column, language in _LABELS.items()}
            extra = [name for name in row if name not in known]
            yield _term(path.stem, row["code"], int(row["sort"]), labels, row, *extra)


def _palette(rows: list[Row]) -> Iterator[Values]:
    """Give the colours; "lab" holds L*, a*, b*, and is absent for no change and clearing."""
    for place, row in enumerate(rows, start=1):
        labels = {language: row[f"hue_{language}"] for language in _LABELS.values()}
        term = _term("palette", row["code"], 10 * place, labels, row, "hex", "lightness")
        if row["lab_l"]:
            term["extra"]["lab"] = [float(row[name]) for name in ("lab_l", "lab_a", "lab_b")]
        yield term


def _groups(rows: list[Row]) -> Iterator[Values]:
    for row in rows:
        labels = {language: row[column] for column, language in _LABELS.items()}
        place = 10 * int(row["precedence"])
        yield _term("structural_group", row["group"], place, labels, row, "note")


def _reagents(rows: list[Row]) -> Iterator[Values]:
    for place, name in enumerate(sorted({row["reagent"] for row in rows}), start=1):
        labels = dict.fromkeys(_LABELS.values(), name)
        yield _term("reagent", code_of(name), 10 * place, labels, {})


def _systems(rows: list[Row]) -> Iterator[Values]:
    first = {row["system_code"]: row for row in reversed(rows)}
    for place, code in enumerate(sorted(first), start=1):
        labels = dict.fromkeys(_LABELS.values(), code)
        yield _term("tlc_system", code, 10 * place, labels, first[code], "plate", "mobile_phase")


def _colour(row: Row) -> Values:
    return {
        "reagent": code_of(row["reagent"]),
        "substance_key": row["substance_key"],
        "colours": row["colour_sequence"],
        "source": row["source"],
        "agreement": row["agreement"],
    }


def _retention(row: Row) -> Values:
    return {
        "system": row["system_code"],
        "library_key": row["substance_key"],
        "substance_key": row["reference_substance"],
        "hrf": Decimal(row["corrected_hrf"]),
        "reference_order": int(row["reference_order"]),
        "source": row["source"],
    }
