"""How one source's columns and words map to ours: data files under `reference_data/exchange/`.

`words.yaml` holds the words that every source shares (English, Welsh, French, Dutch); a source's
own file adds its name, licence, columns, status phrases and reasons.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

from lims.exchange.sources.rows import Coded, Status
from lims.foundation.errors import refuse_field
from lims.foundation.shipped import shipped
from lims.foundation.words import _

_JOINERS = re.compile(r"\s*[/,;+&\n]\s*|\s+(?:and|et|en|a|ac|und)\s+")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})


def fold_words(text: str) -> str:
    """Fold a phrase for comparing: case, accents, apostrophes and runs of spaces."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(bare.replace("_", " ").replace("-", " ").split()).strip(" .")


@dataclass(frozen=True)
class SourceMapping:
    """One source: who it is, on what terms, and how its words map to our vocabularies.

    `service` is the column that names who tested, `place` those that tell more of where a sample
    came from than its region; both are empty where the source has none.
    """

    code: str
    title: str
    licence: str
    address: str
    note: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    earliest_day: date
    status_rows_are_detections: bool
    not_stated: frozenset[str]
    no_entry: frozenset[str]
    modifiers: frozenset[str]
    vocabularies: Mapping[str, Mapping[str, str]]
    status_patterns: tuple[tuple[re.Pattern[str], Status], ...]
    reason_patterns: tuple[tuple[re.Pattern[str], str], ...]
    form_hints: tuple[tuple[re.Pattern[str], str], ...]
    service: str
    place: tuple[str, ...]

    def is_blank(self, text: str) -> bool:
        """Return whether a cell says nothing, in any of the source's ways of saying so."""
        return fold_words(text) in self.not_stated

    def is_no_entry(self, text: str) -> bool:
        """Return whether an entry of a list of substances only says that there is none."""
        return fold_words(text) in self.no_entry

    def code_of(self, vocabulary: str, text: str) -> Coded | None:
        """Map one word to our vocabulary; None for a blank, code None for an unknown word."""
        if self.is_blank(text):
            return None
        folded = fold_words(text)
        known = self.vocabularies[vocabulary]
        if folded not in known:
            folded = " ".join(w for w in folded.split() if w not in self.modifiers)
        return Coded(known.get(folded), text.strip())

    def codes_of(self, vocabulary: str, values: list[str]) -> tuple[Coded, ...]:
        """Map a list of words; a joined word (Blue/White) is taken apart, repeats fall out."""
        found: list[Coded] = []
        for value in values:
            coded = self.code_of(vocabulary, value)
            if coded and coded.code is None:
                parts = [self.code_of(vocabulary, p) for p in _JOINERS.split(value.casefold())]
                whole = [part for part in parts if part and part.code]
                found += whole if len(whole) == len(parts) else [coded]
            elif coded:
                found.append(coded)
        return tuple({(c.code, fold_words(c.raw)): c for c in found}.values())

    def status_of(self, name: str) -> Status | None:
        """Return the status that a phrase in the place of a substance stands for, if it is one."""
        folded = fold_words(name)
        return next((s for pattern, s in self.status_patterns if pattern.search(folded)), None)

    def reason_of(self, text: str) -> Coded:
        """Map a reason for not analysing; the partner's words stay beside the code."""
        folded = fold_words(text)
        found = (code for pattern, code in self.reason_patterns if pattern.search(folded))
        return Coded(next(found, None), text.strip())

    def form_hint(self, *texts: str) -> Coded | None:
        """Return the form that a product name states in so many words (Capsule, Blotter)."""
        for text in texts:
            for pattern, code in self.form_hints:
                if pattern.search(fold_words(text)):
                    return Coded(code, text)
        return None


def data_file(name: str) -> dict[str, Any]:
    """Read one of the shipped exchange data files."""
    path = shipped("reference_data") / "exchange" / name
    if path.is_file():
        # Words stay words: no, null and 1 are not made into something else.
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        return found if isinstance(found, dict) else {}
    raise refuse_field("source", _("There is no mapping for this source: %(name)s.", name=name))


@lru_cache(maxsize=8)
def mapping_of(source: str) -> SourceMapping:
    """Return the mapping of a source, by its code."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{1,30}", source) or source in ("words", "names"):
        raise refuse_field(
            "source", _("There is no mapping for this source: %(name)s.", name=source)
        )
    words, own = data_file("words.yaml"), data_file(f"{source}.yaml")
    return SourceMapping(
        code=source,
        title=own["title"],
        licence=own["licence"],
        address=own.get("address", ""),
        note=own.get("note", ""),
        columns={name: tuple(also or ()) for name, also in own["columns"].items()},
        required=tuple(own["required"]),
        earliest_day=date.fromisoformat(own["earliest_day"]),
        status_rows_are_detections=own["status_rows_are_detections"] == "true",
        not_stated=frozenset({""} | {fold_words(w) for w in words["not_stated"]}),
        no_entry=frozenset({""} | {fold_words(w) for w in words["no_entry"]}),
        modifiers=frozenset(fold_words(w) for w in words["modifiers"]),
        vocabularies={name: _by_word(words[name], own.get(name, {})) for name in _VOCABULARIES},
        status_patterns=tuple((p, Status(c)) for p, c in _patterns(own, words, "status")),
        reason_patterns=tuple(_patterns(own, words, "not_analysed_reason")),
        form_hints=tuple(_patterns(own, {}, "form_hints")),
        service=own.get("service", ""),
        place=tuple(own.get("place", ())),
    )


_VOCABULARIES = ("colour", "dosage_form", "route", "effect")


def _by_word(shared: Mapping[str, list[str]], own: Mapping[str, list[str]]) -> dict[str, str]:
    """Turn code → words into folded word → code; the source's own words win."""
    return {
        fold_words(str(word)): code
        for table in (shared, own)
        for code, words in table.items()
        for word in [code, *(words or ())]
    }


def _patterns(
    own: Mapping[str, Any], words: Mapping[str, Any], name: str
) -> list[tuple[re.Pattern[str], str]]:
    """Return the compiled patterns of a table, the source's own before the shared ones."""
    return [
        (re.compile(row["says"]), row["code"])
        for table in (own, words)
        for row in table.get(name, ())
    ]
