"""What arrives to be counted: a sample with what was found in it, and whether it came in time.

The day of arrival decides what may raise a signal, the day of analysis where it is drawn. A row
that arrives when the present window no longer reaches its day is back-dated: it is counted in its
week and never raises anything. So is every row of a delivery that spans more than that window.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from lims.surveillance.lots import ALONE, Came, lot_of
from lims.surveillance.weeks import monday_of, week_name

OWN = "own"
"""The origin of the network's own findings; every other origin is the key of a partner source."""

IN_TIME = timedelta(days=28)
"""As long as the four-week window that is judged: what comes later lies outside of it."""
OLDEST_HAND_IN = timedelta(days=90)
"""A sample that was handed in longer ago is from an old stock or an old book."""

POSITIVE = frozenset({"measured", "found", "below-loq"})
"""The answers that say that a substance is there."""
GATE = ("identified", "confirmed")
"""Presumptive results are kept and shown apart; they are no evidence that something is new."""
ACTIVE = ("active-expected", "active-unexpected")
"""The roles of what a sample is taken for."""


@dataclass(frozen=True)
class ArrivedFound:
    """One substance in a sample: the answer, the amount, how sure, and since when it is known."""

    substance_id: uuid.UUID
    kind: str
    amount: Decimal | None = None
    unit: str = ""
    expressed_as: str = ""
    confidence: str = GATE[0]
    role: str = ""
    arrived_on: date | None = None


@dataclass(frozen=True)
class ArrivedSample:
    """One analysed sample of the network or of a partner, coarsened to a region."""

    origin: str
    origin_id: uuid.UUID
    arrived_on: date
    analysed_on: date
    region: str = ""
    service: str = ""
    form: str = ""
    declared_id: uuid.UUID | None = None
    sample_id: uuid.UUID | None = None
    product_id: uuid.UUID | None = None
    handed_in_on: date | None = None
    bulk: bool = False
    came: Came = ALONE
    found: tuple[ArrivedFound, ...] = ()

    def in_time(self, arrived_on: date | None = None) -> bool:
        """Tell whether what arrived on a day (else with the sample) may raise a signal."""
        day = arrived_on or self.arrived_on
        if self.bulk or day - self.analysed_on > IN_TIME:
            return False
        return self.handed_in_on is None or day - self.handed_in_on <= OLDEST_HAND_IN


@dataclass(frozen=True)
class PartnerArrived:
    """Results of another service have come in, or mean something else than before."""

    source: str
    samples: tuple[ArrivedSample, ...]


def is_counted(found: ArrivedFound) -> bool:
    """Tell whether a substance counts as found: present, and identified or confirmed."""
    return found.kind in POSITIVE and found.confidence in GATE


def delivered(samples: Sequence[ArrivedSample]) -> list[ArrivedSample]:
    """Return the samples of one delivery; one over more than four weeks is a bulk import."""
    days = [one.analysed_on for one in samples]
    bulk = bool(days) and max(days) - min(days) > IN_TIME
    return [replace(one, bulk=True) if bulk else one for one in samples]


def rows_of(
    arrived: ArrivedSample, counted_as: Mapping[uuid.UUID, uuid.UUID]
) -> list[dict[str, Any]]:
    """Return the lines of the flat table for one sample: one for the analysis, one per substance.

    `counted_as` names for each substance the one of its isomers under which it is counted; a
    second line of one sample under the same name is kept and not counted.
    """
    declared = arrived.declared_id
    declared = counted_as.get(declared, declared) if declared else None
    alone = arrived.sample_id or arrived.origin_id
    shared: dict[str, Any] = {
        "origin": arrived.origin,
        "origin_id": arrived.origin_id,
        "sample_id": arrived.sample_id,
        "product_id": arrived.product_id,
        "analysed_on": arrived.analysed_on,
        "week": monday_of(arrived.analysed_on),
        "handed_in": week_name(arrived.handed_in_on) if arrived.handed_in_on else "",
        "region": arrived.region,
        "service": arrived.service,
        "form": arrived.form,
        "declared_id": declared,
        "lot": lot_of(arrived.origin, alone, declared, arrived.came),
    }
    rows = [{**shared, **_of_analysis(arrived)}]
    seen: set[uuid.UUID] = set()
    for found in arrived.found:
        alike = counted_as.get(found.substance_id, found.substance_id)
        counts = is_counted(found) and alike not in seen
        if counts:
            seen.add(alike)
        rows.append({**shared, **_of_substance(arrived, found, alike, counts)})
    return rows


def _of_analysis(arrived: ArrivedSample) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "arrived_on": arrived.arrived_on,
        "in_time": arrived.in_time(),
        "substance_id": None,
        "counted_as_id": None,
        "counts": True,
        "kind": "",
        "amount": None,
        "unit": "",
        "expressed_as": "",
        "confidence": "",
        "role": "",
    }


def _of_substance(
    arrived: ArrivedSample, found: ArrivedFound, alike: uuid.UUID, counts: bool
) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "arrived_on": found.arrived_on or arrived.arrived_on,
        "in_time": arrived.in_time(found.arrived_on),
        "substance_id": found.substance_id,
        "counted_as_id": alike,
        "counts": counts,
        "kind": found.kind,
        "amount": found.amount,
        "unit": found.unit,
        "expressed_as": found.expressed_as,
        "confidence": found.confidence,
        "role": found.role,
    }
