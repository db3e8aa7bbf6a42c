"""The thin-layer systems and how well each separates, on cited and on measured values apart."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import LANGUAGES, _
from lims.library import discrimination, queries, references
from lims.library.discrimination import Correlation, Separation
from lims.library.records import Substance
from lims.library.references import MeasuredRetention
from lims.network.rules import Permission
from lims.protocols.queries import current
from lims.protocols.records import ProtocolVersion
from lims.protocols.rules import Technique

CITED, MEASURED = "cited", "measured"
_Values = dict[str, float]


@dataclass(frozen=True)
class Basis:
    """Values of one kind in one system: who has one, and what they separate."""

    kind: str
    #: as people call the substance → corrected hRf
    values: Mapping[str, float]
    separation: Separation
    #: some of the values were measured in a demonstration
    demonstration: bool = False


@dataclass(frozen=True)
class Pairing:
    """Two systems run beside each other, on one kind of values."""

    other: str
    kind: str
    correlation: Correlation
    together: Separation


@dataclass(frozen=True)
class System:
    """A system with the protocols that use it."""

    code: str
    plate: str
    mobile_phase: str
    protocols: Sequence[ProtocolVersion]
    bases: tuple[Basis, ...]
    pairings: tuple[Pairing, ...] = ()


def system_of(protocol_name: str) -> str:
    """Return the system that a protocol of thin-layer chromatography is named after."""
    return protocol_name.removeprefix("tlc-").upper()[:20]


def systems(
    session: Session, actor: Actor, language: str = "en", window: float | None = None
) -> list[System]:
    """Return every system that is cited or that a protocol uses, each with both kinds of values.

    `window` replaces the half width of the windows, in hRf.
    """
    actor.must(Permission.CONSULT)
    cited, measured = _cited(session, language), _measured(session, language)
    marked = {one for one, (_values, demonstration) in measured.items() if demonstration}
    used: dict[str, list[ProtocolVersion]] = {}
    for protocol in current(session, Technique.TLC):
        used.setdefault(system_of(protocol.name), []).append(protocol)
    terms = {term.code: term for term in queries.terms(session, "tlc_system")}
    found = []
    for code in sorted({*cited, *measured, *used}, key=lambda code: (code not in used, code)):
        extra = terms[code].extra if code in terms else {}
        own = measured.get(code, ({}, False))[0]
        bases = (
            _basis(CITED, cited.get(code, {}), window or _window(CITED)),
            _basis(MEASURED, own, window or _window(MEASURED), code in marked),
        )
        plate, phase = str(extra.get("plate", "")), str(extra.get("mobile_phase", ""))
        found.append(System(code, plate, phase, used.get(code, []), bases))
    return found


def system(
    session: Session, actor: Actor, code: str, language: str = "en", window: float | None = None
) -> System:
    """Return one system with each other one beside it; raises NotFound."""
    actor.must(Permission.CONSULT)
    every = systems(session, actor, language, window)
    one = next((found for found in every if found.code == code.upper()), None)
    if one is None:
        raise NotFound(_("There is no such thin-layer system in the library."))
    pairings = tuple(
        _pairing(other.code, mine, theirs)
        for other in every
        if other.code != one.code
        for mine, theirs in zip(one.bases, other.bases, strict=True)
        if mine.values and theirs.values
    )
    return System(one.code, one.plate, one.mobile_phase, one.protocols, one.bases, pairings)


def _window(kind: str) -> float:
    sd = discrimination.CITED_SD if kind == CITED else discrimination.MEASURED_SD
    return discrimination.WINDOW_SDS * sd


def _basis(kind: str, values: _Values, window: float, demonstration: bool = False) -> Basis:
    return Basis(kind, values, discrimination.separation(values, window), demonstration)


def _pairing(other: str, mine: Basis, theirs: Basis) -> Pairing:
    windows = [mine.separation.window, theirs.separation.window]
    both = [mine.values, theirs.values]
    return Pairing(
        other,
        mine.kind,
        discrimination.correlation(*both),
        discrimination.separation_together(both, windows),
    )


def _names(session: Session, language: str) -> dict[uuid.UUID, str]:
    name = queries.name_column(language if language in LANGUAGES else "en")
    return {row[0]: row[1] for row in session.execute(select(Substance.id, name))}


def _cited(session: Session, language: str) -> dict[str, _Values]:
    names = _names(session, language)
    found: dict[str, _Values] = {}
    for row in references.cited_retentions(session):
        name = names.get(row.substance_id, row.substance_key) if row.substance_id else ""
        found.setdefault(row.system, {})[name or row.substance_key] = float(row.hrf)
    return found


def _measured(session: Session, language: str) -> dict[str, tuple[_Values, bool]]:
    """Return the mean over all plates of the network, per system and substance."""
    names = _names(session, language)
    kept = references.measured_retentions(session)
    whole: dict[str, dict[str, list[MeasuredRetention]]] = {}
    for one in kept:
        by_name = whole.setdefault(system_of(one.protocol_name), {})
        by_name.setdefault(names[one.substance_id], []).append(one)
    return {
        code: (
            {name: _mean(rows) for name, rows in by_name.items()},
            any(one.demonstration for rows in by_name.values() for one in rows),
        )
        for code, by_name in whole.items()
    }


def _mean(rows: Sequence[MeasuredRetention]) -> float:
    return sum(float(row.mean) * row.n for row in rows) / sum(row.n for row in rows)
