"""The tests that a laboratory can run on a sample next, with what is known of their outcomes.

Published protocols in force, instruments in service, reagent lots that are good today. A technique
of which no likelihood is known is named as such and never ranked.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.answers import scope_of
from lims.analysis.queries import system_of
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.identification.certainty import CATEGORIES
from lims.identification.fusion import Line, Parameters
from lims.identification.gathering import SampleEvidence, laboratory_of
from lims.identification.knowledge import palette, reagent_names
from lims.identification.likelihood import (
    ColourKnowledge,
    ColourModel,
    HrfBasis,
    HrfKnowledge,
    most_specific,
    sigma,
)
from lims.identification.likelihood import Parameters as Widths
from lims.identification.next_test import (
    Advice,
    BenchTest,
    advise,
    colour_table,
    hrf_table,
    naming_table,
)
from lims.identification.records import BenchTime
from lims.identification.rules import NONE_OF_THE_LIBRARY
from lims.library import references
from lims.library.records import Substance
from lims.library.rules import stages
from lims.network.records import Site
from lims.network.rules import Permission
from lims.protocols.queries import current
from lims.protocols.records import ProtocolVersion
from lims.quality import queries as quality

MOST_HYPOTHESES = 40
"""Only the most probable substances are weighed; the rest would not change the order."""
WITH_INSTRUMENT = frozenset({"ftir", "raman", "gcms", "lcms", "hplc_uv", "uv"})


@dataclass(frozen=True)
class NextTests:
    """What may be tested next: ranked advice, and what could not be ranked."""

    advice: tuple[Advice, ...]
    #: protocols that the laboratory can run, of which no likelihood is known
    unranked: tuple[ProtocolVersion, ...] = ()
    #: the candidates that were weighed, the most probable first
    weighed: tuple[Line, ...] = ()


def next_tests(
    session: Session, evidence: SampleEvidence, site_id: uuid.UUID, *, demonstration: bool
) -> NextTests:
    """Return what the laboratory can test next on a sample, the most telling per minute first."""
    lines = evidence.fused.lines[:MOST_HYPOTHESES]
    if all(one.substance != NONE_OF_THE_LIBRARY for one in lines):
        none = (one for one in evidence.fused.lines if one.substance == NONE_OF_THE_LIBRARY)
        lines = (*lines, *none)
    bench = _Bench(session, evidence, lines, site_id, demonstration)
    tests: list[BenchTest] = []
    unranked: list[ProtocolVersion] = []
    for protocol in current(session):
        if not bench.can_run(protocol):
            continue
        found = list(bench.tests(protocol))
        tests += found
        if not found and not bench.is_ranked(protocol):
            unranked.append(protocol)
    ranked = advise([one.posterior for one in lines], tests)
    return NextTests(tuple(ranked), tuple(unranked), lines)


def tests_on(session: Session, actor: Actor, evidence: SampleEvidence) -> NextTests | None:
    """Return what may be tested next where a sample is; None when it is at no laboratory."""
    site_id = laboratory_of(evidence)
    if site_id is None:
        return None
    return next_tests(session, evidence, site_id, demonstration=actor.demonstration)


class _Bench:
    """What one laboratory has, read once."""

    def __init__(
        self,
        session: Session,
        evidence: SampleEvidence,
        lines: Sequence[Line],
        site_id: uuid.UUID,
        demonstration: bool,
    ) -> None:
        self.session, self.evidence, self.site_id = session, evidence, site_id
        self.keys = [one.substance for one in lines]
        self.demonstration = demonstration
        today = clock.today()
        lots = quality.reagent_lots(session, site_id)
        self.lots = {one.reagent for one in lots if one.expires >= today and not one.check_failed}
        instruments = quality.instruments(session, site_id)
        self.instruments = {
            one.technique
            for one in instruments
            if not one.out_of_service
            and (one.calibrated_until is None or one.calibrated_until >= today)
        }
        self.times = bench_times(session, site_id)
        self.ids = _ids(session, self.keys)
        self.defaults = Parameters()
        self.done = {run.protocol_id for one in evidence.told for run in one.runs}

    def can_run(self, protocol: ProtocolVersion) -> bool:
        """Tell whether the laboratory has what a protocol needs, and has not spent it already."""
        technique = protocol.technique
        if technique not in CATEGORIES:
            return False
        if technique in WITH_INSTRUMENT:
            spoken = {one.statement.technique for one in self.evidence.told}
            return technique in self.instruments and technique not in spoken
        if technique == "strip":
            asked = {one.key for one in scope_of(protocol.document) if one.is_group}
            return bool(self.lots & asked) and protocol.id not in self.done
        return True

    def is_ranked(self, protocol: ProtocolVersion) -> bool:
        """Tell whether likelihoods are known for this technique."""
        return protocol.technique in ("tlc", "reagent", "ftir", "gcms")

    def tests(self, protocol: ProtocolVersion) -> Iterator[BenchTest]:
        """Give the tests of a protocol that have not been done on the sample."""
        if protocol.technique == "tlc":
            system = system_of(protocol.name)
            if not any(system in one.systems for one in self.evidence.told):
                yield self._plate(protocol, system)
        elif protocol.technique == "reagent":
            yield from self._reagents(protocol)
        elif (ratio := self._default(protocol.technique)) is not None:
            table = naming_table(len(self.keys), ratio)
            yield self._test(protocol, protocol.name, table, model="default")

    def _default(self, technique: str) -> float | None:
        known = {"ftir": self.defaults.ftir, "gcms": self.defaults.gcms_with_index}
        return known.get(technique)

    def _test(
        self, protocol: ProtocolVersion, key: str, table: Any, *, model: str, known: float = 1.0
    ) -> BenchTest:
        minutes, by = self._minutes(protocol)
        return BenchTest(key, protocol.technique, protocol.label, table, minutes, by, model, known)

    def _minutes(self, protocol: ProtocolVersion) -> tuple[Decimal | None, str]:
        own = self.times.get(protocol.name)
        if own is not None:
            return own.minutes, "laboratory"
        stated = stated_minutes(protocol.document)
        return stated, "protocol" if stated is not None else ""

    def _plate(self, protocol: ProtocolVersion, system: str) -> BenchTest:
        known = self._retentions(protocol, system)
        widths = Widths()
        rows = [
            None if one is None else (one.mean, sigma(one, True, widths))
            for one in (most_specific(known.get(key, ())) for key in self.keys)
        ]
        share = sum(one is not None for one in rows) / len(rows)
        return self._test(protocol, system, hrf_table(rows), model="hrf", known=share)

    def _retentions(self, protocol: ProtocolVersion, system: str) -> dict[str, list[HrfKnowledge]]:
        found: dict[str, list[HrfKnowledge]] = {}
        measured = references.measured_retentions(
            self.session, protocol_id=protocol.id, site_id=self.site_id
        )
        for one in measured:
            key = self.ids.get(one.substance_id)
            if key is not None and (self.demonstration or not one.demonstration):
                sd = None if one.sd is None else float(one.sd)
                basis, mean = HrfBasis.LABORATORY, float(one.mean)
                found.setdefault(key, []).append(HrfKnowledge(key, system, basis, mean, sd, one.n))
        for row in references.cited_retentions(self.session, system=system):
            key = self.ids.get(row.substance_id) if row.substance_id else None
            if key is not None:
                basis = HrfBasis.CITED_CORRECTED
                found.setdefault(key, []).append(HrfKnowledge(key, system, basis, float(row.hrf)))
        return found

    def _reagents(self, protocol: ProtocolVersion) -> Iterator[BenchTest]:
        names = reagent_names(self.session)
        seen = {name for one in self.evidence.told for name in one.reagents}
        codes = [code for code in sorted(self.lots) if names.get(code, code) not in seen]
        if not codes:
            return
        model = ColourModel(palette(self.session), Widths())
        known = self._colours(codes)
        for code in codes:
            rows = [known.get((code, key), ()) for key in self.keys]
            share = sum(bool(one) for one in rows) / len(rows)
            if share:
                table = colour_table(rows, model)
                yield self._test(
                    protocol, names.get(code, code), table, model="colour", known=share
                )

    def _colours(
        self, codes: Sequence[str]
    ) -> Mapping[tuple[str, str], tuple[ColourKnowledge, ...]]:
        found: dict[tuple[str, str], tuple[ColourKnowledge, ...]] = {}
        for row in references.colour_references(self.session, reagents=codes):
            key = self.ids.get(row.substance_id)
            if key is not None:
                one = ColourKnowledge(key, row.reagent, stages(row.colours), row.source)
                found[row.reagent, key] = (*found.get((row.reagent, key), ()), one)
        return found


def stated_minutes(document: Mapping[str, Any]) -> Decimal | None:
    """Return the bench time that a protocol states, in minutes; None when it states none."""
    stated = document.get("minutes")
    if not isinstance(stated, Mapping) or stated.get("unit") != "min":
        return None
    minutes = Decimal(str(stated.get("value")))
    return minutes if minutes > 0 else None


def bench_times(session: Session, site_id: uuid.UUID) -> dict[str, BenchTime]:
    """Return the newest bench time of each protocol that a laboratory has timed itself."""
    query = select(BenchTime).where(BenchTime.site_id == site_id).order_by(BenchTime.at)
    return {one.protocol: one for one in session.scalars(query)}


@dataclass(frozen=True)
class ProtocolTime:
    """How long a protocol takes: as it states itself, and as a laboratory has timed it."""

    protocol: ProtocolVersion
    stated: Decimal | None
    own: BenchTime | None


def times_of(session: Session, actor: Actor, site_id: uuid.UUID) -> list[ProtocolTime]:
    """Return the bench time of every protocol to somebody who works at a laboratory."""
    if not actor.may(Permission.ANALYSE, site_id):
        actor.must(Permission.MANAGE_LABORATORY, site_id)
    own = bench_times(session, site_id)
    return [
        ProtocolTime(one, stated_minutes(one.document), own.get(one.name))
        for one in current(session)
        if one.technique in CATEGORIES
    ]


def site_of(session: Session, site_id: uuid.UUID) -> Site:
    """Return a laboratory; raises NotFound."""
    found = session.get(Site, site_id)
    if found is None:
        raise NotFound(_("There is no such laboratory."))
    return found


def _ids(session: Session, keys: Sequence[str]) -> dict[uuid.UUID, str]:
    query = select(Substance.id, Substance.key).where(Substance.key.in_(keys))
    return {row[0]: row[1] for row in session.execute(query)}
