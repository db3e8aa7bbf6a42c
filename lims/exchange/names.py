"""Which substance of our library a published name means; never a guess.

A name that could mean two substances, a group of substances, or a street name stays unresolved
and waits for a person. Every step says how it came to its answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lims.library.rules import fold

_SALTS = re.compile(
    r"[\s,(]+(?:(?:mono|di)?hydrochloride|chlorhydrate|hydrobromide|hcl|hbr|sul(?:ph|f)ate|"
    r"bitartrate|tartrate|citrate|(?:di)?hydrogen phosphate|phosphate|maleate|fumarate|succinate|"
    r"acetate salt|free ?base|base|salt|sodium|potassium)\)?$",
    re.IGNORECASE,
)
_STEREO = re.compile(
    r"^(?:\((?:[+±-]|\+/-|-/\+|[RSED]|[RS],[RS]|rac)\)|±|\+/-|rac|dl|[dlRS](?=-\D))-?\s*"
)
_CHOICE = re.compile(r"/|\bor\b|\bof\b|\bou\b|\band/or\b|\s\+\s|\s&\s", re.IGNORECASE)
_BRACKETED = re.compile(r"^(?P<outer>\S.*?)\s+[(\[](?P<inner>[^()\[\]]+)[)\]]$")
_QUALIFIER = re.compile(
    r"^(?:trace|traces|minor|major|base|free ?base|salt|hcl|hydrochloride|racemic|racemate|"
    r"low|high|possible salt|confirmed|approx.*|\d+(?:[.,]\d+)? ?(?:mg|%|ug|µg))$",
    re.IGNORECASE,
)
_OTHER_THING = re.compile(
    r"analog|isomer|metabol|precursor|deriv|related|like|impurit|by-?product|homolog|"
    r"^\d|chloro|fluoro|bromo|iodo|methyl|ethyl|methoxy|hydroxy|acet|^nor|^des",
    re.IGNORECASE,
)
_FLUORO = re.compile(r"(?<=\d)(fluoro|chloro|bromo|iodo)(?=\D)")
_SHORT = {"fluoro": "f", "chloro": "cl", "bromo": "br", "iodo": "i"}


@dataclass(frozen=True)
class KnownSubstance:
    """What the index needs to know of one substance of the library."""

    key: str
    names: tuple[str, ...]
    substance_class: str
    always_alert: bool = False
    inchikey: str = ""
    cas: str = ""


@dataclass(frozen=True)
class Resolution:
    """The substance that a name means, how that was found, or which ones it could mean."""

    name: str
    substance_key: str | None
    how: str
    candidates: tuple[str, ...] = ()


def fold_spelling(name: str) -> str:
    """Fold the spellings that languages differ in (amphetamine, amfetamine; phenacetine)."""
    folded = fold(name)
    if len(folded) < 7 or sum(letter.isdigit() for letter in folded) > 2:
        return folded
    for ours, theirs in (("ph", "f"), ("th", "t"), ("ae", "e"), ("oe", "e"), ("y", "i")):
        folded = folded.replace(ours, theirs)
    return folded.rstrip("e").replace("ks", "x")


def fold_halogen(name: str) -> str:
    """Fold written-out halogens behind a locant to their letters (5-fluoro-ADB is 5F-ADB)."""
    return _FLUORO.sub(lambda found: _SHORT[found.group(1)], fold(name))


_FOLDS = (("name", fold), ("halogen", fold_halogen), ("spelling", fold_spelling))


@dataclass
class NameIndex:
    """The names of the library's substances, for finding what a published name means."""

    substances: Mapping[str, KnownSubstance]
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    never: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._never = frozenset(fold(name) for name in self.never)
        self._folded: dict[str, dict[str, set[str]]] = {how: {} for how, _fold in _FOLDS}
        self._identifiers: dict[str, str] = {}
        for substance in self.substances.values():
            self._learn(substance)

    def _learn(self, substance: KnownSubstance) -> None:
        names = (substance.key, *substance.names, *self.aliases.get(substance.key, ()))
        for name in names:
            if not name or fold(name) in self._never:
                continue
            for how, folding in _FOLDS:
                self._folded[how].setdefault(folding(name), set()).add(substance.key)
        for identifier in (substance.inchikey, substance.cas):
            if identifier:
                self._identifiers[identifier] = substance.key

    def resolve(self, name: str) -> Resolution:
        """Return what a published name means, or why that is not certain."""
        text = " ".join(name.split())[:300]
        if key := self._identifiers.get(text):
            return Resolution(name, key, "identifier")
        if fold(text) in self._never:
            return Resolution(name, None, "not a substance name")
        return self._by_name(name, text)

    def _by_name(self, name: str, text: str) -> Resolution:
        if _CHOICE.search(_STEREO.sub("", text)):
            return self._choice(name, text)
        for how, form in _forms(text):
            keys = self._lookup(form)
            if len(keys) == 1:
                return Resolution(name, next(iter(keys)), how)
            if keys:
                return Resolution(name, None, "ambiguous", tuple(sorted(keys)))
        if bracketed := _BRACKETED.match(text):
            return self._bracketed(name, bracketed["outer"], bracketed["inner"])
        return Resolution(name, None, "unknown")

    def _lookup(self, form: str) -> set[str]:
        """Return the substances that a form of a name can mean: all, not the first."""
        if not fold(form) or fold(form) in self._never:
            return set()
        for how, folding in _FOLDS:
            if found := self._folded[how].get(folding(form)):
                return found
        return set()

    def _lookup_any_form(self, text: str) -> set[str]:
        return next((keys for _how, form in _forms(text) if (keys := self._lookup(form))), set())

    def _choice(self, name: str, text: str) -> Resolution:
        """Read "A or B", "A/B": one substance only when both sides mean the same one."""
        parts = [self._lookup_any_form(part.strip()) for part in _CHOICE.split(text)]
        keys = set().union(*parts)
        if len(keys) == 1 and all(parts):
            return Resolution(name, next(iter(keys)), "alternative")
        return Resolution(name, None, "more than one substance", tuple(sorted(keys)))

    def _bracketed(self, name: str, outer: str, inner: str) -> Resolution:
        outside = self._lookup_any_form(outer)
        inside = [self._lookup_any_form(part) for part in re.split(r"\s*[;,]\s*", inner)]
        keys = outside.union(*inside)
        other_thing = not any(inside) and _OTHER_THING.search(inner) is not None
        if len(keys) == 1 and not (other_thing and not _QUALIFIER.match(inner)):
            return Resolution(name, next(iter(keys)), "alternative")
        how = "ambiguous" if keys else "unknown"
        return Resolution(name, None, how, tuple(sorted(keys)))


def _forms(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways in which one name may be written, the plainest first."""
    yield "name", text
    without_salt = _SALTS.sub("", text)
    if without_salt != text:
        yield "salt", without_salt
    without_stereo = _STEREO.sub("", without_salt)
    if without_stereo != without_salt:
        yield "stereo", without_stereo
    head, comma, tail = without_salt.partition(", ")
    if comma and head and tail and "," not in tail.replace("N,N", ""):
        yield "inverted", tail + head
