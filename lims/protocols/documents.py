"""Reading protocol documents from YAML files, as plain values that JSON can hold too."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from lims.foundation.errors import refuse_field
from lims.foundation.shipped import shipped
from lims.foundation.words import _


class _PlainLoader(yaml.SafeLoader):
    """Reads days as text, for a document is hashed and kept as JSON."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_document(path: Path) -> Mapping[str, Any]:
    """Return the document of a file; raises Invalid when it is not a YAML mapping."""
    name = path.name
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=_PlainLoader)
    except (OSError, UnicodeDecodeError) as wrong:
        raise refuse_field(name, _("This file cannot be read.")) from wrong
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        raise refuse_field(name, _("This is not YAML, see line %(line)s.", line=line)) from wrong
    except (yaml.YAMLError, RecursionError, ValueError) as wrong:
        raise refuse_field(name, _("This is not YAML, see line %(line)s.", line=1)) from wrong
    if not isinstance(found, Mapping):
        raise refuse_field(name, _("A protocol document names its parts."))
    return found


def documents_in(folder: Path) -> list[Mapping[str, Any]]:
    """Return the documents of a folder, earlier versions before later ones."""
    found = [read_document(path) for path in sorted(folder.glob("*.yaml"))]
    return sorted(found, key=lambda one: (str(one.get("name")), str(one.get("version")).zfill(9)))


@lru_cache(maxsize=3)
def scope_names(language: str) -> Mapping[str, str]:
    """Return the names of what a scope can name: shipped substances and structural groups."""
    names: dict[str, str] = {}
    tables = (("structural_groups.csv", "group", "label"), ("substances.csv", "key", "name"))
    for table, key, name in tables:
        with (shipped("reference_data") / table).open(encoding="utf-8", newline="") as file:
            names.update((row[key], row[f"{name}_{language}"]) for row in csv.DictReader(file))
    return names
