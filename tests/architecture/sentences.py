"""Every sentence of the product, found in its code and templates, and every translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from tests.architecture import house

TEMPLATES = house.CHECKOUT / "templates"
TRANSLATIONS = house.LIMS / "translations"
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
TRANS = re.compile(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", re.DOTALL)
SPOKEN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description", "summary"}
# Letters that are the same in every language: units, symbols, names of methods.
SAME_EVERYWHERE = {
    *(
        "Balise",
        "mg",
        "kg",
        "mm",
        "cm",
        "nm",
        "ml",
        "mL",
        "µL",
        "Rf",
        "hRf",
        "UV",
        "UV254",
        "UV365",
    ),
    *(
        "QR",
        "CAS",
        "InChI",
        "InChIKey",
        "SMILES",
        "PDF",
        "CSV",
        "JSON",
        "API",
        "Atom",
        "TLC",
        "LOD",
    ),
    *("LOQ", "FTIR", "GC-MS", "HPLC", "NMR", "FR", "NL", "EN", "EUPL", "EUPL-1.2", "min", "°C"),
    *("Français", "Nederlands", "English"),
}
WORD = re.compile(r"[^\W\d_][\w.°-]*[^\W_]")


@dataclass(frozen=True)
class Translation:
    """One entry of one catalogue."""

    file: str
    msgid: str
    text: str
    fuzzy: bool


def sentences() -> dict[str, str]:
    """Return every sentence with one place where it stands."""
    found: dict[str, str] = {}
    for path in house.python_files("lims"):
        with path.open("rb") as file:
            for line, msgid, _comments, _context in extract("python", file, keywords={"_": None}):
                found.setdefault(_one(msgid), f"{path.relative_to(house.CHECKOUT)}:{line}")
    for path in templates():
        with path.open("rb") as file:
            for line, _name, msgid, _comments in babel_extract(
                file, ["_", "gettext"], [], {"silent": "false"}
            ):
                found.setdefault(_one(msgid), f"{path.relative_to(house.CHECKOUT)}:{line}")
    for enum in house.SPOKEN_ENUMS:
        found.update(_words_of(enum))
    found.pop("", None)
    return found


def _one(msgid: object) -> str:
    if isinstance(msgid, (tuple, list)):
        return next((part for part in msgid if isinstance(part, str)), "")
    return msgid if isinstance(msgid, str) else ""


def _words_of(enum: str) -> dict[str, str]:
    module, _, name = enum.rpartition(".")
    if not (house.CHECKOUT / Path(*module.split("."))).with_suffix(".py").exists():
        return {}
    return {str(member.value): enum for member in getattr(import_module(module), name)}


def templates() -> list[Path]:
    """Return every Jinja template."""
    return sorted(
        [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt"), *TEMPLATES.rglob("*.xml")]
    )


def translations(language: str) -> list[Translation]:
    """Return every entry of every catalogue of a language."""
    entries = []
    for path in sorted((TRANSLATIONS / language).glob("*.po")):
        with path.open("rb") as file:
            entries += [
                Translation(path.stem, entry.id, str(entry.string or ""), entry.fuzzy)
                for entry in read_po(file, locale=language, abort_invalid=True)
                if isinstance(entry.id, str) and entry.id
            ]
    return entries


def placeholders(text: str) -> set[str]:
    """Return the names of the values that a sentence takes."""
    return set(PLACEHOLDER.findall(text))


def chosen_at_run_time(path: Path) -> list[int]:
    """Return the lines of a Python file where `_()` is given anything but a plain sentence."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_"
        and not (
            node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        )
    ]


class NakedWords(HTMLParser):
    """Collects the words of a page that nobody translates."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code", "kbd", "samp"):
            self._silent.append(tag)
        for name, value in attrs:
            if name in SPOKEN_ATTRIBUTES and value:
                self._look(value)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._look(data)

    def _look(self, text: str) -> None:
        self.found += [word for word in WORD.findall(text) if word not in SAME_EVERYWHERE]


def naked_words(source: str) -> Iterator[str]:
    """Give the words of a template that stand outside `_()`."""
    reader = NakedWords()
    reader.feed(JINJA.sub(" ", TRANS.sub(" ", source)))
    reader.close()
    yield from reader.found
